"""Padding and cropping layers, so that strided networks take images of any size."""

from typing import Any

import keras
from keras import ops

from polychrome.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("polychrome")
class PadToMultiple(keras.layers.Layer):
    """Repeat the last row and column until height and width are multiples of `multiple`.

    `[B, H, W, C]` to `[B, H', W', C]` with `H <= H' < H + multiple`. Unlike mirroring, this also
    works for images smaller than the padding.
    """

    def __init__(self, multiple: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, images: Tensor) -> Tensor:
        return pad_to_multiple(images, self.multiple)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        sides = [s and -(-s // self.multiple) * self.multiple for s in (height, width)]
        return (batch, *sides, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable("polychrome")
class PadToAtLeast(keras.layers.Layer):
    """Repeat the last row and column until height and width are at least `smallest`.

    `[B, H, W, C]` to `[B, max(H, smallest), max(W, smallest), C]`.
    """

    def __init__(self, smallest: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.smallest = smallest

    def call(self, images: Tensor) -> Tensor:
        for axis in (1, 2):
            side = ops.shape(images)[axis]
            if isinstance(side, int) and side >= self.smallest:
                continue
            images = _extend(images, axis, ops.maximum(side, self.smallest))
        return images

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        sides = [s and max(s, self.smallest) for s in (height, width)]
        return (batch, *sides, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "smallest": self.smallest}


def pad_to_multiple(images: Tensor, multiple: int) -> Tensor:
    """`PadToMultiple` as a function on `[B, H, W, C]`."""
    for axis in (1, 2):
        side = ops.shape(images)[axis]
        if isinstance(side, int) and side % multiple == 0:
            continue
        # Not -(-side // multiple): converted to ONNX, that rounds to zero.
        images = _extend(images, axis, (side + multiple - 1) // multiple * multiple)
    return images


def _extend(images: Tensor, axis: int, length: int | Tensor) -> Tensor:
    """Repeat the last entry of an axis until the axis has `length` entries."""
    last = ops.shape(images)[axis] - 1
    return ops.take(images, ops.minimum(ops.arange(length), last), axis=axis)


@keras.saving.register_keras_serializable("polychrome")
class CropLike(keras.layers.Layer):
    """Crop `[B, H', W', C]` to the height and width of a second input `[B, H, W, ...]`."""

    def call(self, images: Tensor, like: Tensor) -> Tensor:
        shape = ops.shape(like)
        return images[:, : shape[1], : shape[2], :]

    def compute_output_shape(self, images_shape: Shape, like_shape: Shape) -> Shape:
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])
