"""The sheet of questions: what people read on it."""

import numpy as np
import pytest

from polychrome.hints.sheet import draw_questions
from polychrome.hints.types import Question

COLORS = ((200, 190, 40), (20, 60, 120))


@pytest.mark.parametrize("size", [(64, 48), (512, 512), (900, 2000)])
def test_digits_of_colors_and_questions_are_readable_at_the_width_of_a_page(size):
    height, width = size
    question = Question(np.ones(size, bool), COLORS, 1.0, width // 2, height // 2)
    sheet = np.asarray(draw_questions(np.full(size, 128, np.uint8), [question]))
    # As documents show it: the longer side of the picture is 240 pixels.
    longer = max(size)
    drawn = longer * min(1.0, 1280 / longer) if longer > 640 else 640
    for color in COLORS:
        rows, columns = np.nonzero((sheet == color).all(axis=-1))
        swatch = sheet[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        digit = (np.abs(swatch.astype(int) - color).sum(axis=-1) > 150)[2:-2, 2:-2]
        tall = np.ptp(np.nonzero(digit.any(axis=1))[0]) + 1
        assert 0.4 * len(swatch) <= tall < 0.8 * len(swatch)
        assert tall * 240 / drawn >= 8


def test_many_questions_have_smaller_swatches():
    question = Question(np.ones((60, 60), bool), COLORS, 1.0, 30, 30)
    gray = np.full((60, 60), 128, np.uint8)
    few, many = (
        (np.asarray(draw_questions(gray, [question] * count)) == COLORS[0]).all(axis=-1).sum()
        for count in (1, 20)
    )
    assert many / 20 < 0.5 * few
