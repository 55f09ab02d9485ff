"""Corrections go through even lightness and stop at edges."""

import numpy as np
import pytest

from polychrome.hints.affinity import (
    FLOOR,
    SCREEN,
    SIGMA,
    precision,
    strangeness,
)
from polychrome.hints.marks import Marks
from polychrome.hints.spreading import correction


def marked(size, *places, ab=(40.0, -20.0)) -> Marks:
    colors, found = np.zeros((*size, 2), np.float32), np.zeros(size, bool)
    for place in places:
        colors[place], found[place] = ab, True
    return Marks(colors, found)


def halves(height=24, width=40, step=40.0) -> np.ndarray:
    """L* of two even halves that meet in the middle."""
    lightness = np.full((height, width), 30.0, np.float32)
    lightness[:, width // 2 :] += step
    return lightness


def test_a_hint_colors_its_side_of_an_edge_alone():
    size = (24, 40)
    hint = marked(size, np.s_[8:16, 6:12])
    found = correction(halves(), np.zeros((*size, 2), np.float32), hint)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[12, 9], [40, -20], rtol=0.05)
    near, across = np.abs(found[:, :20, 0]), np.abs(found[:, 20:, 0])
    assert near.min() > 12 and across.max() < 0.05 * near.min()
    # Without the edge it would have gone there.
    even = correction(halves(step=0.0), np.zeros((*size, 2), np.float32), hint)
    assert even[:, 20:24, 0].min() > 10


def test_through_a_gap_in_an_edge_little_reaches_what_is_as_light_as_no_hint():
    size = (24, 40)
    lightness = np.full(size, 30.0, np.float32)
    lightness[:, 20:] = 70.0
    # A soft passage of 10 rows, as where a shadow falls.
    lightness[7:17, 10:30] = np.linspace(30, 70, 20)
    nothing = np.zeros((*size, 2), np.float32)
    hint = marked(size, np.s_[10:14, 4:8])
    found = correction(lightness, nothing, hint)[..., 0]
    assert found[:, :8].mean() > 25 and found[:, 32:].mean() < 0.25 * found[:, :8].mean()
    # What a second hint is as light as is held by that one instead.
    both = correction(lightness, nothing, marked(size, np.s_[10:14, 4:8], np.s_[2, 38]))[..., 0]
    assert both[:, 32:].mean() > 25


def test_strangeness_is_the_distance_from_the_nearest_lightness_of_a_hint():
    lightness = np.float32([[0, 20, 35, 50, 64, 100]])
    hints = np.array([[False, True, False, False, True, False]])
    found = strangeness(lightness, hints) * lightness.size / SCREEN
    apart = np.array([20, 0, 15, 14, 0, 36])
    np.testing.assert_allclose(found, 10 * (1 - np.exp(-(apart**2) / (2 * 15**2))), atol=1e-6)
    with_one = strangeness(lightness, np.arange(6)[None] == 1)
    assert (np.diff(with_one[1:]) > 0).all()


def test_what_spreads_is_the_correction_of_the_prediction():
    size = (24, 40)
    rng = np.random.default_rng(0)
    ab = rng.normal(0, 10, (*size, 2)).astype(np.float32)
    right = Marks(ab, marked(size, np.s_[3:5, 3:5]).marked)
    assert np.abs(correction(halves(), ab, right)).max() < 1e-4
    gray = marked(size, np.s_[8:16, 6:12], ab=(0, 0))
    violet = np.full((*size, 2), (30.0, -30.0), np.float32)
    left = violet + correction(halves(), violet, gray)
    assert np.abs(left[10:14, 8:10]).max() < 2 and np.abs(left[:, 20:] - violet[:, 20:]).max() < 1


def test_far_away_the_answer_of_the_model_stays():
    size = (16, 400)
    hint = marked(size, np.s_[6:10, 2:6])
    found = np.abs(correction(np.full(size, 50.0, np.float32), np.zeros((*size, 2)), hint))[..., 0]
    assert found[8, 4] > 35 and found[8, 360:].max() < 1.5
    along = found[8, 6::20]
    assert (np.diff(along) < 0).all()


def test_nothing_overshoots_what_hints_ask_for():
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, (20, 30)).astype(np.float32)
    hint = marked((20, 30), np.s_[3:6, 4:8])
    found = correction(lightness, np.zeros((20, 30, 2), np.float32), hint)
    assert found[..., 0].min() >= -1e-4 and found[..., 0].max() <= 40 + 1e-4


def test_a_large_spread_lets_more_be_corrected():
    size = (24, 40)
    spread = np.ones(size, np.float32)
    spread[:, :20] = 9.0
    even, hint = np.full(size, 50.0, np.float32), marked(size, np.s_[10:14, 18:22])
    found = correction(even, np.zeros((*size, 2), np.float32), hint, spread)[12, :, 0]
    assert found[8] > 2 * found[31] > 0


def test_texture_is_no_obstacle():
    size = (24, 40)
    hint = marked(size, np.s_[8:16, 6:12])
    texture = np.random.default_rng(0).normal(0, 4, size).astype(np.float32)
    nothing = np.zeros((*size, 2), np.float32)
    even, rough = (correction(halves() + add, nothing, hint)[..., 0] for add in (0, texture))
    assert rough[:, :18].mean() > 0.6 * even[:, :18].mean()
    assert rough[:, 20:].max() < 0.25 * rough[:, :18].mean()


def test_no_marks_and_tiny_pictures():
    nothing = marked((5, 6))
    assert not correction(np.ones((5, 6)), np.ones((5, 6, 2), np.float32), nothing).any()
    for size in ((1, 1), (1, 9), (9, 1)):
        hint = marked(size, (0, 0))
        found = correction(np.full(size, 50.0), np.zeros((*size, 2), np.float32), hint)
        assert 20 < found[0, 0, 0] <= 40


def test_the_matrix_is_that_of_the_energy():
    """The sum over pairs of neighbors, written as loops."""
    rng = np.random.default_rng(1)
    height, width = 4, 5
    lightness = rng.uniform(40, 46, (height, width)).astype(np.float32)
    z = rng.normal(size=(height, width))
    energy = SCREEN / (height * width) * (z**2).sum()
    for row in range(height):
        for column in range(width):
            for down, right, share in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 0.5), (1, -1, 0.5)):
                y, x = row + down, column + right
                if y < height and 0 <= x < width:
                    apart = float(lightness[row, column] - lightness[y, x])
                    weight = np.exp(-(apart**2) / (2 * SIGMA**2)) + FLOOR
                    energy += share * weight * (z[row, column] - z[y, x]) ** 2
    matrix = precision(lightness)
    assert z.ravel() @ (matrix @ z.ravel()) == pytest.approx(energy, rel=1e-6)
    assert abs(matrix - matrix.T).max() == 0
