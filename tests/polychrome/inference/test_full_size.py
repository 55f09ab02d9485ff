"""Pictures of any size and depth: what the network sees, and how its colors come back."""

import cv2
import numpy as np
import pytest
from skimage import data

from polychrome.color.planes import f_of, luminance
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab
from polychrome.errors import InputError
from polychrome.inference import full_size, upsampling
from polychrome.inference.full_size import join, seen_lightness
from polychrome.inference.upsampling import lines, scaled_band

WHITES = {"uint8": 255, "uint16": 65535, "float32": 1}
WAYS = ("guided", "bilinear")


def at_depth(rgb: np.ndarray, dtype: str) -> np.ndarray:
    """uint8 levels at another depth, in 16 bits and floats with what 8 bits would lose."""
    if dtype == "uint8":
        return rgb
    fine = rgb + np.random.default_rng(0).uniform(-0.5, 0.5, rgb.shape)
    fine = np.clip(fine / 255, 0, 1) * WHITES[dtype]
    return (np.round(fine) if dtype == "uint16" else fine).astype(dtype)


def gray_level(pixels: np.ndarray) -> np.ndarray:
    """The level, in steps of its depth, of the gray that is as light as each pixel."""
    linear = luminance(pixels).astype(float)
    encoded = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    encoded += 12.92 * np.minimum(linear - 0.0031308, 0.0)
    return encoded * WHITES[pixels.dtype.name]


def chroma_of(rgb: np.ndarray) -> np.ndarray:
    return rgb_to_lab(rgb)[..., 1:]


@pytest.mark.parametrize("upsampling", WAYS)
@pytest.mark.parametrize("dtype", WHITES)
@pytest.mark.parametrize("chroma", [20.0, 150.0])
def test_lightness_stays_within_a_step_whatever_the_colors(dtype, chroma, upsampling):
    pixels = at_depth(data.astronaut()[::2, ::3], dtype)
    pixels[:4], pixels[4:8] = 0, WHITES[dtype]
    ab = np.random.default_rng(1).uniform(-chroma, chroma, (31, 17, 2)).astype("float32")
    joined = join(pixels, ab, upsampling=upsampling)
    assert joined.dtype == pixels.dtype and joined.shape == pixels.shape
    moved = np.abs(gray_level(joined) - gray_level(pixels))
    # Half a step by rounding each channel, and a little by errors of 32-bit floats.
    assert moved.max() <= (4e-6 if dtype == "float32" else 0.75)
    assert np.hypot(*np.moveaxis(chroma_of(joined / np.float32(WHITES[dtype])), -1, 0)).mean() > 6


@pytest.mark.parametrize("upsampling", WAYS)
def test_gray_stays_gray_without_chroma(upsampling):
    gray = data.camera()[::4, ::4]
    joined = join(gray, np.zeros((16, 16, 2), np.float32), upsampling=upsampling)
    np.testing.assert_array_equal(joined, np.repeat(gray[..., None], 3, axis=-1))


@pytest.mark.parametrize("upsampling", WAYS)
def test_bands_show_no_seams(monkeypatch, upsampling):
    pixels = at_depth(data.astronaut()[:200], "float32")
    ab = np.random.default_rng(0).uniform(-30, 30, (9, 13, 2)).astype("float32")
    whole = join(pixels, ab, upsampling=upsampling)
    for rows in (1, 7):
        monkeypatch.setattr(full_size, "_BAND_PIXELS", rows * pixels.shape[1])
        banded = join(pixels, ab, upsampling=upsampling)
        np.testing.assert_allclose(banded, whole, rtol=0, atol=1e-5)


def test_scaling_equals_opencvs_on_the_whole():
    small = np.random.default_rng(0).normal(size=(7, 5, 4)).astype("float32")
    expected = cv2.resize(small, (61, 40), interpolation=cv2.INTER_LINEAR)
    found = np.stack(scaled_band(small, 11, 29, (40, 61)), axis=-1)
    np.testing.assert_allclose(found, expected[11:29], rtol=0, atol=1e-5)


def two_halves() -> tuple[np.ndarray, np.ndarray]:
    """A light red next to a dark blue half, and their true chroma; the edge is at column 101."""
    lab = np.empty((160, 200, 3), np.float32)
    lab[:, :101], lab[:, 101:] = (65, 40, 25), (35, 15, -40)
    return lab_to_rgb(lab), lab[..., 1:]


def test_guided_colors_end_at_the_edge_where_bilinear_ones_bleed():
    pixels, true = two_halves()
    ab = cv2.resize(true, (25, 20), interpolation=cv2.INTER_AREA)
    error = {
        way: np.linalg.norm(chroma_of(join(pixels, ab, upsampling=way)) - true, axis=-1)
        for way in WAYS
    }
    near, far = np.s_[:, 97:105], np.s_[:, :85]
    assert error["bilinear"][near].mean() > 15
    assert error["guided"][near].mean() < 0.5 * error["bilinear"][near].mean()
    assert error["guided"][far].max() < 0.1


def test_without_edges_both_ways_are_one():
    flat = np.full((90, 120, 3), 0.4, np.float32)
    ab = np.random.default_rng(0).uniform(-20, 20, (9, 12, 2)).astype("float32")
    np.testing.assert_allclose(join(flat, ab), join(flat, ab, upsampling="bilinear"), atol=1e-6)


def test_texture_of_lightness_is_not_painted_where_chroma_does_not_follow_it():
    rng = np.random.default_rng(0)
    pixels = np.repeat(rng.uniform(0.3, 0.6, (120, 160, 1)), 3, axis=-1).astype("float32")
    slope = np.linspace(-20, 20, 16, dtype="float32")
    ab = np.stack(np.broadcast_arrays(slope[:12, None], slope[None]), axis=-1)
    guided, bilinear = (chroma_of(join(pixels, ab, upsampling=way)) for way in WAYS)
    assert np.abs(guided - bilinear).mean() < 0.1


def test_scratches_take_on_no_colors_that_nothing_around_has(monkeypatch):
    shades = np.random.default_rng(0).uniform(5, 45, (20, 25)).astype("float32")
    ab = np.stack([0.6 * shades, 0.2 * shades], axis=-1)  # a* up to 27
    scratched = np.kron(shades, np.ones((8, 8), np.float32))
    scratched[80] = 75  # one pixel wide, so that the small picture hardly shows it
    pixels = lab_to_rgb(scratched[..., None] * np.float32([1, 0, 0]))

    def on_scratch() -> float:
        return chroma_of(join(pixels, ab, lightness=shades))[80, :, 0].max()

    assert on_scratch() < 30
    monkeypatch.setattr(upsampling, "REACH", 100.0)
    assert on_scratch() > 35


def test_lines_go_through_the_chroma_of_their_pixels():
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 100, (8, 9)).astype("float32")
    ab = rng.normal(0, 20, (8, 9, 2)).astype("float32")
    ab[..., 0] += 0.5 * lightness
    found = lines(lightness, ab).chroma
    through = found[..., :2] * lightness[..., None] + found[..., 2:]
    np.testing.assert_allclose(through, ab, atol=1e-4)
    assert 0.1 < found[..., 0].mean() < 0.5 and np.abs(found[..., 1]).mean() < 0.1


@pytest.mark.parametrize("dtype", WHITES)
def test_a_picture_is_seen_alike_at_every_depth_and_as_one_plane(dtype):
    gray = data.camera()[:301, :450]
    expected = seen_lightness(gray, 64)
    assert expected.shape == (1, 64, 96, 1) and expected.dtype == np.float32
    exact = (gray / np.float32(255) * np.float32(WHITES[dtype])).astype(dtype)
    for pixels in (exact, np.repeat(exact[..., None], 3, axis=-1)):
        seen = seen_lightness(pixels, 64)
        # A level more or less where 8 bits round.
        assert (np.abs(seen - expected) > 1e-3).mean() < 0.01
        assert np.abs(seen - expected).max() < 0.6


def test_grain_is_averaged_away_before_the_network_sees_it():
    grain = np.random.default_rng(0).normal(0.5, 0.1, (640, 960)).astype("float32")
    seen = seen_lightness(np.clip(grain, 0, 1), 64)
    assert seen.std() < 0.2 * (116 * f_of(luminance(np.clip(grain, 0, 1)))).std()


def test_unknown_ways_and_other_shapes_are_one_line():
    pixels, ab = np.zeros((8, 8), np.uint8), np.zeros((4, 4, 2), np.float32)
    for options, message in (
        ({"ab": ab, "upsampling": "nearest"}, "is 'nearest', should be guided or bilinear"),
        ({"ab": ab[..., :1]}, r"ab has the shape \(4, 4, 1\)"),
        ({"ab": ab, "lightness": np.zeros((4, 3))}, r"lightness has the shape \(4, 3\)"),
    ):
        with pytest.raises(InputError, match=message):
            join(pixels, **options)
    for unusable, message in (
        (np.zeros((8, 8)), "pixels: float64, should be uint8, uint16 or float32"),
        (np.zeros((8, 8, 4), np.uint8), r"pixels: shape \(8, 8, 4\), should be \[height"),
    ):
        with pytest.raises(InputError, match=message):
            join(unusable, ab)
        with pytest.raises(InputError, match=message):
            seen_lightness(unusable, 4)
