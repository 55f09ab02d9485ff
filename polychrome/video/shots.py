"""Cuts between shots."""

import numpy as np

# Cuts have both: a mean difference of L* that motion does not explain, and histograms of L* that
# differ, as the share of pixels that would have to change their bin. From one photograph of BSDS500
# to the next the first was never below 13 and the second never below 0.12; within clips made of
# them, with motion of 10 pixels a frame, at most 3.8 and 0.05.
RESIDUAL = 8.0
HISTOGRAMS = 0.1
_BINS = 32


def histogram(lightness: np.ndarray) -> np.ndarray:
    """Shares of the pixels of a frame in bins of L*: float64, in all 1."""
    counts = np.bincount(
        np.clip(lightness * (_BINS / 100.0), 0, _BINS - 1).astype(np.intp).ravel(),
        minlength=_BINS,
    )
    return counts / lightness.size


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pixels of one histogram that is in other bins of the other one."""
    return float(np.abs(one - other).sum() / 2)


def is_cut(residual: float, histograms: float) -> bool:
    """Whether a shot begins.

    Args:
        residual: see `polychrome.video.motion.Motion`.
        histograms: `difference` of those of a frame and the one before.
    """
    return residual > RESIDUAL and histograms > HISTOGRAMS
