"""SLIC clustering of whole batches for XLA: no search windows, no Python calls.

Source: Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", 2012.
Each pixel chooses among the 3x3 clusters around its grid cell, as in gSLIC (Ren and Reid, 2011), so
all pixels of a cell share their candidates and the assignment is array arithmetic. `keras.ops`
code: runs under TensorFlow, in `tf.data`, and under JAX.
"""

import math

import numpy as np
from keras import ops

# Offsets on the grid, in rows and columns, of the clusters that a cell's pixels choose from.
_SHIFTS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
# Centers beyond the edge of the grid are far from everything.
_FAR = 1e6


def grid_size(height: int, width: int, n_segments: int) -> tuple[int, int]:
    """Rows and columns of a grid of about `n_segments` nearly square cells."""
    step = math.sqrt(height * width / n_segments)
    rows, columns = (min(side, max(1, round(side / step))) for side in (height, width))
    return rows, columns


def cluster(lab, grid: tuple[int, int], compactness: float, iterations: int):
    """Cluster the pixels of each image by color and position; clusters may be disconnected.

    Args:
        lab: float32 `[B, H, W, 3]`, CIELAB; H and W known.
        grid: rows and columns of clusters, at most H and W.
        compactness: the color distance that counts as much as the distance of neighboring cells.
        iterations: number of assignments; centers are updated before each one.

    Returns:
        int32 `[B, H, W]`: the cluster of each pixel, 0 to rows * columns - 1.
    """
    _, height, width, _ = lab.shape
    count = grid[0] * grid[1]
    numbers = np.arange(count, dtype="int32")
    step = math.sqrt(height * width / count)
    pixels, exists, position = _cells(height, width, grid)

    # Arrays below are [B, feature, pixel of a cell, cell]: the last axis is long and contiguous.
    place = np.stack([pixels // width, pixels % width]).astype("float32") / step
    color = ops.reshape(ops.transpose(lab / compactness, (0, 3, 1, 2)), (-1, 3, height * width))
    color = ops.reshape(ops.take(color, pixels.reshape(-1), axis=2), (-1, 3, *pixels.shape))
    features = ops.concatenate([color, ops.zeros_like(color[:, :2]) + place], axis=1)
    # For sums: one row per pixel, with a count; all zero for pixels that the cell does not have.
    rows = ops.concatenate([features, ops.ones_like(color[:, :1])], axis=1) * exists
    rows = ops.reshape(ops.transpose(rows, (0, 2, 3, 1)), (-1, 6))
    batch = ops.shape(lab)[0]
    first = ops.arange(batch, dtype="int32")[:, None, None] * count

    def move(centers, clusters):
        """The mean of the pixels of each cluster: `[B, 5, cluster]`; empty clusters stay."""
        sums = ops.segment_sum(rows, ops.reshape(clusters + first, (-1,)), batch * count)
        sums = ops.transpose(ops.reshape(sums, (-1, count, 6)), (0, 2, 1))
        return ops.where(sums[:, 5:] > 0, sums[:, :5] / ops.maximum(sums[:, 5:], 1.0), centers)

    def assign(centers):
        """The closest cluster of each pixel, `[B, pixel, cell]`; ties go to the first."""
        closest = chosen = None
        for dy, dx in _SHIFTS:
            center = _neighbors(centers, grid, dy, dx)
            away = sum(ops.square(features[:, i] - center[:, i, None]) for i in range(5))
            number = ops.zeros_like(away, "int32") + (numbers + dy * grid[1] + dx)
            if closest is None:
                closest, chosen = away, number
            else:
                closer = away < closest
                closest, chosen = (
                    ops.where(closer, away, closest),
                    ops.where(closer, number, chosen),
                )
        return chosen

    def iterate(iteration, centers, clusters):
        # Update centers first, so that the loop carries the assignment and XLA stores it. Otherwise
        # XLA would recompute it for every sum.
        centers = move(centers, clusters)
        return iteration + 1, centers, assign(centers)

    start = (
        0,
        ops.zeros_like(features[:, :, 0]),
        ops.zeros_like(features[:, 0], "int32") + numbers,
    )
    clusters = ops.while_loop(lambda iteration, *_: iteration < iterations, iterate, start)[2]
    clusters = ops.take(ops.reshape(clusters, (-1, pixels.size)), position, axis=1)
    return ops.reshape(clusters, (-1, height, width))


def _cells(
    height: int, width: int, grid: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Assign pixels to the cells of a grid.

    Cells differ by a row or column if the grid does not divide the sides. Smaller cells are filled
    with repeated pixels, marked as nonexistent.

    Returns:
        Pixel numbers (row-major), int32 `[pixel of a cell, cell]`; whether they exist, float32,
        same shape; and the position of each pixel in the first array, int32 `[H * W]`.
    """
    numbers, present = [], []
    for side, count in zip((height, width), grid, strict=True):
        starts = np.arange(count + 1) * side // count
        index = starts[:-1] + np.arange(np.diff(starts).max())[:, None]
        present.append(index < starts[1:])
        numbers.append(np.minimum(index, side - 1))
    # [row in a cell, column in a cell, row of cells, column of cells]
    pixels = numbers[0][:, None, :, None] * width + numbers[1][None, :, None, :]
    exists = present[0][:, None, :, None] & present[1][None, :, None, :]
    flat = pixels[exists]
    position = np.empty(height * width, "int32")
    position[flat] = np.flatnonzero(exists)
    shape = (-1, grid[0] * grid[1])
    return (
        pixels.astype("int32").reshape(shape),
        exists.astype("float32").reshape(shape),
        position,
    )


def _neighbors(centers, grid: tuple[int, int], dy: int, dx: int):
    """For each cell, the center `dy` rows and `dx` columns away: `[B, 5, cell]`, as the input."""
    rows, columns = grid
    plane = ops.reshape(centers, (-1, 5, rows, columns))
    plane = ops.pad(plane, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=_FAR)
    moved = plane[:, :, 1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
    return ops.reshape(moved, (-1, 5, rows * columns))
