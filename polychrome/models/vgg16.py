"""The modified VGG16 of the Linköping report (section 2.2.2, Figures 8 and 9)."""

from typing import Literal

import keras
from keras import layers

from polychrome.color.scaling import UNIT, Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.resizing import ResizeLike
from polychrome.layers.torch_layers import batch_norm, convolve
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.models.eccv16 import BLOCKS, STRIDE, bins_head, crop_to_stride

# The blocks that take ImageNet weights.
PRETRAINED_BLOCKS = 4
# For BGR 0...255, as in the training of those weights (`keras.applications.vgg16`).
IMAGENET_MEAN = (103.939, 116.779, 123.68)


def build_vgg16(
    head: Literal["regression", "classification"] = "regression",
    width: int = 64,
    train_encoder: bool = False,
    bins: int = 313,
    scaling: Scaling = UNIT,
) -> keras.Model:
    """ECCV16's blocks on three equal lightness channels, conv1 to conv4 as in VGG16.

    Where VGG16 pools, the last convolution of a block has stride 2, so it computes every second
    pixel of VGG16's input to pooling. Each block ends in batch norm, which VGG16 lacks and which is
    trained even if the convolutions are frozen. The report does not mention converting the three
    channels to the units of the weights; it is done here, because frozen filters would see black
    otherwise.

    Args:
        head: "regression" to two tanh outputs; "classification" to bins.
        width: filters of the first block; 64 for the ImageNet weights.
        train_encoder: False freezes the convolutions of the first four blocks, as in the report.
        bins: of the classification.
        scaling: of lightness and chroma; the blocks always see L* / 100 as gray levels, and tanh
            always gives ab / 128.

    Returns:
        Model: lightness `[B, H, W, 1]`, any H and W, to chroma `[B, H, W, 2]`, both in the units of
        `scaling`, computed at stride 4 and enlarged bilinearly, or to logits
        `[B, ceil(H / 4), ceil(W / 4), bins]`. Takes ImageNet weights
        (`polychrome.weights.imagenet`).

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    padded = PadToMultiple(STRIDE, name="pad")(lightness)
    gray = rescale_lightness(padded, scaling, UNIT, name="gray")
    x = layers.Concatenate(name="repeat")([gray] * 3)
    offset = [-mean for mean in IMAGENET_MEAN]
    x = layers.Rescaling(255.0, offset, name="imagenet")(x)

    # conv1 to conv7: [B, H/8, W/8, 8 * width].
    for index, (scale, count, strides, dilation) in enumerate(BLOCKS, start=1):
        for step in range(1, count + 1):
            x = convolve(
                x,
                scale * width,
                strides=strides if step == count else 1,
                dilation=dilation,
                activation="relu",
                trainable=train_encoder or index > PRETRAINED_BLOCKS,
                name=f"block{index}_conv{step}",
            )
        x = batch_norm(x, name=f"block{index}_norm")

    outputs = bins if head == "classification" else 2
    x = bins_head(x, 4 * width, outputs, name="block8")
    if head == "classification":
        return keras.Model(lightness, crop_to_stride(x, lightness), name="vgg16_classification")
    chroma = layers.Activation("tanh", dtype="float32", name="tanh")(x)
    chroma = rescale_chroma(chroma, UNIT, scaling, name="units")
    chroma = ResizeLike(name="upsample", dtype="float32")(chroma, padded)
    chroma = CropLike(name="chroma", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name="vgg16_regression")
