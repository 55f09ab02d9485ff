"""Random changes are determined by their seed."""

import numpy as np
import tensorflow as tf

from tf_data.augment import flip_horizontally

IMAGES = np.random.default_rng(0).integers(0, 256, (400, 5, 7, 3), np.uint8)


def flip(seed, images=IMAGES):
    return flip_horizontally(tf.constant(images), tf.constant(seed, tf.int32)).numpy()


def test_each_image_is_left_alone_or_mirrored_exactly():
    flipped = flip([1, 2])
    same = np.all(flipped == IMAGES, axis=(1, 2, 3))
    mirrored = np.all(flipped == IMAGES[:, :, ::-1], axis=(1, 2, 3))
    assert flipped.dtype == np.uint8
    assert np.all(same ^ mirrored)
    # Within four standard deviations of a half.
    assert 160 <= mirrored.sum() <= 240


def test_the_seed_alone_decides():
    np.testing.assert_array_equal(flip([1, 2]), flip([1, 2]))
    assert np.any(flip([1, 2]) != flip([1, 3]))
    assert np.any(flip([1, 2]) != flip([2, 2]))


def test_in_a_graph_as_eagerly():
    graph = tf.function(flip_horizontally)(tf.constant(IMAGES), tf.constant([1, 2]))
    np.testing.assert_array_equal(graph, flip([1, 2]))


def test_one_pixel_wide():
    images = IMAGES[:, :, :1]
    np.testing.assert_array_equal(flip([1, 2], images), images)
