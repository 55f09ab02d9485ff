"""The steps around a network for photographs of any size."""

import numpy as np
import pytest
import tensorflow as tf

from polychrome.color import spaces as color
from polychrome.inference.colorize import join_full_size, network_size


def test_bands_of_a_large_image_show_no_seams():
    rgb = tf.image.resize(np.random.default_rng(1).uniform(0, 255, (5, 7, 3)), [700, 900])
    rgb = tf.cast(rgb, tf.uint8)
    ab = np.random.default_rng(0).uniform(-30, 30, (9, 13, 2)).astype("float32")
    whole = tf.image.resize(ab, [700, 900])
    lab = tf.concat([color.rgb_to_lab(rgb)[..., :1], whole], axis=-1)
    expected = color.to_uint8(color.lab_to_rgb(color.fit_gamut(lab)))
    levels = np.abs(np.asarray(expected, int) - np.asarray(join_full_size(rgb, ab), int)).max(-1)
    assert (levels > 1).mean() < 1e-4
    # A seam would be a whole row.
    assert (levels > 1).mean(axis=1).max() < 0.05


@pytest.mark.parametrize(
    "size, expected",
    [
        ((480, 640), (64, 85)),
        ((10, 5), (128, 64)),
        ((1, 1), (64, 64)),
        ((1, 200), (3, 512)),
        ((100_000, 1), (512, 1)),
    ],
)
def test_network_size(size, expected):
    assert tuple(int(side) for side in network_size(*size, 64)) == expected
