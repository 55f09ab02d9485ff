"""What the vivid and the spread output are trained on."""

import keras
import numpy as np
import pytest

from polychrome.color.scaling import POLYCHROME, ZHANG
from polychrome.color.spaces import to_float
from polychrome.losses.dial import VividAndSpread
from polychrome.losses.log_error import LogError
from polychrome.metrics.perceptual import colorfulness


def parts(truth, scaling):
    lightness, chroma = (np.asarray(part) for part in scaling.split(truth))
    return np.concatenate([lightness, to_float(truth)], axis=-1), chroma


def outputs(faithful, vivid, spread):
    return np.concatenate([faithful, vivid, np.full_like(vivid[..., :1], spread)], axis=-1)


@pytest.fixture
def truth(smooth):
    return smooth(4, 16, 24)


def test_the_vivid_chroma_pays_for_errors_and_for_another_colorfulness(truth):
    target, chroma = parts(truth, POLYCHROME)
    loss = VividAndSpread(POLYCHROME, weight=2.0, target=1.5)
    # Of a faithful prediction that is right, so that the spread's part is that of its own.
    base = float(loss(target, outputs(chroma, chroma, 1.0)))
    found = float(loss(target, outputs(chroma, 0.5 * chroma, 1.0))) - base

    log_error = LogError(POLYCHROME)
    expected = float(log_error(target, 0.5 * chroma)) - float(log_error(target, chroma))
    true = colorfulness(to_float(truth))
    half = colorfulness(POLYCHROME.join(target[..., :1], 0.5 * chroma))
    expected += 0.2 * float(np.mean(np.abs(half - 1.5 * true) - np.abs(true - 1.5 * true)))
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("scaling", [POLYCHROME, ZHANG], ids=lambda scaling: scaling.name)
def test_the_best_spread_is_the_mean_distance_of_the_faithful_chroma(truth, scaling):
    target, chroma = parts(truth, scaling)
    off = np.array([3.0, 4.0], np.float32) / scaling.chroma_scale
    loss = VividAndSpread(scaling)
    spreads = np.arange(2.0, 9.0, 0.5)
    values = [
        float(loss(target, outputs(chroma + off, chroma, ab / scaling.chroma_scale)))
        for ab in spreads
    ]
    assert spreads[np.argmin(values)] == 5.0


@pytest.mark.long
def test_a_spread_in_the_order_of_the_errors_costs_less_than_its_reverse(truth):
    """Only the term of the order can tell: the likelihood has the same values in both."""
    target, chroma = parts(truth, POLYCHROME)
    rng = np.random.default_rng(0)
    off = rng.uniform(0.1, 1.0, chroma[..., :1].shape).astype(np.float32)
    faithful = chroma + np.concatenate([off, np.zeros_like(off)], axis=-1)

    def ranked(spread):
        given = np.concatenate([faithful, chroma, spread], axis=-1)
        with_order, without = (VividAndSpread(POLYCHROME, ranking=r) for r in (1.0, 0.0))
        return float(with_order(target, given)) - float(without(target, given))

    assert ranked(off) < 0.02
    assert ranked(np.full_like(off, 0.5)) == pytest.approx(1.0, abs=1e-3)
    assert ranked(1.1 - off) > 1.9


def test_gray_images_have_finite_gradients():
    gray = np.full((2, 8, 8, 3), 128, np.uint8)
    target, chroma = parts(gray, POLYCHROME)
    inputs = keras.Input((8, 8, 2))
    heads = keras.layers.Dense(5, kernel_initializer="zeros", bias_initializer="zeros")(inputs)
    network = keras.Model(inputs, heads)
    network.compile("sgd", VividAndSpread(POLYCHROME))
    network.train_on_batch(chroma, target)
    assert all(np.isfinite(weight).all() for weight in network.get_weights())
