"""Layers with PyTorch's padding and constants, for networks whose weights come from there.

Keras pads a strided convolution on the far side only, PyTorch on both: the same weights would see
the image shifted by a pixel. Layers are named as the published state dicts name them.
"""

from keras import layers


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
    return layers.Conv2D(
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
