"""The steps around a network for photographs of any size."""

import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from polychrome.color import spaces as color
from polychrome.inference import full_size, sizes
from polychrome.inference.colorize import join_full_size, network_lightness, network_size


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
    assert sizes.network_size(*size, 64) == expected


def test_sizes_are_the_same_in_graphs_and_without_tensorflow():
    rng = np.random.default_rng(0)
    for height, width in np.exp(rng.uniform(0, 9.5, (60, 2))).astype(int):
        for image_size in (16, 128, 250):
            found = sizes.network_size(int(height), int(width), image_size)
            expected = network_size(height, width, image_size)
            assert found == tuple(int(side) for side in expected), (height, width, image_size)


CROPS = {
    "portrait": data.astronaut()[:500, 90:390],
    "landscape": data.coffee(),
    "smaller": data.chelsea()[100:160, 100:190],
    "as large": data.astronaut()[::4, ::4],
    "a row": data.coffee()[200:201],
    "a column": data.coffee()[:, 300:301],
    "a pixel": data.coffee()[200:201, 300:301],
}


@pytest.mark.parametrize("name", CROPS)
def test_the_network_sees_what_it_sees_in_graphs(name):
    expected = np.asarray(network_lightness(CROPS[name], 128))
    found = full_size.seen_lightness(CROPS[name], 128)
    assert found.shape == expected.shape
    # Sums of floats in another order: a level more or less where they end on half a level.
    difference = np.abs(found - expected)
    assert (difference > 1e-3).mean() < 1e-3 and difference.max() < 0.5


@pytest.mark.parametrize("name", CROPS)
def test_bilinear_chroma_is_joined_as_in_graphs(name):
    ab = np.random.default_rng(0).normal(0, 25, (24, 31, 2)).astype("float32")
    expected = np.asarray(join_full_size(CROPS[name], ab)).astype(int)
    found = full_size.join(CROPS[name], ab, upsampling="bilinear").astype(int)
    assert (np.abs(found - expected) > 1).mean() < 1e-4
