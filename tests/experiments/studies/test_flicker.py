"""Clips of known motion, and the figures of flicker on clips of which it is known."""

import cv2
import numpy as np
import pytest

from experiments.flicker import main
from experiments.studies import flicker
from experiments.studies.moving import (
    MOTIONS,
    clip_of,
    color_consistency,
    moved_back,
    warping_error,
)
from polychrome.inference.types import Prediction


@pytest.fixture(scope="module")
def photograph(smooth):
    """Smooth, so that resampling is exact: uint8 `[128, 128, 3]`."""
    return cv2.GaussianBlur(smooth(1, 128, 128)[0], (0, 0), 3)


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("direction", [0.5, 4.0])
def test_the_true_motion_brings_the_next_frame_back(photograph, motion, direction):
    clip = clip_of(photograph, motion, 96, 8, direction)
    frames = clip.frames.astype(np.float32)
    for index in range(7):
        back = moved_back(frames[index + 1], clip, index)
        inside = ~np.isnan(back)
        assert inside.mean() > 0.8
        moved, still = (
            np.abs(each - frames[index])[inside].mean() for each in (back, frames[index + 1])
        )
        assert moved < 1.0 and still > 1.2 * moved
    assert np.abs(frames[7] - frames[0]).mean() > 3.0


def test_flicker_is_the_change_that_motion_does_not_explain(photograph):
    clip = clip_of(photograph, "pan", 96, 8, 1.0)
    still = np.full((8, 96, 96, 2), [20.0, -10.0], np.float32)
    assert warping_error(still, clip) < 1e-4
    flashing = still.copy()
    flashing[::2] += [3.0, 4.0]
    assert warping_error(flashing, clip) == pytest.approx(5.0, abs=1e-4)
    things = clip.frames[..., :2].astype(np.float32) / 4.0
    assert warping_error(things, clip) < 0.5


def test_color_consistency_of_known_histograms():
    frames = np.zeros((6, 4, 4, 3), np.uint8)
    assert color_consistency(frames) == 0.0
    # Histograms without a common bin differ by log 2, here in one channel of three.
    frames[::2, ..., 1] = 200
    assert color_consistency(frames, steps=(1,)) == pytest.approx(np.log(2) / 3)
    assert color_consistency(frames, steps=(2, 4)) == 0.0
    frames[:, :2] = 7  # half of each frame stays
    assert color_consistency(frames, steps=(1,)) == pytest.approx(np.log(2) / 6)


def test_steady_colors_flicker_less_and_lose_nothing_else(smooth, monkeypatch):
    monkeypatch.setattr(flicker, "FRAMES", 12)
    texture = np.random.default_rng(0).integers(-20, 20, (1, 128, 128, 1))
    photographs = np.clip(smooth(2, 128, 128).astype(int) + texture, 0, 255).astype(np.uint8)
    photographs[1] = photographs[1, ..., :1]  # gray, which does not count
    chance = np.random.default_rng(1)

    def nervous(lightness):
        ab = np.repeat(lightness - 50.0, 2, axis=-1) * [0.6, 0.3]
        return Prediction((ab + chance.normal(0.0, 6.0, (1, 1, 1, 2))).astype(np.float32))

    found, worst = flicker.measure_flicker(photographs, 48, nervous, grain=2.0)
    assert found["clips"] == 3
    means = {row: {k: v["mean"] for k, v in found[row].items()} for row in flicker.ROWS}
    assert means["gray"]["flicker"] < 1e-3 and means["gray"]["colorfulness"] < 0.1
    assert means["steady"]["flicker"] < 0.6 * means["frame by frame"]["flicker"]
    assert means["steady"]["psnr"] > means["frame by frame"]["psnr"] - 0.2
    assert means["steady"]["colorfulness"] > 0.9 * means["frame by frame"]["colorfulness"]
    assert means["steady"]["cdc"] < means["frame by frame"]["cdc"]
    assert flicker.side_by_side(worst, 3).shape == (192, 288, 3)
    assert "psnr" not in means["truth"] and means["truth"]["colorfulness"] > 10


@pytest.mark.long
def test_the_command_prints_every_row(tmp_path, capsys):
    assert main(["photo", "--limit", "1", "--image-size", "176", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert all(row in printed for row in flicker.ROWS) and "3 clips" in printed
    assert {path.name for path in tmp_path.iterdir()} == {"flicker.json", "flicker.jpg"}
