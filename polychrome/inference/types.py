"""Inputs of a colorizer other than the image, and its outputs."""

from typing import Any, NamedTuple

# Ways of the chroma from the network's size to full size.
UPSAMPLINGS = ("guided", "bilinear")


class Prediction(NamedTuple):
    """The prediction for a batch, at the size of the given lightness.

    Attributes:
        ab: float32 `[B, H, W, 2]`, a* and b*.
        vivid_ab: the same for the other end of the dial `ab + vivid * (vivid_ab - ab)`; None for a
            model without a dial.
        spread: float32 `[B, H, W, 1]`, the expected absolute error in ab units; None for a model
            that does not predict it.
    """

    ab: Any
    vivid_ab: Any = None
    spread: Any = None


def dialed(prediction: Prediction, vivid: Any, saturation: Any) -> Any:
    """The chroma of a prediction at a setting of the dial: a*, b* `[B, H, W, 2]`.

    Args:
        vivid: 0 is the faithful, 1 the vivid prediction; no effect without a dial.
        saturation: factor of the chroma, 0 or more.
    """
    ab = prediction.ab
    if prediction.vivid_ab is not None:
        ab = ab + vivid * (prediction.vivid_ab - ab)
    return saturation * ab
