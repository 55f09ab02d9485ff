"""Errors by lightness, chroma and place, and shares of colors, counted by hand."""

import numpy as np

from experiments.comparison.details import Details
from experiments.comparison.images import WALL, wall_rows


def test_errors_and_colors_go_where_they_belong():
    lab = np.zeros([2, 2, 2, 3])
    lab[..., 0] = 52  # in 50...55
    lab[0, 0, 0] = 99, 30, 40  # chroma 50
    ab = np.zeros([2, 2, 2, 2])
    ab[0, 0, 0] = 30, 52  # off by 12
    ab[1, 1, 1] = 3, 4  # off by 5
    ab[1, 0, 1] = 200, -200  # beyond the edges, off by 283
    details = Details(2)
    for row in (0, 1):
        details.add(lab[row : row + 1], ab[row : row + 1])
    found = details.arrays()
    np.testing.assert_allclose(found["where"], [[6, 141.421], [0, 2.5]], rtol=1e-4)
    assert found["by_lightness"][19] == 12 and np.isnan(found["by_lightness"][0])
    np.testing.assert_allclose(found["by_lightness"][10], (5 + 282.843) / 7, rtol=1e-5)
    assert found["by_chroma"][10] == 12 and np.isnan(found["by_chroma"][9])
    colors = found["colors"] * 8
    assert colors[14, 16] == 1 and colors[21, 0] == 1 and colors[11, 11] == 6


def test_the_wall_is_the_same_in_every_report_and_has_no_gray_image():
    colored = np.ones(1000, bool)
    colored[::2] = False
    rows = wall_rows(colored)
    assert len(rows) == WALL == len(set(rows)) and colored[rows].all()
    np.testing.assert_array_equal(rows, wall_rows(colored))
    np.testing.assert_array_equal(rows, np.sort(rows))
    np.testing.assert_array_equal(wall_rows(np.array([True, False, True])), [0, 2])
