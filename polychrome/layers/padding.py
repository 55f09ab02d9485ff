"""Padding and cropping layers, so that strided networks take images of any size."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("polychrome")
class PadToMultiple(keras.layers.Layer):
    """Repeat the last row and column until height and width are multiples of `multiple`.

    `[B, H, W, C]` to `[B, H', W', C]` with `H <= H' < H + multiple`. Unlike mirroring, this also
    works for images smaller than the padding.
    """

    def __init__(self, multiple: int, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, images):
        return pad_to_multiple(images, self.multiple)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        sides = [s and -(-s // self.multiple) * self.multiple for s in (height, width)]
        return (batch, *sides, channels)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable("polychrome")
class PadToAtLeast(keras.layers.Layer):
    """Repeat the last row and column until height and width are at least `smallest`.

    `[B, H, W, C]` to `[B, max(H, smallest), max(W, smallest), C]`.
    """

    def __init__(self, smallest: int, **kwargs):
        super().__init__(**kwargs)
        self.smallest = smallest

    def call(self, images):
        for axis in (1, 2):
            side = ops.shape(images)[axis]
            if isinstance(side, int) and side >= self.smallest:
                continue
            images = _extend(images, axis, ops.maximum(side, self.smallest))
        return images

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        sides = [s and max(s, self.smallest) for s in (height, width)]
        return (batch, *sides, channels)

    def get_config(self):
        return {**super().get_config(), "smallest": self.smallest}


def pad_to_multiple(images, multiple: int):
    """`PadToMultiple` as a function on `[B, H, W, C]`."""
    for axis in (1, 2):
        side = ops.shape(images)[axis]
        if isinstance(side, int) and side % multiple == 0:
            continue
        images = _extend(images, axis, -(-side // multiple) * multiple)
    return images


def _extend(images, axis: int, length):
    """Repeat the last entry of an axis until the axis has `length` entries."""
    last = ops.shape(images)[axis] - 1
    return ops.take(images, ops.minimum(ops.arange(length), last), axis=axis)


@keras.saving.register_keras_serializable("polychrome")
class CropLike(keras.layers.Layer):
    """Crop `[B, H', W', C]` to the height and width of a second input `[B, H, W, ...]`."""

    def call(self, images, like):
        shape = ops.shape(like)
        return images[:, : shape[1], : shape[2], :]

    def compute_output_shape(self, images_shape, like_shape):
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])
