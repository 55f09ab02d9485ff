"""The network of Zhang et al., "Real-Time User-Guided Image Colorization", SIGGRAPH 2017."""

from typing import Literal

import keras
from keras import layers, ops

from polychrome.color.scaling import ZHANG, Scaling
from polychrome.layers.padding import CropLike, PadToMultiple
from polychrome.layers.torch_layers import batch_norm, convolve, double
from polychrome.layers.units import rescale_chroma, rescale_lightness
from polychrome.losses.grid import SIDE
from polychrome.models.eccv16 import STRIDE, crop_to_stride
from polychrome.tensors import Tensor

# (filters / width, convolutions, dilation) of blocks 1 to 7; the first three are subsampled after.
BLOCKS = ((1, 2, 1), (2, 2, 1), (4, 3, 1), (8, 3, 1), (8, 3, 2), (8, 3, 2), (8, 3, 1))
SUBSAMPLED = 3
# The ab plane in squares of 10, their centers from -110 to 110, whether sRGB has the color or not.
BINS = SIDE**2


def build_siggraph17(
    width: int = 64,
    bins: int = BINS,
    trained_by: Literal["chroma", "bins"] = "chroma",
    scaling: Scaling = ZHANG,
) -> keras.Model:
    """The authors' PyTorch release layer by layer, with both heads; 34,192,787 parameters.

    Layers have the names in the release's state dict, so that its weights fit
    (`polychrome.weights.published`).

    Args:
        width: filters of the first block; the others scale with it.
        bins: of the auxiliary head.
        trained_by: the head whose loss reaches blocks 1 to 8. In the authors' training code that is
            the bins in the first stage and the chroma in later ones. The other head only learns on
            top.
        scaling: of lightness, hints, and chroma; the first block always sees (L* - 50) / 100 and ab
            / 110, and tanh always gives ab / 110.

    Returns:
        Model: a dict of "lightness" `[B, H, W, 1]`, "hints" `[B, H, W, 2]` (chroma where the mask
        is 1, otherwise 0) and "mask" `[B, H, W, 1]` (0 or 1), any H and W, to a dict of "chroma"
        `[B, H, W, 2]` and "bins", logits `[B, ceil(H / 4), ceil(W / 4), bins]`. Lightness, hints,
        and chroma are in the units of `scaling`.

    Raises:
        InputError: a scaling of a space other than "lab".
    """
    inputs = {
        name: keras.Input((None, None, channels), name=name)
        for name, channels in (("lightness", 1), ("hints", 2), ("mask", 1))
    }

    # Blocks 1 to 7: [B, H/8, W/8, 8 * width].
    seen = [
        rescale_lightness(inputs["lightness"], scaling, ZHANG, name="zhang_lightness"),
        rescale_chroma(inputs["hints"], scaling, ZHANG, name="zhang_hints"),
        inputs["mask"],
    ]
    x = layers.Concatenate(name="inputs")(seen)
    x = PadToMultiple(STRIDE, name="pad")(x)
    shortcuts = []
    for index, (scale, count, dilation) in enumerate(BLOCKS, start=1):
        # The state dict also numbers the ReLU after each convolution.
        for step in range(count):
            x = convolve(
                x,
                scale * width,
                dilation=dilation,
                activation="relu",
                name=f"model{index}.{2 * step}",
            )
        x = batch_norm(x, name=f"model{index}.{2 * count}")
        if index <= SUBSAMPLED:
            shortcuts.append(x)
            x = layers.MaxPooling2D(1, strides=2, name=f"every_second_pixel_{index}")(x)

    # Block 8 and the auxiliary head: [B, H/4, W/4, 4 * width].
    x = _join(x, shortcuts[2], 4 * width, 8)
    x = convolve(x, 4 * width, activation="relu", name="model8.1")
    x = convolve(x, 4 * width, activation="relu", name="model8.3")
    x = batch_norm(x, name="model8.5")
    features = x if trained_by == "bins" else ops.stop_gradient(x)
    # float32 whatever the precision policy, as for the chroma: the loss is computed on it.
    logits = layers.Conv2D(bins, 1, dtype="float32", name="model_class.0")(features)

    # Blocks 9 and 10: [B, H, W, 2 * width].
    if trained_by == "bins":
        x = ops.stop_gradient(x)
        shortcuts = [ops.stop_gradient(shortcut) for shortcut in shortcuts]
    x = _join(x, shortcuts[1], 2 * width, 9)
    x = convolve(x, 2 * width, activation="relu", name="model9.1")
    x = batch_norm(x, name="model9.3")
    x = _join(x, shortcuts[0], 2 * width, 10)
    x = layers.LeakyReLU(0.2)(convolve(x, 2 * width, name="model10.1"))
    x = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="model_out.0")(x)
    x = rescale_chroma(x, ZHANG, scaling, name="units")

    outputs = {
        "chroma": CropLike(name="chroma", dtype="float32")(x, inputs["lightness"]),
        "bins": crop_to_stride(logits, inputs["lightness"]),
    }
    return keras.Model(inputs, outputs, name="siggraph17")


def _join(x: Tensor, shortcut: Tensor, filters: int, block: int) -> Tensor:
    """Upsample `x` to the size of an earlier block's output and add a convolution of it."""
    x = double(x, filters, name=f"model{block}up.0")
    shortcut = convolve(shortcut, filters, name=f"model{11 - block}short{block}.0")
    return layers.ReLU()(layers.Add()([x, shortcut]))


def without_hints(network: keras.Model) -> keras.Model:
    """The network of `build_siggraph17` as a plain colorizer without bins; weights are shared.

    Returns:
        Model: lightness `[B, H, W, 1]` to chroma `[B, H, W, 2]`, in the units of the network's
        scaling.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    nothing = ops.zeros_like(lightness)
    hints = ops.concatenate([nothing, nothing], axis=-1)
    painter = keras.Model(network.input, network.output["chroma"], name=network.name)
    chroma = painter({"lightness": lightness, "hints": hints, "mask": nothing})
    return keras.Model(lightness, chroma, name="siggraph17_without_hints")


def painter_of(colorizer: keras.Model) -> keras.Model | None:
    """The network that takes hints, of what `without_hints` gave; None for other networks.

    Returns:
        Model: a dict of "lightness", "hints" and "mask", as for `build_siggraph17`, to chroma.
    """
    for layer in colorizer.layers:
        if isinstance(layer, keras.Model) and isinstance(layer.input, dict):
            if set(layer.input) == {"lightness", "hints", "mask"}:
                return layer
    return None
