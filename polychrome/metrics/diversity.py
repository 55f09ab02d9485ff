"""Diversity of several colorizations of one image."""

import numpy as np
from keras import ops

from polychrome.metrics.base import SetMetric
from polychrome.tensors import Tensor


def diversity(colorizations: Tensor) -> Tensor:
    """Mean pixel-wise distance in the ab plane between all pairs of colorizations.

    Args:
        colorizations: `[N, B, H, W, 2]`, N >= 2 colorizations of each of B images, a* and b*.

    Returns:
        float32 `[B]`, units of a* and b*; 0 where all N are the same.
    """
    ab = ops.cast(colorizations, "float32")
    count = ab.shape[0]
    distances = [
        ops.mean(ops.sqrt(ops.sum(ops.square(ab[i] - ab[j]), axis=-1)), axis=(1, 2))
        for i in range(count)
        for j in range(i)
    ]
    return sum(distances) / len(distances)


def _mean(distances: np.ndarray) -> float:
    return float(np.mean(distances))


DIVERSITY = SetMetric(
    key="diversity",
    label="Diversity",
    better=None,
    meaning="Mean ab distance between pairs of colorizations of one image.",
    observe=diversity,
    compute=_mean,
)
DIVERSITY_FIXED = SetMetric(
    key="diversity_fixed",
    label="Diversity, noise held fixed",
    better=None,
    meaning="The same with one noise for all: what does not come from the noise.",
    observe=diversity,
    compute=_mean,
)
