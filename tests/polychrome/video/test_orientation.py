"""Display matrices, which turn and mirror frames."""

import itertools

import numpy as np
import pytest

from polychrome.video.orientation import Orientation, orientation_of

ONE = 65536


@pytest.mark.parametrize(
    "matrix",
    [
        (0, p, q, 0) if swapped else (p, 0, 0, q)
        for swapped, p, q in itertools.product((False, True), (-ONE, ONE), (-ONE, ONE))
    ],
)
def test_each_pixel_is_shown_where_the_matrix_says(matrix):
    a, b, c, d = matrix
    stored = np.arange(6).reshape(2, 3)
    places = {
        (a * column + c * row, b * column + d * row): stored[row, column]
        for row, column in np.ndindex(stored.shape)
    }
    columns, rows = (sorted({place[axis] for place in places}) for axis in (0, 1))
    expected = [[places[column, row] for column in columns] for row in rows]
    found = orientation_of((a, b, 0, c, d, 0, 0, 0, 1 << 30))
    np.testing.assert_array_equal(found.upright(stored), expected)
    np.testing.assert_array_equal(found.stored(found.upright(stored)), stored)
    assert found.mirrored == (a * d - b * c < 0)


def test_without_a_matrix_frames_are_upright():
    assert orientation_of(None) == Orientation(turns=0, mirrored=False)
