"""Counts of colors, the file that keeps them, and the weights made of them."""

import numpy as np
import pytest
import tensorflow as tf

from polychrome.color import bins as color_bins
from polychrome.color.histogram import LIMIT, ChromaHistogram
from polychrome.errors import InputError


def colors(count=50_000, spread=25, seed=0):
    return np.random.default_rng(seed).normal(0, spread, (count, 2)).astype(np.float32)


def measured(ab):
    histogram = ChromaHistogram()
    histogram.update(ab)
    return histogram


def test_counts_are_those_of_numpy():
    ab = colors()
    edges = np.arange(-LIMIT, LIMIT + 1)
    inside = np.clip(ab, -LIMIT, LIMIT - 1e-3)
    expected, _, _ = np.histogram2d(*inside.T, bins=[edges, edges])
    histogram = ChromaHistogram()
    for part in np.array_split(ab, 7):
        histogram.update(part)
    np.testing.assert_array_equal(histogram.counts, expected)
    assert histogram.counts.dtype == np.int64
    np.testing.assert_array_equal(histogram.a_counts, expected.sum(1))
    np.testing.assert_array_equal(histogram.b_counts, expected.sum(0))


def test_colors_on_edges_outside_and_of_any_shape():
    ab = tf.constant([[[[0.0, -1.0], [-0.001, 109.999]]], [[[500.0, -500.0], [110.0, -110.0]]]])
    histogram = measured(ab)
    assert histogram.counts.sum() == 4
    assert histogram.counts[110, 109] == histogram.counts[109, 219] == 1
    assert histogram.counts[219, 0] == 2


def test_what_is_saved_is_loaded(tmp_path):
    histogram = measured(colors())
    path = tmp_path / "new" / "histogram.npz"
    histogram.save(path)
    np.testing.assert_array_equal(ChromaHistogram.load(path).counts, histogram.counts)
    assert [file.name for file in path.parent.iterdir()] == ["histogram.npz"]


def test_files_that_are_no_histograms_are_named(tmp_path):
    path = tmp_path / "histogram.npz"
    with pytest.raises(InputError, match=f"cannot read {path}: No such file"):
        ChromaHistogram.load(path)
    measured(colors(100)).save(path)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"{path}: not a histogram of colors"):
            ChromaHistogram.load(path)
    for arrays in ({"other": np.zeros(3)}, {"counts": np.zeros([3, 3], int)}):
        np.savez(path, **arrays)
        with pytest.raises(InputError, match=f"{path}: not a histogram of colors"):
            ChromaHistogram.load(path)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(InputError, match="not a histogram of colors"):
        ChromaHistogram.load(tmp_path / "array.npy")


def test_counts_on_bins_are_those_of_the_colors_themselves():
    ab = colors(spread=20)
    ab = ab[np.all((ab > [-40, -40]) & (ab < [90, 70]), axis=1)]  # among bins, not at their edge
    expected = np.bincount(np.asarray(color_bins.nearest_bin(ab)), minlength=313)
    np.testing.assert_array_equal(measured(ab).counts_on_bins(), expected)


def test_prior_and_rebalancing_weights():
    histogram = measured(colors())
    prior, weights = histogram.prior_on_bins(), histogram.weights_for()
    np.testing.assert_allclose([prior.sum(), np.sum(prior * weights)], 1.0, rtol=1e-6)
    gray, vivid = np.asarray(color_bins.nearest_bin(np.float32([[0, 0], [80, 60]])))
    assert weights[gray] < 0.5 and weights[vivid] > 2


def at(weights, lowest, size, ab):
    place = np.floor((ab - lowest) / size).astype(int).clip(0, len(weights) - 1)
    return weights[place[..., 0], place[..., 1]]


@pytest.mark.parametrize("size", [2, 10, 16, 110])
@pytest.mark.parametrize("cap", [None, 1.0, 3.0, 1e9])
def test_inverse_frequencies_are_one_on_average(size, cap):
    ab = colors()
    lowest, weights = measured(ab).inverse_frequency(size, cap)
    assert weights.dtype == np.float32 and weights.shape[0] == weights.shape[1]
    np.testing.assert_allclose(at(weights, lowest, size, ab).mean(), 1.0, rtol=1e-4)
    assert weights.max() == weights[0, -1] or size == 110  # no color there
    if cap is not None:
        assert weights.max() <= cap * (1 + 1e-6)


def test_inverse_frequencies_by_hand():
    # Three colors in the bin of gray, from -5 to 5, and one beside it.
    histogram = measured(np.array([[0, 0], [-5, -5], [4.9, 4.9], [5, 0]]))
    lowest, weights = histogram.inverse_frequency(10)
    assert lowest == -115 and weights.shape == (23, 23)
    # 4 / 3 and 4, over their mean of 2.
    np.testing.assert_allclose(weights[11, 11], 2 / 3)
    np.testing.assert_allclose(weights[12, 11], 2)
    assert np.sum(weights < 2) == 1
    # At most 1.5: three of x and one of 1.5 have the mean 1.
    _, capped = histogram.inverse_frequency(10, cap=1.5)
    np.testing.assert_allclose([capped[11, 11], capped[12, 11], capped[0, 0]], [2.5 / 3, 1.5, 1.5])


def test_wrong_options_are_named():
    histogram = measured(colors(10))
    for options, message in (
        ({"bin_size": 5}, "bin_size=5"),
        ({"bin_size": 0}, "bin_size=0"),
        ({"cap": 0.5}, "cap=0.5"),
    ):
        with pytest.raises(InputError, match=message):
            histogram.inverse_frequency(**options)
    with pytest.raises(InputError, match="nothing has been counted"):
        ChromaHistogram().inverse_frequency()
    with pytest.raises(InputError, match="not all of them 0"):
        ChromaHistogram().prior_on_bins()
    with pytest.raises(InputError, match="should be whole numbers"):
        ChromaHistogram(np.zeros([220, 220]))
