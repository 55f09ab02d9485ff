"""What film, printing, time, and toning do to tones."""

import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

from tf_data.degradations.tones import contrast, fade, film, tone, toned_lightness

SEED = tf.constant([1, 2])
RAMP = np.linspace(0, 1, 101, dtype="float32").reshape(1, 1, 101, 1)


def strength(value, count=1):
    return tf.fill([count], float(value))


def test_early_film_darkens_red_and_lightens_blue_beside_gray(degraded):
    # Left gray, so that the exposure stays; right a red and a blue of its lightness.
    for color, darker in (((200, 60, 60), True), ((60, 120, 220), False)):
        image = np.full((1, 16, 64, 3), 118, np.uint8)
        image[:, :, 60:] = color
        before = rgb2lab(image)[..., 0]
        ortho, blue = (degraded(image, "film", share) for share in (0.5, 1.0))
        change = [(aged - before)[0, 0, -1] - (aged - before)[0, 0, 0] for aged in (ortho, blue)]
        assert all((c < -8) if darker else (c > 8) for c in change), change
        assert abs(change[1]) > abs(change[0])  # more so without sensitizers


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_film_keeps_grays_and_the_exposure(rgb, share):
    gray = rgb(90, 90, 90)
    np.testing.assert_allclose(film(gray, strength(share, 2)), 90 / 255, atol=1e-3)
    colored = rgb(150, 90, 60)
    luminance = rgb2lab(colored)[..., 0].mean()
    image = np.concatenate([film(colored, strength(share, 2)).numpy()] * 3, axis=-1)
    assert rgb2lab(image)[..., 0].mean() == pytest.approx(luminance, abs=0.05)


def test_contrast_has_the_slope_of_its_strength_and_keeps_black_and_white():
    for log2 in (-0.7, 0.0, 1.2):
        curve = contrast(RAMP, strength(log2), SEED).numpy().ravel()
        assert (curve[0], curve[-1]) == pytest.approx((0.0, 1.0), abs=1e-4)
        assert (np.diff(curve) > 0).all()
        inside = curve[10:-10]
        odds = np.log(inside / (1 - inside))
        before = RAMP.ravel()[10:-10]
        slopes = np.diff(odds) / np.diff(np.log(before / (1 - before)))
        np.testing.assert_allclose(slopes, 2**log2, rtol=1e-2)
    np.testing.assert_allclose(contrast(RAMP, strength(0), SEED), RAMP, atol=1e-6)


def test_fading_loses_about_its_share_of_the_range_from_both_ends():
    many = np.broadcast_to(RAMP, (200, 8, 101, 1)).astype("float32")
    faded = fade(tf.constant(many), strength(0.4, 200), SEED).numpy()
    blacks, whites = faded[..., 0, 0], faded[..., -1, 0]
    assert np.mean(whites - blacks) == pytest.approx(0.6, abs=0.03)
    assert np.mean(blacks) > np.mean(1 - whites) > 0.08
    # Unevenly over each print.
    assert np.ptp(faded[:, :, 0, 0], axis=1).mean() > 0.01


def test_sepia_is_brown_and_its_lightness_is_the_lightness_of_its_rgb():
    levels = tf.constant(np.broadcast_to(RAMP, (50, 1, 101, 1)).astype("float32"))
    levels = tf.round(levels * 255.0) / 255.0  # as in a file
    toned = tone(levels, strength(1, 50), SEED).numpy()
    middle = toned[:, 0, 50]
    brown = middle[:, 0] > middle[:, 2]
    assert 30 <= brown.sum() <= 48
    np.testing.assert_allclose(middle[brown][:, 0], 0.5 ** (2**-0.26), atol=0.02)
    found = toned_lightness(levels, strength(1, 50), SEED).numpy()[..., 0]
    np.testing.assert_allclose(found, rgb2lab(toned)[..., 0], atol=0.01)


def test_without_toning_the_lightness_is_that_of_the_gray():
    levels = np.round(RAMP * 255) / 255
    found = toned_lightness(tf.constant(levels), strength(0), SEED).numpy()[..., 0]
    np.testing.assert_allclose(found, rgb2lab(np.repeat(levels, 3, -1))[..., 0], atol=0.01)
