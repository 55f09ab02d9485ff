"""The U-Net of pix2pix (Isola et al. 2017), whose dropout is its noise (VVIT report)."""

import functools
import math
from typing import Any

import keras
from keras import layers

from polychrome.errors import InputError
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.torch_layers import batch_norm
from polychrome.tensors import Tensor

WIDTH = 64
# A new initializer for each layer: sharing one would give layers of the same shape equal weights.
INITIALIZER = functools.partial(keras.initializers.RandomNormal, stddev=0.02)


def build_unet(image_size: int = 256, width: int = WIDTH, dropout: float = 0.5) -> keras.Model:
    """U-Net down to one pixel and up again: 8 levels at 256x256, 7 at 96x96, 6 at 64x64.

    Source: the VVIT report's methodology and, for what it leaves open, pix2pix's `unet_256`.

    Args:
        image_size: typical side of images, at least 4. At this size, rounded up to a power of 2,
            the innermost map is one pixel; images are padded to a multiple of it and cropped again.
        width: filters of the first level; they double up to eight times that.
        dropout: rate in three decoder levels, the second to fourth from the inside;
            `polychrome.layers.noise.with_noise` keeps it on outside of training.

    Returns:
        Model: lightness `[B, H, W, 1]` (L*/50 - 1) to chroma `[B, H, W, 2]` (ab / 110).

    Raises:
        InputError: `image_size` below 4.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    chroma = decode(encode(lightness, image_size, width), dropout)
    chroma = CropLike(name="crop", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name="unet")


def encode(lightness: Tensor, image_size: int, width: int) -> list[Tensor]:
    """Encoder: feature maps at strides 2, 4, 8, ... up to `image_size` rounded to a power of 2.

    Images are padded to a multiple of that power.
    """
    if image_size < 4:
        raise InputError(f"image_size={image_size}: should be at least 4", ["image_size"])
    features, levels = [], math.ceil(math.log2(image_size))
    x = PadToMultiple(2**levels, name="pad")(lightness)
    for level in range(levels):
        if level:
            x = layers.LeakyReLU(0.2)(x)
        filters = width * min(2**level, 8)
        x = layers.Conv2D(
            filters,
            4,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=INITIALIZER(),
        )(x)
        # No norm in the outermost level, nor in the innermost, whose single pixel has no variance.
        if 0 < level < levels - 1:
            x = batch_norm(x, gamma_initializer=_around_one())
        features.append(x)
    return features


def decode(features: list[Tensor], dropout: float) -> Tensor:
    """Decoder: from the last of `features`, concatenating each, to chroma at twice the size."""
    x = features[-1]
    skips = features[-2::-1]
    for level, skip in enumerate(skips):
        x = _up(skip.shape[-1], use_bias=False)(layers.ReLU()(x))
        x = batch_norm(x, gamma_initializer=_around_one())
        if dropout and 1 <= level <= 3:
            x = layers.Dropout(dropout)(x)
        x = layers.Concatenate()([x, skip])
    # float32 whatever the precision policy, because the loss is computed on it.
    return _up(2, activation="tanh", dtype="float32", name="chroma")(layers.ReLU()(x))


def _up(filters: int, **options: Any) -> layers.Conv2DTranspose:
    return layers.Conv2DTranspose(
        filters, 4, strides=2, padding="same", kernel_initializer=INITIALIZER(), **options
    )


def _around_one() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(1.0, 0.02)
