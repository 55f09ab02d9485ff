"""How much a prediction changes when the photograph is cropped some pixels farther."""

from collections.abc import Sequence

import numpy as np

from experiments.grading.protocol import Colorizer

SHIFTS = tuple(range(1, 9))


def changes_under_shifts(
    colorize: Colorizer, lightness: np.ndarray, shifts: Sequence[int] = SHIFTS
) -> np.ndarray:
    """Mean change of color between crops of a photograph that begin some pixels apart.

    All crops have one size, the photograph's less the largest shift. The first begins at the upper
    left, the others so many pixels farther down and to the right. Where two overlap, each pixel has
    two predictions; the change is their Euclidean distance in (a*, b*), and its mean.

    Args:
        colorize: the system.
        lightness: L* 0...100, float32 `[B, H, W, 1]`, larger than twice the largest shift.
        shifts: in pixels.

    Returns:
        float32 `[B, len(shifts)]`, in units of a* and b*; 0 is best.
    """
    largest = max(shifts)
    height, width = (side - largest for side in lightness.shape[1:3])

    def at(shift: int) -> np.ndarray:
        crop = lightness[:, shift : shift + height, shift : shift + width]
        ab = np.asarray(colorize(crop), np.float32)
        return np.broadcast_to(ab, (*crop.shape[:3], 2))

    first = at(0)
    changes = []
    for shift in shifts:
        difference = at(shift)[:, : height - shift, : width - shift] - first[:, shift:, shift:]
        changes.append(np.linalg.norm(difference, axis=-1).mean(axis=(1, 2)))
    return np.stack(changes, axis=-1)
