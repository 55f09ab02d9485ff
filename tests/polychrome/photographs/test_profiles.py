"""Pixels of files with ICC profiles, in sRGB: against formulas, and against Little CMS."""

import io
import zlib

import numpy as np
import pytest
from icc_profiles import (
    SRGB_CURVE,
    gamma_curve,
    gray_profile,
    matrix_profile,
    parametric_curve,
    table_curve,
    table_profile,
)
from odd_files import deep_picture, opencv, picture, pillow, png_with, tiff
from PIL import Image, ImageCms

RGB, DEEP = picture(), deep_picture()
RAMP = np.arange(65536, dtype=np.uint16).reshape(256, 256)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _png(encoded, profile):
    return png_with(encoded, (b"iCCP", b"name\0\0" + zlib.compress(profile)))


def _srgb(linear):
    """IEC 61966-2-1."""
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


# Adobe RGB (1998), section 4.3.5.3, and IEC 61966-2-1: to XYZ of D65, and from there.
XYZ_FROM_ADOBE = np.array(
    [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
)
SRGB_FROM_XYZ = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)


def _adobe_light(levels):
    """XYZ, and linear light of sRGB's primaries, which sRGB may lack."""
    xyz = levels ** (563 / 256) @ XYZ_FROM_ADOBE.T
    return xyz, xyz @ SRGB_FROM_XYZ.T


def _lightness(luminance):
    """L* of CIE 15."""
    f = np.where(
        luminance > (6 / 29) ** 3, np.cbrt(luminance), luminance / (3 * (6 / 29) ** 2) + 4 / 29
    )
    return 116 * f - 16


x = np.arange(65536) / 65535
GRAY_CURVES = {
    "gamma 1.8": (gamma_curve(1.8), x ** (461 / 256)),
    "gamma 2.2": (gamma_curve(2.2), x ** (563 / 256)),
    "linear": (b"curv" + bytes(8), x),
    "parametric": (parametric_curve(0, 2.0), x**2),
    "sRGB": (SRGB_CURVE, np.where(x >= 0.04045, ((x + 0.055) / 1.055) ** 2.4, x / 12.92)),
    # Dot gain of 20 % at the middle, after Yule and Nielsen.
    "dot gain": (
        table_curve(x[::257] ** 1.75),
        np.interp(x, x[::257], np.round(x[::257] ** 1.75 * 65535) / 65535),
    ),
}


@pytest.mark.parametrize("name", GRAY_CURVES)
def test_gray_gets_the_curve_of_srgb(opened, name):
    curve, light = GRAY_CURVES[name]
    wanted = _srgb(light)
    found = opened(_png(opencv(RAMP, ".png"), gray_profile(curve)))
    assert found.metadata.had_profile and found.pixels.dtype == np.uint16
    # A step of 16 bits, and what sRGB's steep start makes of the rounding of s15Fixed16.
    assert np.abs(found.pixels.ravel() - wanted * 65535).max() <= (6 if name == "sRGB" else 1)
    eight = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = opened(pillow(eight, "TIFF", icc_profile=gray_profile(curve)))
    assert np.abs(found.pixels.ravel() - wanted[::257] * 255).max() <= 0.51
    floats = (RAMP / 65535).astype(np.float32)
    profile = gray_profile(curve)
    tag = [(34675, 7, len(profile), profile, True)]
    found = opened(tiff(floats, extratags=tag))
    assert np.abs(found.pixels.ravel() - wanted).max() < 1e-4


def test_a_gray_curve_can_give_lightness(opened):
    found = opened(_png(opencv(RAMP, ".png"), gray_profile(b"curv" + bytes(8), b"Lab ")))
    f = (x * 100 + 16) / 116
    light = np.where(x > 0.08, f**3, x * 100 / 903.2963)
    assert np.abs(found.pixels.ravel() / 65535 - _srgb(light)).max() < 2e-5


def _check_adobe(found, levels, most):
    """Colors that sRGB has are those of the formula, to `most` of 255."""
    linear = _adobe_light(levels)[1]
    inside = ((linear >= 0) & (linear <= 1)).all(axis=-1)
    assert 0.2 < inside.mean() < 0.9
    assert np.abs(found - _srgb(np.clip(linear, 0, 1)) * 255)[inside].max() <= most


def test_adobe_rgb_becomes_srgb_in_any_depth(opened):
    profile = matrix_profile()
    found = opened(pillow(RGB, "TIFF", icc_profile=profile))
    assert found.metadata.had_profile
    _check_adobe(found.pixels, RGB / 255, 1)
    assert np.abs(found.pixels.astype(int) - RGB).max() > 20
    found = opened(_png(opencv(DEEP, ".png"), profile))
    assert found.pixels.dtype == np.uint16
    _check_adobe(found.pixels / 257, DEEP / 65535, 0.5)
    alpha = np.dstack([RGB, RGB[..., 0]])
    found = opened(_png(pillow(alpha, "PNG"), profile))
    _check_adobe(found.pixels, RGB / 255, 1)
    np.testing.assert_array_equal(found.alpha, RGB[..., 0])


@pytest.mark.parametrize("bits, most", [(8, 0.3), (16, 0.02)])
def test_colors_that_srgb_lacks_keep_lightness_and_hue(opened, bits, most):
    axis = np.arange(0, 256, 15)
    levels = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 18, 3)
    if bits == 8:
        encoded, full = pillow(levels.astype(np.uint8), "PNG"), 255
    else:
        encoded, full = opencv((levels * 257).astype(np.uint16), ".png"), 65535
    found = opened(_png(encoded, matrix_profile())).pixels / full
    xyz, linear = _adobe_light(levels / 255)
    light = np.where(found > 0.04045, ((found + 0.055) / 1.055) ** 2.4, found / 12.92)
    luminance = light @ np.linalg.inv(SRGB_FROM_XYZ)[1]
    assert np.abs(_lightness(luminance) - _lightness(xyz[..., 1])).max() < most
    outside = ((linear < -0.01) | (linear > 1.01)).any(axis=-1)
    assert outside.mean() > 0.2
    # At the edge, and on the straight way from gray to the color.
    assert ((found.min(axis=-1) == 0) | (found.max(axis=-1) == 1))[outside].all()
    away, wanted = ((color - xyz[..., 1:2])[outside] for color in (light, linear))
    aside = np.linalg.norm(np.cross(away, wanted), axis=-1) / np.linalg.norm(wanted, axis=-1)
    assert aside.max() < 0.01


def test_grays_stay_neutral(opened):
    grays = np.repeat(RAMP[..., None], 3, axis=-1)
    found = opened(_png(opencv(grays, ".png"), matrix_profile()))
    assert np.ptp(found.pixels.astype(int), axis=-1).max() <= 2


def test_gray_with_a_profile_for_colors_gets_its_curve(opened):
    found = opened(_png(opencv(RAMP, ".png"), matrix_profile(curve=gamma_curve(1.0))))
    assert np.abs(found.pixels.ravel() - _srgb(x) * 65535).max() <= 2


def test_pixels_in_srgb_are_left_alone(opened):
    np.testing.assert_array_equal(opened(_png(opencv(DEEP, ".png"), SRGB)).pixels, DEEP)
    found = opened(pillow(RGB, "PNG", icc_profile=SRGB))
    np.testing.assert_array_equal(found.pixels, RGB)
    assert found.metadata.had_profile


def _printer(corner):
    """Lab of dull inks: what no formula gives."""
    cyan, magenta, yellow, black = corner
    lightness = (95 - 25 * cyan - 30 * magenta - 5 * yellow) * (1 - 0.8 * black)
    return lightness, 40 * magenta - 30 * cyan, 50 * yellow - 30 * cyan


def test_cmyk_goes_through_its_profile(opened):
    profile = table_profile(b"CMYK", _printer)
    cmyk = Image.fromarray(RGB).convert("CMYK")
    # The paper's white, L* 95, becomes white; Little CMS as the independent reference.
    wanted = ImageCms.profileToProfile(
        cmyk,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    found = opened(pillow(cmyk, "TIFF", icc_profile=profile))
    np.testing.assert_array_equal(found.pixels, np.asarray(wanted))
    assert np.abs(found.pixels.astype(int) - np.asarray(cmyk.convert("RGB"))).mean() > 10
    assert found.metadata.had_profile
    found = opened(pillow(cmyk, "JPEG", icc_profile=profile, quality=100))
    assert np.abs(found.pixels.astype(int) - np.asarray(wanted)).mean() < 2


def test_deep_colors_go_through_a_table(opened):
    profile = table_profile(
        b"RGB ", lambda rgb: (30 * rgb[0] + 60 * rgb[1] + 10 * rgb[2], 40 * rgb[0] - 40 * rgb[1],
                              40 * rgb[1] - 40 * rgb[2])
    )  # fmt: skip
    eight = opened(pillow(RGB, "TIFF", icc_profile=profile)).pixels
    deep = opened(_png(opencv(RGB.astype(np.uint16) * 257, ".png"), profile)).pixels
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - eight).max() <= 2
    assert np.abs(eight.astype(int) - RGB).mean() > 10


def test_a_damaged_or_alien_profile_is_ignored(opened):
    good = matrix_profile()
    for profile in (
        b"garbage",
        good[:200],
        good.replace(b"acsp", b"abcd"),
        good.replace(b"gXYZ", b"gxyz"),
        good.replace(b"curv", b"vruc"),
        table_profile(b"CMYK", _printer)[:300],
    ):
        for encoded in (
            _png(pillow(RGB, "PNG"), profile),
            pillow(RGB, "TIFF", icc_profile=profile),
        ):
            found = opened(encoded)
            np.testing.assert_array_equal(found.pixels, RGB)
            assert not found.metadata.had_profile
