"""Cross-entropy over the bins against sums by hand, and its gradient."""

import keras
import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from skimage.transform import resize

from polychrome.color import bins as color_bins
from polychrome.color.scaling import UNIT, ZHANG
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab
from polychrome.errors import InputError
from polychrome.layers.bin_decoder import DecodeBins
from polychrome.layers.resizing import ResizeLike
from polychrome.losses.bins import BinCrossEntropy
from polychrome.losses.grid import GridCrossEntropy
from polychrome.losses.targets import cell_means


def numpy(value):
    return keras.ops.convert_to_numpy(value)


def example(batch=2, height=13, width=22, stride=4, seed=0):
    """a* and b* [batch, height, width, 2], and logits at the stride; float32."""
    rng = np.random.default_rng(seed)
    ab = rng.normal(0, 30, (batch, height, width, 2)).astype(np.float32)
    size = -(-height // stride), -(-width // stride)
    return ab, rng.normal(0, 4, (batch, *size, 313)).astype(np.float32)


def cells(ab, stride):
    """Means of squares of pixels, the last ones of repeated edges: `[B, h, w, 2]`."""
    missing = [(0, -side % stride) for side in ab.shape[1:3]]
    whole = np.pad(ab.astype(float), [(0, 0), *missing, (0, 0)], mode="edge")
    return sum(whole[:, i::stride, j::stride] for i in range(stride) for j in range(stride)) / (
        stride**2
    )


def by_hand(ab, logits, stride, neighbors, sigma):
    """Cross-entropy at each logit, and each one's nearest bin, by dense targets in float64."""
    squared = np.sum((cells(ab, stride)[..., None, :] - color_bins.BINS) ** 2, axis=-1)
    limit = np.sort(squared, axis=-1)[..., neighbors - 1 : neighbors]
    dense = np.where(squared <= limit, np.exp(-squared / (2 * sigma**2)), 0)
    dense /= dense.sum(axis=-1, keepdims=True)
    logits = logits.astype(float)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.sum(dense * logs, axis=-1), squared.argmin(axis=-1)


def value_and_gradient(loss, chroma, logits):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(chroma, logits)
    return value.numpy(), tape.gradient(value, logits).numpy()


@pytest.mark.parametrize("scaling", [ZHANG, UNIT])
@pytest.mark.parametrize("stride, neighbors, sigma", [(4, 5, 5.0), (1, 10, 5.0), (3, 1, 2.0)])
def test_it_equals_the_dense_cross_entropy(scaling, stride, neighbors, sigma):
    ab, logits = example(stride=stride)
    expected, _ = by_hand(ab, logits, stride, neighbors, sigma)
    loss = BinCrossEntropy(scaling, stride, neighbors, sigma)
    chroma = ab / scaling.chroma_scale
    np.testing.assert_allclose(numpy(loss.call(chroma, logits)), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(numpy(loss(chroma, logits)), expected.mean(), rtol=1e-5)


def test_pixels_count_with_the_weight_of_their_nearest_bin():
    ab, logits = example()
    weights = np.random.default_rng(1).uniform(0.1, 10, 313)
    expected, nearest = by_hand(ab, logits, 4, 5, 5.0)
    loss = BinCrossEntropy(ZHANG, weights=weights)
    found = numpy(loss.call(ab / 110, logits))
    np.testing.assert_allclose(found, expected * weights[nearest], rtol=1e-4, atol=1e-4)


def test_gray_images_count_only_if_asked_to():
    ab, logits = example(batch=3)
    ab[0] = np.clip(ab[0], -4.9, 4.9)
    ab[1] = 0
    ab[1, 1, 1, 0] = 5.1  # lost in the mean of its cell
    every = numpy(BinCrossEntropy(ZHANG).call(ab / 110, logits))
    colored = numpy(BinCrossEntropy(ZHANG, ignore_gray=True).call(ab / 110, logits))
    assert np.all(every > 0)
    np.testing.assert_array_equal(colored[0], 0)
    np.testing.assert_array_equal(colored[1:], every[1:])


def test_the_gradient_is_that_of_softmax():
    ab, logits = example(batch=1, height=4, width=8)
    bins, shares = map(numpy, color_bins.encode_soft(cells(ab, 4)))
    dense = np.zeros(logits.shape)
    np.put_along_axis(dense, bins, shares, axis=-1)
    softmax = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    _, gradient = value_and_gradient(BinCrossEntropy(ZHANG), ab / 110, logits)
    np.testing.assert_allclose(gradient, (softmax - dense) / 2, rtol=0, atol=1e-6)


def test_huge_logits_and_impossible_colors_stay_finite():
    ab, logits = example()
    value, gradient = value_and_gradient(BinCrossEntropy(ZHANG), ab * 100, logits * 1e30)
    assert np.isfinite(value) and np.isfinite(gradient).all() and np.any(gradient != 0)


def test_half_precision_logits_are_summed_in_float32():
    ab, logits = example()
    loss = BinCrossEntropy(ZHANG)
    rounded = tf.cast(logits, "bfloat16")
    value = loss(ab / 110, rounded)
    assert value.dtype == "float32"
    np.testing.assert_allclose(value, loss(ab / 110, tf.cast(rounded, "float32")), rtol=1e-6)


def test_a_network_learns_by_it_and_is_saved_with_it(tmp_path):
    chroma = np.full([4, 8, 8, 2], [0.4, -0.2], np.float32)
    lightness = np.zeros([4, 8, 8, 1], np.float32)
    inputs = keras.Input((None, None, 1))
    network = keras.Model(inputs, keras.layers.Conv2D(313, 1, strides=4)(inputs))
    weights = color_bins.class_weights(np.full(313, 1 / 313))
    loss = BinCrossEntropy(ZHANG, neighbors=10, weights=weights, ignore_gray=True)
    network.compile(keras.optimizers.Adam(0.1), loss)
    history = network.fit(lightness, chroma, epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0] / 2

    network.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    expected = network.evaluate(lightness, chroma, verbose=0)
    np.testing.assert_allclose(reloaded.evaluate(lightness, chroma, verbose=0), expected)
    assert reloaded.loss.get_config() == loss.get_config()


def photographs():
    """Squares of photographs as 64x64 pixels, float32 `[n, 64, 64, 3]` in [0, 1]."""
    squares = []
    for picture in (skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()):
        for side in (128, 256):
            for top in range(0, picture.shape[0] - side + 1, side):
                for left in range(0, picture.shape[1] - side + 1, side):
                    square = picture[top : top + side, left : left + side]
                    squares.append(resize(square, (64, 64), anti_aliasing=True))
    return np.float32(squares)


def test_a_perfect_answer_to_means_of_cells_shows_better_than_one_to_every_fourth_pixel():
    rgb = photographs()
    lab = numpy(rgb_to_lab(rgb))

    def shown(ab, neighbors):
        """Mean PSNR of what is decoded where each logit answers its target exactly."""
        bins, shares = map(numpy, color_bins.encode_soft(ab, neighbors))
        logits = np.full((*bins.shape[:-1], 313), -1e9, np.float32)
        np.put_along_axis(logits, bins, np.log(np.maximum(shares, 1e-30)), axis=-1)
        chroma = ResizeLike()(DecodeBins(ZHANG, "mean")(logits), lab)
        ab = numpy(chroma) * ZHANG.chroma_scale
        seen = numpy(lab_to_rgb(np.concatenate([lab[..., :1], ab], axis=-1)))
        return np.mean(-10 * np.log10(np.mean((seen - rgb) ** 2, axis=(1, 2, 3))))

    means, every_fourth = cell_means(lab[..., 1:], 4), lab[:, ::4, ::4, 1:]
    assert shown(means, 5) > shown(every_fourth, 5) + 1.5
    assert shown(means, 1) > shown(every_fourth, 1) + 0.5


def test_a_loss_of_means_is_least_where_the_decoder_shows_the_mean():
    chroma = np.zeros((1, 4, 4, 2), np.float32)
    chroma[:, 0, 0] = 80 / 110  # the corner, one pixel of sixteen: their mean is 5
    bins, shares = map(numpy, color_bins.encode_soft(np.float32([5, 5])))
    logits = np.full((1, 1, 1, 313), -30, np.float32)
    logits[..., bins] = np.log(shares)
    _, slope = value_and_gradient(BinCrossEntropy(ZHANG), chroma, logits)
    np.testing.assert_allclose(slope, 0, atol=1e-5)


def test_wrong_shapes_and_options_are_named():
    ab, logits = example()
    with pytest.raises(InputError, match=r"\(4, 6\) pixels should have \(7, 11\)"):
        BinCrossEntropy(ZHANG, stride=2)(ab / 110, logits)
    with pytest.raises(InputError, match=r"weights of bins: \[312\] should be \[313\]"):
        BinCrossEntropy(ZHANG, weights=np.ones(312))
    for kind in (BinCrossEntropy, GridCrossEntropy):
        with pytest.raises(InputError, match="stride=0"):
            kind(ZHANG, stride=0)
