"""Sharpness of color at edges, of colors that are sharp, soft, dull or constant."""

import numpy as np
import pytest
from scipy import ndimage

from experiments.studies.edges import FAR, NEAR, color_steps, sharpness

HEIGHT, WIDTH = 40, 50


def halves(left, right, width=WIDTH):
    """`[1, H, W, n]`, one color left of the middle and one right of it."""
    columns = np.where(np.arange(width)[:, None] < width // 2, left, right)
    return np.broadcast_to(columns, (1, HEIGHT, *columns.shape)).astype("float32")


LIGHTNESS = halves([30], [70])
AB = halves([40, -10], [-20, 30])


def test_each_row_crosses_one_edge_and_color_changes_there():
    steps = color_steps(LIGHTNESS, AB)
    distance = np.hypot(60, 40)
    np.testing.assert_allclose(steps, [[HEIGHT * distance, HEIGHT * distance, HEIGHT]], rtol=1e-6)
    assert sharpness(steps) == pytest.approx(1.0)
    assert sharpness(color_steps(LIGHTNESS, 0.1 * AB)) == pytest.approx(1.0)  # dull, but sharp


def test_rows_and_columns_are_alike():
    turned = (np.swapaxes(part, 1, 2) for part in (LIGHTNESS, AB))
    np.testing.assert_allclose(color_steps(*turned), color_steps(LIGHTNESS, AB))


def test_color_that_runs_over_the_edge_is_less_sharp():
    ramp = np.clip((np.arange(WIDTH) - WIDTH / 2 + 1) / (2 * FAR) + 0.5, 0, 1)[:, None]
    even = np.broadcast_to(ramp * [50, 20], (1, HEIGHT, WIDTH, 2))
    assert sharpness(color_steps(LIGHTNESS, even)) == pytest.approx(NEAR / FAR, abs=1e-6)
    found = [
        sharpness(color_steps(LIGHTNESS, ndimage.gaussian_filter1d(AB, sigma, axis=2)))
        for sigma in (0.5, 2.0, 4.0)
    ]
    assert 1 > found[0] > 0.95 and found[0] > found[1] > found[2] > NEAR / FAR


def test_without_strong_edges_or_without_color_there_is_no_figure():
    assert sharpness(color_steps(halves([50], [60]), AB)) is None
    steps = color_steps(LIGHTNESS, np.full_like(AB, 9.0))
    assert sharpness(steps) is None and steps[0, 2] == HEIGHT


def test_images_count_by_their_change_of_color():
    sharp, soft = AB, ndimage.gaussian_filter1d(AB, 3.0, axis=2)
    both = color_steps(np.concatenate([LIGHTNESS] * 2), np.concatenate([sharp, 0.0 * soft]))
    assert sharpness(both) == pytest.approx(1.0)  # the second has no color, and no weight
    both = color_steps(np.concatenate([LIGHTNESS] * 2), np.concatenate([sharp, soft]))
    assert sharpness(color_steps(LIGHTNESS, soft)) < sharpness(both) < 1.0


def test_an_edge_too_near_the_border_is_left_out():
    lightness = np.full((1, HEIGHT, WIDTH, 1), 30.0)
    lightness[:, :, : FAR - 1] = 70.0
    assert color_steps(lightness, AB)[0, 2] == 0
