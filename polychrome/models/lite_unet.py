"""Our own colorizer: a U-Net on EfficientNet-Lite0, with chroma at a quarter of the resolution.

The encoder is Tan and Le's EfficientNet-Lite0 with its batch normalization worked into the
convolutions. Chroma has little detail of its own: the true chroma at a quarter of the resolution,
enlarged, is 38 dB from the truth on Tiny ImageNet, while the best systems reach 25. So capacity
goes to the coarse maps, which know what is in the image.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from polychrome.color.bins import BINS
from polychrome.color.scaling import POLYCHROME, UNIT, Scaling
from polychrome.layers.mirror import MeanWithMirrorImages, WithMirrorImages
from polychrome.layers.resizing import Resize, ResizeLike, UpsampleLike
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.models.efficientnet_lite import (
    PREFIX,
    build_efficientnet_lite0,
    freeze_blocks,
    imagenet_rgb,
)

# Filters at strides 32, 16, 8 and 4 of the encoder, and residual blocks at the last three.
FILTERS, BLOCKS = (256, 192, 64, 24), (1, 1, 0)
# Of the decoder's maps; chroma is read from the last two.
COARSEST, COARSE, FINE = "up_16", "up_8", "up_4"
# Filters of the heads' own decoder at strides 16, 8 and 4 of the encoder.
HEADS_FILTERS = (96, 64, 48)
MAPS = ("stride_4", "stride_8", "stride_16", "stride_32", "pooled")


class Decoded(NamedTuple):
    """Ends of the decoder: the network's input, and the maps that chroma is read from."""

    lightness: Any
    coarse: Any
    fine: Any


def build_lite_unet(
    enlarge: float = 1,
    *,
    scaling: Scaling = POLYCHROME,
    name: str = "lite_unet",
    **decoder: Any,
) -> keras.Model:
    """A U-Net whose encoder is EfficientNet-Lite0 (layer "encoder"), frozen by default.

    Args:
        enlarge: factor by which the encoder's image is enlarged; 2 or 3 for those of 64 pixels,
            which are smaller than those the encoder was trained on.
        scaling: of lightness and chroma.
        name: of the model.
        decoder: width, train_encoder, and so on, as for `decode`.

    Returns:
        Model: scaled lightness `[B, H, W, 1]`, any H and W, to scaled chroma `[B, H, W, 2]`,
        float32; 5.3 million parameters, of which 3.3 in the encoder.
    """
    lightness, coarse, fine = decode(enlarge, scaling, **decoder)
    chroma = _full_size(_chroma(coarse, "coarse"), _chroma(fine, "fine"), lightness)
    chroma = rescale_chroma(chroma, POLYCHROME, scaling, name="chroma")
    return keras.Model(lightness, chroma, name=name)


def build_lite_unet_bins(
    enlarge: int = 1,
    *,
    scaling: Scaling = POLYCHROME,
    name: str = "lite_unet_bins",
    **decoder: Any,
) -> keras.Model:
    """`build_lite_unet` as a classifier of colors, for `polychrome.layers.bin_decoder`.

    Its arguments are the same, but `enlarge` is 1, 2, 4 or 8. The finest map is not used.

    Returns:
        Model: scaled lightness `[B, H, W, 1]`, any H and W, to logits `[B, h, w, 313]`, float32;
        h and w are those of the image divided by `8 / enlarge` and rounded up.
    """
    lightness, coarse, _ = decode(enlarge, scaling, **decoder)
    logits = layers.Conv2D(len(BINS), 1, kernel_initializer="zeros", dtype="float32", name="bins")(
        coarse
    )
    return keras.Model(lightness, logits, name=name)


def build_lite_unet_labels(
    enlarge: float = 1, *, classes: int, name: str = "lite_unet_labels", **options: Any
) -> keras.Model:
    """`build_lite_unet` that also says what is in the image, a second task for its decoder.

    Other arguments as for `build_lite_unet`.

    Returns:
        Model: scaled lightness `[B, H, W, 1]` to a dict of "chroma" `[B, H, W, 2]` and "label",
        logits `[B, classes]`, both float32; `without_labels` leaves the colorizer.
    """
    network = build_lite_unet(enlarge, **options)
    pooled = layers.GlobalAveragePooling2D(dtype="float32")(network.get_layer(COARSEST).output)
    label = layers.Dense(classes, dtype="float32", name="label")(pooled)
    return keras.Model(network.input, {"chroma": network.output, "label": label}, name=name)


def without_labels(network: keras.Model) -> keras.Model:
    """The colorizer in `build_lite_unet_labels`; weights are shared."""
    return keras.Model(network.input, network.output["chroma"], name="lite_unet")


def decode(
    enlarge: float,
    scaling: Scaling,
    *,
    width: float = 1.0,
    filters: Sequence[int] = FILTERS,
    blocks: Sequence[int] = BLOCKS,
    dropout: float = 0.0,
    train_encoder: bool = False,
    frozen_blocks: int = 0,
    encoder_norm: bool | None = None,
) -> Decoded:
    """The encoder and the decoder, without what makes colors of its maps.

    Args:
        enlarge, scaling: as for `build_lite_unet`.
        width: factor of all filters; 1 for ImageNet weights.
        filters: of the decoder, at strides 32, 16, 8 and 4 of the encoder.
        blocks: residual blocks at strides 16, 8 and 4.
        dropout: share of the coarsest map's channels that are dropped in training.
        train_encoder: False freezes the encoder. Without ImageNet weights it must be trained.
        frozen_blocks: of a trained encoder's 16 blocks, so many of the first stay frozen, with the
            convolution before them: a step is then half as long again as a frozen encoder's at 5.
        encoder_norm: whether the encoder has batch normalization, or convolutions that hold it;
            None: if it is trained.

    Returns:
        The maps at strides 8 and 4 of the encoder.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    gray = rescale_lightness(lightness, scaling, UNIT, name="unit_lightness")
    if enlarge > 1:
        gray = Resize(enlarge, name="enlarge", dtype="float32")(gray)

    encoder = _encoder(width, norm=train_encoder if encoder_norm is None else encoder_norm)
    encoder.trainable = train_encoder
    if train_encoder and frozen_blocks:
        freeze_blocks(encoder, frozen_blocks)
    maps = encoder(imagenet_rgb(gray))

    filters = [max(1, round(number * width)) for number in filters]
    x = layers.Conv2D(filters[0], 1, use_bias=False, name="coarsest")(maps["stride_32"])
    whole = layers.Dense(filters[0], name="whole_image")(maps["pooled"])
    x = layers.Add()([x, layers.Reshape((1, 1, filters[0]))(whole)])
    x = layers.ReLU()(_norm(name="coarsest_norm")(x))
    if dropout:
        x = layers.SpatialDropout2D(dropout, name="coarsest_dropout")(x)
    x = _up(x, maps["stride_16"], filters[1], blocks[0], name=COARSEST)
    coarse = _up(x, maps["stride_8"], filters[2], blocks[1], name=COARSE)
    fine = _up(coarse, maps["stride_4"], filters[3], blocks[2], name=FINE)
    return Decoded(lightness, coarse, fine)


def build_heads(
    enlarge: float = 1,
    *,
    width: float = 1.0,
    scaling: Scaling = POLYCHROME,
    name: str = "lite_unet_heads",
    **decoder: Any,
) -> keras.Model:
    """A frozen `build_lite_unet` (layer "faithful") with two more outputs.

    Arguments as for `build_lite_unet`.

    Returns:
        Model: scaled lightness `[B, H, W, 1]` to `[B, H, W, 5]`, float32: the faithful chroma, a
        vivid one, and the spread, each scaled like chroma; `outputs_by_name` splits it.
    """
    whole = build_lite_unet(enlarge, width=width, scaling=scaling, **decoder)
    maps = [whole.get_layer(key).output for key in (COARSEST, COARSE, FINE)]
    faithful = keras.Model(whole.input, [whole.output, *maps], name="faithful")
    faithful.trainable = False

    lightness = keras.Input((None, None, 1), name="lightness")
    chroma, coarsest, coarse, fine = faithful(lightness)
    filters = [max(1, round(number * width)) for number in HEADS_FILTERS]

    x = layers.ReLU()(_convolve(coarsest, filters[0], "heads_coarsest_conv"))
    x = _up(x, coarse, filters[1], 0, name="heads_coarse")
    shared = _up(x, fine, filters[2], 0, name="heads_fine")
    more = _chroma(shared, "vivid")
    more = ResizeLike(name="vivid_full_size", dtype="float32")(more, lightness)
    more = rescale_chroma(more, POLYCHROME, scaling, name="vivid_chroma")
    twice = layers.Rescaling(2.0, name="twice", dtype="float32")(chroma)
    vivid = layers.Add(name="vivid_sum", dtype="float32")([twice, more])

    # What is dark or light has little room for color, so the error depends on single pixels too.
    gray = rescale_lightness(lightness, scaling, UNIT, name="unit_lightness")
    mixed = rescale_chroma(chroma, scaling, POLYCHROME, name="polychrome_chroma")
    x = ResizeLike(name="spread_full_size")(shared, lightness)
    x = layers.Concatenate(name="spread_concatenate", dtype="float32")([x, gray, mixed])
    x = layers.Conv2D(filters[2] // 2 or 1, 1, activation="relu", name="spread_mix")(x)
    spread = layers.Conv2D(1, 1, activation="softplus", dtype="float32", name="spread")(x)
    spread = rescale_chroma(spread, POLYCHROME, scaling, name="spread_scaled")

    joined = layers.Concatenate(name="outputs", dtype="float32")([chroma, vivid, spread])
    return keras.Model(lightness, joined, name=name)


def mirrored_mean(network: keras.Model) -> keras.Model:
    """The mean of a network's answers to an image and, mirrored back, to its mirror image.

    It costs twice the time. Weights are shared.

    Args:
        network: `[B, H, W, 1]` to `[B, H, W, C]`, such as `build_lite_unet` or `build_heads`.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    both = WithMirrorImages(name="with_mirror_images")(lightness)
    mean = MeanWithMirrorImages(name="mirrored_mean", dtype="float32")(network(both))
    return keras.Model(lightness, mean, name=network.name)


def outputs_by_name(network: keras.Model, factor: float | None = None) -> keras.Model:
    """`build_heads` with its outputs as `polychrome.Prediction` names them; weights are shared.

    Args:
        network: of `build_heads`.
        factor: the vivid output is the faithful chroma times this, instead of the network's own.
    """
    chroma, vivid, spread = ops.split(network.output, (2, 4), axis=-1)
    if factor is not None:
        vivid = layers.Rescaling(factor, name="dial", dtype="float32")(chroma)
    outputs = {"ab": chroma, "vivid_ab": vivid, "spread": spread}
    return keras.Model(network.input, outputs, name="lite_unet")


def _full_size(coarse: Any, fine: Any, lightness: Any) -> Any:
    """The sum of two chromas at the size of the lightness."""
    # float32, because chroma does not survive bfloat16's 8 bits.
    chroma = layers.Add(dtype="float32")([ResizeLike(dtype="float32")(coarse, fine), fine])
    return ResizeLike(name="full_size", dtype="float32")(chroma, lightness)


def _encoder(width: float, norm: bool) -> keras.Model:
    network = build_efficientnet_lite0(width, norm, PREFIX)
    maps = {key: network.output[key] for key in MAPS}
    return keras.Model(network.input, maps, name="encoder")


def _up(x: Any, detail: Any, filters: int, blocks: int, name: str) -> Any:
    """Double the resolution, add the encoder's map of that size, and convolve."""
    x = UpsampleLike(name=f"{name}_upsample")(x, detail)
    x = layers.Concatenate(name=f"{name}_concatenate")([x, detail])
    x = layers.ReLU()(_convolve(x, filters, f"{name}_conv"))
    for index in range(blocks):
        y = layers.ReLU()(_convolve(x, filters, f"{name}_block_{index}_conv_0"))
        y = _convolve(y, filters, f"{name}_block_{index}_conv_1")
        x = layers.ReLU()(layers.Add()([x, y]))
    return layers.Identity(name=name)(x)


def _convolve(x: Any, filters: int, name: str) -> Any:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _norm(name=f"{name}_norm")(x)


def _norm(name: str) -> keras.Layer:
    return layers.BatchNormalization(momentum=0.99, name=name)


def _chroma(x: Any, name: str) -> Any:
    # From zero: the first prediction is gray, which is a better start than random colors.
    return layers.Conv2D(
        2, 3, padding="same", kernel_initializer="zeros", dtype="float32", name=name
    )(x)
