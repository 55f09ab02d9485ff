"""The encoder-decoder of the DTU report (sections 3 and 6.1, Figure 2)."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import layers

from polychrome.color.scaling import UNIT, Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.models.efficientnet_lite import PREFIX, build_efficientnet_lite0, imagenet_rgb
from polychrome.models.resnet import (
    RESNET9_BLOCKS,
    RESNET18_BLOCKS,
    STRIDE,
    build_resnet18,
    imagenet_input,
)

_BLOCKS = {"resnet18": RESNET18_BLOCKS, "resnet9": RESNET9_BLOCKS}
# Filters of the first stage for ImageNet weights.
_WIDTH = 64


def build_resnet_decoder(
    encoder: Literal["resnet18", "resnet9", "lite0"] = "resnet18",
    train_encoder: bool = False,
    decoder_filters: Sequence[int] = (256, 128, 64, 32),
    width: int = _WIDTH,
    scaling: Scaling = UNIT,
) -> keras.Model:
    """ResNet encoder, then four blocks of convolution, batch norm, ReLU and nearest upsampling.

    The report gives neither filters nor kernel sizes. Its four blocks have to undo five halvings,
    so the last one upsamples by four. A 3x3 convolution with tanh at full size gives the chroma. As
    in the report, there are no skip connections.

    Args:
        encoder: "resnet18"; the lighter "resnet9" suggested in section 8.4; or "lite0", which is
            ours: EfficientNet-Lite0, whose ImageNet weights are within reach.
        train_encoder: False freezes the whole encoder, batch-norm statistics included.
        decoder_filters: of each decoder block.
        width: filters of the encoder's first stage; EfficientNet-Lite0 has half as many.
        scaling: of lightness and chroma; the encoder always sees L* / 100, and tanh always gives ab
            / 128.

    Returns:
        Model: lightness `[B, H, W, 1]`, any H and W, to chroma `[B, H, W, 2]`, both in the units of
        `scaling`. Its layer "encoder" takes ImageNet weights (`polychrome.weights.imagenet`).

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    lightness = keras.Input((None, None, 1), name="lightness")

    # Encoder: [B, H/32, W/32, 8 * width], or 5 * width for EfficientNet-Lite0.
    x = PadToMultiple(STRIDE, name="pad")(lightness)
    gray = rescale_lightness(x, scaling, UNIT, name="gray")
    x = _encode(gray, encoder, width, train_encoder)

    # Decoder.
    for index, filters in enumerate(decoder_filters):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        last = index == len(decoder_filters) - 1
        enlargement = STRIDE // 2**index if last else 2
        x = layers.UpSampling2D(enlargement, interpolation="nearest")(x)
    # float32 whatever the precision policy, because the loss is computed on it.
    chroma = layers.Conv2D(2, 3, padding="same", activation="tanh", dtype="float32", name="chroma")(
        x
    )
    chroma = rescale_chroma(chroma, UNIT, scaling, name="units")
    chroma = CropLike(name="crop", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name=f"{encoder}_decoder")


def _encode(gray: Any, encoder: str, width: int, trained: bool) -> Any:
    """The last map of a backbone named "encoder", of L* / 100."""
    if encoder == "lite0":
        whole = build_efficientnet_lite0(width / _WIDTH, norm=trained, prefix=PREFIX)
        backbone = keras.Model(whole.input, whole.output["stride_32"], name="encoder")
        backbone.trainable = trained
        return backbone(imagenet_rgb(gray))
    backbone = build_resnet18(_BLOCKS[encoder], width, name="encoder")
    backbone.trainable = trained
    return backbone(imagenet_input(gray))[-1]
