"""Fréchet distance, against its formula with SciPy's matrix square root."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from polychrome.errors import InputError
from polychrome.metrics.frechet import frechet_distance, frechet_metric


def features(count: int, width: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(count, width)) @ generator.normal(size=(width, width))
    return mixed + generator.normal(size=width)


@pytest.mark.parametrize(("count", "other"), [(400, 300), (7, 5), (400, 5), (12, 6)])
def test_the_formula(count, other):
    one, two = features(count, 12, 1), features(other, 12, 2)
    covariances = np.cov(one, rowvar=False), np.cov(two, rowvar=False)
    root = sqrtm(covariances[0] @ covariances[1])
    expected = np.square(one.mean(0) - two.mean(0)).sum()
    expected += np.trace(covariances[0] + covariances[1] - 2 * np.real(root))
    # SciPy's root of a singular matrix has an error itself.
    assert frechet_distance(one, two) == pytest.approx(expected, rel=1e-4)
    assert frechet_distance(one, two) == pytest.approx(frechet_distance(two, one), rel=1e-6)


def test_one_feature_by_hand():
    # Means 0 and 3, standard deviations 1 and 2: 3² + (1 - 2)².
    one, two = np.array([[-1], [0], [1]]), np.array([[1], [3], [5]])
    assert frechet_distance(one, two) == pytest.approx(10.0)


def test_equal_sets_have_no_distance():
    one = features(30, 12, 1)
    assert frechet_distance(one, one[::-1]) == pytest.approx(0.0, abs=1e-6)


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match=r"\(3, 2\) and \(3, 4\)"):
        frechet_distance(np.zeros((3, 2)), np.zeros((3, 4)))
    with pytest.raises(InputError, match="two images"):
        frechet_distance(np.zeros((1, 2)), np.zeros((3, 2)))


def test_a_metric_observes_both_sets_batch_by_batch():
    metric = frechet_metric(
        lambda rgb: np.asarray(rgb).mean(axis=(1, 2)), key="f", label="F", meaning="F."
    )
    generator = np.random.default_rng(0)
    truth, prediction = generator.random((2, 9, 4, 5, 3), np.float32)
    batches = [np.asarray(metric.observe(truth[i], prediction[i])) for i in np.split(np.r_[:9], 3)]
    assert batches[0].shape == (3, 2, 3) and metric.better == "lower"
    expected = frechet_distance(truth.mean(axis=(1, 2)), prediction.mean(axis=(1, 2)))
    assert metric.compute(np.concatenate(batches)) == pytest.approx(expected, rel=1e-5)
