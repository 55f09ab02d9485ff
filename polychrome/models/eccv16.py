"""The network of Zhang, Isola and Efros, "Colorful Image Colorization", ECCV 2016."""

import keras
from keras import layers

from polychrome.color.bins import BINS
from polychrome.color.scaling import ZHANG, Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.resizing import ResizeLike
from polychrome.layers.torch_layers import batch_norm, convolve, double
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.tensors import Tensor

# (filters / width, convolutions, stride of the last convolution, dilation) of blocks 1 to 7.
BLOCKS = (
    (1, 2, 2, 1),
    (2, 2, 2, 1),
    (4, 3, 2, 1),
    (8, 3, 1, 1),
    (8, 3, 1, 2),
    (8, 3, 1, 2),
    (8, 3, 1, 1),
)
# Product of the blocks' strides, and what remains after one transposed convolution.
STRIDE, LOGITS_STRIDE = 8, 4


def build_eccv16(width: int = 64, bins: int = 313, scaling: Scaling = ZHANG) -> keras.Model:
    """The authors' PyTorch release layer by layer, up to the logits; 32,240,377 parameters.

    Layers have the names in the release's state dict, so that its weights fit
    (`polychrome.weights.published`).

    Args:
        width: filters of the first block; the others scale with it.
        bins: of the ab plane (`polychrome.color.bins.BINS`).
        scaling: of the lightness; the first block always sees (L* - 50) / 100.

    Returns:
        Model: lightness `[B, H, W, 1]` in the units of `scaling`, any H and W, to logits
        `[B, ceil(H / 4), ceil(W / 4), bins]`; row i of them covers rows 4 i to 4 i + 3.

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    lightness = keras.Input((None, None, 1), name="lightness")

    # Blocks 1 to 7: [B, H/8, W/8, 8 * width].
    x = PadToMultiple(STRIDE, name="pad")(lightness)
    x = rescale_lightness(x, scaling, ZHANG, name="zhang")
    for index, (scale, count, strides, dilation) in enumerate(BLOCKS):
        block = f"model{index + 1}"
        for step in range(count):
            # The state dict also numbers the ReLU after each convolution.
            x = convolve(
                x,
                scale * width,
                strides=strides if step == count - 1 else 1,
                dilation=dilation,
                activation="relu",
                name=f"{block}.{2 * step}",
            )
        x = batch_norm(x, name=f"{block}.{2 * count}")

    logits = bins_head(x, 4 * width, bins, name="model8")
    logits = crop_to_stride(logits, lightness)
    return keras.Model(lightness, logits, name="eccv16")


def bins_head(x: Tensor, filters: int, bins: int, name: str) -> Tensor:
    """Block 8, `[B, h, w, C]` to float32 logits `[B, 2 h, 2 w, bins]`; no batch norm."""
    x = layers.ReLU()(double(x, filters, name=f"{name}.0"))
    x = convolve(x, filters, activation="relu", name=f"{name}.2")
    x = convolve(x, filters, activation="relu", name=f"{name}.4")
    # float32 whatever the precision policy, because the loss is computed on it.
    return layers.Conv2D(bins, 1, dtype="float32", name=f"{name}.6")(x)


def crop_to_stride(logits: Tensor, image: Tensor) -> Tensor:
    """Crop the logits of padded pixels, to ceil(H / 4) by ceil(W / 4) of `image`."""
    quarter = layers.MaxPooling2D(1, strides=LOGITS_STRIDE, name="every_fourth_pixel")(image)
    return CropLike(name="crop", dtype="float32")(logits, quarter)


def as_released(network: keras.Model, scaling: Scaling = ZHANG) -> keras.Model:
    """The released colorizer around the logits of `build_eccv16`; weights are shared.

    Softmax, a 1x1 convolution whose weights are the bin centers (ab / 110), bilinear upsampling.
    The mean, not the annealed mean: any temperature of the release is part of its weights. Weights
    saved from this model also fit `build_eccv16`, which skips those of the last layer.

    Args:
        network: of `build_eccv16`, with the same scaling.
        scaling: of lightness and chroma; the last layer's weights are always in ab / 110.

    Returns:
        Model: lightness `[B, H, W, 1]` to chroma `[B, H, W, 2]`, both in the units of `scaling`.
    """
    lightness = network.inputs[0]
    x = layers.Softmax(dtype="float32")(network.outputs[0])
    centers = layers.Conv2D(2, 1, use_bias=False, dtype="float32", name="model_out")
    x = centers(x)
    centers.set_weights([BINS[None, None] / ZHANG.chroma_scale])
    x = rescale_chroma(x, ZHANG, scaling, name="units")
    # Enlarge by the exact stride first: another ratio would shift the colors.
    padded = PadToMultiple(LOGITS_STRIDE, name="whole_cells")(lightness)
    chroma = ResizeLike(name="upsample4", dtype="float32")(x, padded)
    chroma = CropLike(name="chroma", dtype="float32")(chroma, lightness)
    return keras.Model(lightness, chroma, name="eccv16_as_released")
