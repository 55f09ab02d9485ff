"""Hints in predictions and pictures, with the colorizer in the package, without TensorFlow."""

import numpy as np
import pytest

import polychrome
from polychrome import Hint, Strokes
from polychrome.color.spaces import rgb_to_lab
from polychrome.errors import InputError
from polychrome.inference.asked import likely_colors
from polychrome.inference.full_size import Layer
from polychrome.inference.hinted import colors_of_hints, grid_of, of_frames
from polychrome.photographs.photograph import Photograph

RED = (190, 40, 40)


@pytest.fixture(scope="module")
def photo():
    return polychrome.load()


@pytest.fixture(scope="module")
def halves():
    """Gray `[90, 120]`: dark at the left, light at the right, with a little grain."""
    rng = np.random.default_rng(0)
    picture = np.where(np.arange(120) < 60, 90.0, 190.0) + rng.normal(0, 1.5, (90, 120))
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def ab(rgb) -> np.ndarray:
    white = 65535 if rgb.dtype == np.uint16 else 255
    return rgb_to_lab(np.float32(rgb) / np.float32(white))[..., 1:]


def test_a_hint_colors_its_part_and_stops_at_the_edge(photo, halves):
    plain, hinted = photo.colorize(halves), photo.colorize(halves, hints=[Hint(20, 40, RED)])
    wanted = rgb_to_lab(np.uint8([RED]))[0, 1:]
    assert np.linalg.norm(ab(hinted)[40, 20] - wanted) < 6
    change = np.linalg.norm(ab(hinted) - ab(plain), axis=-1)
    assert change[30:50, 10:30].min() > 15
    assert change[:, 62:].max() < 0.1 * change[30:50, 10:30].min()
    lightness = [rgb_to_lab(rgb)[..., 0] for rgb in (plain, hinted)]
    assert np.abs(lightness[1] - lightness[0]).max() < 0.7


def test_the_color_is_the_same_whatever_the_dial_says(photo, halves):
    hint = [Hint(20, 40, (120, 120, 150))]
    found = [
        ab(photo.colorize(halves, hints=hint, **setting))[40, 20]
        for setting in ({}, {"vivid": 1.0}, {"saturation": 2.0}, {"upsampling": "bilinear"})
    ]
    wanted = rgb_to_lab(np.uint8([hint[0].rgb]))[0, 1:]
    assert np.linalg.norm(np.array(found) - wanted, axis=-1).max() < 3


def test_gray_takes_color_away(photo, halves):
    hinted = photo.colorize(halves, vivid=1.0, hints=[Hint(90, 40, (128, 128, 128), 10)])
    plain = photo.colorize(halves, vivid=1.0)
    assert np.linalg.norm(ab(plain)[40, 90]) > 5 > 2 > np.linalg.norm(ab(hinted)[40, 90])


def test_strokes_and_dots_are_one(photo, halves):
    alpha = np.zeros(halves.shape, np.uint8)
    alpha[37:44, 17:24] = 255
    strokes = Strokes(np.full((*halves.shape, 3), RED, np.uint8), alpha)
    painted = ab(photo.colorize(halves, hints=[strokes]))
    dotted = ab(photo.colorize(halves, hints=[Hint(20, 40, RED)]))
    assert np.abs(painted - dotted)[:, :60].mean() < 2.5
    both = photo.colorize(halves, hints=[strokes, Hint(90, 40, (40, 40, 190))])
    assert ab(both)[40, 90, 1] < -20 < 20 < ab(both)[40, 20, 0]


def test_depths_and_large_pictures(photo, halves):
    large = np.kron(halves, np.ones((8, 8), np.uint8))  # 720 x 960, more than the grid
    hint = Hint(8 * 20, 8 * 40, RED, 24)
    whole = photo.colorize(large, hints=[hint])
    small = photo.colorize(halves, hints=[Hint(20, 40, RED, 3)])
    assert np.abs(ab(whole)[4::8, 4::8] - ab(small)).mean() < 2
    # The edge is as sharp as the photograph's.
    plain = photo.colorize(large)
    change = np.linalg.norm(ab(whole) - ab(plain), axis=-1)[320]
    assert change[476] > 10 * change[484]
    deep = photo.colorize_photograph(
        Photograph(halves.astype(np.uint16) * 257), hints=[Hint(20, 40, RED)]
    )
    assert deep.dtype == np.uint16 and np.abs(ab(deep) - ab(small)).max() < 1.5


def test_predictions_are_corrected_frame_by_frame(photo, halves):
    lightness = np.stack([rgb_to_lab(np.stack([halves] * 3, -1))[..., :1]] * 2)
    plain = photo.predict(lightness)
    found = photo.predict(lightness, [Hint(20, 40, RED, frame=1)])
    np.testing.assert_array_equal(found.ab[0], plain.ab[0])
    np.testing.assert_array_equal(found.spread, plain.spread)
    wanted = rgb_to_lab(np.uint8([RED]))[0, 1:]
    for colors in (found.ab[1], found.vivid_ab[1]):
        assert np.linalg.norm(colors[40, 20] - wanted) < 4
    large = photo.predict(np.kron(lightness[:1], np.ones((1, 5, 5, 1))), [Hint(100, 200, RED, 15)])
    assert np.linalg.norm(large.ab[0, 200, 100] - wanted) < 4


def test_lists_of_pictures_take_hints_by_frame(photo, halves):
    first, second = photo.colorize([halves, halves], hints=[Hint(20, 40, RED, frame=1)])
    np.testing.assert_array_equal(first, photo.colorize(halves))
    np.testing.assert_array_equal(second, photo.colorize(halves, hints=[Hint(20, 40, RED)]))
    with pytest.raises(InputError, match="a hint is for no frame; set frame to 0 to 1"):
        photo.colorize([halves, halves], hints=[Hint(20, 40, RED)])


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 900)])
def test_odd_shapes(photo, shape):
    gray = np.random.default_rng(0).integers(90, 150, shape, np.uint8)
    hinted = photo.colorize(gray, hints=[Hint(0, 0, RED, 1)])
    assert hinted.shape == (*shape, 3) and ab(hinted)[0, 0, 0] > 20


def test_hints_outside_are_refused(photo, halves):
    for call in (
        photo.colorize,
        lambda picture, hints: photo.predict(np.zeros((1, *picture.shape, 1)), hints),
    ):
        with pytest.raises(InputError, match="hint at 200,5: the picture has 120 x 90 pixels"):
            call(halves, hints=[Hint(200, 5, RED)])


def test_hints_by_frame():
    hints = [Hint(1, 1, RED, frame=2), Hint(2, 2, RED, frame=0), Hint(3, 3, RED, frame=2)]
    first, second, third = (hint._replace(frame=None) for hint in hints)
    assert of_frames(hints, 3) == [[second], [], [first, third]]
    assert of_frames([Hint(1, 1, RED)], 1) == [[Hint(1, 1, RED)]]
    with pytest.raises(InputError, match="a hint is for frame 2, should be 0 to 1"):
        of_frames(hints, 2)


def test_grids_have_the_shape_of_the_picture_and_few_pixels():
    assert grid_of(90, 180) == (90, 180)
    height, width = grid_of(3000, 4000)
    assert height * width <= 18432 * 1.01 and width / height == pytest.approx(4 / 3, rel=0.01)
    for size in ((1, 10**6), (10**6, 1), (2, 10**6)):
        height, width = grid_of(*size)
        assert 1 <= height <= size[0] and 1 <= width <= size[1] and height * width <= 10**5


def test_questions_have_places_colors_and_regions_of_the_picture(photo, halves):
    found = photo.ask(halves, 2)
    assert len(found) == 2 and found[0].gain >= found[1].gain > 0
    # One for each half: there is nothing else to ask about.
    assert sorted(question.x < 60 for question in found) == [False, True]
    for question in found:
        assert question.region.shape == halves.shape and question.region[question.y, question.x]
        assert question.region[:, :58].mean() < 0.1 or question.region[:, 62:].mean() < 0.1
        assert 2 <= len(question.colors) <= 3
        level = rgb_to_lab(np.uint8([[halves[question.y, question.x]] * 3]))[0, 0]
        assert np.abs(rgb_to_lab(np.uint8(question.colors))[:, 0] - level).max() < 4
    answered = photo.colorize(halves, hints=[Hint(q.x, q.y, q.colors[1]) for q in found])
    for question in found:
        wanted = rgb_to_lab(np.uint8([question.colors[1]]))[0, 1:]
        assert np.linalg.norm(ab(answered)[question.y, question.x] - wanted) < 6


@pytest.mark.parametrize("n", [0, 2.5, "3"])
def test_asking_for_no_whole_number_of_places_is_refused(photo, halves, n):
    with pytest.raises(InputError, match=f"n is {n!r}, should be a whole number of 1 or more"):
        photo.ask(halves, n)


def test_likely_colors():
    def chroma(*arguments):
        return rgb_to_lab(np.uint8(likely_colors(*arguments)))[:, 1:]

    warm = chroma(55.0, np.array([6.0, 8.0]), np.array([15.0, 20.0]), 15.0)
    np.testing.assert_allclose(warm, [[6, 8], [15, 20], [-3, -4]], atol=1.5)
    np.testing.assert_allclose(
        chroma(55.0, np.array([6.0, 8.0]), None, 10.0), [[6, 8], [18, 24], [0, 0]], atol=1.5
    )
    # Gray has no hue to go along: yellow and blue.
    np.testing.assert_allclose(
        chroma(55.0, np.zeros(2), np.zeros(2), 20.0), [[0, 0], [0, -20]], atol=1.5
    )


@pytest.mark.parametrize(
    ("lightness", "ab", "spread"),
    [(100.0, [0.0, 0.3], 4.7), (98.5, [-1.5, -0.3], 6.9), (3.3, [0.1, -0.1], 5.6), (0, [7, 0], 1)]
    + [(50.0, [30.0 * np.cos(hue), 30.0 * np.sin(hue)], 0.5) for hue in range(6)],
)
def test_there_is_always_a_choice_of_colors(lightness, ab, spread):
    """Those of white and black once were one, as there is no other color as light or dark."""
    for vivid in (np.array(ab), None):
        chroma = rgb_to_lab(np.uint8(likely_colors(lightness, np.array(ab), vivid, spread)))[:, 1:]
        assert len(chroma) == 2 and np.linalg.norm(chroma[1] - chroma[0]) > 6


def test_colors_of_hints_say_what_other_frames_become():
    lightness = np.full((24, 32), 40.0, np.float32)
    lightness[:, 16:] = 80.0
    ab = np.full((24, 32, 2), [10.0, -5.0], np.float32)
    # On a frame of twice the size.
    hints, size = [Hint(12, 20, RED, 4)], (48, 64)
    mixed, share = colors_of_hints(Layer(ab, lightness), None, hints, size)
    assert mixed.shape == (24, 32, 2) and share.shape == (24, 32, 1)
    assert share[10, 6, 0] > 0.98 and share[:, 20:].max() < 0.3 and share.min() >= 0
    other = np.zeros_like(ab)
    red = rgb_to_lab(np.uint8([RED]))[0, 1:]
    for old in (ab, other):  # at the hint both become its color
        np.testing.assert_allclose((mixed + (1 - share) * old)[10, 6], red, atol=2.0)
    # Far away, little is left of it.
    np.testing.assert_allclose((mixed + (1 - share) * other)[:, 28:], 0.0, atol=15.0)
    painted = ab + 5.0
    mixed, share = colors_of_hints(Layer(ab, lightness), None, hints, size, painted)
    np.testing.assert_allclose(mixed + (1 - share) * ab, painted, atol=1e-3)
