"""Area under the curve of pixels by error, against the curve itself."""

import numpy as np
import pytest

from polychrome.color.bins import BINS, nearest_bin, prior_of
from polychrome.metrics.auc import AUC, AUC_REBALANCED


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    true = generator.normal(0, 30, (5, 8, 6, 2)).astype("float32")
    return true, true + generator.normal(0, 40, true.shape).astype("float32")


def value(metric, true, predicted) -> float:
    observed = np.asarray(metric.observe(true, predicted))
    assert len(observed) == len(true)
    return metric.compute(observed)


def test_errors_by_hand():
    true = np.zeros((1, 2, 2, 2), np.float32)
    # Distances of 0, 5, 75 and 300: 1, 1 - 5/150, 0.5, and nothing.
    away = np.array([[[0, 0], [3, 4]], [[75, 0], [0, 300]]], np.float32)[None]
    assert value(AUC, true, away) == pytest.approx((1 + 29 / 30 + 0.5) / 4)
    # All true pixels are gray: one color, nothing to rebalance.
    assert value(AUC_REBALANCED, true, away) == pytest.approx((1 + 29 / 30 + 0.5) / 4)
    assert value(AUC, true, true) == value(AUC_REBALANCED, true, true) == 1.0


@pytest.mark.parametrize(("step", "tolerance"), [(0.01, 1e-4), (1.0, 0.004)])
def test_it_is_the_area_under_the_curve(pair, step, tolerance):
    """As the paper says it: sweep thresholds, count pixels, integrate, normalize."""
    distance = np.linalg.norm((pair[0] - pair[1]).astype("float64"), axis=-1).ravel()
    thresholds = np.arange(0, 150 + step / 2, step)
    curve = np.searchsorted(np.sort(distance), thresholds, side="right") / distance.size
    area = np.sum((curve[1:] + curve[:-1]) / 2) * step / 150
    assert value(AUC, *pair) == pytest.approx(area, abs=tolerance)


def test_rebalanced_weighs_each_pixel_by_the_inverse_probability_of_its_color(pair):
    true, predicted = pair
    bins = np.asarray(nearest_bin(true)).ravel()
    probability = prior_of(np.bincount(bins, minlength=len(BINS)))
    distance = np.linalg.norm((true - predicted).astype("float64"), axis=-1).ravel()
    expected = np.average(1 - np.minimum(distance, 150) / 150, weights=1 / probability[bins])
    assert value(AUC_REBALANCED, true, predicted) == pytest.approx(expected, rel=1e-6)
    # Over the whole set: not the mean of each image's own.
    alone = [value(AUC_REBALANCED, true[i : i + 1], predicted[i : i + 1]) for i in range(5)]
    assert abs(np.mean(alone) - expected) > 1e-3


def test_rare_colors_count_more_when_rebalanced():
    true = np.zeros((1, 10, 10, 2), np.float32)
    true[0, 0, 0] = 60, 60
    gray = np.zeros_like(true)
    missed = 1 - np.hypot(60, 60) / 150
    assert value(AUC, true, gray) == pytest.approx((99 + missed) / 100, rel=1e-6)
    # Two colors far apart share the weight equally.
    assert value(AUC_REBALANCED, true, gray) == pytest.approx((1 + missed) / 2, rel=1e-2)
