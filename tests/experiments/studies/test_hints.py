"""The study of hints, on pictures where it is known what hints do."""

import numpy as np
import pytest
from tiny_colorizers import dialed_violet, preset_of

from experiments.hints import main
from experiments.studies.hints import edge_leakage, grid_places, measure_hints, true_hint
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.files import read_json
from polychrome.inference.types import Prediction


def parts(*colors) -> np.ndarray:
    """uint8 `[1, 48, 72, 3]`: upright parts of even L*, a* and b*, from the widest on."""
    lab = np.empty((1, 48, 72, 3), np.float32)
    edges = [0, 36, 58, 72]
    for start, stop, color in zip(edges, edges[1:], colors, strict=False):
        lab[:, :, start:stop] = color
    return to_uint8(lab_to_rgb(lab))


COLORS = ((30, 25, 10), (60, -20, 20), (85, 5, -15))


def gray(lightness) -> Prediction:
    nothing = np.zeros((*lightness.shape[:3], 2), np.float32)
    return Prediction(nothing, nothing, nothing[..., :1] + 15.0)


@pytest.fixture(scope="module")
def found():
    return measure_hints(np.concatenate([parts(*COLORS), parts(*COLORS[::-1])]), 24, gray)


def test_hints_bring_the_truth_back(found):
    assert found["images"] == 2
    for way in ("random", "grid", "asked"):
        gains = [found["gain"][way][count]["mean"] for count in ("1", "2", "5", "10", "20")]
        assert gains[-1] > 6 and gains[-1] > gains[0] and gains[2] > 1
    none = found["psnr"]["none"]["0"]["mean"]
    assert found["psnr"]["grid"]["5"]["mean"] == pytest.approx(
        none + found["gain"]["grid"]["5"]["mean"], abs=1e-3
    )


def test_three_questions_find_three_parts(found):
    """Two random places of three are often in one part; the widest part comes first."""
    assert found["asked_over"]["random"]["2"]["mean"] > 0
    assert found["distance"]["faithful"]["mean"] > found["distance"]["offered"]["mean"] > 0


def test_little_goes_across_edges(found):
    assert 0 <= found["leakage"]["mean"] < 0.1


def test_leakage_of_known_changes():
    lightness = np.full((30, 40), 20.0)
    lightness[:, 20:] = 70.0
    stops = np.where(np.arange(40) < 20, 10.0, 0.0) * np.ones((30, 1))
    assert edge_leakage(lightness, stops) == 0
    assert edge_leakage(lightness, np.full((30, 40), 3.0)) == 1
    assert edge_leakage(lightness, stops + 5) == pytest.approx(1 / 3)
    assert edge_leakage(lightness.T, stops.T + 5) == pytest.approx(1 / 3)
    assert np.isnan(edge_leakage(np.zeros((30, 40)), stops))


def test_a_perfect_answer_has_the_grading_tables_limit():
    photo = parts(*[(60, -20, 20)] * 3)
    ab = rgb_to_lab(photo[0, 0, 0])[1:]

    def exact(lightness) -> Prediction:
        return Prediction(np.broadcast_to(ab, (*lightness.shape[:3], 2)))

    found = measure_hints(photo, 24, exact)
    assert found["psnr"]["none"]["0"]["mean"] == pytest.approx(60)


def test_a_true_hint_is_the_mean_of_its_disk():
    photo = np.zeros((20, 20, 3), np.uint8)
    photo[:, 10:] = 200
    assert true_hint(photo, 15, 10).rgb == (200, 200, 200)
    # A disk of 37 pixels on the border of both.
    rows, columns = np.ogrid[:20, :20]
    disk = (rows - 10) ** 2 + (columns - 10) ** 2 <= 9
    assert true_hint(photo, 10, 10).rgb[0] == round(photo[disk].mean())


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10, 20])
def test_a_grid_has_so_many_places_evenly(count):
    places = grid_places(90, 60, count)
    assert len(set(places)) == count
    assert all(0 <= x < 90 and 0 <= y < 60 for x, y in places)
    assert np.abs(np.mean(places, axis=0) - [44.5, 29.5]).max() < 8


def test_without_a_spread_nothing_is_asked():
    found = measure_hints(parts(*COLORS), 24, lambda lightness: Prediction(gray(lightness).ab))
    assert set(found["gain"]) == {"random", "grid"}
    assert "asked_over" not in found and "distance" not in found


def test_the_command_writes_figures_a_curve_and_a_table(tmp_path, capsys):
    preset = preset_of(dialed_violet(), tmp_path / "preset")
    out = tmp_path / "out"
    assert main([str(preset), "--limit", "1", "--image-size", "40", "--out", str(out)]) == 0
    record = read_json(out / "hints.json")
    assert record["seen"] == 16 and record["images"] == 1
    assert set(record["gain"]) == {"random", "grid", "asked"}
    assert (out / "hints.png").read_bytes().startswith(b"\x89PNG")
    assert "asked over grid" in capsys.readouterr().out


def test_networks_that_take_hints_get_them():
    """One that paints each half of a picture in the mean of the hints there."""
    photos = np.concatenate([parts((30, 25, 10), (60, -20, 20), (60, -20, 20))] * 2)
    got = []

    def painted(lightness, marks):
        got.append(marks[0].marked)
        ab = np.zeros((*lightness.shape[:3], 2), np.float32)
        for half in (slice(0, 18), slice(18, None)):
            marked = marks[0].marked[:, half]
            if marked.any():
                ab[0, :, half] = marks[0].ab[:, half][marked].mean(axis=0)
        return Prediction(ab)

    found = measure_hints(photos, 24, gray, painted)
    assert found["gain"]["grid"]["2"]["low"] > 10
    assert found["psnr"]["grid"]["20"]["mean"] > 35
    # At the size that the network sees; 2 pictures, 3 ways, 5 numbers of hints.
    assert len(got) == 30 and all(marked.shape == (24, 36) for marked in got)
    assert got[4].sum() > got[0].sum() > 0
