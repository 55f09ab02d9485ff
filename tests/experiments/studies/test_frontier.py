"""The frontier of PSNR and colorfulness, against the metrics of a grading."""

import itertools

import numpy as np
import pytest
from tiny_colorizers import IMAGE_SIZE, dialed_violet, preset_of, violet

from experiments.frontier import main
from experiments.grading.protocol import grade_colorizers
from experiments.studies.frontier import (
    DIAL,
    FACTORS,
    Point,
    at_colorfulness,
    measure_frontier,
)
from polychrome.color.spaces import rgb_to_lab
from polychrome.files import read_json
from polychrome.inference.types import Prediction
from tf_data.store import Store


@pytest.fixture(scope="module")
def store(tiles_of) -> Store:
    """Seven tiles of photographs and a gray one."""
    return tiles_of(8, 32, gray=3)


def oracle(store: Store, share: float):
    """Predicts a share of the true chroma, and as its vivid answer the truth."""
    ab = np.asarray(rgb_to_lab(store.images))[..., 1:]
    return lambda lightness: Prediction(share * ab, ab, None)


def test_points_are_means_over_colored_images_as_a_grading_has_them(store):
    frontier = measure_frontier(oracle(store, 0.5), store)
    assert [point.setting for point in frontier.dial] == list(DIAL)
    assert [point.setting for point in frontier.factor] == list(FACTORS)
    ab = np.asarray(rgb_to_lab(store.images))[..., 1:]
    graded = grade_colorizers({"half": lambda lightness: 0.5 * ab}, store).per_image["half"]
    colored = np.isfinite(graded["psnr_colored"])
    assert colored.sum() == 7
    expected = [graded[key][colored].mean() for key in ("colorfulness", "psnr", "ciede2000")]
    np.testing.assert_allclose(frontier.dial[0][1:], expected, rtol=1e-4)
    np.testing.assert_allclose(frontier.factor[0][1:], expected, rtol=1e-4)


def test_the_dial_of_an_oracle_ends_at_the_truth(store):
    frontier = measure_frontier(oracle(store, 0.5), store)
    assert all(a.psnr < b.psnr for a, b in itertools.pairwise(frontier.dial))
    assert frontier.dial[-1].psnr > 50 and frontier.dial[-1].ciede2000 < 0.1
    # Twice a half is the truth; more is too much.
    best = max(frontier.factor, key=lambda point: point.psnr)
    assert best.setting == 2.0


def test_without_a_dial_there_is_no_curve_of_it(store):
    ab = np.asarray(rgb_to_lab(store.images))[..., 1:]
    frontier = measure_frontier(lambda lightness: Prediction(ab, None, None), store)
    assert frontier.dial == () and len(frontier.factor) == len(FACTORS)


def test_a_curve_is_interpolated_and_not_extended():
    curve = [Point(0.0, 10.0, 24.0, 8.0), Point(0.5, 20.0, 23.0, 8.4), Point(1.0, 40.0, 21.0, 9.0)]
    assert at_colorfulness(curve, 15.0) == pytest.approx((0.25, 15.0, 23.5, 8.2))
    assert at_colorfulness(curve, 40.0) == pytest.approx(curve[-1])
    assert at_colorfulness(curve, 9.9) is None and at_colorfulness(curve, 41.0) is None
    assert at_colorfulness([], 15.0) is None


def test_the_command_writes_figures_and_a_picture(tmp_path, capsys):
    preset = preset_of(dialed_violet(), tmp_path / "preset")
    assert main([str(preset), "--limit", "5", "--out", str(tmp_path / "out")]) == 0
    found = read_json(tmp_path / "out" / "frontier.json")
    assert found["images"] == 5 and found["image_size"] == IMAGE_SIZE
    curve = [point["colorfulness"] for point in found["curves"]["dial"]]
    assert curve == sorted(curve) and len(curve) == len(DIAL)
    at = found["at_colorfulness"]["dial"]["30.0"]
    assert curve[0] < at["colorfulness"] < curve[-1]
    assert f"{at['psnr']:.2f}" in capsys.readouterr().out
    assert (tmp_path / "out" / "frontier.png").read_bytes().startswith(b"\x89PNG")


def test_a_network_without_a_dial_has_its_factors_alone(tmp_path):
    preset = preset_of(violet(), tmp_path / "preset")
    assert main([str(preset), "--limit", "5", "--out", str(tmp_path / "out")]) == 0
    found = read_json(tmp_path / "out" / "frontier.json")
    assert found["curves"]["dial"] == [] and set(found["at_colorfulness"]["dial"].values()) == {
        None
    }


def test_a_missing_preset_is_named(tmp_path, capsys):
    assert main([str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    assert str(tmp_path / "none") in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
