"""Grading against plain loops over images, and the intervals against SciPy's."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from skimage.color import lab2rgb, rgb2lab

from experiments.grading import protocol
from experiments.grading.protocol import (
    colorize_examples,
    mean_ab,
    metrics_in_order,
)
from experiments.grading.scores import Scores
from polychrome.errors import InputError
from tf_data.sources.source import open_source
from tf_data.store import Store, load_store

COUNT = 12


@pytest.fixture(scope="module")
def store() -> Store:
    """Eleven tiles of photographs and a gray one."""
    tiles = load_store(open_source("sample").splits["test"], 64, limit=COUNT)
    images = tiles.images.copy()
    images[3] = images[3].mean(axis=-1, keepdims=True)
    return Store(images, tiles.names, 1, ())


@pytest.fixture(scope="module")
def truth(store) -> np.ndarray:
    """True chroma as the networks predict it, by scikit-image: ab / 128."""
    return rgb2lab(store.images)[..., 1:].astype("float32") / 128


def by_lightness(lightness):
    """A colorizer whose colors depend on the picture: a* 0...25, b* 25...0."""
    return np.concatenate([lightness, 100 - lightness], axis=-1) / 4


SYSTEMS = {
    "do_nothing": lambda lightness: np.zeros((1, 1, 1, 2), np.float32),
    "by_lightness": by_lightness,
}


@pytest.fixture(scope="module")
def grades(store) -> protocol.PerImage:
    return protocol.grade_colorizers(SYSTEMS, store).per_image


def by_the_report(image: np.ndarray, chroma: np.ndarray | float) -> tuple[float, float]:
    """PSNR and SSIM of one uint8 image as the Padova report grades, with scikit-image."""
    lab = rgb2lab(image)
    lab[..., 1:] = chroma
    joined = tf.constant(lab2rgb(lab), tf.float32)
    rgb = tf.constant(image / 255, tf.float32)
    psnr = float(tf.image.psnr(rgb, joined, max_val=1))
    ssim = float(tf.image.ssim(rgb, joined, max_val=1, filter_size=11, filter_sigma=1.5))
    return min(psnr, 60.0), ssim


def test_doing_nothing_is_graded_as_the_report_would(store, grades):
    expected = np.array([by_the_report(image, 0.0) for image in store.images])
    values = grades["do_nothing"]
    np.testing.assert_allclose(values["psnr"], expected[:, 0], atol=1e-3)
    np.testing.assert_allclose(values["ssim"], expected[:, 1], atol=1e-3)
    assert values["psnr"][3] == 60.0  # already gray: nothing to do is just right


def test_a_system_is_graded_as_the_report_would(store, grades):
    expected = []
    for image in store.images:
        lightness = rgb2lab(image)[..., :1]
        expected.append(by_the_report(image, by_lightness(lightness)))
    expected = np.array(expected)
    values = grades["by_lightness"]
    np.testing.assert_allclose(values["psnr"], expected[:, 0], atol=1e-3)
    np.testing.assert_allclose(values["ssim"], expected[:, 1], atol=1e-3)


def test_chroma_psnr_is_over_scaled_ab(grades, truth):
    mse = np.square(truth).mean(axis=(1, 2, 3))
    colored = mse > 1e-6
    values = grades["do_nothing"]
    decibel = 10 * np.log10(4 / mse[colored])
    np.testing.assert_allclose(values["psnr_chroma"][colored], decibel, atol=1e-2)
    np.testing.assert_allclose(
        values["psnr_chroma_report"][colored], decibel - 20 * np.log10(2), atol=1e-2
    )


def test_each_system_has_every_metric_of_every_image(grades):
    for values in grades.values():
        assert list(values) == [metric.key for metric in metrics_in_order()]
        assert all(column.shape == (COUNT,) for column in values.values())


def test_areas_under_the_curve_are_over_all_pixels(store):
    of_sets = protocol.grade_colorizers(SYSTEMS, store).of_sets
    lab = rgb2lab(store.images)
    away = np.linalg.norm(lab[..., 1:] - by_lightness(lab[..., :1]), axis=-1)
    expected = np.mean(1 - np.minimum(away, 150) / 150)
    assert of_sets["by_lightness"]["auc"] == pytest.approx(expected, abs=1e-5)
    assert 0 < of_sets["by_lightness"]["auc_rebalanced"] < 1


def test_batch_size_does_not_matter(store, grades, monkeypatch):
    mean = mean_ab(store)
    monkeypatch.setattr(protocol, "_BATCH", 6)
    again = protocol.grade_colorizers(SYSTEMS, store).per_image
    for system, values in grades.items():
        for key, column in values.items():
            np.testing.assert_allclose(again[system][key], column, rtol=1e-5, atol=1e-5)
    monkeypatch.setattr(protocol, "_BATCH", 5)  # the last batch is smaller
    np.testing.assert_allclose(mean_ab(store), mean, atol=1e-4)


def test_mean_ab_is_the_mean_of_scikit_images(store, truth):
    mean = mean_ab(store)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(mean, 128 * truth.mean(axis=(0, 1, 2), dtype=np.float64), atol=1e-3)


def test_a_prediction_that_is_no_number_is_not_passed_over(store):
    broken = {"broken": lambda lightness: np.full((1, 1, 1, 2), np.nan)}
    with pytest.raises(InputError, match="broken predicts NaN"):
        protocol.grade_colorizers(broken, store)


def test_examples_are_gray_colorized_and_true(store, truth):
    columns = colorize_examples({"perfect": lambda lightness: 128 * truth}, store.images)
    assert list(columns) == ["gray", "perfect", "truth"]
    gray, perfect = columns["gray"].astype(int), columns["perfect"].astype(int)
    assert (gray.max(axis=-1) - gray.min(axis=-1)).max() <= 1
    assert np.abs(perfect - store.images).max() <= 1
    np.testing.assert_array_equal(columns["truth"], store.images)


def normal(count: int, seed: int, scale: float = 3.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(20.0, scale, count).astype("float32")


def assert_same_interval(row: dict, expected) -> None:
    # 1000 resamplings know either end to about 2 % of the interval's width.
    tolerance = 0.1 * (expected.high - expected.low)
    np.testing.assert_allclose([row["low"], row["high"]], expected, rtol=0, atol=tolerance)


def test_means_and_intervals_agree_with_scipy():
    values = normal(400, seed=1)
    (row,) = Scores({"s": {"psnr": values}}).table(seed=7).values()
    expected = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=2)
    assert row["psnr"]["mean"] == pytest.approx(values.mean(), rel=1e-6)
    assert_same_interval(row["psnr"], expected.confidence_interval)


def test_intervals_depend_on_the_seed_alone():
    grades = Scores({"s": {"psnr": normal(50, seed=1)}})
    assert grades.table(3) == grades.table(3)
    assert grades.table(3) != grades.table(4)


def test_images_without_a_value_do_not_count():
    values = normal(300, seed=5)
    with_holes = np.concatenate([values, np.full(300, np.nan, np.float32)])
    table = Scores({"s": {"some": with_holes, "none": np.full(600, np.nan)}}).table()["s"]
    alone = Scores({"s": {"some": values}}).table()["s"]["some"]
    assert table["some"]["mean"] == pytest.approx(values.mean(), rel=1e-6)
    width = alone["high"] - alone["low"]
    assert table["some"]["high"] - table["some"]["low"] == pytest.approx(width, rel=0.15)
    assert table["none"] == {"mean": None, "low": None, "high": None}


def test_one_image_has_a_mean_and_no_interval():
    grades = Scores(
        {name: {"some": np.float32([np.nan, value])} for name, value in (("s", 3.5), ("t", 1.0))}
    )
    assert grades.table()["s"]["some"] == {"mean": 3.5, "low": None, "high": None}
    assert grades.difference("s", "t", "some") == {"mean": 2.5, "low": None, "high": None}
    pair = Scores({"s": {"some": np.float32([1.0, 2.0])}}).table()["s"]["some"]
    assert (pair["low"], pair["mean"], pair["high"]) == (1.0, 1.5, 2.0)


def test_a_difference_is_paired():
    ours, spread = normal(200, seed=1), normal(200, seed=2, scale=0.1) - 20.0
    grades = Scores({"ours": {"psnr": ours}, "other": {"psnr": ours - 0.5 - spread}})
    gain = grades.difference("ours", "other", "psnr", seed=3)
    difference = 0.5 + spread
    expected = stats.bootstrap((difference,), np.mean, method="percentile", rng=2)
    assert gain["mean"] == pytest.approx(difference.mean(), abs=1e-4)
    assert_same_interval(gain, expected.confidence_interval)
    # Far narrower than what two separate intervals would say.
    table = grades.table()
    assert table["ours"]["psnr"]["low"] < table["other"]["psnr"]["high"]
    assert gain["low"] > 0
