"""How players turn and mirror the frames of a film."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Orientation(NamedTuple):
    """What makes stored frames upright.

    Attributes:
        turns: quarter turns, counterclockwise.
        mirrored: whether left and right are exchanged, before the turns.
    """

    turns: int = 0
    mirrored: bool = False

    def upright(self, stored: np.ndarray) -> np.ndarray:
        """A view of an array `[H, W, ...]` as players show it."""
        return np.rot90(stored[:, ::-1] if self.mirrored else stored, self.turns)

    def stored(self, upright: np.ndarray) -> np.ndarray:
        """The inverse of `upright`."""
        turned = np.rot90(upright, -self.turns)
        return turned[:, ::-1] if self.mirrored else turned


def orientation_of(matrix: Sequence[float] | None) -> Orientation:
    """The orientation that is nearest to a display matrix.

    Args:
        matrix: 9 numbers a, b, u, c, d, v, x, y, w of ISO/IEC 14496-12, 6.2.2: a point (p, q) is
            shown at (a p + c q + x, b p + d q + y), with rows downward. None: frames are upright.
    """
    if matrix is None:
        return Orientation()
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    mirrored = a * d - b * c < 0
    if mirrored:  # What is left are the turns of a mirrored frame.
        a, b = -a, -b
    return Orientation(round(-math.atan2(b, a) / (math.pi / 2)) % 4, mirrored)
