"""Colors against scikit-image, Bruce Lindbloom's figures, and themselves there and back."""

import itertools
import warnings

import numpy as np
import pytest
import skimage.color
import tensorflow as tf

from polychrome.color import spaces as color
from polychrome.color.scaling import LINKOPING_YUV, PADOVA, UNIT, VVIT, ZHANG, Scaling

TOLERANCE = 1e-3
SCALINGS = [PADOVA, UNIT, ZHANG, VVIT]

MODES = {
    "numpy": lambda function: function,
    "eager": lambda function: function,
    "graph": tf.function,
    "xla": lambda function: tf.function(function, jit_compile=True),
}


@pytest.fixture(params=MODES)
def run(request):
    """Calls a function of one array in one of the ways above and gives an array."""
    give = np.asarray if request.param == "numpy" else tf.constant
    mode = MODES[request.param]
    return lambda function, array: np.asarray(mode(function)(give(array)))


def skimage_rgb(lab):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*negative Z values.*")
        return skimage.color.lab2rgb(lab)


def _rgb_bytes():
    """uint8 [n, 3]: random, gray, primary and near-black colors, and a grid over the cube."""
    random = np.random.default_rng(0).integers(0, 256, (2000, 3))
    grays = np.repeat(np.arange(256)[:, None], 3, axis=1)
    corners = list(itertools.product((0, 255), repeat=3))
    # The gamma curve of sRGB changes its formula between 10 and 11, the root of Lab near 3.
    dark = list(itertools.product((0, 1, 2, 3, 5, 10, 11, 12), repeat=3))
    grid = list(itertools.product(range(0, 256, 51), repeat=3))
    return np.concatenate([random, grays, corners, dark, grid]).astype(np.uint8)


def _rgb_floats():
    """float32 [n, 3] in [0, 1], among them values beside the joint of the gamma curve."""
    random = np.random.default_rng(1).random((2000, 3))
    dark = np.random.default_rng(2).random((500, 3)) * 0.02
    joint = np.repeat([[0.040449], [0.04045], [0.040451]], 3, axis=1)
    return np.concatenate([random, dark, joint, _rgb_bytes() / 255]).astype(np.float32)


def _wild_lab():
    """float32 [n, 3]: L* 0...100 with any a*, b* a network may answer; most are no sRGB color."""
    rng = np.random.default_rng(3)
    random = rng.uniform([0, -128, -128], [100, 128, 128], (3000, 3))
    grid = list(itertools.product((0, 1, 8, 50, 99, 100), (-128, 0, 128), (-128, 0, 128)))
    return np.concatenate([random, grid]).astype(np.float32)


RGB = {"uint8": _rgb_bytes(), "float": _rgb_floats()}
WILD_LAB = _wild_lab()


@pytest.mark.parametrize("kind", RGB)
def test_rgb_to_lab_is_skimage_rgb2lab(run, kind):
    rgb = RGB[kind]
    lab = run(color.rgb_to_lab, rgb)
    assert lab.dtype == np.float32
    np.testing.assert_allclose(lab, skimage.color.rgb2lab(rgb), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("lab", [skimage.color.rgb2lab(RGB["float"]), WILD_LAB], ids=["in", "out"])
def test_lab_to_rgb_is_skimage_lab2rgb(run, lab):
    rgb = run(color.lab_to_rgb, lab.astype(np.float32))
    assert rgb.dtype == np.float32
    assert rgb.min() >= 0.0 and rgb.max() <= 1.0
    np.testing.assert_allclose(rgb, skimage_rgb(lab), rtol=0, atol=TOLERANCE)


def test_the_wild_colors_leave_the_gamut():
    rgb = skimage_rgb(WILD_LAB)
    assert np.mean(np.any((rgb == 0) | (rgb == 1), axis=-1)) > 0.5


@pytest.mark.parametrize("kind", RGB)
def test_rgb_to_yuv_is_skimage_rgb2yuv(run, kind):
    rgb = RGB[kind]
    expected = skimage.color.rgb2yuv(rgb)
    np.testing.assert_allclose(run(color.rgb_to_yuv, rgb), expected, rtol=0, atol=TOLERANCE)


def test_yuv_to_rgb_is_skimage_yuv2rgb_clipped(run):
    yuv = np.random.default_rng(4).uniform([0, -0.5, -0.7], [1, 0.5, 0.7], (1000, 3))
    expected = np.clip(skimage.color.yuv2rgb(yuv), 0, 1)
    rgb = run(color.yuv_to_rgb, yuv.astype(np.float32))
    np.testing.assert_allclose(rgb, expected, rtol=0, atol=TOLERANCE)


# Bruce Lindbloom, CIE Color Calculator (brucelindbloom.com), sRGB, D65, no adaptation. His matrix
# has more digits than scikit-image's, hence the tolerance.
LINDBLOOM = {
    "black": ((0, 0, 0), (0, 0, 0)),
    "white": ((255, 255, 255), (100, 0, 0)),
    "red": ((255, 0, 0), (53.2408, 80.0925, 67.2032)),
    "green": ((0, 255, 0), (87.7347, -86.1827, 83.1793)),
    "blue": ((0, 0, 255), (32.2970, 79.1875, -107.8602)),
    "yellow": ((255, 255, 0), (97.1393, -21.5537, 94.4780)),
    "cyan": ((0, 255, 255), (91.1132, -48.0875, -14.1312)),
    "magenta": ((255, 0, 255), (60.3242, 98.2343, -60.8249)),
}


@pytest.mark.parametrize("name", LINDBLOOM)
def test_lab_of_primaries(name):
    rgb, lab = LINDBLOOM[name]
    np.testing.assert_allclose(color.rgb_to_lab(np.uint8(rgb)), lab, rtol=0, atol=0.01)
    np.testing.assert_allclose(color.lab_to_rgb(np.float32(lab)) * 255, rgb, rtol=0, atol=0.2)


def test_documented_ranges_of_lab_hold():
    lab = color.rgb_to_lab(np.uint8(list(itertools.product(range(0, 256, 15), repeat=3))))
    assert np.all(np.round(lab.min(axis=0)) == [0, -86, -108])
    assert np.all(np.round(lab.max(axis=0)) == [100, 98, 94])


@pytest.mark.parametrize(
    "there, back", [("rgb_to_lab", "lab_to_rgb"), ("rgb_to_yuv", "yuv_to_rgb")]
)
def test_round_trip(there, back):
    there, back = getattr(color, there), getattr(color, back)
    np.testing.assert_array_equal(color.to_uint8(back(there(RGB["uint8"]))), RGB["uint8"])
    np.testing.assert_allclose(back(there(RGB["float"])), RGB["float"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 5, 7, 3), (0, 4, 4, 3)])
def test_any_leading_axes(shape):
    rgb = np.random.default_rng(5).random(shape).astype(np.float32)
    for function in (color.rgb_to_lab, color.lab_to_rgb, color.fit_gamut, color.rgb_to_yuv):
        assert function(rgb).shape == shape
    assert color.gray_mean(rgb).shape == (*shape[:-1], 1)


def test_fit_gamut_keeps_lightness_and_hue_on_the_screen(run):
    fitted = run(color.fit_gamut, WILD_LAB)
    seen = color.rgb_to_lab(color.lab_to_rgb(fitted))
    np.testing.assert_array_equal(fitted[:, 0], WILD_LAB[:, 0])
    np.testing.assert_allclose(seen[:, 0], WILD_LAB[:, 0], rtol=0, atol=4e-3)
    # Hue as the distance from the ray of the wanted hue, which also holds near neutral.
    wanted = WILD_LAB[:, 1:] / np.maximum(np.linalg.norm(WILD_LAB[:, 1:], axis=1), 1e-9)[:, None]
    across = seen[:, 1] * wanted[:, 1] - seen[:, 2] * wanted[:, 0]
    along = np.sum(seen[:, 1:] * wanted, axis=1)
    assert np.abs(across).max() < 0.5
    assert along.min() > -0.5


def test_fit_gamut_gives_up_no_more_chroma_than_it_must():
    fitted = color.fit_gamut(WILD_LAB)
    factor = np.linalg.norm(fitted[:, 1:], axis=1) / np.linalg.norm(WILD_LAB[:, 1:], axis=1).clip(
        1e-9
    )
    shrunk = (WILD_LAB[:, 1:] != 0).any(axis=1) & (factor < 1)
    assert shrunk.mean() > 0.5
    # One bisection step more chroma, and a round trip through RGB no longer gives the color back.
    more = WILD_LAB[shrunk] * np.stack(
        [np.ones(shrunk.sum()), *[factor[shrunk] + 2**-7] * 2], axis=1
    )
    back = color.rgb_to_lab(color.lab_to_rgb(more.astype(np.float32)))
    lost = np.abs(back - more).max(axis=1)
    inner = (more[:, 0] > 1) & (more[:, 0] < 99)
    assert lost[inner].min() > 1e-3


@pytest.mark.parametrize("kind", RGB)
def test_fit_gamut_leaves_colors_inside_as_they_are(run, kind):
    lab = color.rgb_to_lab(RGB[kind])
    # White's rounded constants give an L* of 100.00001, which is clipped.
    np.testing.assert_allclose(run(color.fit_gamut, lab), lab, rtol=0, atol=2e-5)


def test_fit_gamut_clips_lightness():
    fitted = color.fit_gamut(np.float32([[-5, 10, 10], [120, 30, -30]]))
    np.testing.assert_allclose(fitted, [[0, 0, 0], [100, 0, 0]], atol=0.6)
    np.testing.assert_array_equal(fitted[:, 0], [0, 100])


OUTSIDE_RGB = np.float32([[-0.5, 0, 0], [1.5, 1, 1], [-0.055, 0.5, 2.0]])
OUTSIDE_LAB = np.float32([[-10, 0, 0], [110, 0, 0], [50, 500, -500], [0, -500, 500]])


@pytest.mark.parametrize(
    "function, points",
    [
        (color.rgb_to_lab, np.concatenate([RGB["float"], OUTSIDE_RGB])),
        (color.lab_to_rgb, np.concatenate([WILD_LAB, OUTSIDE_LAB])),
        (color.fit_gamut, np.concatenate([WILD_LAB, OUTSIDE_LAB])),
        (color.rgb_to_yuv, np.concatenate([RGB["float"], OUTSIDE_RGB])),
        (color.yuv_to_rgb, np.concatenate([RGB["float"] - 0.5, OUTSIDE_RGB])),
        (color.gray_mean, RGB["float"]),
        (color.gray_luma, RGB["float"]),
        (lambda lab: color.lab_to_rgb(color.fit_gamut(lab)), WILD_LAB),
        (lambda rgb: color.lab_to_rgb(color.rgb_to_lab(rgb)), RGB["float"]),
    ],
    ids=[
        "rgb_to_lab",
        "lab_to_rgb",
        "fit_gamut",
        "rgb_to_yuv",
        "yuv_to_rgb",
        "gray_mean",
        "gray_luma",
    ]
    + ["fit_gamut and lab_to_rgb", "there and back"],
)
def test_gradients_are_finite_and_not_all_zero(function, points):
    points = tf.constant(points)
    with tf.GradientTape() as tape:
        tape.watch(points)
        # A graph: eagerly the RGB outside would be refused.
        total = tf.reduce_sum(tf.function(function)(points))
    gradient = tape.gradient(total, points).numpy()
    assert np.isfinite(gradient).all()
    assert np.mean(np.any(gradient != 0, axis=-1)) > 0.4


def test_gradient_of_lab_is_that_of_finite_differences():
    rgb = np.random.default_rng(6).uniform(0.05, 0.95, (50, 3))
    points = tf.constant(rgb.astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(points)
        lab = color.rgb_to_lab(points)
    for channel in range(3):
        step = np.eye(3)[channel] * 1e-6
        rise = skimage.color.rgb2lab(rgb + step) - skimage.color.rgb2lab(rgb - step)
        with tf.GradientTape() as tape:
            tape.watch(points)
            total = tf.reduce_sum(color.rgb_to_lab(points), axis=-1)
        slope = tape.gradient(total, points).numpy()[:, channel]
        np.testing.assert_allclose(slope, rise.sum(axis=-1) / 2e-6, rtol=1e-3, atol=0.1)
    assert lab.shape == (50, 3)


def test_grays(run):
    rgb = np.uint8([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [10, 20, 60]]])
    mean, luma = run(color.gray_mean, rgb), run(color.gray_luma, rgb)
    np.testing.assert_allclose(mean[0, :, 0], [1 / 3, 1 / 3, 1 / 3, 1, 30 / 255], atol=1e-6)
    expected = [0.30, 0.59, 0.11, 1, (3 + 11.8 + 6.6) / 255]
    np.testing.assert_allclose(luma[0, :, 0], expected, atol=1e-6)
    np.testing.assert_allclose(run(color.gray_luma, np.float32(rgb / 255)), luma, atol=1e-6)


def test_conversion_between_bytes_and_floats():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(color.to_uint8(color.to_float(levels)), levels)
    np.testing.assert_array_equal(color.to_float(np.float64([0.25])), np.float32([0.25]))
    rounded = color.to_uint8(np.float32([-1, 0.49 / 255, 0.51 / 255, 254.6 / 255, 7]))
    np.testing.assert_array_equal(rounded, np.uint8([0, 0, 1, 255, 255]))


# name: L* offset, L* scale, ab scale, as the reports and issue of the project give them.
CONSTANTS = {
    "Padova": (PADOVA, 0, 1, 128),
    "L/100, ab/128": (UNIT, 0, 100, 128),
    "Zhang": (ZHANG, 50, 100, 110),
    "VVIT": (VVIT, 50, 50, 110),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_scalings_are_the_documented_ones(name):
    scaling, offset, scale, chroma_scale = CONSTANTS[name]
    assert scaling == Scaling(name, offset, scale, chroma_scale)
    lab = skimage.color.rgb2lab(RGB["uint8"])
    lightness, chroma = scaling.split(RGB["uint8"])
    np.testing.assert_allclose(lightness, (lab[:, :1] - offset) / scale, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(chroma, lab[:, 1:] / chroma_scale, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scaling", SCALINGS, ids=lambda scaling: scaling.name)
def test_split_and_join(scaling):
    from_bytes = scaling.split(RGB["uint8"])
    from_floats = scaling.split(np.float32(RGB["uint8"] / 255))
    for a, b in zip(from_bytes, from_floats, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)
    assert [part.shape[-1] for part in from_bytes] == [1, 2]
    np.testing.assert_array_equal(color.to_uint8(scaling.join(*from_bytes)), RGB["uint8"])
    np.testing.assert_allclose(scaling.join(*scaling.split(RGB["float"])), RGB["float"], atol=1e-4)


@pytest.mark.parametrize("scaling", [*SCALINGS, LINKOPING_YUV], ids=lambda scaling: scaling.name)
def test_from_gray_lightness_and_back_to_ab(scaling):
    levels = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)
    given = scaling.lab_to_lightness(color.rgb_to_lab(levels)[:, :1])
    np.testing.assert_allclose(given, scaling.split(levels)[0], rtol=0, atol=1e-4)
    lightness, chroma = scaling.split(RGB["uint8"])
    ab = color.rgb_to_lab(RGB["uint8"])[:, 1:]
    np.testing.assert_allclose(scaling.to_ab(lightness, chroma), ab, rtol=0, atol=0.02)


def test_yuv_scaling():
    lightness, chroma = LINKOPING_YUV.split(RGB["uint8"])
    yuv = color.rgb_to_yuv(RGB["uint8"])
    np.testing.assert_allclose(lightness, 2 * yuv[:, :1] - 1, atol=1e-6)
    np.testing.assert_allclose(chroma, yuv[:, 1:] / 0.62, atol=1e-6)
    assert np.abs(chroma).max() <= 1
    joined = LINKOPING_YUV.join(lightness, chroma)
    np.testing.assert_array_equal(color.to_uint8(joined), RGB["uint8"])
