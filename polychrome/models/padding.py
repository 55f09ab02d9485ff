"""Layers that let a network with strides take images of any size."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("polychrome")
class PadToMultiple(keras.layers.Layer):
    """Repeat the last row and column until height and width are multiples of `multiple`.

    `[B, H, W, C]` to `[B, H', W', C]` with `H <= H' < H + multiple`. Repeating, rather than
    mirroring, also works for images smaller than the padding.
    """

    def __init__(self, multiple: int, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, images):
        for axis in (1, 2):
            side = ops.shape(images)[axis]
            if isinstance(side, int) and side % self.multiple == 0:
                continue
            padded = -(-side // self.multiple) * self.multiple
            images = ops.take(images, ops.minimum(ops.arange(padded), side - 1), axis=axis)
        return images

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        sides = [s and -(-s // self.multiple) * self.multiple for s in (height, width)]
        return (batch, *sides, channels)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable("polychrome")
class CropLike(keras.layers.Layer):
    """Cut `[B, H', W', C]` to the height and width of a second input `[B, H, W, ...]`."""

    def call(self, images, like):
        shape = ops.shape(like)
        return images[:, : shape[1], : shape[2], :]

    def compute_output_shape(self, images_shape, like_shape):
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])
