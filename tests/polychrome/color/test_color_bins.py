"""The 313 bins: their places, soft codes against all distances, weights and decoding."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

from polychrome.color import bins as color_bins
from polychrome.compiling import compiled
from polychrome.errors import InputError

# Rows of the released pts_in_hull.npy: a*, lowest and highest b*, and how many bins up to its end.
PUBLISHED_ROWS = [
    (-90, 50, 90, 5),
    (-80, 20, 90, 13),
    (-70, 0, 90, 23),
    (-60, -20, 90, 35),
    (-50, -30, 100, 49),
    (-40, -40, 100, 64),
    (-30, -50, 100, 80),
    (-20, -50, 100, 96),
    (-10, -60, 100, 113),
    (0, -70, 100, 131),
    (10, -80, 90, 149),
    (20, -80, 90, 167),
    (30, -90, 90, 186),
    (40, -100, 90, 206),
    (50, -100, 80, 225),
    (60, -110, 80, 245),
    (70, -110, 80, 265),
    (80, -110, 70, 284),
    (90, -110, 70, 303),
    (100, -90, 0, 313),
]


def numpy(value):
    return keras.ops.convert_to_numpy(value)


def colors(count=20_000, seed=0):
    """Colors in and far out of the gamut, on and between the bins: float32 [n, 2]."""
    rng = np.random.default_rng(seed)
    halves = np.stack(np.meshgrid(*[np.arange(-128, 128.5, 2.5)] * 2), -1).reshape(-1, 2)
    return np.concatenate([rng.uniform(-128, 128, (count, 2)), halves]).astype(np.float32)


def real_colors():
    """a* and b* of all corners and 4,000 other colors of sRGB: float32 [n, 2]."""
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * 3), -1).reshape(-1, 3)
    rgb = np.concatenate([corners, np.random.default_rng(1).uniform(0, 1, (4_000, 3))])
    return rgb2lab(rgb)[:, 1:].astype(np.float32)


def by_all_distances(ab, neighbors):
    """Indices of the nearest bins, of equal ones the first, and squared distances; float64."""
    squared = np.sum((ab[:, None].astype(np.float64) - color_bins.BINS) ** 2, axis=-1)
    order = np.argsort(squared, axis=1, kind="stable")[:, :neighbors]
    return order, np.take_along_axis(squared, order, axis=1)


def test_bins_are_the_published_ones_in_the_published_order():
    assert color_bins.BINS.shape == (313, 2) and color_bins.BINS.dtype == np.float32
    first = 0
    for a, low, high, last in PUBLISHED_ROWS:
        expected = [(a, b) for b in range(low, high + 1, 10)]
        np.testing.assert_array_equal(color_bins.BINS[first:last], expected)
        first = last
    assert first == 313


def test_every_color_of_srgb_has_a_bin_beside_it():
    _, squared = by_all_distances(real_colors(), 1)
    # Half the diagonal of a bin is 7.1; the gamut's blue corner lies a little outside of its bins.
    assert np.sqrt(squared.max()) < 10


@pytest.mark.parametrize("neighbors", [1, 5, 10, 313])
def test_soft_codes_equal_those_of_all_distances(neighbors):
    ab = colors(200 if neighbors == 313 else 20_000)
    expected, squared = by_all_distances(ab, neighbors)
    bins, weights = map(numpy, color_bins.encode_soft(ab, neighbors, sigma=5.0))
    np.testing.assert_array_equal(bins, expected)
    assert bins.dtype == np.int32 and weights.dtype == np.float32
    gauss = np.exp((squared[:, :1] - squared) / 50.0)
    expected = gauss / gauss.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-6)


def test_nearest_bin_equals_that_of_all_distances():
    ab = colors()
    bins = numpy(color_bins.nearest_bin(ab))
    np.testing.assert_array_equal(bins, by_all_distances(ab, 1)[0][:, 0])
    assert bins.dtype == np.int32
    np.testing.assert_array_equal(numpy(color_bins.nearest_bin(color_bins.BINS)), np.arange(313))


def test_values_no_color_has_count_as_the_outermost():
    wild = np.float32([[500, 3], [-1e6, 1e6], [128, -129]])
    bins, weights = map(numpy, color_bins.encode_soft(wild))
    edge, edge_weights = map(numpy, color_bins.encode_soft(np.clip(wild, -128, 128)))
    np.testing.assert_array_equal(bins, edge)
    np.testing.assert_array_equal(weights, edge_weights)
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("neighbors", [5, 10])
def test_soft_codes_decode_back_within_half_a_bin(neighbors):
    ab = real_colors()
    # Those that lie among bins, not beyond the outermost: the gamut's edge is rounder than squares.
    inside = np.abs(ab - color_bins.BINS[by_all_distances(ab, 1)[0][:, 0]]).max(axis=1) <= 5
    ab = ab[inside]
    assert len(ab) > 3_900
    bins, weights = map(numpy, color_bins.encode_soft(ab, neighbors))
    decoded = np.sum(color_bins.BINS[bins] * weights[..., None], axis=1)
    assert np.abs(decoded - ab).max() < color_bins.BIN_SIZE / 2


def test_any_leading_axes_in_tf_data_and_under_xla():
    ab = np.random.default_rng(2).normal(0, 30, (6, 4, 7, 2)).astype(np.float32)
    expected = [numpy(part) for part in color_bins.encode_soft(tf.constant(ab))]
    assert [part.shape for part in expected] == [(6, 4, 7, 5)] * 2
    batches = tf.data.Dataset.from_tensor_slices(ab).batch(4).map(color_bins.encode_soft)
    parts = zip(*batches.as_numpy_iterator(), strict=True)
    by_xla = [numpy(part) for part in compiled(color_bins.encode_soft)(ab)]
    for whole, mapped, fused in zip(expected, parts, by_xla, strict=True):
        np.testing.assert_array_equal(np.concatenate(mapped), whole)
        np.testing.assert_allclose(fused, whole, rtol=0, atol=1e-6)
    single = [numpy(part) for part in color_bins.encode_soft(tf.constant(ab[0, 0, 0]))]
    np.testing.assert_array_equal(single[0], expected[0][0, 0, 0])


def test_prior_is_smoothed_and_keeps_its_mass():
    counts = np.zeros(313)
    middle = 122  # a* 0, b* 20: all neighbors are bins
    assert tuple(color_bins.BINS[middle]) == (0, 20)
    counts[middle] = 40
    prior = color_bins.prior_of(counts)
    assert abs(prior.sum() - 1.0) < 1e-12
    # A neighbor at 10 units gets exp(-100 / 50) of the middle, one at the corner its square.
    right = int(numpy(color_bins.nearest_bin(np.float32([10, 20]))))
    corner = int(numpy(color_bins.nearest_bin(np.float32([10, 30]))))
    np.testing.assert_allclose(prior[right] / prior[middle], np.exp(-2), rtol=1e-9)
    np.testing.assert_allclose(prior[corner] / prior[middle], np.exp(-4), rtol=1e-9)


@pytest.mark.parametrize("mix", [0.1, 0.5, 1.0])
def test_class_weights_are_one_on_average(mix):
    prior = color_bins.prior_of(np.random.default_rng(3).integers(0, 10**6, 313) ** 2)
    weights = color_bins.class_weights(prior, mix)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(np.sum(prior * weights), 1.0, rtol=1e-6)
    expected = 1 / ((1 - mix) * prior + mix / 313)  # equation 4 of Zhang et al.
    np.testing.assert_allclose(weights / weights[0], expected / expected[0], rtol=1e-5)


def test_class_weights_by_hand():
    prior = np.zeros(313)
    prior[:2] = 0.75, 0.25
    # 1 / (.375 + .5 / 313), 1 / (.125 + .5 / 313) and 313 / .5, over the mean of the first two.
    raw = 1 / (0.375 + 0.5 / 313), 1 / (0.125 + 0.5 / 313), 626.0
    mean = 0.75 * raw[0] + 0.25 * raw[1]
    weights = color_bins.class_weights(prior)
    np.testing.assert_allclose(weights[:3], np.array(raw) / mean, rtol=1e-6)


def test_decoding_by_hand():
    logits = np.full([2, 313], -np.inf, np.float32)
    logits[:, 100], logits[:, 200] = np.log(0.8), np.log(0.2)
    one, other = color_bins.BINS[100], color_bins.BINS[200]
    np.testing.assert_array_equal(numpy(color_bins.decode(logits, "arg_max")), [one] * 2)
    mean = 0.8 * one + 0.2 * other
    np.testing.assert_allclose(numpy(color_bins.decode(logits, "mean")), [mean] * 2, rtol=1e-5)
    # Probabilities to the power of 1 / T, made to sum to 1 again: equation 5 of Zhang et al.
    shares = np.array([0.8, 0.2]) ** (1 / 0.38)
    annealed = (shares[0] * one + shares[1] * other) / shares.sum()
    np.testing.assert_allclose(numpy(color_bins.decode(logits)), [annealed] * 2, rtol=1e-5)


def test_temperatures_lead_from_the_arg_max_to_the_mean():
    logits = np.random.default_rng(4).normal(0, 3, (5, 313)).astype(np.float32)
    cold = numpy(color_bins.decode(logits, temperature=1e-3))
    np.testing.assert_allclose(cold, numpy(color_bins.decode(logits, "arg_max")), rtol=0, atol=1e-3)
    warm = numpy(color_bins.decode(logits, temperature=1.0))
    np.testing.assert_array_equal(warm, numpy(color_bins.decode(logits, "mean")))


def test_huge_logits_stay_finite():
    logits = np.zeros([1, 313], np.float32)
    logits[0, 7] = 1e30
    for how in color_bins.DECODINGS:
        np.testing.assert_array_equal(numpy(color_bins.decode(logits, how))[0], color_bins.BINS[7])


def test_wrong_options_are_named():
    ab, logits = np.zeros([1, 2], np.float32), np.zeros([1, 313], np.float32)
    uniform = np.full(313, 1 / 313)
    wrong = [
        ("neighbors=0", lambda: color_bins.encode_soft(ab, 0)),
        ("neighbors=314", lambda: color_bins.encode_soft(ab, 314)),
        ("sigma=0", lambda: color_bins.encode_soft(ab, sigma=0)),
        ("how='median'", lambda: color_bins.decode(logits, "median")),
        ("temperature=0", lambda: color_bins.decode(logits, temperature=0)),
        ("counts of bins", lambda: color_bins.prior_of(np.zeros(313))),
        ("counts of bins", lambda: color_bins.prior_of(np.ones(312))),
        ("prior of bins", lambda: color_bins.class_weights(2 * uniform)),
        ("mix=1.5", lambda: color_bins.class_weights(uniform, 1.5)),
        ("mix=0", lambda: color_bins.class_weights(np.eye(313)[0], 0)),
    ]
    for message, call in wrong:
        with pytest.raises(InputError, match=message):
            call()
