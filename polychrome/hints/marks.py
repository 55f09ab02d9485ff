"""Hints on the pixels of a small picture."""

from typing import NamedTuple

import numpy as np

from polychrome.color.spaces import rgb_to_lab
from polychrome.errors import InputError
from polychrome.hints.types import Hint, Hints, Strokes

# Strokes count where they are at least half opaque: the soft edge of a brush is not meant.
OPAQUE = 128
_LEVELS = np.dtype(np.uint8)


class Marks(NamedTuple):
    """Colors at some pixels of a small picture.

    Attributes:
        ab: float32 `[h, w, 2]`, a* and b*; 0 where nothing is marked.
        marked: bool `[h, w]`.
    """

    ab: np.ndarray
    marked: np.ndarray


def marks_of(hints: Hints, size: tuple[int, int], grid: tuple[int, int]) -> Marks:
    """The hints of a picture on a grid of its size or smaller.

    A disk marks the pixels whose centers it covers, and the nearest one in any case. Strokes mark
    every pixel that they touch, with their mean color there.

    Args:
        hints: see `polychrome.hints.types`; those of other frames must be left out before.
        size: height and width of the picture.
        grid: height and width of the grid.

    Raises:
        InputError: a hint whose place is outside of the picture, however far its disk reaches, or
            whose color is not three levels; or strokes of another size, or not of 8 bits.
    """
    ab = np.zeros((*grid, 2), np.float32)
    marked = np.zeros(grid, bool)
    for hint in hints:
        if isinstance(hint, Strokes):
            _paint(hint, size, ab, marked)
        else:
            _dot(hint, size, ab, marked)
    return Marks(ab, marked)


def _dot(hint: Hint, size: tuple[int, int], ab: np.ndarray, marked: np.ndarray) -> None:
    (height, width), radius = size, max(0, hint.radius)
    if not (0 <= hint.x < width and 0 <= hint.y < height):
        raise InputError(
            f"hint at {hint.x},{hint.y}: the picture has {width} x {height} pixels, so x should be "
            f"0 to {width - 1} and y 0 to {height - 1}"
        )
    levels = np.asarray(hint.rgb)
    if levels.shape != (3,) or levels.dtype.kind not in "iu" or not (levels == levels % 256).all():
        raise InputError(
            f"hint at {hint.x},{hint.y}: rgb is {hint.rgb!r:.40}, should be three levels, 0 to 255"
        )
    centers = []
    for middle, whole, count in zip((hint.y, hint.x), size, marked.shape, strict=True):
        # Of the grid's rows or columns, in pixels of the picture; 0 is the middle of the first.
        all_of = (np.arange(count) + 0.5) * (whole / count) - 0.5
        centers.append(all_of - middle)
    # Half a pixel more, so that a radius of 0 covers the pixel itself.
    disk = centers[0][:, None] ** 2 + centers[1] ** 2 <= (radius + 0.5) ** 2
    disk[tuple(np.abs(each).argmin() for each in centers)] = True
    ab[disk] = _chroma(levels[None])[0]
    marked |= disk


def _paint(strokes: Strokes, size: tuple[int, int], ab: np.ndarray, marked: np.ndarray) -> None:
    height, width = size
    if strokes.alpha.shape != size:
        raise InputError(
            f"{strokes.name}: {strokes.alpha.shape[1]} x {strokes.alpha.shape[0]} pixels, should "
            f"be {width} x {height}, as the picture"
        )
    if strokes.rgb.shape != (*size, 3) or {strokes.rgb.dtype, strokes.alpha.dtype} != {_LEVELS}:
        raise InputError(f"{strokes.name}: rgb should be [{height}, {width}, 3], with alpha uint8")
    rows, columns = np.nonzero(strokes.alpha >= OPAQUE)
    grid_height, grid_width = marked.shape
    place = (rows * grid_height // height) * grid_width + columns * grid_width // width
    count = np.bincount(place, minlength=marked.size)
    painted = _chroma(strokes.rgb[rows, columns])
    sums = [np.bincount(place, painted[:, channel], marked.size) for channel in (0, 1)]
    touched = count.reshape(marked.shape) > 0
    means = np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None]
    ab[touched] = means.reshape(ab.shape)[touched]
    marked |= touched


def _chroma(rgb: np.ndarray) -> np.ndarray:
    """a* and b*, `[n, 2]`, of levels `[n, 3]`; exactly 0 for grays."""
    ab = rgb_to_lab(rgb.astype(np.uint8))[..., 1:]
    return np.where(np.ptp(rgb, axis=-1, keepdims=True) == 0, 0.0, ab)
