"""Resizing of feature maps to a size known only at run time."""

import keras
from keras import ops

from polychrome.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("polychrome")
class ResizeLike(keras.layers.Layer):
    """Resize `[B, h, w, C]` to the height and width of a second input `[B, H, W, ...]`.

    Bilinear with half-pixel centers, edges repeated, and no antialiasing, the same on every
    backend. Sizes may be unknown to the graph; `UpSampling2D("bilinear")` and
    `keras.ops.image.resize` in Keras 3.15 do not support that on TensorFlow. Computes in float32
    whatever the precision policy and returns the layer's compute dtype.
    """

    def call(self, images: Tensor, like: Tensor) -> Tensor:
        size = ops.shape(like)[1:3]
        pixels = ops.cast(images, "float32")
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            pixels = tf.image.resize(pixels, size, "bilinear", antialias=False)
        else:
            pixels = ops.image.resize(
                pixels, size, "bilinear", antialias=False, data_format="channels_last"
            )
        return ops.cast(pixels, self.compute_dtype)

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
