"""Losses pixel by pixel, by features and over the grid of bins, against plain NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from polychrome.color.histogram import ChromaHistogram
from polychrome.color.scaling import UNIT, ZHANG
from polychrome.losses.grid import GridCrossEntropy
from polychrome.losses.perceptual import LAYERS, Perceptual, vgg16_features
from polychrome.losses.pixel import ColorWeighted, WithTotalVariation, total_variation


def chromas(*shape, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted chroma, scaled."""
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(-0.6, 0.6, (*shape, 2)).astype("float32") for _ in range(2))


def gradient(function, at: np.ndarray) -> np.ndarray:
    """Slope of a scalar function, by central differences."""
    slope, step = np.zeros_like(at), 1e-2
    for index in np.ndindex(at.shape):
        moved = at.copy()
        moved[index] += step
        higher = float(function(moved))
        moved[index] -= 2 * step
        slope[index] = (higher - float(function(moved))) / (2 * step)
    return slope


def test_total_variation_is_that_of_a_loop():
    images, _ = chromas(2, 4, 5)
    expected = np.zeros(2)
    for image in range(2):
        for row in range(3):
            for column in range(4):
                down = images[image, row + 1, column] - images[image, row, column]
                right = images[image, row, column + 1] - images[image, row, column]
                expected[image] += np.sum(np.sqrt(down**2 + right**2)) / (3 * 4 * 2)
    np.testing.assert_allclose(total_variation(images), expected, rtol=1e-5)


def test_total_variation_of_flat_and_thin_images_is_zero():
    np.testing.assert_allclose(total_variation(np.full((2, 4, 4, 2), 0.3, "float32")), 0, atol=1e-5)
    assert np.all(np.asarray(total_variation(np.ones((2, 1, 4, 2), "float32"))) == 0)


def test_a_network_whose_output_is_flat_still_has_finite_gradients():
    network = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 1)])
    loss = WithTotalVariation(keras.losses.MeanSquaredError(), weight=10.0)
    network.compile(keras.optimizers.SGD(0.1), loss=loss)
    network.train_on_batch(np.zeros((2, 4, 4, 1), "float32"), np.ones((2, 4, 4, 2), "float32"))
    assert all(np.isfinite(weight).all() for weight in network.get_weights())


@pytest.mark.parametrize(
    "inner", [keras.losses.MeanSquaredError(), keras.losses.Huber(delta=1.0)], ids=["mse", "huber"]
)
def test_total_variation_is_added_by_its_weight(inner):
    true, predicted = chromas(3, 4, 4)
    loss = WithTotalVariation(inner, weight=0.25)
    expected = float(inner(true, predicted)) + 0.25 * np.mean(total_variation(predicted))
    assert float(loss(true, predicted)) == pytest.approx(expected, rel=1e-5)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert float(again(true, predicted)) == pytest.approx(expected, rel=1e-5)


def test_smooth_l1_by_hand():
    # Half a square up to 1, from there on a line (DTU report, equation 1).
    errors = np.float32([0.0, 0.5, -1.0, 3.0])
    expected = np.mean([0.0, 0.125, 0.5, 2.5])
    assert float(keras.losses.Huber(delta=1.0)(np.zeros(4), errors)) == pytest.approx(expected)


def test_a_color_error_counts_with_the_inverse_frequency_of_the_true_color():
    # Gray nine times as often as the bin around (20, 0): weights in proportion 1 to 9.
    histogram = ChromaHistogram()
    histogram.update(np.float32([[0, 0]] * 9 + [[20, 0]]))
    loss = ColorWeighted(histogram, UNIT, cap=1e6)
    gray, rare = np.float32([0, 0]) / 128, np.float32([21, -3]) / 128
    true = np.stack([gray, rare, rare, gray])[None, None]
    predicted = true + np.float32([0.1, 0.2, 0.0, 0.3])[:, None]
    # 9 grays and 1 rare color have the mean weight 1: 5 / 9 and 5.
    expected = np.array([5 / 9 * 0.01, 5 * 0.04, 0.0, 5 / 9 * 0.09])
    np.testing.assert_allclose(np.asarray(loss.call(true, predicted))[0, 0], expected, rtol=1e-4)
    assert float(loss(true, predicted)) == pytest.approx(expected.mean(), rel=1e-4)


def test_color_weights_do_not_depend_on_the_prediction_and_are_capped():
    histogram = ChromaHistogram()
    histogram.update(np.float32([[0, 0]] * 9999 + [[80, 60]]))
    loss = ColorWeighted(histogram, UNIT, cap=7.0)
    everywhere = np.random.default_rng(0).uniform(-2, 2, (1, 20, 20, 2)).astype("float32")
    weights = np.asarray(loss.weights_at(everywhere))
    assert 0 < weights.min() and weights.max() == pytest.approx(7.0)


@pytest.fixture(scope="module")
def features() -> keras.Model:
    """VGG16 up to its fourth block, random."""
    keras.utils.set_random_seed(1)
    return vgg16_features()


def test_features_are_four_layers_of_vgg16_and_frozen(features):
    assert not features.trainable_weights
    assert [layer.name for layer in features.layers if layer.name in LAYERS] == list(LAYERS)
    shapes = [feature.shape for feature in features(np.zeros((1, 32, 48, 3), "float32"))]
    assert shapes == [(1, 32, 48, 64), (1, 16, 24, 128), (1, 8, 12, 256), (1, 4, 6, 512)]


def test_the_perceptual_loss_is_the_distance_of_features(features):
    rng = np.random.default_rng(2)
    lightness = rng.uniform(0.3, 0.7, (2, 16, 16, 1)).astype("float32")
    true, predicted = (0.3 * part for part in chromas(2, 16, 16))
    target = np.concatenate([lightness, true], axis=-1)
    loss = Perceptual(features, UNIT)
    assert np.asarray(loss.call(target, true)) == pytest.approx([0.0, 0.0], abs=1e-7)

    def seen(chroma):
        rgb = 255 * np.asarray(UNIT.join(lightness, chroma))
        # As VGG16 was trained: levels of blue, green, red less their means over ImageNet.
        return features(keras.applications.vgg16.preprocess_input(rgb))

    expected = np.zeros(2)
    for one, other in zip(seen(true), seen(predicted), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        squares, scale = ((one - other) ** 2).mean((1, 2, 3)), (one**2).mean((1, 2, 3))
        expected += squares / scale / len(LAYERS)
    np.testing.assert_allclose(loss.call(target, predicted), expected, rtol=1e-3)
    assert (expected > 1e-3).all()


def test_the_perceptual_loss_teaches(features):
    rng = np.random.default_rng(3)
    lightness = rng.uniform(0.3, 0.7, (2, 16, 16, 1)).astype("float32")
    tint = np.broadcast_to(np.float32([0.25, -0.15]), (2, 16, 16, 2))
    target = np.concatenate([lightness, tint], axis=-1)
    network = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Conv2D(2, 1)])
    before = features.get_weights()
    network.compile(keras.optimizers.Adam(3e-2), loss=Perceptual(features, UNIT))
    losses = [network.train_on_batch(lightness, target) for _ in range(15)]
    assert losses[-1] < 0.5 * losses[0]
    for old, new in zip(before, features.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_grid_bins_are_numbered_by_rows_of_a():
    # 20 above the lowest a*, 30 above the lowest b*: row 2, column 3.
    true = np.float32([-90, -80]).reshape(1, 1, 1, 2) / 110
    logits = np.zeros((1, 1, 1, 529), "float32")
    logits[..., 2 * 23 + 3] = 50.0
    loss = GridCrossEntropy(ZHANG)
    assert float(loss(true, logits)) == pytest.approx(0.0, abs=1e-6)
    # Half a bin minus a little away it is still that bin, beyond the grid the outermost.
    assert float(loss(true + 4.9 / 110, logits)) == pytest.approx(0.0, abs=1e-6)
    assert float(loss(true + 5.1 / 110, logits)) == pytest.approx(50.0, rel=1e-3)
    corner = np.zeros((1, 1, 1, 529), "float32")
    corner[..., -1] = 50.0
    assert float(loss(np.full((1, 1, 1, 2), 3.0), corner)) == pytest.approx(0.0, abs=1e-6)


def test_grid_cross_entropy_is_that_of_all_distances_at_the_stride():
    rng = np.random.default_rng(4)
    true = rng.uniform(-0.9, 0.9, (2, 12, 12, 2)).astype("float32")
    logits = rng.normal(size=(2, 3, 3, 529)).astype("float32")
    centers = np.stack(np.meshgrid(*[np.arange(-110, 111, 10)] * 2, indexing="ij"), -1)
    centers = centers.reshape(-1, 2)
    seen = 110 * true.reshape(2, 3, 4, 3, 4, 2).mean(axis=(2, 4))
    nearest = ((seen[..., None, :] - centers) ** 2).sum(-1).argmin(-1)
    log = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -np.take_along_axis(log, nearest[..., None], -1)[..., 0]
    result = GridCrossEntropy(ZHANG).call(true, logits)
    np.testing.assert_allclose(result, expected, rtol=1e-4)


def test_slopes_are_those_of_differences():
    import tensorflow as tf

    true, predicted = chromas(1, 3, 3, seed=5)
    histogram = ChromaHistogram()
    histogram.update(np.random.default_rng(6).normal(0, 30, (500, 2)))
    for loss in (
        WithTotalVariation(keras.losses.MeanSquaredError(), weight=0.5),
        ColorWeighted(histogram, UNIT),
    ):
        variable = tf.Variable(predicted)
        with tf.GradientTape() as tape:
            value = loss(true, variable)
        slope = ops.convert_to_numpy(tape.gradient(value, variable))
        expected = gradient(lambda moved, loss=loss: loss(true, moved), predicted)
        np.testing.assert_allclose(slope, expected, rtol=0.02, atol=1e-3)
