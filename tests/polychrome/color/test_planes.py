"""Colors by planes are those of `polychrome.color.spaces`."""

import numpy as np
import pytest

from polychrome.color import spaces
from polychrome.color.planes import f_of, levels, linear_rgb, luminance

# Every combination of 12 levels, the darkest and the lightest among them.
LEVELS = np.array([0, 1, 2, 9, 11, 40, 77, 128, 190, 222, 254, 255], np.uint8)
RGB = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS), axis=-1).reshape(-1, 12, 3)
WHITES = {"uint8": 255, "uint16": 65535, "float32": 1}


def colors(seed: int, chroma: float) -> np.ndarray:
    """L* 0...100, black and white among them, and a*, b* of either sign: `[400, 50, 3]`."""
    rng = np.random.default_rng(seed)
    lab = rng.uniform(-1, 1, (400, 50, 3)) * [50, chroma, chroma] + [50, 0, 0]
    lab[0, :, 0], lab[1, :, 0] = 0, 100
    return lab.astype("float32")


def rgb_of(lab: np.ndarray, dtype: str) -> np.ndarray:
    y = ((lab[..., 0] + 16) / 116) ** 3
    y = np.where(lab[..., 0] > 8, y, lab[..., 0] / (116 * spaces.SLOPE)).astype("float32")
    planes = linear_rgb(y, f_of(y), lab[..., 1].copy(), lab[..., 2].copy())
    return np.stack([levels(plane, np.dtype(dtype)) for plane in planes], axis=-1)


@pytest.mark.parametrize("dtype", WHITES)
def test_lightness_of_every_depth(dtype):
    white = WHITES[dtype]
    given = (RGB / np.float32(255) * np.float32(white)).astype(dtype)
    expected = spaces.rgb_to_lab((given / np.float64(white)).astype("float32"))[..., 0]
    np.testing.assert_allclose(116 * f_of(luminance(given)) - 16, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("dtype", WHITES)
def test_a_gray_plane_is_as_light_as_three_equal_ones(dtype):
    gray = (LEVELS[None] / np.float32(255) * np.float32(WHITES[dtype])).astype(dtype)
    thrice = np.repeat(gray[..., None], 3, axis=-1)
    np.testing.assert_allclose(luminance(gray), luminance(thrice), rtol=1e-6)


@pytest.mark.parametrize("chroma", [15.0, 120.0])
def test_colors_in_and_outside_of_the_gamut(chroma):
    lab = colors(0, chroma)
    outside = np.ptp(spaces.fit_gamut(lab) - lab, axis=-1) > 0
    assert 0.02 < outside.mean() < 0.98
    expected = spaces.lab_to_rgb(spaces.fit_gamut(lab))
    difference = np.abs(rgb_of(lab, "float32") - expected).max(axis=-1)
    # The tolerance and rounding decide the last step of the search for colors on the surface.
    assert (difference > 2e-5).mean() < 0.01 and difference.max() < 0.02


def test_levels_are_rounded_to_the_nearest():
    lab = colors(1, 30.0)
    exact = spaces.lab_to_rgb(spaces.fit_gamut(lab)).astype(float)
    for dtype in ("uint8", "uint16"):
        away = np.abs(rgb_of(lab, dtype) - WHITES[dtype] * exact).max(axis=-1)
        assert np.quantile(away, 0.99) < 0.5 + 2e-5 * WHITES[dtype]
