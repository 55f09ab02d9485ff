"""The discriminator of pix2pix (Isola et al. 2017), which judges patches (VVIT report)."""

from typing import Any

import keras
from keras import layers

from polychrome.errors import InputError
from polychrome.layers.torch_layers import batch_norm
from polychrome.models.unet import INITIALIZER, WIDTH
from polychrome.tensors import Tensor

# Side of the patch that a logit judges: number of stride-2 convolutions, pix2pix's `n_layers_D`.
# None, with 1x1 kernels, is its "pixelGAN".
PATCHES = {1: 0, 16: 1, 34: 2, 70: 3, 286: 5}
PATCH = 70


def build_patchgan(
    patch: int = PATCH, width: int = WIDTH, image_size: int | None = None
) -> keras.Model:
    """Each logit judges `patch` x `patch` pixels; 70 gives 30x30 logits at 256x256, 6x6 at 64x64.

    4x4 convolutions, all but the last two with stride 2, zero padding of one pixel, no batch norm
    in the first and the last; three 1x1 convolutions for single pixels.

    Args:
        patch: 1, 16, 34, 70, or 286, as compared by Isola et al. (section 4.4, without 34). May
            exceed the image, which is then surrounded by zeros.
        width: filters of the first convolution; they double up to eight times that.
        image_size: side of the images to be judged, if known, so that a size that is too small is
            rejected here and not when the model is called.

    Returns:
        Model: [lightness `[B, H, W, 1]`, chroma `[B, H, W, 2]`] to logits `[B, h, w, 1]`; H and W
        at least `smallest_image(patch)`.

    Raises:
        InputError: another patch, or an image too small for any logit; also raised when the model
            is called with such an image.
    """
    _check_side(smallest_image(patch) if image_size is None else image_size, patch)
    lightness = keras.Input((None, None, 1), name="lightness")
    chroma = keras.Input((None, None, 2), name="chroma")
    x = Picture(patch, name="picture")([lightness, chroma])
    strided = PATCHES[patch]
    factors = [min(2**index, 8) for index in range(max(strided, 1) + 1)]
    for index, factor in enumerate(factors):
        strides = 2 if index < strided else 1
        x = _conv(x, factor * width, patch, strides, use_bias=index == 0)
        if index:
            x = batch_norm(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = _conv(x, 1, patch, 1, dtype="float32", name="logits")
    return keras.Model([lightness, chroma], logits, name="patchgan")


def smallest_image(patch: int) -> int:
    """Side of the smallest image that gives a logit: 24 pixels for patches of 70.

    Raises:
        InputError: a patch that is not in `PATCHES`.
    """
    if patch not in PATCHES:
        known = ", ".join(map(str, PATCHES))
        raise InputError(f"patch of {patch} pixels: should be one of {known}")
    # Each stride-2 convolution halves and rounds down; each of the other two removes a pixel.
    return 1 if patch == 1 else 3 * 2 ** PATCHES[patch]


def patch_of(discriminator: keras.Model) -> int | None:
    """Side of the patch that each logit judges, in pixels; None for a network of another kind."""
    return next((layer.patch for layer in discriminator.layers if isinstance(layer, Picture)), None)


def _check_side(side: int, patch: int) -> None:
    smallest = smallest_image(patch)
    if side < smallest:
        raise InputError(
            f"images of {side} pixels leave nothing of patches of {patch}: should be at least "
            f"{smallest} pixels wide and high",
            ["image_size", "patch"],
        )


@keras.saving.register_keras_serializable("polychrome")
class Picture(layers.Concatenate):
    """Concatenate lightness and chroma; reject images too small for the convolutions."""

    def __init__(self, patch: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.patch = patch

    def call(self, inputs: Tensor) -> Tensor:
        for side in inputs[0].shape[1:3]:
            if side is not None:  # unknown to a graph
                _check_side(side, self.patch)
        return super().call(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "patch": self.patch}


def _conv(x: Tensor, filters: int, patch: int, strides: int, **options: Any) -> Tensor:
    kernel = 1 if patch == 1 else 4
    if kernel > 1:
        x = layers.ZeroPadding2D(1)(x)
    return layers.Conv2D(
        filters, kernel, strides=strides, kernel_initializer=INITIALIZER(), **options
    )(x)
