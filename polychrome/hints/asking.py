"""Where a hint would help most: places for questions.

The correction of a prediction is taken for a random field whose inverse covariance is
`polychrome.hints.affinity`, and whose deviation is the predicted spread. An answer at one pixel
then decreases the expected squared error of every other one by a known amount, so it is worth most
in wide regions of even lightness with a large spread.
Questions are chosen greedily by the decrease over the whole picture, given the answers before: a
place that an earlier answer reaches has little left to tell. That is how sensors are placed:
Krause, Singh and Guestrin, "Near-optimal sensor placements in Gaussian processes", 2008.
"""

from typing import NamedTuple

import numpy as np

from polychrome.hints.affinity import precision

# Of the picture on which places are sought: the covariance of all pairs of pixels is kept.
PIXELS = 36 * 54
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
        lightness: float32 `[h, w]`, L*; small, about `PIXELS`: a second of work.
        spread: float32 `[h, w]`, the predicted error in ab units.
        n: how many; a picture of fewer pixels has fewer.
    """
    covariance = _covariance(lightness, spread)
    noise = _UNSURE * np.diagonal(covariance).copy()
    found = []
    for _ in range(min(n, lightness.size)):
        own = np.diagonal(covariance) + noise
        gains = np.einsum("ij,ij->j", covariance, covariance) / own
        best = int(gains.argmax())
        column = covariance[:, best].copy()
        region = (column >= _BELONGS * column[best]).reshape(lightness.shape)
        row, place = divmod(best, lightness.shape[1])
        found.append(Place(row, place, region, float(gains[best] / lightness.size)))
        covariance -= np.outer(column, column / own[best])
    return found


def _covariance(lightness: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Covariance of the corrections of all pixels, `[h * w, h * w]`, with variances `spread ** 2`.

    The inverse of the affinity alone would give small enclosed parts a larger variance than wide
    ones.
    """
    covariance = np.linalg.inv(precision(lightness).toarray())
    scale = np.maximum(spread.ravel(), 1e-3) / np.sqrt(np.diagonal(covariance))
    covariance *= scale[:, None]
    covariance *= scale
    return covariance
