"""Images are graded at one size and seen by the network at another."""

import numpy as np
import tensorflow as tf
from skimage import data

from experiments.grading.feeding import fed_at
from polychrome.color.spaces import rgb_to_lab
from polychrome.inference.colorize import network_lightness
from polychrome.inference.full_size import join
from polychrome.inference.types import Prediction


class Mirror:
    """Predicts the lightness as both channels of chroma, and notes what it saw."""

    def __init__(self):
        self.seen = []

    def __call__(self, lightness):
        self.seen.append(lightness)
        return Prediction(np.repeat(lightness, 2, axis=-1), None, None)


def pixels(height: int, width: int) -> tf.Tensor:
    image = tf.image.resize(data.astronaut()[:height, :width], (height, width), antialias=True)
    return tf.cast(image, tf.uint8)


def lightness_of(image: tf.Tensor) -> np.ndarray:
    return np.asarray(rgb_to_lab(image))[None, ..., :1]


def test_the_network_sees_what_it_would_see_of_a_photograph():
    image, mirror = pixels(96, 144), Mirror()
    found = fed_at(mirror, 32)(lightness_of(image))
    expected = np.asarray(network_lightness(image, 32))
    assert mirror.seen[0].shape == expected.shape == (1, 32, 48, 1)
    # Resizing L* instead of 8-bit RGB is about the same.
    assert np.abs(mirror.seen[0] - expected).mean() < 0.5
    assert found.shape == (1, 96, 144, 2)


def test_what_comes_back_is_blurred_but_not_moved():
    lightness = lightness_of(pixels(64, 64))
    found = fed_at(Mirror(), 32)(lightness)[..., :1]
    away = {
        (down, right): np.abs(np.roll(found, (down, right), (1, 2)) - lightness).mean()
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    }
    assert min(away, key=away.get) == (0, 0)


def test_guided_chroma_is_what_photographs_get():
    image = pixels(96, 144)
    lightness = lightness_of(image)
    found = fed_at(Mirror(), 32, "guided")(lightness)[0]
    # Joined from 8-bit RGB, at the lightness of which it is seen there.
    small = network_lightness(image, 32)
    ab = np.repeat(np.asarray(small), 2, axis=-1)[0] / 4
    joined = join(np.asarray(image), ab, lightness=np.asarray(small)[0, ..., 0])
    expected = np.asarray(rgb_to_lab(joined))[..., 1:]
    in_gamut = np.abs(np.asarray(rgb_to_lab(joined))[..., 0] - lightness[0, ..., 0]) < 0.5
    quarter = fed_at(lambda seen: Prediction(np.repeat(seen, 2, axis=-1) / 4), 32, "guided")
    off = np.abs(quarter(lightness)[0] - expected).max(axis=-1)
    assert np.median(off[in_gamut]) < 0.6
    plain = fed_at(Mirror(), 32)(lightness)[0]
    truth = lightness[0]
    assert np.abs(found - truth).mean() < 0.6 * np.abs(plain - truth).mean()
    # An image that must be enlarged for the network has no finer lightness to follow.
    np.testing.assert_array_equal(
        fed_at(Mirror(), 120, "guided")(lightness), fed_at(Mirror(), 120)(lightness)
    )


def test_an_image_of_that_size_is_passed_on_as_it_is():
    lightness, mirror = lightness_of(pixels(16, 16)), Mirror()
    fed_at(mirror, 16)(lightness)
    assert mirror.seen[0] is lightness
