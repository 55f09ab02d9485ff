"""The GAN of the UCI report: gray to RGB, valid convolutions, skip connections.

Layers follow the authors' public code; the report shows an overview (Figure 3). The code trains at
120x120, with a sigmoid at the end of the discriminator; here the loss takes logits.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from polychrome.color.scaling import Scaling
from polychrome.layers.padding import CropLike, PadToAtLeast
from polychrome.tensors import Tensor

# A block's three kernels, 5, 3, and 3, remove 8 pixels; three blocks remove 24.
SMALLEST = 25
# The smallest images that survive the discriminator's valid convolutions and poolings.
_SMALLEST_JUDGED = 92
_register = keras.saving.register_keras_serializable("polychrome")


def build_uci_generator(
    filters: Sequence[int] = (16, 32, 64), bottleneck: int = 128
) -> keras.Model:
    """The generator: three blocks of 5x5, 3x3, and 3x3 valid convolutions, and their mirror image.

    Args:
        filters: of each block's first convolution; the other two have twice as many.
        bottleneck: filters of the tanh layer in the middle.

    Returns:
        Model: gray `[B, H, W, 1]` in [0, 1] to RGB `[B, H, W, 3]`, 0 or more (the published ReLU
        has no upper bound). Images below 25x25 are padded.
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
            # float32 whatever the precision policy, because the loss is computed on it.
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

    Below 92x92 its valid convolutions would leave nothing, so they are padded there.

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
    """A layer with a `Scaling`, given as an object or as its fields."""

    def __init__(self, scaling: Scaling | dict[str, Any], **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.scaling = Scaling(**scaling) if isinstance(scaling, dict) else scaling

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scaling": dataclasses.asdict(self.scaling)}


@_register
class ToGray(_Scaled):
    """Scaled lightness `[B, H, W, 1]` to the sRGB gray of that lightness, in [0, 1]."""

    def call(self, lightness: Tensor) -> Tensor:
        neutral = ops.concatenate([ops.zeros_like(lightness)] * 2, axis=-1)
        return self.scaling.join(lightness, neutral)[..., :1]


@_register
class ToChroma(_Scaled):
    """RGB `[B, H, W, 3]`, clipped to [0, 1], to scaled chroma `[B, H, W, 2]`."""

    def call(self, rgb: Tensor) -> Tensor:
        return self.scaling.split(ops.clip(rgb, 0.0, 1.0))[1]


def to_rgb(network: keras.Model, scaling: Scaling) -> keras.Model:
    """Wrap a gray-to-RGB network to take scaled lightness; weights are shared."""
    lightness = keras.Input((None, None, 1), name="lightness")
    gray = ToGray(scaling, name="gray")(lightness)
    return keras.Model(lightness, network(gray), name=f"{network.name}_rgb")


def to_chroma(network: keras.Model, scaling: Scaling) -> keras.Model:
    """Wrap a gray-to-RGB network to map scaled lightness to scaled chroma; weights are shared.

    Its lightness is dropped; images are always made with the true one.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    rgb = network(ToGray(scaling, name="gray")(lightness))
    chroma = ToChroma(scaling, name="chroma")(rgb)
    return keras.Model(lightness, chroma, name=f"{network.name}_chroma")
