"""The discriminator of pix2pix (Isola et al. 2017), which judges patches (VVIT report)."""

import keras
from keras import layers

from polychrome.layers.torch_layers import batch_norm
from polychrome.models.unet import INITIALIZER, WIDTH


def build_patchgan(width: int = WIDTH) -> keras.Model:
    """Each logit judges 70x70 pixels; 30x30 of them at 256x256.

    4x4 convolutions, the first three of stride 2, zero padding of one pixel, no batch norm in the
    first and the last.

    Args:
        width: filters of the first convolution.

    Returns:
        Model: [lightness `[B, H, W, 1]`, chroma `[B, H, W, 2]`] to logits `[B, h, w, 1]`; H and W
        of at least 24.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    chroma = keras.Input((None, None, 2), name="chroma")
    x = layers.Concatenate()([lightness, chroma])
    for index, (factor, strides) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1))):
        x = _conv(factor * width, strides, use_bias=index == 0)(layers.ZeroPadding2D(1)(x))
        if index:
            x = batch_norm(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = _conv(1, 1, dtype="float32", name="logits")(layers.ZeroPadding2D(1)(x))
    return keras.Model([lightness, chroma], logits, name="patchgan")


def _conv(filters: int, strides: int, **options) -> layers.Conv2D:
    return layers.Conv2D(filters, 4, strides=strides, kernel_initializer=INITIALIZER(), **options)
