"""Encoders: ResNet-18 without its classifier (He et al. 2016), and a lighter variant."""

from collections.abc import Sequence

import keras
from keras import layers

from polychrome.layers.torch_layers import batch_norm, convolve
from polychrome.tensors import Tensor

# Blocks of each of the four stages.
RESNET18_BLOCKS = (2, 2, 2, 2)
# "Resnet-9" of the DTU report, section 8.4, which does not describe it: half of ResNet-18.
RESNET9_BLOCKS = (1, 1, 1, 1)

STRIDE = 32

# Statistics of ImageNet's RGB in [0, 1], as used to train torchvision's weights.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


def build_resnet18(
    blocks: Sequence[int] = RESNET18_BLOCKS, width: int = 64, name: str = "resnet18"
) -> keras.Model:
    """Residual encoder in torchvision's layout; 11,186,112 parameters with batch-norm statistics.

    Layers have the names in torchvision's state dict, so that its ImageNet weights fit
    (`polychrome.weights.published`, `polychrome.weights.imagenet`).

    Args:
        blocks: number in each stage; all stages but the first start by halving the resolution.
        width: filters of the first stage, doubled by each later one; 64 for the ImageNet weights.

    Returns:
        Model: `[B, H, W, 3]`, normalized RGB or gray from `imagenet_input`, to a list of feature
        maps at strides 2, 4, 8, 16, 32, with `width` * (1, 1, 2, 4, 8) channels. Sides are divided
        by the stride and rounded up.
    """
    images = keras.Input((None, None, 3), name="images")
    x = convolve(images, width, 7, strides=2, use_bias=False, name="conv1")
    x = layers.ReLU()(batch_norm(x, name="bn1"))
    features = [x]

    # Zero padding equals PyTorch's minus infinity here, because values after ReLU are never below
    # 0.
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for stage, count in enumerate(blocks):
        for block in range(count):
            strides = 2 if stage and not block else 1
            x = _basic_block(x, width * 2**stage, strides, f"layer{stage + 1}.{block}")
        features.append(x)
    return keras.Model(images, features, name=name)


def imagenet_input(gray: Tensor) -> Tensor:
    """Gray in [0, 1] `[B, H, W, 1]` as three equal channels in the units of ImageNet's weights."""
    repeated = layers.Concatenate(name="repeat")([gray] * 3)
    variance = [deviation**2 for deviation in IMAGENET_DEVIATION]
    return layers.Normalization(mean=IMAGENET_MEAN, variance=variance, name="imagenet")(repeated)


def _basic_block(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
    """Two 3x3 convolutions with a shortcut, projected if the shape changes."""
    shortcut = x
    if strides > 1:
        shortcut = convolve(
            x, filters, 1, strides=strides, use_bias=False, name=f"{name}.downsample.0"
        )
        shortcut = batch_norm(shortcut, name=f"{name}.downsample.1")
    x = convolve(x, filters, strides=strides, use_bias=False, name=f"{name}.conv1")
    x = layers.ReLU()(batch_norm(x, name=f"{name}.bn1"))
    x = convolve(x, filters, use_bias=False, name=f"{name}.conv2")
    x = batch_norm(x, name=f"{name}.bn2")
    return layers.ReLU()(layers.Add()([x, shortcut]))
