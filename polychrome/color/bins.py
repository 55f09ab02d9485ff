"""The 313 color bins of Zhang et al.: soft encoding, class weights, decoding.

The ab plane is divided into squares of 10 units. The 313 within the sRGB gamut are kept, and a
classification network predicts one of them at each pixel. Source: Zhang, Isola and Efros, "Colorful
Image Colorization", 2016, and its released code; the order of the bins is that of the released
`pts_in_hull.npy`.

Comparing all distances takes 313 numbers per pixel. Here the plane is cut into cells of 4 x 4
units, and a precomputed table lists the few bins that can be among the nearest anywhere in a cell:
12 for 5 neighbors, 17 for 10. The result is the same, except that a compiler that fuses
multiplications may swap two bins whose distances are equal to the last bit.

Values of a* and b* beyond ±128, far outside sRGB, count as ±128. Everything runs eagerly, in a
`tf.data` graph, in a loss under XLA, on JAX, and on NumPy arrays without Keras.
"""

import functools

import numpy as np

from polychrome.color.arrays import check_last_axis, ops_for
from polychrome.errors import InputError
from polychrome.tensors import Tensor

# a*: lowest and highest b* of its row, in steps of 10.
_ROWS = {
    -90: (50, 90),
    -80: (20, 90),
    -70: (0, 90),
    -60: (-20, 90),
    -50: (-30, 100),
    -40: (-40, 100),
    -30: (-50, 100),
    -20: (-50, 100),
    -10: (-60, 100),
    0: (-70, 100),
    10: (-80, 90),
    20: (-80, 90),
    30: (-90, 90),
    40: (-100, 90),
    50: (-100, 80),
    60: (-110, 80),
    70: (-110, 80),
    80: (-110, 70),
    90: (-110, 70),
    100: (-90, 0),
}
BIN_SIZE = 10
# float32 [313, 2]: a* and b* of the bins' centers.
BINS = np.array(
    [(a, b) for a, (low, high) in _ROWS.items() for b in range(low, high + 1, BIN_SIZE)], np.float32
)
BINS.setflags(write=False)
DECODINGS = ("annealed_mean", "mean", "arg_max")
ANNEALED_TEMPERATURE = 0.38  # Zhang et al., section 2.3

_LIMIT = 128
# A power of two, so that division is exact and no color lands in a neighboring cell.
_CELL = 4
_FAR = 1e4  # coordinate of padding entries in the table: never among the nearest


@functools.lru_cache(maxsize=8)
def _candidates(neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """Bins that can be among the `neighbors` nearest to a color, by cell, ascending.

    Returns:
        int32 indices `[cells, m]` and float32 centers `[2, cells, m]`.
    """
    bins = BINS.astype(np.float64)
    edges = np.arange(-_LIMIT, _LIMIT, _CELL)
    rows = [_reachable(bins, np.array([a, b]), neighbors) for a in edges for b in edges]
    longest = max(map(len, rows))
    indices = np.zeros([len(rows), longest], np.int32)
    centers = np.full([2, *indices.shape], _FAR, np.float32)
    for cell, row in enumerate(rows):
        indices[cell, : len(row)] = row
        centers[:, cell, : len(row)] = BINS[row].T
    return indices, centers


def _reachable(bins: np.ndarray, corner: np.ndarray, neighbors: int) -> np.ndarray:
    """Bins that are among the nearest to some point of the cell with the given lowest corner."""
    away = np.abs(bins - (corner + _CELL / 2))
    nearest = np.sum(np.maximum(away - _CELL / 2, 0) ** 2, axis=1)
    farthest = np.sum((away + _CELL / 2) ** 2, axis=1)
    (near,) = np.nonzero(nearest <= np.sort(farthest)[neighbors - 1])
    # A bin that is nearer than another at all four corners is nearer in the whole cell, because the
    # difference of squared distances is linear. Ties go to the first bin.
    corners = corner + _CELL * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    squared = np.sum((corners[:, None] - bins[near]) ** 2, axis=-1)
    difference = squared[:, :, None] - squared[:, None, :]
    is_first = near[:, None] < near
    nearer = np.all((difference < 0) | ((difference == 0) & is_first), axis=0)
    return near[nearer.sum(axis=0) < neighbors]


def _cells_and_distances(ab: Tensor, neighbors: int) -> tuple[Tensor, Tensor]:
    """Cell of each color, int32 `[...]`, and squared distances to its candidates, `[..., m]`."""
    check_last_axis(ab, 2, "a* and b*")
    _, centers = _candidates(neighbors)
    ops = ops_for(ab)
    ab = ops.clip(ops.cast(ab, "float32"), -_LIMIT, _LIMIT)
    side = 2 * _LIMIT // _CELL
    place = ops.cast(ops.floor(ab / _CELL), "int32") + side // 2
    place = ops.minimum(place, side - 1)
    cell = place[..., 0] * side + place[..., 1]
    away = [ab[..., i : i + 1] - ops.take(centers[i], cell, axis=0) for i in range(2)]
    return cell, ops.square(away[0]) + ops.square(away[1])


def _bins_at(cell: Tensor, place: Tensor, neighbors: int) -> Tensor:
    """Bins at `place` in the rows of the candidate table; int32."""
    indices, _ = _candidates(neighbors)
    return ops_for(cell).take(indices.reshape(-1), cell * indices.shape[1] + place)


def nearest_bin(ab: Tensor) -> Tensor:
    """Index of the nearest bin.

    Args:
        ab: `[..., 2]`, a* and b*.

    Returns:
        int32 `[...]`, 0...312; ties go to the first bin.
    """
    ops = ops_for(ab)
    cell, squared = _cells_and_distances(ab, 1)
    return _bins_at(cell, ops.cast(ops.argmin(squared, axis=-1), "int32"), 1)


def encode_soft(ab: Tensor, neighbors: int = 5, sigma: float = 5.0) -> tuple[Tensor, Tensor]:
    """The nearest bins of each color, weighted by a Gaussian of their distance.

    With 5 neighbors, peak memory is about 170 bytes per color, results included: 45 MB for 64
    images of 64x64 pixels, 3 MB at stride 4. All distances would take 1,252 bytes per color.

    Args:
        ab: `[..., 2]`, a* and b*.
        neighbors: how many bins, 1...313; 5 in the paper of Zhang et al., 10 in their code.
        sigma: standard deviation of the Gaussian, in units of a* and b*.

    Returns:
        indices: int32 `[..., neighbors]`, nearest first; ties go to the first bin.
        weights: float32 `[..., neighbors]`, positive or 0, summing to 1.

    Raises:
        InputError: `neighbors` or `sigma` is out of range.
    """
    if not 1 <= neighbors <= len(BINS):
        raise InputError(f"neighbors={neighbors}: should be from 1 to {len(BINS)}")
    if not sigma > 0:
        raise InputError(f"sigma={sigma}: should be above 0")
    ops = ops_for(ab)
    cell, squared = _cells_and_distances(ab, neighbors)
    nearness, places = ops.top_k(-squared, neighbors)
    # Relative to the nearest bin: far from all bins the plain weights would give 0 / 0.
    weights = ops.exp((nearness - nearness[..., :1]) / (2.0 * sigma**2))
    weights = weights / ops.sum(weights, axis=-1, keepdims=True)
    return _bins_at(cell[..., None], ops.cast(places, "int32"), neighbors), weights


def prior_of(counts: Tensor, sigma: float = 5.0) -> np.ndarray:
    """Probability of each bin from how often it was seen, smoothed between neighbors.

    Each bin's share is spread over all bins by the Gaussian of the soft encoding.

    Args:
        counts: `[313]`, not all 0.
        sigma: as in `encode_soft`.

    Returns:
        float64 `[313]`, summing to 1.

    Raises:
        InputError: other shapes, negative or no counts.
    """
    counts = np.asarray(counts, np.float64)
    if counts.shape != (len(BINS),) or not np.all(counts >= 0) or not counts.sum():
        raise InputError(
            f"counts of bins: should be {len(BINS)} numbers from 0 on, not all of them 0"
        )
    squared = np.sum((BINS[:, None] - BINS).astype(np.float64) ** 2, axis=-1)
    kernel = np.exp(-squared / (2.0 * sigma**2))
    return (kernel / kernel.sum(axis=0)) @ (counts / counts.sum())


def class_weights(prior: Tensor, mix: float = 0.5) -> np.ndarray:
    """Weights that rebalance the loss toward rare colors (Zhang et al., equation 4).

    `w = 1 / ((1 - mix) p + mix / 313)`, scaled so that the mean of w under p is 1.

    Args:
        prior: `[313]`, p, as `prior_of` gives it.
        mix: share of the uniform distribution, λ; 1 gives weights of 1.

    Returns:
        float32 `[313]`.

    Raises:
        InputError: a prior that has another shape or is not a distribution, `mix` out of range, or
            `mix` 0 with a bin that never occurs.
    """
    prior = np.asarray(prior, np.float64)
    if prior.shape != (len(BINS),) or np.any(prior < 0) or abs(prior.sum() - 1.0) > 1e-4:
        raise InputError(f"prior of bins: should be {len(BINS)} probabilities that sum to 1")
    mixed = (1.0 - mix) * prior + mix / len(BINS)
    if not 0.0 <= mix <= 1.0 or not mixed.min() > 0.0:
        raise InputError(
            f"mix={mix}: should be above 0, because bins may never occur, and at most 1"
        )
    weights = 1.0 / mixed
    return (weights / np.sum(prior * weights)).astype(np.float32)


def decode(
    logits: Tensor, how: str = "annealed_mean", temperature: float = ANNEALED_TEMPERATURE
) -> Tensor:
    """Convert logits over the bins to colors.

    Args:
        logits: `[..., 313]`, before softmax.
        how: "annealed_mean" (mean of the distribution sharpened by `temperature`), "mean" or
            "arg_max" (center of the most probable bin, which passes no gradient).
        temperature: of the annealed mean, above 0; near 0 it is the arg-max, at 1 the mean.

    Returns:
        float32 `[..., 2]`, a* and b*.

    Raises:
        InputError: unknown `how`, or `temperature` not above 0.
    """
    if how not in DECODINGS:
        raise InputError(f"how={how!r}: should be one of {', '.join(DECODINGS)}")
    if not temperature > 0:
        raise InputError(f"temperature={temperature}: should be above 0")
    check_last_axis(logits, len(BINS), "logits of the bins")
    ops = ops_for(logits)
    logits = ops.cast(logits, "float32")
    if how == "arg_max":
        return ops.take(BINS, ops.argmax(logits, axis=-1), axis=0)
    probabilities = ops.softmax(logits / (temperature if how == "annealed_mean" else 1.0), axis=-1)
    # Not a matrix product: see `polychrome.color.spaces` on its precision.
    return ops.stack([ops.sum(probabilities * BINS[:, i], axis=-1) for i in range(2)], axis=-1)
