"""The GAN of the UCI report: gray to RGB, with valid convolutions and skip connections.

Layers from its authors' public code, of which the report shows an overview (Figure 3). The code
trains on 120x120, a discriminator with a sigmoid at the end; here the loss takes logits.
"""

import dataclasses
from collections.abc import Sequence

import keras
from keras import layers, ops

from polychrome.color.scaling import Scaling
from polychrome.layers.padding import CropLike, PadToAtLeast

# A block's three kernels, 5, 3 and 3, take 8 pixels away; three blocks take 24.
SMALLEST = 25
# The pictures that valid convolutions and poolings of the discriminator leave something of.
_SMALLEST_JUDGED = 92
_register = keras.saving.register_keras_serializable("polychrome")


def build_uci_generator(
    filters: Sequence[int] = (16, 32, 64), bottleneck: int = 128
) -> keras.Model:
    """The generator: three blocks of 5x5, 3x3 and 3x3 valid convolutions and their mirror image.

    Args:
        filters: of each block's first convolution; its two others have twice as many.
        bottleneck: filters of the tanh layer in the middle.

    Returns:
        Model: gray `[B, H, W, 1]` in [0, 1] to RGB `[B, H, W, 3]`, 0 or more (ReLU, as published,
        sets no upper bound). Images of less than 25x25 are padded.
    """
    gray = keras.Input((None, None, 1), name="gray")
    x = PadToAtLeast(SMALLEST, name="pad")(gray)

    skips = []
    for count in filters:
        for index, kernel in enumerate((5, 3, 3)):
            x = layers.Conv2D(count if index == 0 else 2 * count, kernel)(x)
            x = layers.LeakyReLU(0.3)(x)
        skips.append(x)
    x = layers.Conv2D(bottleneck, 3, padding="same", activation="tanh")(x)
    for count, skip in zip(reversed(filters), reversed(skips), strict=True):
        x = layers.Concatenate()([x, skip])
        for _ in range(2):
            x = layers.Conv2DTranspose(2 * count, 3, activation="relu")(x)
        if skip is skips[0]:
            # float32 whatever the precision policy: the loss is computed on it.
            x = layers.Conv2DTranspose(3, 5, activation="relu", dtype="float32", name="rgb")(x)
        else:
            x = layers.Conv2DTranspose(count, 5, activation="relu")(x)
    rgb = CropLike(name="crop", dtype="float32")(x, gray)
    return keras.Model(gray, rgb, name="uci_generator")


def build_uci_discriminator(
    filters: Sequence[int] = (32, 64, 128, 256),
    dense: Sequence[int] = (512, 128, 16),
    image_size: int = 120,
) -> keras.Model:
    """The discriminator: pairs of convolutions, max pooling, dense layers.

    At less than 92x92 its valid convolutions would leave nothing; they are padded there.

    Returns:
        Model: RGB `[B, image_size, image_size, 3]` to logits `[B, 1]`.
    """
    rgb = x = keras.Input((image_size, image_size, 3), name="rgb")
    padding = "valid" if image_size >= _SMALLEST_JUDGED else "same"
    for count, kernel in zip(filters, (7, 5, 3, 3), strict=True):
        for _ in range(2):
            x = layers.Conv2D(count, kernel, padding=padding, activation="relu")(x)
        x = layers.MaxPooling2D(padding=padding)(x)
    x = layers.Flatten()(x)
    for units in dense:
        x = layers.Dense(units, activation="relu")(x)
    logits = layers.Dense(1, dtype="float32", name="logits")(x)
    return keras.Model(rgb, logits, name="uci_discriminator")


@_register
class _Scaled(keras.layers.Layer):
    """A layer that knows a `Scaling`, given as such or by its fields."""

    def __init__(self, scaling: Scaling | dict, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.scaling = Scaling(**scaling) if isinstance(scaling, dict) else scaling

    def get_config(self):
        return {**super().get_config(), "scaling": dataclasses.asdict(self.scaling)}


@_register
class ToGray(_Scaled):
    """Scaled lightness `[B, H, W, 1]` to the sRGB gray in [0, 1] of that lightness."""

    def call(self, lightness):
        neutral = ops.concatenate([ops.zeros_like(lightness)] * 2, axis=-1)
        return self.scaling.join(lightness, neutral)[..., :1]


@_register
class ToChroma(_Scaled):
    """RGB `[B, H, W, 3]`, clipped to [0, 1], to scaled chroma `[B, H, W, 2]`."""

    def call(self, rgb):
        return self.scaling.split(ops.clip(rgb, 0.0, 1.0))[1]


def to_rgb(network: keras.Model, scaling: Scaling) -> keras.Model:
    """A network from gray to RGB as one from scaled lightness to RGB; weights are shared."""
    lightness = keras.Input((None, None, 1), name="lightness")
    gray = ToGray(scaling, name="gray")(lightness)
    return keras.Model(lightness, network(gray), name=f"{network.name}_rgb")


def to_chroma(network: keras.Model, scaling: Scaling) -> keras.Model:
    """A network from gray to RGB as one from scaled lightness to scaled chroma; weights shared.

    Its lightness is dropped: the true one is put in place of it wherever images are made.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    rgb = network(ToGray(scaling, name="gray")(lightness))
    chroma = ToChroma(scaling, name="chroma")(rgb)
    return keras.Model(lightness, chroma, name=f"{network.name}_chroma")
