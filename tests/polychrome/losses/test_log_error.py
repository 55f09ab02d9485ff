"""The log error: that it is PSNR, and where its gradient goes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color.scaling import POLYCHROME, ZHANG
from polychrome.color.spaces import to_float
from polychrome.losses.log_error import LogError, RGBError
from polychrome.metrics.pixel import PSNR


@pytest.fixture
def truth(smooth):
    return smooth(4, 16, 24)


@pytest.mark.parametrize("scaling", [POLYCHROME, ZHANG], ids=lambda scaling: scaling.name)
def test_without_a_floor_its_mean_is_the_reports_psnr(truth, scaling):
    lightness, chroma = scaling.split(truth)
    target = np.concatenate([lightness, to_float(truth)], axis=-1)
    predicted = 0.5 * np.asarray(chroma)
    loss = float(LogError(scaling, floor=0.0)(target, predicted))
    metric = PSNR()
    metric.update_state(to_float(truth), scaling.join(lightness, predicted))
    expected = float(metric.result())
    assert -10 / np.log(10) * loss == pytest.approx(expected, abs=1e-3)


def test_the_floor_bounds_it_where_the_truth_is_gray():
    gray = np.full((2, 8, 8, 3), 0.5, np.float32)
    lightness, chroma = POLYCHROME.split(gray)
    target = np.concatenate([lightness, gray], axis=-1)
    assert float(LogError(POLYCHROME)(target, chroma)) == pytest.approx(np.log(1e-4), abs=1e-3)


def test_every_images_gradient_is_divided_by_its_error(truth):
    """Half the error of an image, twice its weight: unlike with the squared error."""
    lightness, chroma = POLYCHROME.split(truth)
    target = np.concatenate([lightness, to_float(truth)], axis=-1)
    loss = LogError(POLYCHROME, floor=0.0)
    predicted = tf.Variable(0.5 * np.asarray(chroma))

    def gradient(of):
        with tf.GradientTape() as tape:
            value = of()
        return tape.gradient(value, predicted).numpy()

    def squared():
        rgb = POLYCHROME.join(lightness, predicted)
        return keras.ops.mean(keras.ops.square(rgb - to_float(truth)), axis=(1, 2, 3))

    errors = squared().numpy()
    expected = gradient(squared) / errors[:, None, None, None] / len(truth)
    np.testing.assert_allclose(
        gradient(lambda: loss(target, predicted)), expected, rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize("scaling", [POLYCHROME, ZHANG], ids=lambda scaling: scaling.name)
def test_the_squared_error_is_that_of_rgb_and_a_mixture_adds_it(truth, scaling):
    lightness, chroma = scaling.split(truth)
    target = np.concatenate([lightness, to_float(truth)], axis=-1)
    predicted = 0.5 * np.asarray(chroma)
    rgb = np.asarray(scaling.join(lightness, predicted))
    errors = np.mean((rgb - np.asarray(to_float(truth))) ** 2, axis=(1, 2, 3))
    assert errors.min() > 1e-4
    assert float(RGBError(scaling)(target, predicted)) == pytest.approx(errors.mean(), rel=1e-5)
    mixed = float(LogError(scaling, squared=200.0)(target, predicted))
    assert mixed == pytest.approx(np.mean(np.log(errors + 1e-4) + 200.0 * errors), rel=1e-5)
