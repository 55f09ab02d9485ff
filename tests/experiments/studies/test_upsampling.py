"""Guided against bilinear upsampling, on pictures where it is known which is better."""

import numpy as np
import pytest
from tiny_colorizers import preset_of, violet

from experiments.studies.edges import STRONG
from experiments.studies.upsampling import measure_upsampling, near_strong_edges
from experiments.upsampling import main
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.files import read_json
from polychrome.inference.types import Prediction


def gray(lightness) -> Prediction:
    return Prediction(np.zeros((*lightness.shape[:3], 2), np.float32))


def halves(left, right) -> np.ndarray:
    """uint8 `[1, 64, 64, 3]`; the colors, L*, a* and b*, meet at column 29."""
    lab = np.empty((1, 64, 64, 3), np.float32)
    lab[:, :, :29], lab[:, :, 29:] = left, right
    return to_uint8(lab_to_rgb(lab))


def test_colors_that_change_with_lightness_gain_near_the_edge_alone():
    found = measure_upsampling(halves((70, 30, 20), (30, 0, -30)), 16, gray)
    truth = found["truth"]
    assert truth["guided"]["near_edges"]["mean"] < 0.6 * truth["bilinear"]["near_edges"]["mean"]
    assert truth["difference"]["near_edges"]["mean"] < 0
    assert truth["better"]["near_edges"] == found["images"] == 1
    assert truth["guided"]["sharpness"] > truth["bilinear"]["sharpness"] + 0.1
    # 8 of 64 columns: two on which L* changes, and 3 on either side.
    assert found["near_edges"] == pytest.approx(8 / 64)


def test_the_error_of_a_gray_prediction_is_that_of_gray():
    picture = halves((70, 30, 20), (30, 0, -30))
    found = measure_upsampling(picture, 16, gray)["prediction"]
    for way in ("guided", "bilinear"):
        assert found[way]["elsewhere"]["mean"] > 15 and not found[way]["sharpness"]
    assert found["difference"]["near_edges"]["mean"] == pytest.approx(0.0, abs=1e-4)


def test_gray_photographs_do_not_count():
    pictures = np.concatenate([halves((70, 30, 20), (30, 0, -30)), halves((70, 0, 0), (30, 0, 0))])
    assert measure_upsampling(pictures, 16, gray)["images"] == 1


def test_the_band_reaches_three_pixels_from_a_strong_edge():
    lightness = np.full((20, 30), 40.0)
    lightness[:, 15:] += STRONG
    near = near_strong_edges(lightness)
    assert near[:, 11:19].all() and near.sum() == 8 * 20
    assert (near_strong_edges(lightness.T) == near.T).all()
    assert not near_strong_edges(lightness * 0.9).any()


def test_the_true_chroma_of_photographs_is_nearer_when_guided(tiles_of):
    found = measure_upsampling(tiles_of(6, 96, gray=5).images, 16, gray)
    truth = found["truth"]
    assert found["images"] == 5
    for place in ("near_edges", "elsewhere"):
        assert truth["difference"][place]["mean"] < 0
    errors = [rgb_to_lab(photo)[..., 1:] for photo in tiles_of(5, 96, gray=4).images[:4]]
    assert np.linalg.norm(np.stack(errors), axis=-1).mean() > 5


def test_the_command_writes_figures_and_prints_them(tmp_path, capsys):
    preset = preset_of(violet(), tmp_path / "preset")
    arguments = [str(preset), "--limit", "2", "--image-size", "48", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert read_json(tmp_path / "out/upsampling.json")["images"] == 2
    assert main([*arguments, "--all"]) == 0
    record = read_json(tmp_path / "out/upsampling.json")
    assert record["seen"] == 16 and record["images"] > 3
    assert set(record["truth"]) == {"guided", "bilinear", "difference", "better"}
    assert "truth, guided" in capsys.readouterr().out
    assert main([*arguments, "--seen", "48"]) == 1
    assert "48 pixels: nothing is brought up from 48" in capsys.readouterr().err
