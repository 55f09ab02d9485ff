"""Hints on the pixels of a small picture."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from polychrome import Hint, Strokes
from polychrome.errors import InputError
from polychrome.hints.marks import marks_of

RED = (200, 30, 40)


def lab(rgb) -> np.ndarray:
    return rgb2lab(np.uint8([[rgb]]))[0, 0, 1:]


def strokes(size, *places, color=RED) -> Strokes:
    levels, alpha = np.zeros((*size, 3), np.uint8), np.zeros(size, np.uint8)
    for place in places:
        levels[place], alpha[place] = color, 255
    return Strokes(levels, alpha, "mine.png")


def test_a_disk_has_its_radius_and_its_color():
    marks = marks_of([Hint(10, 6, RED, 3)], (20, 30), (20, 30))
    rows, columns = np.ogrid[:20, :30]
    disk = (rows - 6) ** 2 + (columns - 10) ** 2 <= 3.5**2
    np.testing.assert_array_equal(marks.marked, disk)
    np.testing.assert_allclose(marks.ab[6, 10], lab(RED), atol=0.02)
    assert not marks.ab[~disk].any()


def test_a_radius_of_0_is_one_pixel():
    assert np.argwhere(marks_of([Hint(4, 2, RED, 0)], (5, 6), (5, 6)).marked).tolist() == [[2, 4]]


def test_a_smaller_grid_has_the_same_places():
    hint = Hint(805, 403, RED, 40)
    whole = marks_of([hint], (600, 900), (600, 900)).marked
    small = marks_of([hint], (600, 900), (60, 90)).marked
    assert abs(small.mean() / whole.mean() - 1) < 0.15
    np.testing.assert_allclose(np.argwhere(small).mean(axis=0), [39.8, 80.0], atol=0.3)
    # However small a disk is, some pixel has it.
    dot = marks_of([hint._replace(radius=0)], (600, 900), (60, 90)).marked
    assert np.argwhere(dot).tolist() == [[40, 80]]


def test_the_later_hint_counts():
    marks = marks_of([Hint(4, 4, RED), Hint(5, 4, (0, 0, 255))], (9, 9), (9, 9))
    np.testing.assert_allclose(marks.ab[4, 4], lab((0, 0, 255)), atol=0.05)
    np.testing.assert_allclose(marks.ab[4, 1], lab(RED), atol=0.02)


@pytest.mark.parametrize("level", [0, 1, 77, 255])
def test_gray_is_no_color_at_all(level):
    gray = (level,) * 3
    for hint in (Hint(2, 2, gray), strokes((5, 5), (2, 2), color=gray)):
        marks = marks_of([hint], (5, 5), (5, 5))
        assert marks.marked[2, 2] and not marks.ab.any()


@pytest.mark.parametrize("place", [(-1, 5), (5, -1), (30, 5), (5, 20), (10**9, 0)])
def test_hints_outside_are_refused_in_one_line(place):
    with pytest.raises(
        InputError, match="has 30 x 20 pixels, so x should be 0 to 29 and y 0 to 19"
    ):
        marks_of([Hint(*place, RED)], (20, 30), (20, 30))


def test_a_disk_that_reaches_out_of_the_picture_is_cut_off():
    marked = marks_of([Hint(0, 5, RED, 3), Hint(29, 19, RED, 3)], (20, 30), (20, 30)).marked
    assert np.argwhere(marked[5]).ravel().tolist() == [0, 1, 2, 3]
    assert np.argwhere(marked[19]).ravel().tolist() == [26, 27, 28, 29]


def test_strokes_mark_what_they_touch_with_their_mean():
    painted = strokes((40, 60), (0, 0), (39, 59))
    painted.rgb[1, 1], painted.alpha[1, 1] = (0, 0, 255), 128
    painted.alpha[20, 20] = 127  # the soft edge of a brush
    marks = marks_of([painted], (40, 60), (10, 15))
    assert np.argwhere(marks.marked).tolist() == [[0, 0], [9, 14]]
    np.testing.assert_allclose(marks.ab[9, 14], lab(RED), atol=0.02)
    np.testing.assert_allclose(marks.ab[0, 0], (lab(RED) + lab((0, 0, 255))) / 2, atol=0.05)


def test_strokes_of_another_size_are_refused():
    with pytest.raises(InputError, match="mine.png: 6 x 5 pixels, should be 5 x 6, as the picture"):
        marks_of([strokes((5, 6), (1, 1))], (6, 5), (6, 5))


@pytest.mark.parametrize("rgb", [(300, 0, 0), (0, -1, 0), (0.5, 0.5, 0.1), (1, 2), "#ff0000"])
def test_colors_that_are_no_levels_are_refused(rgb):
    """300 once counted as 44."""
    with pytest.raises(InputError, match=r"hint at 2,3: rgb is .*, should be three levels, 0 to"):
        marks_of([Hint(2, 3, rgb)], (5, 5), (5, 5))


def test_strokes_that_are_not_of_8_bits_are_refused():
    good = strokes((5, 5), (2, 2))
    share = np.float32(1 / 255)
    wrong = (
        good._replace(rgb=good.rgb * share),
        good._replace(alpha=good.alpha * share),
        good._replace(rgb=good.rgb[..., 0]),
    )
    for each in wrong:
        with pytest.raises(InputError, match=r"mine.png: rgb should be \[5, 5, 3\], with alpha"):
            marks_of([each], (5, 5), (5, 5))
