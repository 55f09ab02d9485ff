"""Curves of PSNR over colorfulness, and their values in between."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.interpolate import make_interp_spline

# Colorfulness at which systems are compared; 38.8 is that of Tiny ImageNet's colored test images.
TARGETS = (10.0, 15.0, 20.0, 30.0, 38.8)


class Point(NamedTuple):
    """Means over the images that are not gray.

    Attributes:
        setting: position of the dial, above 1 the saturation of the vivid answer at its end; or
            factor of the chroma.
        colorfulness: see `polychrome.metrics.perceptual.Colorfulness`.
        psnr: dB.
        ciede2000: color difference.
    """

    setting: float
    colorfulness: float
    psnr: float
    ciede2000: float


class Frontier(NamedTuple):
    """Points of both ways to more color, each by its setting.

    `dial` is empty for a network without one.
    """

    dial: tuple[Point, ...]
    factor: tuple[Point, ...]


def at_colorfulness(points: Sequence[Point], target: float) -> Point | None:
    """The point of a curve at a colorfulness; None outside the curve.

    Interpolated by a cubic spline: between settings a quarter apart, straight lines lie up to 0.03
    dB below the curve of a factor, as much as what two ways may differ by.
    """
    # Equal ones, as of a gray answer, which stays gray, give no spline.
    by_colorfulness = {point.colorfulness: point for point in points}
    known = sorted(by_colorfulness)
    if not known or not known[0] <= target <= known[-1]:
        return None
    values = np.array([by_colorfulness[each] for each in known])
    if len(known) > 1:
        values = make_interp_spline(known, values, k=min(3, len(known) - 1))(target)
    return Point(*np.reshape(values, len(Point._fields)).tolist())


def targets(frontier: Frontier) -> list[float]:
    """`TARGETS`, and the colorfulness at the end of the dial, rounded down to a tenth."""
    ends = [point for point in frontier.dial if point.setting <= 1.0][-1:]
    return sorted({*TARGETS, *(math.floor(10 * end.colorfulness) / 10 for end in ends)})
