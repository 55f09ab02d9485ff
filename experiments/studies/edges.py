"""Color bleeding: how much of a change of color happens at the edge where it belongs."""

import numpy as np

# An edge is strong if lightness changes so much over two pixels, L*.
STRONG = 20.0
# Distances from the edge between which color is compared, in pixels.
NEAR, FAR = 2, 8


def color_steps(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Changes of color across strong edges of lightness, over a short and over a long way.

    At each strong edge, along a row or a column, the change of color is the Euclidean distance of
    (a*, b*) between `NEAR` pixels before and `NEAR` behind it; and likewise with `FAR`. Their
    quotient is the sharpness of color at edges (`sharpness`): about 1 if color changes at the edge,
    `NEAR / FAR` if it runs evenly from one side to the other. It does not depend on how colorful a
    prediction is. The definition is ours. JPEG files store color at half the resolution, so the
    truth is below 1 as well.

    Args:
        lightness: the true L* 0...100, `[B, H, W, 1]`, both sides above `2 * FAR`.
        ab: a* and b* `[B, H, W, 2]`, of a prediction or of the truth.

    Returns:
        float64 `[B, 3]`: sums of the near and of the far changes, and the number of edges.
    """
    along_rows = _steps_along_rows(lightness[..., 0], ab)
    turned = np.swapaxes(lightness[..., 0], 1, 2), np.swapaxes(ab, 1, 2)
    return along_rows + _steps_along_rows(*turned)


def sharpness(steps: np.ndarray) -> float | None:
    """The quotient of all near and far changes of `color_steps`; None where color is constant.

    Args:
        steps: of any number of images, `[n, 3]`.
    """
    near, far, _ = steps.sum(axis=0)
    return float(near / far) if far > 0 else None


def _steps_along_rows(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    change = np.abs(lightness[:, :, 2:] - lightness[:, :, :-2])  # of columns 1 to W - 2
    inside = change[:, :, FAR - 1 : change.shape[2] - FAR + 1]  # of columns FAR to W - FAR - 1
    before = change[:, :, FAR - 2 : change.shape[2] - FAR]
    behind = change[:, :, FAR : change.shape[2] - FAR + 2]
    # The steepest of its neighbors, so that an edge counts once.
    strong = (inside >= STRONG) & (inside > before) & (inside >= behind)

    def distance(way: int) -> np.ndarray:
        first, last = FAR - way, ab.shape[2] - FAR - way
        difference = ab[:, :, first + 2 * way : last + 2 * way] - ab[:, :, first:last]
        return np.where(strong, np.linalg.norm(difference, axis=-1), 0.0)

    sums = [values.sum(axis=(1, 2), dtype=np.float64) for values in (distance(NEAR), distance(FAR))]
    return np.stack([*sums, strong.sum(axis=(1, 2), dtype=np.float64)], axis=-1)
