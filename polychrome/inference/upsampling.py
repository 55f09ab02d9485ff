"""Bringing chroma from the network's size to full size: bilinearly, or along edges of lightness.

The latter is a fast guided filter (He and Sun, "Fast Guided Filter", 2015). Around each pixel of
the small picture, chroma is taken for a line in lightness, `ab = slope * L + offset`; slopes and
offsets are scaled up bilinearly and applied to the lightness of the large one. Three things differ
from theirs:

- A line goes through the pixel's own chroma, where theirs is averaged over windows. So chroma that
  does not follow lightness comes out as from bilinear scaling, not blurred.
- A slope counts by the share of the chroma's variance that it explains.
- A line ends little beyond the lightness of the pixels around, so that scratches, dust and glints,
  which the small picture does not show, take on no colors that nothing there has.

`python -m experiments.upsampling` compares both ways with the truth.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

# Pixels of the small picture on each side: windows are 3 x 3.
RADIUS = 1
# Variance of L* at which a slope counts half: it keeps texture and grain of the lightness out of
# the chroma.
REGULARIZATION = 80.0
# How far beyond the lightness of its window a line reaches, L*.
REACH = 10.0
# Variance of chroma below which none is explained: keeps 0 / 0 out of flat regions.
_FLAT = 1e-3


class Lines(NamedTuple):
    """A line from lightness to chroma for each pixel of a small picture.

    Attributes:
        chroma: float32 `[h, w, 4]`, slopes of a* and b*, and their values at L* 0.
        ends: float32 `[h, w, 2]`, the least and the greatest L* of each line.
    """

    chroma: np.ndarray
    ends: np.ndarray


def lines(lightness: np.ndarray, ab: np.ndarray) -> Lines:
    """The line of each pixel of a small picture.

    Args:
        lightness: float32 `[h, w]`, L*.
        ab: float32 `[h, w, 2]`.
    """
    window = (2 * RADIUS + 1, 2 * RADIUS + 1)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.blur(plane, window, borderType=cv2.BORDER_REFLECT)

    level, chroma = mean(lightness), mean(ab)
    variance = np.maximum(mean(lightness * lightness) - level * level, 0.0)[..., None]
    covariance = mean(lightness[..., None] * ab) - level[..., None] * chroma
    spread = np.maximum(mean(ab * ab) - chroma * chroma, 0.0).sum(axis=-1, keepdims=True)
    explained = (covariance**2).sum(axis=-1, keepdims=True) / (variance * spread + _FLAT)
    slopes = covariance / (variance + REGULARIZATION) * np.minimum(explained, 1.0)
    kernel = np.ones(window, np.uint8)
    ends = [cv2.erode(lightness, kernel) - REACH, cv2.dilate(lightness, kernel) + REACH]
    offsets = ab - slopes * lightness[..., None]
    return Lines(np.concatenate([slopes, offsets], axis=-1), np.stack(ends, axis=-1))


def guided_band(
    guide: Lines, lightness: np.ndarray, top: int, bottom: int, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """a* and b*, `[bottom - top, width]`, of a band of a large picture.

    Args:
        guide: of the small picture.
        lightness: float32 `[bottom - top, width]`, L* of the band.
        top, bottom, size: see `scaled_band`.
    """
    least, greatest = scaled_band(guide.ends, top, bottom, size)
    level = np.minimum(np.maximum(lightness, least), greatest)
    slope_a, slope_b, a, b = scaled_band(guide.chroma, top, bottom, size)
    a += slope_a * level
    b += slope_b * level
    return a, b


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
