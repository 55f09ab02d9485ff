"""Layers with PyTorch's padding and constants, for networks whose weights come from there.

Keras pads a strided convolution on the far side only, PyTorch on both: the same weights would see
the image shifted by a pixel. Layers are named as the published state dicts name them.
"""

import keras
from keras import layers


@keras.saving.register_keras_serializable("polychrome")
class DilatedConv2D(layers.Conv2D):
    """`Conv2D` with a dilation, stride 1 and padding "same", computed in one step in inference.

    TensorFlow turns a dilated convolution into a plain one of images that it takes apart and puts
    together again (space to batch), because not all of its CPU kernels have the gradient of the
    direct one. Where no gradient is wanted the direct one gives the same numbers sooner: 8 % of
    ECCV16's time.
    """

    def call(self, inputs, training=None):
        if training is not False or keras.backend.backend() != "tensorflow":
            return super().call(inputs)
        import tensorflow as tf

        x = tf.nn.conv2d(
            inputs, self.kernel, strides=1, padding="SAME", dilations=self.dilation_rate
        )
        return self.activation(tf.nn.bias_add(x, self.bias) if self.use_bias else x)


def convolve(
    x,
    filters: int,
    kernel: int = 3,
    *,
    name: str,
    strides: int = 1,
    dilation: int = 1,
    activation: str | None = None,
    use_bias: bool = True,
    trainable: bool = True,
):
    """`Conv2d(kernel, stride, padding=dilation * (kernel // 2), dilation)`: sides by stride, up."""
    if strides > 1 and kernel > 1:
        x = layers.ZeroPadding2D(dilation * (kernel // 2))(x)
    convolution = layers.Conv2D if dilation == 1 else DilatedConv2D
    return convolution(
        filters,
        kernel,
        strides=strides,
        dilation_rate=dilation,
        padding="same" if strides == 1 else "valid",
        activation=activation,
        use_bias=use_bias,
        trainable=trainable,
        name=name,
    )(x)


def double(x, filters: int, *, name: str):
    """`ConvTranspose2d(4, stride=2, padding=1)`: twice the height and width."""
    # With this kernel and stride "same" cuts one row and column on every side, as padding=1 does.
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", name=name)(x)


def batch_norm(x, *, name: str):
    """`BatchNorm2d`: epsilon 1e-5, momentum .1, which Keras counts from the other end."""
    return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=name)(x)
