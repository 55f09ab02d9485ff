"""Layers with PyTorch's padding and constants, for networks with weights from PyTorch.

Keras pads a strided convolution on the far side only, PyTorch on both sides, so the same weights
would see the image shifted by a pixel. Layers have the names in the published state dicts.
"""

from typing import Any

import keras
from keras import layers, ops

from polychrome.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("polychrome")
class Conv2D(layers.Conv2D):
    """`Conv2D` that pads both sides with `dilation * (kernel // 2)` zeros, as in PyTorch.

    In inference TensorFlow pads and dilates within its kernel, which gives the same numbers faster
    (`benchmarks.eccv16_forward`). In training it does not, because on some CPUs that kernel has no
    gradient. The class has the same name as Keras's, which weights files use for layers, so that
    each can read the other's files.
    """

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        height, width = self._margins()
        margins = [(0, 0), (height, height), (width, width), (0, 0)]
        if training is not False or keras.backend.backend() != "tensorflow":
            return super().call(ops.pad(inputs, margins))
        import tensorflow as tf

        x = tf.nn.conv2d(inputs, self.kernel, self.strides, margins, dilations=self.dilation_rate)
        return self.activation(tf.nn.bias_add(x, self.bias) if self.use_bias else x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        margins = self._margins()
        batch, *sides, channels = input_shape
        sides = [side and side + 2 * margin for side, margin in zip(sides, margins, strict=True)]
        return super().compute_output_shape((batch, *sides, channels))

    def _margins(self) -> list[int]:
        pairs = zip(self.kernel_size, self.dilation_rate, strict=True)
        return [dilation * (kernel // 2) for kernel, dilation in pairs]


def convolve(
    x: Tensor,
    filters: int,
    kernel: int = 3,
    *,
    name: str,
    strides: int = 1,
    dilation: int = 1,
    activation: str | None = None,
    use_bias: bool = True,
    trainable: bool = True,
) -> Tensor:
    """`Conv2d(kernel, stride, padding=dilation * (kernel // 2), dilation)`: sides by stride, up."""
    # Without stride and dilation, Keras pads like PyTorch.
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


def double(x: Tensor, filters: int, *, name: str) -> Tensor:
    """`ConvTranspose2d(4, stride=2, padding=1)`: twice the height and width."""
    # With this kernel and stride, "same" crops one row and column on each side, like padding=1.
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", name=name)(x)


def batch_norm(x: Tensor, *, name: str | None = None, **options: Any) -> Tensor:
    """`BatchNorm2d`: epsilon 1e-5 and momentum .1, which is 0.9 in Keras's convention.

    Also used in generators that load no weights: they change quickly, and with Keras's default of
    .99 the inference statistics lag behind. After 312 steps the U-Net of pix2pix had a chroma PSNR
    of 23.8 dB in training but 17.5 dB on the validation images.
    """
    return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=name, **options)(x)
