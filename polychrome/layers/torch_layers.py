"""Layers with PyTorch's padding and constants, for networks whose weights come from there.

Keras pads a strided convolution on the far side only, PyTorch on both: the same weights would see
the image shifted by a pixel. Layers are named as the published state dicts name them.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("polychrome")
class Conv2D(layers.Conv2D):
    """`Conv2D` that pads both sides alike, with `dilation * (kernel // 2)` zeros, as PyTorch's.

    In inference TensorFlow pads and dilates within its kernel, which gives the same numbers sooner
    (`benchmarks.eccv16_forward`). Not in training: on some CPUs that kernel has no gradient. The
    class bears the name of Keras's, by which weight files call their layers, so that either reads
    the other's.
    """

    def call(self, inputs, training=None):
        height, width = self._margins()
        margins = [(0, 0), (height, height), (width, width), (0, 0)]
        if training is not False or keras.backend.backend() != "tensorflow":
            return super().call(ops.pad(inputs, margins))
        import tensorflow as tf

        x = tf.nn.conv2d(inputs, self.kernel, self.strides, margins, dilations=self.dilation_rate)
        return self.activation(tf.nn.bias_add(x, self.bias) if self.use_bias else x)

    def compute_output_shape(self, input_shape):
        margins = self._margins()
        batch, *sides, channels = input_shape
        sides = [side and side + 2 * margin for side, margin in zip(sides, margins, strict=True)]
        return super().compute_output_shape((batch, *sides, channels))

    def _margins(self) -> list[int]:
        pairs = zip(self.kernel_size, self.dilation_rate, strict=True)
        return [dilation * (kernel // 2) for kernel, dilation in pairs]


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
    # With neither stride nor dilation Keras pads as PyTorch does.
    plain = strides == dilation == 1
    return (layers.Conv2D if plain else Conv2D)(
        filters,
        kernel,
        strides=strides,
        dilation_rate=dilation,
        padding="same" if plain else "valid",
        activation=activation,
        use_bias=use_bias,
        trainable=trainable,
        name=name,
    )(x)


def double(x, filters: int, *, name: str):
    """`ConvTranspose2d(4, stride=2, padding=1)`: twice the height and width."""
    # With this kernel and stride "same" cuts one row and column on every side, as padding=1 does.
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", name=name)(x)


def batch_norm(x, *, name: str | None = None, **options):
    """`BatchNorm2d`: epsilon 1e-5, momentum .1, which Keras counts from the other end.

    Also where no weights are taken over, in generators: they change from step to step, and with
    Keras's own .99 the statistics of inference lag behind. After 312 steps the U-Net of pix2pix
    had a chroma PSNR of 23.8 dB in training and of 17.5 on the validation images.
    """
    return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=name, **options)(x)
