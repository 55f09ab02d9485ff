"""JPEG blocks against libjpeg's."""

import numpy as np
import pytest
import tensorflow as tf

from tf_data.degradations.jpeg import jpeg


@pytest.mark.parametrize("quality", [20, 50, 75, 95])
def test_as_libjpeg_for_sides_that_8_does_not_divide(photographs, quality):
    gray = photographs[..., 1:2]
    files = [tf.io.encode_jpeg(image, "grayscale", quality=quality) for image in gray]
    expected = np.stack([tf.io.decode_jpeg(file, dct_method="INTEGER_ACCURATE") for file in files])
    strength = tf.fill([len(gray)], 100.0 - quality)
    found = jpeg(tf.constant(gray / np.float32(255)), strength, tf.constant([1, 2])).numpy() * 255
    assert np.abs(gray - expected.astype(int)).mean() > 0.3  # the file changed something
    # libjpeg's integers round a few coefficients elsewhere.
    difference = np.abs(found - expected)
    assert difference.mean() < 0.15
    assert np.mean(difference > 2) < 0.01


def test_each_image_has_its_own_quality(photographs):
    gray = tf.constant(photographs[[0, 0], ..., 1:2] / np.float32(255))
    found = jpeg(gray, tf.constant([5.0, 90.0]), tf.constant([1, 2]))
    errors = tf.reduce_mean(tf.abs(found - gray), axis=(1, 2, 3)).numpy() * 255
    assert errors[0] < 2 < errors[1]
