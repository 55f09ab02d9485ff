"""Bringing chroma from the network's size to full size: bilinearly, or along edges of lightness.

The latter is a fast guided filter (He and Sun, "Fast Guided Filter", 2015). Around each pixel of
the small picture, chroma is taken for a line in lightness, `ab = slope * L + offset`; slopes and
offsets are scaled up bilinearly and applied to the lightness of the large one. Two things differ
from theirs:

- A line goes through the pixel's own chroma, where theirs is averaged over windows. So chroma that
  does not follow lightness comes out as from bilinear scaling, not blurred.
- A slope counts by the share of the chroma's variance that it explains.

`python -m experiments.upsampling` compares both ways with the truth.
"""

from collections.abc import Sequence

import cv2
import numpy as np

# Pixels of the small picture on each side: windows are 3 x 3.
RADIUS = 1
# Variance of L* at which a slope counts half: it keeps texture and grain of the lightness out of
# the chroma.
REGULARIZATION = 80.0
# Variance of chroma below which none is explained: keeps 0 / 0 out of flat regions.
_FLAT = 1e-3


def lines(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The line of each pixel of a small picture, from lightness to chroma.

    Args:
        lightness: float32 `[h, w]`, L*.
        ab: float32 `[h, w, 2]`.

    Returns:
        float32 `[h, w, 4]`: slopes of a* and b*, and their values at L* 0.
    """

    def mean(plane: np.ndarray) -> np.ndarray:
        side = 2 * RADIUS + 1
        return cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT)

    level, chroma = mean(lightness), mean(ab)
    variance = np.maximum(mean(lightness * lightness) - level * level, 0.0)[..., None]
    covariance = mean(lightness[..., None] * ab) - level[..., None] * chroma
    spread = np.maximum(mean(ab * ab) - chroma * chroma, 0.0).sum(axis=-1, keepdims=True)
    explained = (covariance**2).sum(axis=-1, keepdims=True) / (variance * spread + _FLAT)
    slopes = covariance / (variance + REGULARIZATION) * np.minimum(explained, 1.0)
    return np.concatenate([slopes, ab - slopes * lightness[..., None]], axis=-1)


def scaled_band(
    small: np.ndarray, top: int, bottom: int, size: tuple[int, int]
) -> Sequence[np.ndarray]:
    """Rows top...bottom of `small` `[h, w, C]` scaled bilinearly to `[*size, C]`, like TensorFlow.

    Scaling each band on its own would leave seams.

    Args:
        small: float32, C of 2 to 4.
        top, bottom: the band.
        size: height and width of the whole.

    Returns:
        C planes `[bottom - top, width]`.
    """
    last = len(small) - 1
    y = (np.arange(top, bottom) + 0.5) * (len(small) / size[0]) - 0.5
    y = np.clip(y, 0.0, last)
    above = y.astype(int)
    part = (y - above).astype(np.float32)[:, None, None]
    upper, lower = small[above], small[np.minimum(above + 1, last)]
    rows = upper + (lower - upper) * part
    return cv2.split(cv2.resize(rows, (size[1], len(rows)), interpolation=cv2.INTER_LINEAR))
