"""The picture at the top of README."""

import cv2
import numpy as np
import pytest
from skimage.color import rgb2lab
from tiny_colorizers import dialed_violet, preset_of, violet

import polychrome
from experiments.pictures.showcase import PHOTOGRAPHS, SIDE, main, pictures


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    return preset_of(dialed_violet(), tmp_path_factory.mktemp("presets") / "dialed")


def test_photographs_keep_their_lightness_and_get_the_colorizers_color(preset):
    rows = pictures(polychrome.load(preset), 0.0)
    gray, colorized, truth = (rows[name].astype(int) for name in ("gray", "colorized", "truth"))
    assert np.ptp(gray, axis=-1).max() <= 1 and np.ptp(truth, axis=-1).max() > 100
    lightness = rgb2lab(truth.astype("uint8"))[..., 0]
    for row in (gray, colorized):
        np.testing.assert_allclose(rgb2lab(row.astype("uint8"))[..., 0], lightness, atol=1.0)
    violet_everywhere = rgb2lab(colorized.astype("uint8"))[lightness > 40]
    assert violet_everywhere[:, 1].mean() > 10 and violet_everywhere[:, 2].mean() < -10


def test_the_command_draws_them_in_three_rows(preset, tmp_path, capsys):
    out = tmp_path / "showcase.png"
    found = {}
    for vivid in ("0", "1"):
        assert main([str(preset), "--vivid", vivid, "--out", str(out)]) == 0
        found[vivid] = cv2.imread(str(out)).astype(int)
        # From the lower right corner: cells of SIDE pixels, 6 between them.
        cells = [
            [
                found[vivid][-(row + 1) * (SIDE + 6) : -row * (SIDE + 6) - 6]
                [:, -(column + 1) * (SIDE + 6) : -column * (SIDE + 6) - 6]
                for column in range(len(PHOTOGRAPHS))
            ]
            for row in range(3)
        ]  # fmt: skip
        spread = [np.mean([np.ptp(cell, axis=-1).mean() for cell in row]) for row in cells]
        assert spread[2] < 1 < min(spread[:2])  # gray above, the truth at the bottom
        found[vivid] = spread[1]
    assert found["1"] > 2 * found["0"]
    assert str(out) in capsys.readouterr().out


def test_a_colorizer_without_a_dial_is_not_asked_for_vivid_color(tmp_path, capsys):
    plain = preset_of(violet(), tmp_path / "plain")
    assert main([str(plain), "--vivid", "0.5", "--out", str(tmp_path / "x.png")]) == 1
    assert "violet has no dial" in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()
