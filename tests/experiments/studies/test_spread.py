"""Grades of the spread, against predictions whose errors are known."""

import numpy as np
import pytest
from tiny_colorizers import IMAGE_SIZE, dialed_violet, preset_of, violet

from experiments.spread import main
from experiments.studies.spread import LEFT_OUT, WINDOW, grade_spread, local_contrast
from polychrome.color.spaces import rgb_to_lab
from polychrome.files import read_json
from polychrome.inference.types import Prediction
from tf_data.store import Store


@pytest.fixture(scope="module")
def store(tiles_of) -> Store:
    """Three tiles of photographs and a gray one."""
    return tiles_of(4, 32, gray=2)


def gray_with(store: Store, rank):
    """Predicts gray, so that the error is the true chroma, and as spread a function of that."""
    chroma = np.linalg.norm(np.asarray(rgb_to_lab(store.images))[..., 1:], axis=-1)
    spread = rank(chroma[[0, 1, 3]])[..., None]
    return lambda lightness: Prediction(np.zeros((3, 32, 32, 2), np.float32), None, spread)


def test_a_spread_that_orders_pixels_as_the_error_does_is_at_the_bound(store):
    grades = grade_spread(gray_with(store, lambda chroma: chroma**2), store)
    assert grades.spread.spearman.shape == (3,)  # the gray image does not count
    np.testing.assert_allclose(grades.spread.spearman, 1.0, atol=1e-6)
    np.testing.assert_allclose(grades.spread.left, grades.error.left, atol=1e-6)


def test_the_opposite_order_is_worse_than_none(store):
    grades = grade_spread(gray_with(store, lambda chroma: -chroma), store)
    np.testing.assert_allclose(grades.spread.spearman, -1.0, atol=1e-6)
    assert (grades.spread.left[:, 1:] > 1).all()


def test_a_constant_spread_knows_nothing(store):
    grades = grade_spread(gray_with(store, np.ones_like), store)
    assert (grades.spread.spearman == 0).all()


def test_the_curve_is_the_mean_error_of_the_rest(store):
    grades = grade_spread(gray_with(store, lambda chroma: chroma), store)
    chroma = np.linalg.norm(np.asarray(rgb_to_lab(store.images[0]))[..., 1:], axis=-1)
    by_error = np.sort(chroma.ravel())
    half = LEFT_OUT.index(0.5)
    expected = by_error[: len(by_error) // 2].mean() / by_error.mean()
    assert grades.error.left[0, half] == pytest.approx(expected, rel=1e-4)
    assert grades.error.left[0, 0] == pytest.approx(1.0)
    # By hand, with 20 points at distances of .05.
    left = grades.error.left[0]
    area = 0.05 * (left.sum() - (left[0] + left[-1]) / 2)
    assert grades.error.area[0] == pytest.approx(area)


def test_contrast_is_the_deviation_in_a_window():
    lightness = np.random.default_rng(0).uniform(0, 100, (20, 20))
    half = WINDOW // 2
    window = lightness[10 - half : 11 + half, 8 - half : 9 + half]
    assert local_contrast(lightness)[10, 8] == pytest.approx(window.std())
    assert local_contrast(np.full((20, 20), 50.0)).max() == 0.0


def test_the_command_writes_figures_and_a_picture(tmp_path, capsys):
    preset = preset_of(dialed_violet(), tmp_path / "preset")
    arguments = [str(preset), "--limit", "3", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    record = read_json(tmp_path / "out/spread.json")
    assert record["image_size"] == IMAGE_SIZE and record["images"] == 3
    assert record["ranked_by"]["spread"]["spearman"] == 0.0  # its spread is constant
    assert record["ranked_by"]["error"]["spearman"] == pytest.approx(1.0)
    assert record["command"].endswith(f"--out {tmp_path / 'out'}")
    assert (tmp_path / "out/spread.png").stat().st_size > 5000
    assert "local contrast of lightness" in capsys.readouterr().out


def test_a_colorizer_without_a_spread_is_refused(tmp_path, capsys):
    preset = preset_of(violet(), tmp_path / "preset")
    assert main([str(preset), "--out", str(tmp_path / "out")]) == 1
    assert "predicts no spread; tiny does" in capsys.readouterr().err
