"""Blur against SciPy's; grain, scratches and dust by their numbers and sizes."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tf_data.degradations.surface import blur, dust, grain, scratches

SEED = tf.constant([1, 2])
GRAY = np.full((6, 90, 120, 1), 0.5, "float32")


def strength(*values):
    return tf.constant(values, tf.float32)


def test_blur_is_scipys_gaussian_with_a_deviation_for_each_image(photographs):
    levels = photographs[:2, ..., :1].astype("float32") / 255
    found = blur(tf.constant(levels), strength(0.7, 2.0), SEED).numpy()
    for image, blurred, deviation in zip(levels, found, (0.7, 2.0), strict=True):
        expected = ndimage.gaussian_filter(image[..., 0], deviation, truncate=6)
        inside = np.s_[12:-12, 12:-12]  # at the edge SciPy mirrors, we weigh what there is
        np.testing.assert_allclose(blurred[..., 0][inside], expected[inside], atol=1e-3)
    flat = blur(tf.constant(GRAY[:1]), strength(3.0), SEED)
    np.testing.assert_allclose(flat, GRAY[:1], atol=1e-5)


def test_grain_has_its_deviation_at_middle_gray_and_less_in_black():
    levels = tf.constant(GRAY)
    found = grain(levels, strength(*[0.05] * 6), SEED).numpy()
    np.testing.assert_allclose(found.std(axis=(1, 2, 3)), 0.05, rtol=0.1)
    np.testing.assert_allclose(found.mean(axis=(1, 2, 3)), 0.5, atol=3e-3)
    # Coarser in some images than in others.
    noise = found[..., 0] - 0.5
    neighbors = (noise[:, :, 1:] * noise[:, :, :-1]).mean(axis=(1, 2)) / noise.var(axis=(1, 2))
    assert neighbors.min() < 0.3 and neighbors.max() > 0.35
    assert grain(levels * 0.04, strength(*[0.05] * 6), SEED).numpy().std() < 0.02


def lines(changed):
    return [ndimage.label(np.abs(image) > 0.02, np.ones((3, 3))) for image in changed[..., 0]]


def test_scratches_are_thin_and_long_and_more_with_strength():
    gray = np.full((40, *GRAY.shape[1:]), 0.5, "float32")
    found = scratches(tf.constant(gray), strength(*[1] * 20, *[8] * 20), SEED).numpy() - gray
    covered = (np.abs(found) > 0.02).mean(axis=(1, 2, 3))
    assert covered[:20].mean() < covered[20:].mean() / 4
    assert 0.001 < covered[:20].mean() < 0.02
    lengths = []
    for labels, count in lines(found)[:20]:
        assert count <= 1
        for place in ndimage.find_objects(labels):
            rows, columns = (part.stop - part.start for part in place)
            lengths.append(max(rows, columns))
            # Thin: three pixels of each step at the most.
            assert (labels[place] > 0).sum() <= 3 * (rows + columns)
    # Some start at the edge of the image and leave it soon.
    assert np.median(lengths) >= 15 and max(lengths) >= 60
    assert found.max() > 0.1


def test_dust_is_of_small_specks_of_about_their_number():
    found = dust(tf.constant(GRAY), strength(*[4] * 3, *[40] * 3), SEED).numpy() - GRAY
    counts = [count for _, count in lines(found)]
    assert all(1 <= count <= 4 for count in counts[:3])
    assert all(20 <= count <= 45 for count in counts[3:])
    assert np.mean(found > 0.02) > 1.3 * np.mean(found < -0.02)  # most are light
    assert np.abs(found).mean() < 0.02


@pytest.mark.parametrize("function", [scratches, dust])
def test_none_at_strength_0_and_always_within_black_and_white(function):
    levels = np.random.default_rng(0).random((2, 20, 30, 1), np.float32)
    np.testing.assert_array_equal(function(tf.constant(levels), strength(0, 0), SEED), levels)
    found = function(tf.constant(levels), strength(60, 60), SEED).numpy()
    assert found.min() >= 0 and found.max() <= 1
