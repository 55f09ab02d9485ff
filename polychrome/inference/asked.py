"""Questions about a picture: places, and likely colors there."""

import numpy as np

from polychrome.hints.asking import PIXELS, places
from polychrome.hints.types import Question
from polychrome.inference.hinted import grid_of
from polychrome.inference.seen import antialiased, lightness_at
from polychrome.inference.types import Prediction

# Colors that differ by less in the ab plane are one.
_ALIKE = 6.0


def questions(pixels: np.ndarray, prediction: Prediction, n: int) -> list[Question]:
    """The `n` best questions about a picture.

    Args:
        pixels: of the picture, see `polychrome.inference.full_size.join`.
        prediction: for it, of one image, with a spread.
        n: how many.
    """
    height, width = pixels.shape[:2]
    grid = grid_of(height, width, PIXELS)
    lightness = lightness_at(pixels, *grid)
    spread = antialiased(prediction.spread[0, ..., 0], *grid)
    ab = antialiased(prediction.ab[0], *grid)
    vivid = ab if prediction.vivid_ab is None else antialiased(prediction.vivid_ab[0], *grid)
    rows, columns = (
        np.arange(whole) * count // whole
        for whole, count in zip((height, width), grid, strict=True)
    )
    found = []
    for row, column, region, gain in places(lightness, spread, n):
        here = (row, column)
        found.append(
            Question(
                region[rows[:, None], columns],
                likely_colors(lightness[here], ab[here], vivid[here], float(spread[here])),
                gain,
                x=int((column + 0.5) * width / grid[1]),
                y=int((row + 0.5) * height / grid[0]),
            )
        )
    return found


def likely_colors(
    lightness: float, ab: np.ndarray, vivid: np.ndarray, spread: float
) -> tuple[tuple[int, int, int], ...]:
    return ((0, 0, 0),)
