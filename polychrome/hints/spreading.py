"""Spreading the correction that hints ask for over a picture, along its lightness.

Colors that hints give at some pixels say how far the prediction is off there. That correction is
continued over the picture by `polychrome.hints.affinity`: through even lightness, not across edges,
and back to nothing far away, where the model's answer stays.
"""

import numpy as np

from polychrome.hints.affinity import precision, solver
from polychrome.hints.marks import Marks

# Weight of a marked pixel having the hint's color.
_HELD = 10.0
# Corrections are larger by this power of the predicted spread.
TRUST = 0.5


def correction(
    lightness: np.ndarray, ab: np.ndarray, marks: Marks, spread: np.ndarray | None = None
) -> np.ndarray:
    """What to add to predicted colors so that they agree with hints; free of files and models.

    Args:
        lightness: float32 `[h, w]`, L* of one picture or frame; small, for instance 256 pixels a
            side: time and memory grow faster than the number of pixels.
        ab: float32 `[h, w, 2]`, the prediction.
        marks: the hints, on the same pixels.
        spread: float32 `[h, w]`, the predicted error: where it is large, more is corrected. None:
            the same everywhere.

    Returns:
        float32 `[h, w, 2]`.
    """
    if not marks.marked.any():
        return np.zeros(ab.shape, np.float32)
    scale = scale_of(spread, lightness.shape)
    held = _HELD * marks.marked.ravel()
    wanted = (marks.ab - ab).reshape(-1, 2) * (held * scale)[:, None]
    solve = solver(precision(lightness, held * scale**2))
    found = solve(wanted.astype(np.float64)) * scale[:, None]
    return found.reshape(ab.shape).astype(np.float32)


def scale_of(spread: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """How large corrections are expected to be at each pixel, 1 on average: float64 `[h * w]`."""
    if spread is None:
        return np.ones(int(np.prod(shape)))
    scale = np.maximum(spread.ravel().astype(np.float64), 1e-3) ** TRUST
    return scale / scale.mean()
