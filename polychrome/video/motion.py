"""Motion between neighboring frames, and what it carries from one to the other.

Optical flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016), of
OpenCV, on lightness at the network's size.
"""

from typing import NamedTuple

import cv2
import numpy as np

# Residual of L* after motion at which a pixel's trust falls to 1/e: above the grain that is left
# at the network's size, below the edges of things.
RESIDUAL = 6.0
# Lightness given to what lies outside of the frame: far from all others, so that nothing there is
# trusted.
_OUTSIDE = -1000.0


class Motion(NamedTuple):
    """How a frame follows from a neighbor.

    Attributes:
        places: float32 `[h, w, 2]`, where each pixel of the frame is in the neighbor: x, y.
        trust: float32 `[h, w]`, `exp(-(residual / RESIDUAL)**2)` of the lightness found there.
        residual: mean absolute difference of L* there, of what lies inside.
    """

    places: np.ndarray
    trust: np.ndarray
    residual: float


class Flow:
    """Finds motion between frames of one size; a thread of its own each."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._grid = np.zeros((0, 0, 2), np.float32)

    def motion(self, lightness: np.ndarray, neighbor: np.ndarray) -> Motion:
        """The motion from a frame to its neighbor.

        Args:
            lightness, neighbor: L*, float32 `[h, w]`.
        """
        if self._grid.shape[:2] != lightness.shape:
            rows, columns = np.indices(lightness.shape, np.float32)
            self._grid = np.stack([columns, rows], axis=-1)
        places = self._grid + self._dis.calc(_levels(lightness), _levels(neighbor), None)
        found = cv2.remap(
            neighbor,
            places,
            None,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_OUTSIDE,
        )
        difference = lightness - found
        trust = np.exp(-np.square(difference / RESIDUAL))
        inside = found > -1.0
        residual = float(np.abs(difference[inside]).mean()) if inside.any() else float("inf")
        return Motion(places, trust, residual)


def carried(values: np.ndarray, motion: Motion) -> np.ndarray:
    """What a neighbor's values `[h, w, C]` are in the frame; nearest ones from its borders."""
    return cv2.remap(values, motion.places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _levels(lightness: np.ndarray) -> np.ndarray:
    return np.clip(np.round(lightness * 2.55), 0.0, 255.0).astype(np.uint8)
