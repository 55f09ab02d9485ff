"""Changes under shifts, of predictors whose changes are known."""

import numpy as np
import pytest

from experiments.studies.shifts import SHIFTS, changes_under_shifts

LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (2, 24, 32, 1)).astype("float32")


def test_colors_that_depend_on_the_pixel_alone_do_not_change():
    for colorize in (
        lambda lightness: np.full((1, 1, 1, 2), 7.0),
        lambda lightness: np.concatenate([lightness, 3.0 - lightness], axis=-1),
    ):
        np.testing.assert_allclose(changes_under_shifts(colorize, LIGHTNESS), 0.0, atol=1e-6)


def test_colors_that_depend_on_the_place_change_by_the_shift():
    def colorize(lightness):
        rows, columns = np.indices(lightness.shape[1:3])
        return np.broadcast_to(np.stack([0.3 * rows, 0.4 * columns], -1), (2, *rows.shape, 2))

    found = changes_under_shifts(colorize, LIGHTNESS)
    np.testing.assert_allclose(found, 0.5 * np.tile(SHIFTS, (2, 1)), rtol=1e-5)


def test_each_image_has_its_own_change():
    def colorize(lightness):
        """The second image's colors depend on the place, and only as its own pixels say."""
        columns = np.arange(lightness.shape[2])[None, None, :, None]
        return np.concatenate([lightness * 0, lightness * 0 + columns], -1) * [[[[0]]], [[[2]]]]

    found = changes_under_shifts(colorize, LIGHTNESS, (1, 4))
    assert found == pytest.approx(np.array([[0, 0], [2, 8]]), abs=1e-4)
