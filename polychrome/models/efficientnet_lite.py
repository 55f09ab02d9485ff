"""EfficientNet-Lite0 (Tan and Le 2019; the Lite variants of Google's TPU repository, 2020)."""

import re
from typing import Any

import keras
import numpy as np
from keras import layers

# (blocks, kernel, stride of the first block, expansion, filters) of each stage.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM, HEAD, CLASSES = 32, 1280, 1000
PREFIX = "lite0"
# Which batch normalization follows which convolution, by the last part of their names.
_NORM_AFTER = {
    "_conv_stem": "_bn0",
    "_expand_conv": "_bn0",
    "_depthwise_conv": "_bn1",
    "_project_conv": "_bn2",
    "_conv_head": "_bn1",
}

# For RGB 0...255, as in the training of the weights.
IMAGENET_OFFSET, IMAGENET_SCALE = 127.0, 128.0


def build_efficientnet_lite0(
    width: float = 1.0,
    norm: bool = True,
    prefix: str = "",
    name: str = "efficientnet_lite0",
) -> keras.Model:
    """EfficientNet-Lite0 with its classifier; 4,694,024 parameters with batch-norm statistics.

    No squeeze-and-excitation and no swish: ReLU6 throughout. Layers have the names in the state
    dict `efficientnet-lite0-57934424.pth`, so that its ImageNet weights fit
    (`polychrome.weights.imagenet`). The dropout before the classifier is left out.

    Args:
        width: factor of the filters; 1 for the ImageNet weights.
        norm: False leaves out batch normalization and gives the convolutions biases, which then
            hold it (`fold_norms`): the same features at half the time on a CPU.
        prefix: of the layers' names: `PREFIX` for parts of an exported network, because TensorFlow
            exports no names that begin with an underscore.
        name: of the model.

    Returns:
        Model: RGB `[B, H, W, 3]`, (0...255 - 127) / 128, any H and W, to a dict of the feature maps
        "stride_2", "stride_4", "stride_8", "stride_16" and "stride_32", with 16, 24, 40, 112 and
        320 channels times `width` and sides divided by the stride and rounded up; "pooled"
        `[B, 1280]`, the mean of the last layer over the image; and "logits" `[B, 1000]`.
    """
    images = keras.Input((None, None, 3), name="images")

    x = _convolve(images, _scaled(STEM, width), 3, norm, strides=2, name=f"{prefix}_conv_stem")
    x = layers.ReLU(6.0)(_norm(x, norm, name=f"{prefix}_bn0"))

    outputs: dict[str, Any] = {}
    stride, index = 2, 0
    for count, kernel, first, expansion, filters in STAGES:
        if first > 1:
            outputs[f"stride_{stride}"] = x
            stride *= first
        for step in range(count):
            strides = 1 if step else first
            filters_here = _scaled(filters, width)
            x = _block(
                x, kernel, strides, expansion, filters_here, norm, f"{prefix}_blocks.{index}"
            )
            index += 1
    outputs[f"stride_{stride}"] = x

    x = _convolve(x, _scaled(HEAD, width), 1, norm, name=f"{prefix}_conv_head")
    x = layers.ReLU(6.0)(_norm(x, norm, name=f"{prefix}_bn1"))
    outputs["pooled"] = layers.GlobalAveragePooling2D(dtype="float32")(x)
    # float32 whatever the precision policy, because losses are computed on it.
    outputs["logits"] = layers.Dense(CLASSES, dtype="float32", name=f"{prefix}_fc")(
        outputs["pooled"]
    )
    return keras.Model(images, outputs, name=name)


def imagenet_rgb(gray: Any) -> Any:
    """Gray in [0, 1] `[B, H, W, 1]` as three equal channels in the units of the weights."""
    repeated = layers.Concatenate(name="repeat")([gray] * 3)
    scale, offset = 255.0 / IMAGENET_SCALE, -IMAGENET_OFFSET / IMAGENET_SCALE
    return layers.Rescaling(scale, offset, name="imagenet")(repeated)


def freeze_blocks(network: keras.Model, count: int) -> None:
    """Freeze the first blocks and the convolution before them.

    Args:
        network: of `build_efficientnet_lite0`, or a part of it.
        count: of its 16 blocks. Those from 5 on work at strides 16 and 32.
    """
    for layer in network.layers:
        block = re.search(r"_blocks\.(\d+)\.", layer.name)
        is_stem = layer.name.endswith(("_conv_stem", "_bn0")) and block is None
        if is_stem or (block is not None and int(block[1]) < count):
            layer.trainable = False


def fold_norms(network: keras.Model) -> dict[str, list[np.ndarray]]:
    """The convolutions of a network with norms as those of one without, for inference.

    Args:
        network: of `build_efficientnet_lite0`, or a part of it.

    Returns:
        Name of each convolution to its kernel and bias.
    """
    has = {layer.name: layer for layer in network.layers}
    folded = {}
    for name, layer in has.items():
        block, dot, last = name.rpartition(".")
        if last not in _NORM_AFTER:
            continue
        norm = has[block + dot + _NORM_AFTER[last]]
        gamma, beta, mean, variance = norm.get_weights()
        factor = gamma / np.sqrt(variance + norm.epsilon)
        (kernel,) = layer.get_weights()
        # A depthwise kernel is [height, width, channels, 1].
        by = factor[:, None] if isinstance(layer, layers.DepthwiseConv2D) else factor
        folded[name] = [kernel * by, beta - mean * factor]
    return folded


def _block(
    x: Any, kernel: int, strides: int, expansion: int, filters: int, norm: bool, name: str
) -> Any:
    """Inverted residual: expand, depthwise convolution, project; add the input if shapes match."""
    inputs = x
    if expansion > 1:
        x = _convolve(x, inputs.shape[-1] * expansion, 1, norm, name=f"{name}._expand_conv")
        x = layers.ReLU(6.0)(_norm(x, norm, name=f"{name}._bn0"))
    # TensorFlow's "same" padding, extra pixels on the far side, as the weights were trained.
    x = layers.DepthwiseConv2D(
        kernel, strides, padding="same", use_bias=not norm, name=f"{name}._depthwise_conv"
    )(x)
    x = layers.ReLU(6.0)(_norm(x, norm, name=f"{name}._bn1"))
    x = _convolve(x, filters, 1, norm, name=f"{name}._project_conv")
    x = _norm(x, norm, name=f"{name}._bn2")
    fits = strides == 1 and inputs.shape[-1] == filters
    return layers.Add()([x, inputs]) if fits else x


def _convolve(x: Any, filters: int, kernel: int, norm: bool, *, strides: int = 1, name: str) -> Any:
    return layers.Conv2D(filters, kernel, strides, padding="same", use_bias=not norm, name=name)(x)


def _norm(x: Any, norm: bool, *, name: str) -> Any:
    return layers.BatchNormalization(epsilon=1e-3, momentum=0.9, name=name)(x) if norm else x


def _scaled(filters: int, width: float) -> int:
    return max(1, round(filters * width))
