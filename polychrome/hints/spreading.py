"""Spreading the correction that hints ask for over a picture, along its lightness.

Colors that hints give at some pixels say how far the prediction is off there. That correction is
continued over the picture by `polychrome.hints.affinity`: through even lightness, less across edges
and where lightness is unlike the hints', and back to nothing far away, where the model's answer
stays.
"""

import numpy as np

from polychrome.hints.affinity import evened, precision, solver, strangeness
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
    return _solved(lightness, marks.ab - ab, marks, spread)


def correction_and_share(
    lightness: np.ndarray, ab: np.ndarray, marks: Marks, spread: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The same, and how far it replaces the prediction.

    Args:
        lightness, ab, marks, spread: see `correction`; something is marked.

    Returns:
        The correction, and the correction that hints of 1 would ask for where 0 is predicted:
        float32 `[h, w, 1]`, 1 at the hints, falling to 0. A prediction that is corrected is a mean
        of itself and of what hints say, the latter with this weight.
    """
    wanted = np.concatenate([marks.ab - ab, np.ones_like(ab[..., :1])], axis=-1)
    found = _solved(lightness, wanted, marks, spread)
    return found[..., :2], np.clip(found[..., 2:], 0.0, 1.0)


def _solved(
    lightness: np.ndarray, wanted: np.ndarray, marks: Marks, spread: np.ndarray | None
) -> np.ndarray:
    """What is `wanted` `[h, w, k]` at the marks, continued over the picture."""
    scale = scale_of(spread, lightness.shape)
    held = _HELD * marks.marked.ravel()
    right = wanted.reshape(-1, wanted.shape[-1]) * (held * scale)[:, None]
    even = evened(lightness)
    solve = solver(precision(even, held * scale**2 + strangeness(even, marks.marked)))
    found = solve(right.astype(np.float64)) * scale[:, None]
    return found.reshape(wanted.shape).astype(np.float32)


def scale_of(spread: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """How large corrections are expected to be at each pixel, 1 on average: float64 `[h * w]`."""
    if spread is None:
        return np.ones(int(np.prod(shape)))
    scale = np.maximum(spread.ravel().astype(np.float64), 1e-3) ** TRUST
    return scale / scale.mean()
