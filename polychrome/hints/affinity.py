"""How much neighboring pixels belong together, by their lightness, as a sparse matrix.

After Levin, Lischinski and Weiss, "Colorization using Optimization", SIGGRAPH 2004: neighbors in a
window of 3 x 3 pixels get similar color if they have similar lightness, with the weight
`exp(-(difference of L*)^2 / (2 SIGMA^2))`. Four things differ from theirs:

- What is smooth is the *correction* of a prediction, not the color, and a small weight draws it to
  0, so that far from hints the prediction stays.
- The sum is over squared differences of pairs of neighbors, not of a pixel and its neighbors' mean.
  The correction then never overshoots what hints ask for.
- The weight that draws it to 0 is larger where lightness is unlike that of every hint: edges are
  soft and have gaps, through which a correction leaks into what they enclose.
- Lightness is smoothed within edges first (Tomasi and Manduchi, "Bilateral Filtering for Gray and
  Color Images", 1998). Theirs divides by the variance of lightness around instead, so that texture
  is no obstacle; edges then are less of one, too.

docs/hints.md has what these are worth.
"""

import functools
from collections.abc import Callable

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

# L* between neighbors at which they belong together by exp(-1/2), after smoothing.
SIGMA = 1.5
# Deviations of the bilateral filter in L* and in pixels, and its diameter.
SMOOTHED, AROUND, DIAMETER = 15.0, 3.0, 9
# Weight of neighbors that have nothing in common; keeps what is enclosed by edges connected.
FLOOR = 1e-6
# Number of pixels times the weight of a pixel's correction being 0. With even lightness, a hint's
# influence falls off over sqrt(2 / SCREEN) = 1.1 times the square root of the picture's area.
SCREEN = 1.64
# The weight grows by up to this factor, by 1 - exp(-1/2) of that at so many L* from every hint.
AWAY, UNLIKE = 10.0, 15.0
# Steps to neighbors, rows and columns, and their weights: a diagonal counts half.
_STEPS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 0.5), (1, -1, 0.5))


def evened(lightness: np.ndarray) -> np.ndarray:
    """L* `[h, w]` smoothed within edges, float32."""
    return cv2.bilateralFilter(np.float32(lightness), DIAMETER, SMOOTHED, AROUND)


def precision(
    lightness: np.ndarray, diagonal: np.ndarray | float = 0.0, sigma: float = SIGMA
) -> sparse.csc_matrix:
    """The matrix `A` of the energy `z' A z` of a field z on the picture's pixels.

    The energy is the sum of `weight * (difference of z)^2` over pairs of neighbors and of
    `SCREEN / pixels * z^2`, and of `diagonal * z^2`, over pixels. The matrix is symmetric and
    positive definite.

    Args:
        lightness: float32 `[h, w]`, L*.
        diagonal: float `[h * w]`, or a number.
        sigma: L* between neighbors at which they belong together by exp(-1/2).
    """
    first, second, steps = _neighbors(*lightness.shape)
    level = lightness.ravel().astype(np.float64)
    weights = level[first] - level[second]
    weights *= weights
    weights *= -0.5 / sigma**2
    np.exp(weights, out=weights)
    weights += FLOOR
    weights *= steps
    count = level.size
    degree = np.bincount(first, weights, count) + np.bincount(second, weights, count)
    own = np.arange(count)
    values = np.concatenate([-weights, -weights, degree + SCREEN / count + diagonal])
    rows, columns = (
        np.concatenate([first, second, own]),
        np.concatenate([second, first, own]),
    )
    return sparse.csc_matrix((values, (rows, columns)), (count, count))


def strangeness(lightness: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """What to add to the diagonal of `precision` where lightness is unlike that of every hint.

    Args:
        lightness: float32 `[h, w]`, L*.
        marked: bool `[h, w]`, where hints are; something is marked.

    Returns:
        float64 `[h * w]`: 0 at the hints, up to `AWAY * SCREEN / pixels`.
    """
    level = lightness.ravel().astype(np.float64)
    known = np.unique(level[marked.ravel()])
    above = np.searchsorted(known, level).clip(max=known.size - 1)
    below = np.maximum(above, 1) - 1
    apart = np.minimum(np.abs(level - known[above]), np.abs(level - known[below]))
    return AWAY * SCREEN / level.size * -np.expm1(-0.5 * (apart / UNLIKE) ** 2)


def solver(matrix: sparse.csc_matrix) -> Callable[[np.ndarray], np.ndarray]:
    """A function that solves `matrix @ z = right` for `right` `[n]` or `[n, k]`.

    Args:
        matrix: of `precision`. A tenth of a second for 18,432 pixels.
    """
    # Symmetric and positive definite, so no pivoting; the order is meant for such.
    return splu(
        matrix,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    ).solve


@functools.lru_cache(maxsize=4)
def _neighbors(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of neighbors in a picture, each once: two of their indices, and weights."""
    index = np.arange(height * width).reshape(height, width)
    first, second, weights = [], [], []
    for down, right, weight in _STEPS:
        left, end = max(0, -right), width - max(0, right)
        one = index[: height - down, left:end].ravel()
        first.append(one)
        second.append(one + down * width + right)
        weights.append(np.full(one.size, weight))
    return np.concatenate(first), np.concatenate(second), np.concatenate(weights)
