"""Questions about a picture: places, and likely colors there."""

import numpy as np

from polychrome.color.spaces import fit_gamut, lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.hints.asking import PIXELS, places
from polychrome.hints.types import Question
from polychrome.inference.hinted import grid_of
from polychrome.inference.seen import antialiased, lightness_at
from polychrome.inference.types import Prediction

# Colors that differ by less in the ab plane are one.
_ALIKE = 6.0
# L* at which there are colors of every hue; white and black have none to choose from.
_DARKEST, _LIGHTEST = 20.0, 88.0


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
    vivid = None if prediction.vivid_ab is None else antialiased(prediction.vivid_ab[0], *grid)
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
                likely_colors(
                    float(lightness[here]),
                    ab[here],
                    None if vivid is None else vivid[here],
                    float(spread[here]),
                ),
                gain,
                x=int((column + 0.5) * width / grid[1]),
                y=int((row + 0.5) * height / grid[0]),
            )
        )
    return found


def likely_colors(
    lightness: float, ab: np.ndarray, vivid: np.ndarray | None, spread: float
) -> tuple[tuple[int, int, int], ...]:
    """Two or three colors for a place, the predicted one first.

    The others are the vivid prediction, and the faithful one moved by the spread toward its
    opposite, through gray: what the model takes for warm may be cold.

    Args:
        lightness: L*.
        ab, vivid: `[2]`, the faithful and the vivid prediction; without one, the faithful moved
            away from gray by twice the spread takes its place.
        spread: the predicted error in ab units.

    Returns:
        Levels, 0...255. Of colors that are nearly the same one is left out; where they all are, as
        on white and black, the second goes further, and is shown less light or less dark.
    """
    strength = float(np.linalg.norm(ab))
    # Where gray is predicted, along the way from blue to yellow, on which most colors lie.
    hue = ab / strength if strength > 0.5 else np.array([0.0, 1.0])
    away = ab + 2.0 * spread * hue if vivid is None else vivid
    kept: list[np.ndarray] = []

    def offer(level: float, color: np.ndarray) -> None:
        rgb = to_uint8(lab_to_rgb(fit_gamut(np.array([[level, *color]], np.float32))))[0]
        if all(np.linalg.norm(_ab(rgb) - _ab(other)) > _ALIKE for other in kept):
            kept.append(rgb)

    for color in (ab, away, ab - spread * hue):
        offer(lightness, color)
    # One color is no choice.
    for reach in (1.0, 2.0, 4.0, 8.0):
        if len(kept) < 2:
            step = max(spread, _ALIKE) * reach
            offer(min(max(lightness, _DARKEST), _LIGHTEST), ab - step * hue)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in kept)


def _ab(rgb: np.ndarray) -> np.ndarray:
    return rgb_to_lab(rgb)[1:]
