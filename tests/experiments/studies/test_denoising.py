"""Denoising before a colorizer, with colorizers of which it is known what grain does to them."""

import numpy as np
import pytest

from experiments.denoising import main
from experiments.studies.denoising import GRAIN, WAYS, measure_denoising
from polychrome.inference.types import Prediction


def of_each_pixel(lightness) -> Prediction:
    """Colors that follow the lightness of their pixel, grain included."""
    return Prediction(np.repeat(lightness - 50.0, 2, axis=-1))


def of_nothing(lightness) -> Prediction:
    return Prediction(np.full((*lightness.shape[:3], 2), 5.0, np.float32))


@pytest.fixture(scope="module")
def smooth_pictures():
    """Two of slow changes and one that is gray: uint8 `[3, 96, 96, 3]`."""
    ramp = np.linspace(60, 200, 96)
    plane = ramp[:, None] * 0.5 + ramp[None] * 0.5
    colored = np.stack([plane, plane - 40, plane - 50], axis=-1)
    gray = np.repeat(plane[..., None], 3, axis=-1)
    return np.stack([colored, colored[::-1], gray]).astype(np.uint8)


def test_where_colors_follow_the_grain_denoising_brings_them_back(smooth_pictures):
    found = measure_denoising(smooth_pictures, 32, of_each_pixel)
    assert found["images"] == 2
    for grain in GRAIN:
        ways = {way: found[f"{grain:g}"][way]["from_clean"]["mean"] for way in WAYS}
        assert ways["non-local means"] < 0.7 * ways["plain"]
        assert ways["bilateral"] < ways["plain"]
    plain = [found[f"{grain:g}"]["plain"]["from_clean"]["mean"] for grain in GRAIN]
    assert plain == sorted(plain) and plain[0] > 0.3


def test_where_colors_do_not_depend_on_the_picture_nothing_changes(smooth_pictures):
    found = measure_denoising(smooth_pictures, 32, of_nothing)
    for grain in GRAIN:
        for way in WAYS:
            assert found[f"{grain:g}"][way]["from_clean"]["mean"] == 0.0
            assert found[f"{grain:g}"][way]["from_truth"]["mean"] > 1.0


def test_the_command_prints_every_strength_and_way(tmp_path, capsys):
    assert main(["photo", "--limit", "2", "--image-size", "160", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert all(f"grain {grain:g}, {way}" in printed for grain in GRAIN for way in WAYS)
    assert (tmp_path / "denoising.json").is_file()
