"""Color histogram of a data set, from which weighted losses take their weights."""

import zipfile
from pathlib import Path

import numpy as np

from polychrome.color import bins as color_bins
from polychrome.errors import InputError
from polychrome.files import replacing
from polychrome.tensors import Tensor

# Cells go from -LIMIT to LIMIT; in sRGB, a* is -86.2...98.3 and b* is -107.9...94.5.
LIMIT = 110
_SIDE = 2 * LIMIT


class ChromaHistogram:
    """Joint counts of a* and b* in cells of one unit.

    Cell `[i, j]` counts a* in `[i - 110, i - 109)` and b* in `[j - 110, j - 109)`. Values outside
    are counted in the outermost cells.

    Args:
        counts: `[220, 220]`, non-negative integers; None starts from zeros.

    Attributes:
        counts: int64 `[220, 220]`, first axis a*, second b*.

    Raises:
        InputError: counts of another shape or kind.
    """

    def __init__(self, counts: np.ndarray | None = None):
        if counts is None:
            counts = np.zeros([_SIDE, _SIDE], np.int64)
        if counts.shape != (_SIDE, _SIDE) or counts.dtype.kind not in "iu" or np.any(counts < 0):
            raise InputError(
                f"counts of a* and b*: {counts.dtype} {list(counts.shape)} should be whole numbers "
                f"from 0 on, [{_SIDE}, {_SIDE}]"
            )
        self.counts = counts.astype(np.int64)

    @property
    def a_counts(self) -> np.ndarray:
        """int64 `[220]`, over a* alone."""
        return self.counts.sum(axis=1)

    @property
    def b_counts(self) -> np.ndarray:
        """int64 `[220]`, over b* alone."""
        return self.counts.sum(axis=0)

    def update(self, ab: Tensor) -> None:
        """Count the colors of `[..., 2]`, a* and b*, an array of any backend."""
        cells = np.floor(np.asarray(ab)).astype(np.int64) + LIMIT
        cells = np.clip(cells, 0, _SIDE - 1)
        flat = (cells[..., 0] * _SIDE + cells[..., 1]).reshape(-1)
        self.counts += np.bincount(flat, minlength=_SIDE**2).reshape(_SIDE, _SIDE)

    def save(self, path: Path) -> None:
        """Write one `.npz` file atomically."""
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, counts=self.counts)

    @classmethod
    def load(cls, path: Path) -> "ChromaHistogram":
        """Read what `save` wrote.

        Raises:
            InputError: the file cannot be read or is not a histogram.
        """
        try:
            # Opened here because NumPy leaves broken files open.
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(arrays["counts"])
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        # TypeError: a single array instead of an archive of named arrays.
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path}: not a histogram of colors, as ChromaHistogram.save writes it"
            ) from error

    def counts_on_bins(self) -> np.ndarray:
        """Number of colors nearest to each of the 313 bins: int64 `[313]`.

        Each cell counts by its center; the borders between bins run along cell edges.
        """
        centers = np.arange(-LIMIT, LIMIT) + 0.5
        ab = np.stack(np.meshgrid(centers, centers, indexing="ij"), axis=-1)
        bins = color_bins.nearest_bin(ab)
        counts = np.zeros(len(color_bins.BINS), np.int64)
        np.add.at(counts, bins, self.counts)
        return counts

    def prior_on_bins(self, sigma: float = 5.0) -> np.ndarray:
        """Smoothed probability of the 313 bins, float64 `[313]`: see `color_bins.prior_of`.

        Raises:
            InputError: nothing has been counted.
        """
        return color_bins.prior_of(self.counts_on_bins(), sigma)

    def weights_for(self, mix: float = 0.5, sigma: float = 5.0) -> np.ndarray:
        """Rebalancing weights of the 313 bins, float32 `[313]`: see `color_bins.class_weights`."""
        return color_bins.class_weights(self.prior_on_bins(sigma), mix)

    def inverse_frequency(
        self, bin_size: int = 10, cap: float | None = None
    ) -> tuple[float, np.ndarray]:
        """Weights of square bins by the inverse of their frequency (DTU report, section 4.5).

        Their mean under the measured distribution is 1. Without `cap` every bin that occurs
        contributes the same amount, so a color seen once in a million pixels weighs a million times
        as much as one seen everywhere. The report says neither how it bins colors nor whether it
        limits the weights. Bins that do not occur get the largest weight.

        Args:
            bin_size: in units of a* and b*, even; bins are centered at its multiples, so that all
                grays, with a* and b* of 0 up to rounding, share one bin.
            cap: largest weight, at least 1; the others grow to keep the mean. None: no limit.

        Returns:
            lowest: lower edge of the first bin of a*, and of b*.
            weights: float32 `[n, n]`; `[i, j]` is for a* from `lowest + i * bin_size` and b* from
                `lowest + j * bin_size` on. Values outside belong to the outermost bins.

        Raises:
            InputError: options out of range, or nothing has been counted.
        """
        if bin_size < 2 or bin_size % 2 or bin_size > LIMIT:
            raise InputError(f"bin_size={bin_size}: should be an even number from 2 to {LIMIT}")
        if cap is not None and not cap >= 1.0:
            raise InputError(f"cap={cap}: should be at least 1, the mean of the weights")
        if not self.counts.any():
            raise InputError("histogram of colors: nothing has been counted")
        # For each cell of one unit, the nearest multiple of bin_size.
        multiples = (np.arange(-LIMIT, LIMIT) + bin_size // 2) // bin_size
        lowest, count = multiples[0], multiples[-1] - multiples[0] + 1
        grouped = np.zeros([count, count], np.int64)
        np.add.at(grouped, np.ix_(multiples - lowest, multiples - lowest), self.counts)

        occurs = grouped > 0
        frequency = grouped[occurs] / grouped.sum()
        found = _inverse(frequency, np.inf if cap is None else cap)
        weights = np.full(grouped.shape, found.max())
        weights[occurs] = found
        return float((lowest - 0.5) * bin_size), weights.astype(np.float32)


def _inverse(frequency: np.ndarray, cap: float) -> np.ndarray:
    """Weights `min(1 / frequency, limit)` over their mean, with the limit chosen to meet `cap`."""
    inverse = 1.0 / frequency

    def limited(limit: float) -> np.ndarray:
        weights = np.minimum(inverse, limit)
        return weights / np.sum(frequency * weights)

    # The largest weight grows with the limit, starting from 1.
    low, high = inverse.min(), inverse.max()
    if limited(high).max() <= cap:
        return limited(high)
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if limited(middle).max() <= cap else (low, middle)
    return limited(low)
