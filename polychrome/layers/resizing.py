"""A layer that resizes feature maps to a size known only when the network runs."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("polychrome")
class ResizeLike(keras.layers.Layer):
    """Resize `[B, h, w, C]` to the height and width of a second input `[B, H, W, ...]`.

    Bilinear with half-pixel centers and without antialiasing, on every backend alike: outside the
    outermost centers the edge is repeated. Sizes may be unknown to the graph, which
    `UpSampling2D("bilinear")` and `keras.ops.image.resize` of Keras 3.15 do not take on TensorFlow.
    Computes in float32 whatever the precision policy and answers in the layer's compute dtype.
    """

    def call(self, images, like):
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

    def compute_output_shape(self, images_shape, like_shape):
        return (images_shape[0], like_shape[1], like_shape[2], images_shape[3])


def fed_at(network: keras.Model, size: int) -> keras.Model:
    """A colorizer that sees every image at one size, with its answer resized back.

    Args:
        network: scaled lightness `[B, H, W, 1]` to scaled chroma `[B, H, W, 2]`; shared.
        size: side of the square that images are resized to, whatever their shape, as the release of
            Zhang et al. does with 256.

    Returns:
        Model: the same, of any H and W.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    # float32: lightness does not survive 8 bits.
    square = keras.layers.Resizing(size, size, dtype="float32", name="square")(lightness)
    chroma = ResizeLike(name="back", dtype="float32")(network(square), lightness)
    return keras.Model(lightness, chroma, name=f"{network.name}_at_{size}")
