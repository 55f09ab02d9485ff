"""A U-Net with a ResNet-18 encoder: the companion network of the VVIT report."""

import keras
from keras import layers

from polychrome.color.scaling import UNIT, VVIT, Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.torch_layers import batch_norm
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.models.resnet import STRIDE, build_resnet18, imagenet_input


def build_resnet_unet(width: int = 64, scaling: Scaling = VVIT) -> keras.Model:
    """ResNet-18 down, nearest upsampling and 3x3 convolutions up, concatenated at each stride.

    The details of the decoder are ours: published code leaves them to a library's `DynamicUnet`.

    Args:
        width: filters of the encoder's first stage; 64 for the ImageNet weights.
        scaling: of lightness and chroma; the encoder always sees L* / 100, and tanh always gives ab
            / 110.

    Returns:
        Model: lightness `[B, H, W, 1]` to chroma `[B, H, W, 2]`, both in the units of `scaling`.
        Its layer "encoder" takes ImageNet weights.

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = PadToMultiple(STRIDE, name="pad")(lightness)

    # Encoder, on gray in [0, 1].
    gray = rescale_lightness(x, scaling, UNIT, name="gray")
    features = build_resnet18(width=width, name="encoder")(imagenet_input(gray))

    # Decoder: strides 16, 8, 4, 2, and full size without a skip.
    x = features[-1]
    for skip in (*features[-2::-1], None):
        x = layers.UpSampling2D(2, interpolation="nearest")(x)
        if skip is not None:
            x = layers.Concatenate()([x, skip])
        filters = width // 2 if skip is None else skip.shape[-1]
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = batch_norm(x)
        x = layers.ReLU()(x)
    # float32 whatever the precision policy, because the loss is computed on it.
    chroma = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="chroma")(x)
    chroma = rescale_chroma(chroma, VVIT, scaling, name="units")
    chroma = CropLike(name="crop", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name="resnet_unet")
