"""95 % intervals of means over images, by resampling the images; NumPy alone, for tables."""

import functools

import numpy as np

# Resamplings of the images for each 95 % interval.
RESAMPLES = 1000
# Of fewer images, intervals are too narrow to rest a verdict on: drawn again and again, a handful
# hardly differs from itself.
FEW = 20
_TAILS = [0.025, 0.975]


def too_few_to_say(number: int, what: str) -> str:
    """A sentence, if images with color are too few for a verdict; else, and of none, empty.

    Args:
        number: of images that are not gray.
        what: is better or not, as "row".
    """
    if not 0 < number < FEW:
        return ""
    said = f"{number} image{'s with color are' if number > 1 else ' with color is'} too few"
    return f"{said} to say which {what} is better, whatever the intervals are."


# A table asks for the same ones for each of its metrics.
@functools.lru_cache(maxsize=4)
def resamplings(count: int, seed: int) -> np.ndarray:
    """Number of times each image is drawn in each resampling: float32 `[RESAMPLES, count]`."""
    generator = np.random.default_rng(seed)
    drawn = [generator.integers(0, count, count) for _ in range(RESAMPLES)]
    counts = np.stack([np.bincount(rows, minlength=count) for rows in drawn]).astype("float32")
    counts.setflags(write=False)
    return counts


def resampled_means(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Mean of the finite values in each resampling.

    Args:
        values: `[..., count]`; several rows need the time of one product of matrices.
        draws: of `resamplings`, `[number, count]`.

    Returns:
        `[..., number]`.
    """
    counted = np.isfinite(values)
    if counted.all():
        return values.astype("float32") @ draws.T / np.float32(draws.shape[1])
    finite = np.where(counted, values, 0.0).astype("float32")
    return finite @ draws.T / np.maximum(counted.astype("float32") @ draws.T, 1.0)


def interval(values: np.ndarray, draws: np.ndarray) -> dict[str, float | None]:
    """Mean of the finite values and its 2.5 % and 97.5 % bootstrap quantiles.

    The mean is None without any finite value, and the quantiles with fewer than two: one alone says
    nothing of how far others are from it.

    Args:
        values: `[count]`.
        draws: of `resamplings`.
    """
    counted = np.isfinite(values)
    if not counted.any():
        return {"mean": None, "low": None, "high": None}
    mean = float(values[counted].mean())
    if counted.sum() < 2:
        return {"mean": mean, "low": None, "high": None}
    low, high = np.quantile(resampled_means(values, draws), _TAILS)
    return {"mean": mean, "low": float(low), "high": float(high)}
