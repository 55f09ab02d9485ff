"""Resizing of feature maps to a size known only at run time."""

from typing import Any

import keras
from keras import ops

from polychrome.tensors import Shape, Tensor


def _resized(images: Tensor, size: Any) -> Tensor:
    pixels = ops.cast(images, "float32")
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.image.resize(pixels, size, "bilinear", antialias=False)
    return ops.image.resize(pixels, size, "bilinear", antialias=False, data_format="channels_last")


@keras.saving.register_keras_serializable("polychrome")
class ResizeLike(keras.layers.Layer):
    """Resize `[B, h, w, C]` to the height and width of a second input `[B, H, W, ...]`.

    Bilinear with half-pixel centers, edges repeated, and no antialiasing, the same on every
    backend. Sizes may be unknown to the graph; `UpSampling2D("bilinear")` and
    `keras.ops.image.resize` in Keras 3.15 do not support that on TensorFlow. Computes in float32
    whatever the precision policy and returns the layer's compute dtype.
    """

    def call(self, images: Tensor, like: Tensor) -> Tensor:
        return ops.cast(_resized(images, ops.shape(like)[1:3]), self.compute_dtype)

    def compute_output_shape(self, images_shape: Shape, like_shape: Shape) -> Shape:
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])


@keras.saving.register_keras_serializable("polychrome")
class Resize(keras.layers.Layer):
    """Resize `[B, H, W, C]` by one factor, to rounded sizes; otherwise as `ResizeLike`.

    Args:
        factor: of height and width.
    """

    def __init__(self, factor: float, **options: Any):
        super().__init__(**options)
        self.factor = factor

    def call(self, images: Tensor) -> Tensor:
        height, width = ops.shape(images)[1:3]
        return ops.cast(
            _resized(images, [self._scaled(height), self._scaled(width)]), self.compute_dtype
        )

    def compute_output_shape(self, shape: Shape) -> Shape:
        sides = [None if side is None else round(self.factor * side) for side in shape[1:3]]
        return (shape[0], *sides, shape[3])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"factor": self.factor}

    def _scaled(self, side: Any) -> Any:
        if isinstance(side, int):
            return round(self.factor * side)
        return ops.cast(ops.round(self.factor * ops.cast(side, "float32")), "int32")


@keras.saving.register_keras_serializable("polychrome")
class UpsampleLike(keras.layers.Layer):
    """Repeat each pixel of `[B, h, w, C]` twice both ways, cut to the size of `[B, H, W, ...]`.

    Undoes a stride of 2, whose output has the half of the sides, rounded up.
    """

    def call(self, images: Tensor, like: Tensor) -> Tensor:
        height, width = ops.shape(like)[1:3]
        repeated = ops.repeat(ops.repeat(images, 2, axis=1), 2, axis=2)
        return repeated[:, :height, :width]

    def compute_output_shape(self, images_shape: Shape, like_shape: Shape) -> Shape:
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])


def fed_at(network: keras.Model, size: int) -> keras.Model:
    """A colorizer that resizes every image to one size, and its output back.

    Args:
        network: scaled lightness `[B, H, W, 1]` to scaled chroma `[B, H, W, 2]`; shared.
        size: side of the square that images of any shape are resized to; 256 in the release of
            Zhang et al.

    Returns:
        Model: the same mapping, for any H and W.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    # float32, because lightness does not survive bfloat16's 8 bits.
    square = keras.layers.Resizing(size, size, dtype="float32", name="square")(lightness)
    chroma = ResizeLike(name="back", dtype="float32")(network(square), lightness)
    return keras.Model(lightness, chroma, name=f"{network.name}_at_{size}")
