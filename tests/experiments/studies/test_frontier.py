"""The frontier of PSNR and colorfulness, against the metrics of a grading."""

import itertools

import numpy as np
import pytest
from tiny_colorizers import IMAGE_SIZE, dialed_violet, preset_of, violet

from experiments.frontier import _points, main
from experiments.grading.protocol import grade_colorizers
from experiments.studies.curves import TARGETS, Frontier, Point, at_colorfulness, targets
from experiments.studies.frontier import DIAL, FACTORS, SATURATIONS, measure_frontier
from polychrome.color.spaces import rgb_to_lab
from polychrome.files import read_json, write_json
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
    assert [point.setting for point in frontier.dial] == [*DIAL, *SATURATIONS]
    assert [point.setting for point in frontier.factor] == list(FACTORS)
    ab = np.asarray(rgb_to_lab(store.images))[..., 1:]
    graded = grade_colorizers({"half": lambda lightness: 0.5 * ab}, store).per_image["half"]
    colored = np.isfinite(graded["psnr_colored"])
    assert colored.sum() == 7
    expected = [graded[key][colored].mean() for key in ("colorfulness", "psnr", "ciede2000")]
    np.testing.assert_allclose(frontier.dial[0][1:], expected, rtol=1e-4)
    as_it_is = frontier.factor[FACTORS.index(1.0)]
    np.testing.assert_allclose(as_it_is[1:], expected, rtol=1e-4)
    # Below it there is a curve too: what a duller answer has.
    assert frontier.factor[0].colorfulness < 0.5 * as_it_is.colorfulness


def test_the_dial_of_an_oracle_ends_at_the_truth(store):
    frontier = measure_frontier(oracle(store, 0.5), store)
    on_it, beyond = frontier.dial[: len(DIAL)], frontier.dial[len(DIAL) :]
    assert all(a.psnr < b.psnr for a, b in itertools.pairwise(on_it))
    assert on_it[-1].psnr > 50 and on_it[-1].ciede2000 < 0.1
    # A saturation goes on from there: more colorful than the truth, and farther from it.
    assert all(a.psnr > b.psnr for a, b in itertools.pairwise((on_it[-1], *beyond)))
    colorful = [point.colorfulness for point in frontier.dial]
    assert colorful == sorted(colorful)
    assert colorful[-1] == pytest.approx(SATURATIONS[-1] * on_it[-1].colorfulness, rel=0.05)
    # Twice a half is the truth; more is too much.
    best = max(frontier.factor, key=lambda point: point.psnr)
    assert best.setting == 2.0


def test_without_a_dial_there_is_no_curve_of_it(store):
    ab = np.asarray(rgb_to_lab(store.images))[..., 1:]
    frontier = measure_frontier(lambda lightness: Prediction(ab, None, None), store)
    assert frontier.dial == () and len(frontier.factor) == len(FACTORS)


def test_a_curve_is_interpolated_as_smooth_and_not_extended():
    """A parabola's own values, which straight lines between its points miss by 0.03 dB."""
    curve = [Point(f, 17.2 * f, 24.8 - 2 * (f - 0.95) ** 2, 9.5 + f) for f in (0.75, 1, 1.25, 1.5)]
    found = at_colorfulness(curve, 17.2 * 1.125)
    assert found == pytest.approx((1.125, 17.2 * 1.125, 24.8 - 2 * 0.175**2, 10.625))
    assert found.psnr - (curve[1].psnr + curve[2].psnr) / 2 == pytest.approx(0.03125)
    assert at_colorfulness(curve, curve[-1].colorfulness) == pytest.approx(curve[-1])
    assert at_colorfulness(curve, 12.8) is None and at_colorfulness(curve, 25.9) is None
    assert at_colorfulness([], 15.0) is None


def test_few_points_and_a_gray_answer_have_their_places_too():
    ends = [Point(0.0, 10.0, 24.0, 8.0), Point(1.0, 20.0, 23.0, 8.4)]
    assert at_colorfulness(ends, 15.0) == pytest.approx((0.5, 15.0, 23.5, 8.2))
    gray = [Point(factor, 10.0, 23.0, 9.0) for factor in FACTORS]
    assert at_colorfulness(gray, 10.0)[1:] == (10.0, 23.0, 9.0)


def test_ways_are_compared_at_the_end_of_the_dial_too():
    dial = (Point(0.0, 17.2, 24.8, 9.5), Point(1.0, 38.37, 23.3, 10.9))
    assert targets(Frontier(dial, ())) == [10.0, 15.0, 20.0, 30.0, 38.3, 38.8]
    assert targets(Frontier((), dial)) == list(TARGETS)
    beyond = Point(1.05, 40.1, 23.1, 11.0)
    assert targets(Frontier((*dial, beyond), ())) == [10.0, 15.0, 20.0, 30.0, 38.3, 38.8]


def test_the_command_writes_figures_and_a_picture(tmp_path, capsys):
    preset = preset_of(dialed_violet(), tmp_path / "preset")
    assert main([str(preset), "--limit", "5", "--out", str(tmp_path / "out")]) == 0
    found = read_json(tmp_path / "out" / "frontier.json")
    assert found["images"] == 5 and found["image_size"] == IMAGE_SIZE
    curve = [point["colorfulness"] for point in found["curves"]["dial"]]
    assert curve == sorted(curve) and len(curve) == len(DIAL) + len(SATURATIONS)
    at = found["at_colorfulness"]["dial"]["30.0"]
    assert curve[0] < at["colorfulness"] < curve[-1]
    assert f"{at['psnr']:.2f}" in capsys.readouterr().out
    picture = (tmp_path / "out" / "frontier.png").read_bytes()
    assert picture.startswith(b"\x89PNG")

    # The kept curves give the same figures, and the same picture.
    assert main([str(tmp_path / "out" / "frontier.json"), "--out", str(tmp_path / "again")]) == 0
    assert read_json(tmp_path / "again" / "frontier.json") == found
    assert (tmp_path / "again" / "frontier.png").read_bytes() == picture


def test_every_other_system_of_the_runs_is_a_point(tmp_path):
    """Two runs of one label too, but not earlier runs of the system that has the curves."""
    runs = []
    for name, system, psnr in (("one", "cnn", 21.0), ("more", "cnn", 22.0), ("old", "tiny", 24.0)):
        values = {"colorfulness": {"mean": 20.0}, "psnr_colored": {"mean": psnr}}
        row = {"system": system, "label": system.upper(), "kind": "ours", "values": values}
        gray = {"system": "do_nothing", "label": "gray", "kind": "do_nothing", "values": values}
        reported = row | {"kind": "reported"}
        metrics = {"metrics": {}, "images": {}, "rows": [row, gray, reported]}
        write_json(tmp_path / name / "metrics.json", metrics)
        runs.append(tmp_path / name)
    assert _points(runs, "tiny") == {
        "CNN": (20.0, 21.0),
        "do nothing": (20.0, 21.0),
        "CNN (more)": (20.0, 22.0),
    }


def test_a_file_that_is_no_frontier_is_named(tmp_path, capsys):
    write_json(tmp_path / "spread.json", {"name": "tiny"})
    assert main([str(tmp_path / "spread.json"), "--out", str(tmp_path / "out")]) == 1
    assert "spread.json: should be a frontier.json" in capsys.readouterr().err


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
