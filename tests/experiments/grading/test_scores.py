"""All gradings as one: every metric is declared, and belongs to the system that has it."""

import dataclasses

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from experiments.grading.protocol import metrics_in_order
from experiments.grading.samples import Samples
from experiments.grading.scores import Scores, grade_systems
from experiments.grading.superpixels import grade_on_superpixels, superpixel_metrics
from polychrome.metrics.auc import AUC, AUC_REBALANCED
from polychrome.metrics.base import SetMetric
from polychrome.metrics.diversity import DIVERSITY
from polychrome.metrics.frechet import frechet_distance, frechet_metric
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels

SUPERPIXELS = Superpixels(20)
SYSTEMS = {
    "gan": lambda lightness: np.concatenate([lightness, -lightness], axis=-1) / 4,
    "do_nothing": lambda lightness: np.zeros((1, 1, 1, 2), np.float32),
}


@pytest.fixture(scope="module")
def store(smooth) -> Store:
    return Store(smooth(3, 24, 24, seed=5), tuple("abc"), 0, ())


@pytest.fixture(scope="module")
def samples(store) -> Samples:
    ab = np.zeros((3, 3, 24, 24, 2), np.float32)
    ab[1] += 3.0
    ab[2, ..., 0] += 8.0
    return Samples(store.images, ab, ab[0])


@pytest.fixture(scope="module")
def scores(store, samples) -> Scores:
    return grade_systems(SYSTEMS, store, superpixels=SUPERPIXELS, samples={"gan": samples})


def test_every_value_in_the_table_has_a_declared_metric(scores):
    table, described = scores.table(), scores.described()
    metrics = (*metrics_in_order(), *superpixel_metrics(SUPERPIXELS), AUC, AUC_REBALANCED)
    expected = [metric.key for metric in metrics]
    assert list(table["do_nothing"]) == expected
    assert list(table["gan"]) == list(described) == [*expected, "diversity", "diversity_fixed"]
    assert all(row["label"] and row["meaning"].endswith(".") for row in described.values())
    assert len({row["label"] for row in described.values()}) == len(described)
    assert "about 20 superpixels" in described["gray_mean_superpixels"]["meaning"]
    assert described["gray_mean_superpixels"]["better"] == "higher"


@pytest.mark.parametrize("painted_input", [True, False])
def test_a_metric_says_what_systems_saw(store, painted_input):
    how = {"superpixels": SUPERPIXELS, "painted_input": painted_input}
    scores = grade_systems(SYSTEMS, store, **how)
    meaning = scores.described()["gray_mean_superpixels"]["meaning"]
    seen = "painted image" if painted_input else "photograph"
    assert meaning.endswith(f"predicted from the {seen}.")
    expected = grade_on_superpixels(SYSTEMS, store, **how)
    for system, values in expected.items():
        for key, column in values.items():
            np.testing.assert_array_equal(scores.per_image[system][key], column)


def test_superpixels_are_a_protocol_of_their_own(scores, store):
    painted = grade_on_superpixels(SYSTEMS, store, SUPERPIXELS)
    for system in SYSTEMS:
        values = scores.per_image[system]
        for key, column in painted[system].items():
            np.testing.assert_array_equal(values[key], column)
        plain, superpixels = values["gray_mean"], values["gray_mean_superpixels"]
        assert not np.array_equal(plain, superpixels)


def test_diversity_is_of_the_set_and_has_no_interval(scores):
    pairs = [np.hypot(3, 3), 8.0, np.hypot(3, 5)]
    expected = {"mean": pytest.approx(np.mean(pairs), rel=1e-6), "low": None, "high": None}
    assert scores.table()["gan"]["diversity"] == expected
    assert scores.table()["gan"]["diversity_fixed"]["mean"] == 0.0
    assert "diversity" not in scores.per_image["gan"]


def test_without_superpixels_and_samples_there_are_no_such_metrics(store):
    scores = grade_systems(SYSTEMS, store)
    expected = [*(metric.key for metric in metrics_in_order()), "auc", "auc_rebalanced"]
    assert list(scores.described()) == expected


def test_a_distance_of_sets_is_of_true_and_colorized_images(store):
    metric = frechet_metric(
        lambda rgb: np.asarray(rgb).mean(axis=(1, 2)), key="f", label="F", meaning="F."
    )
    scores = grade_systems(SYSTEMS, store, sets_on_rgb=[metric])
    assert list(scores.described())[-1] == "f"
    lab = rgb2lab(store.images)
    lab[..., 1:] = 0
    gray = lab2rgb(lab).mean(axis=(1, 2))
    expected = frechet_distance((store.images / 255).mean(axis=(1, 2)), gray)
    assert scores.of_sets["do_nothing"]["f"] == pytest.approx(expected, rel=1e-2)
    assert scores.of_sets["do_nothing"]["f"] != scores.of_sets["gan"]["f"]


def test_a_metric_of_a_set_need_not_be_a_mean(samples):
    largest = dataclasses.replace(DIVERSITY, key="largest", compute=lambda rows: float(rows.max()))
    assert isinstance(largest, SetMetric)
    distances = np.asarray(largest.observe(samples.ab))
    assert distances.shape == (3,)
    assert largest.compute(np.append(distances, 99.0)) == 99.0
