"""Where a hint would help most: places for questions.

The correction of a prediction is taken for a random field whose inverse covariance is
`polychrome.hints.affinity`, times the predicted spread: the field whose mean, given hints, is what
`polychrome.hints.spreading` gives. An answer at one pixel then decreases the expected squared error
of every other one by a known amount, large over wide regions of even lightness with a large spread.
Questions are chosen greedily by the decrease over the whole picture, given the answers before: a
place that an earlier answer reaches has little left to tell. That is how sensors are placed:
Krause, Singh and Guestrin, "Near-optimal sensor placements in Gaussian processes", 2008.
"""

from typing import NamedTuple

import cv2
import numpy as np

from polychrome.hints.affinity import precision, solver
from polychrome.hints.spreading import scale_of

# Of the picture on which places are sought, and of cells with one candidate each, in pixels.
PIXELS, CELL = 64 * 96, 4
# Share of the correction at a question that pixels of its region take over.
_BELONGS = 0.5
# Variance of an answer, as a share of that of the correction there: a hint is one spot's color.
_UNSURE = 0.05


class Place(NamedTuple):
    """A place to ask about.

    Attributes:
        row, column: of the pixel.
        region: bool `[h, w]`, the pixels that take over at least half of an answer's correction.
        gain: expected decrease of the squared error in (a*, b*), averaged over the picture.
    """

    row: int
    column: int
    region: np.ndarray
    gain: float


def places(lightness: np.ndarray, spread: np.ndarray, n: int) -> list[Place]:
    """The `n` places of a picture where a hint would help most, the best first.

    Args:
        lightness: float32 `[h, w]`, L*; small, about `PIXELS`.
        spread: float32 `[h, w]`, the predicted error in ab units.
        n: how many; a tiny picture has fewer.
    """
    candidates = _candidates(lightness)
    scale = scale_of(spread, lightness.shape)
    picked = np.zeros((lightness.size, len(candidates)))
    picked[candidates, np.arange(len(candidates))] = scale[candidates]
    # Columns of the covariance of all pixels with the candidates.
    covariance = solver(precision(lightness))(picked) * scale[:, None]
    variance = covariance[candidates, np.arange(len(candidates))]
    covariance *= (spread.ravel()[candidates] ** 2).mean() / variance.mean()
    found = []
    for _ in range(min(n, len(candidates))):
        own = covariance[candidates, np.arange(len(candidates))]
        noisy = own + _UNSURE * own.mean()
        gains = (covariance**2).sum(axis=0) / noisy
        best = int(gains.argmax())
        column = covariance[:, best].copy()
        reached = (column >= _BELONGS * own[best]).reshape(lightness.shape)
        row, place = divmod(int(candidates[best]), lightness.shape[1])
        found.append(Place(row, place, reached, float(gains[best] / lightness.size)))
        covariance -= np.outer(column, column[candidates] / noisy[best])
    return found


def _candidates(lightness: np.ndarray) -> np.ndarray:
    """Indices of the pixel of each cell around which lightness is most even."""
    height, width = lightness.shape
    kernel = np.ones((3, 3), np.uint8)
    uneven = cv2.dilate(lightness, kernel) - cv2.erode(lightness, kernel)
    indices = []
    for top in range(0, height, CELL):
        for left in range(0, width, CELL):
            cell = uneven[top : top + CELL, left : left + CELL]
            row, column = divmod(int(cell.argmin()), cell.shape[1])
            indices.append((top + row) * width + left + column)
    return np.asarray(indices)
