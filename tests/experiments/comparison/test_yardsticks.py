"""Baselines and oracles, from the pixels that they paint."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from experiments.comparison.kinds import BASELINE, ORACLE, RANKED
from experiments.comparison.yardsticks import NearestGray, RandomChroma, yardsticks
from experiments.grading.baselines import Baselines
from experiments.grading.protocol import Oracle, colors_of, grade_colorizers
from polychrome.color.bins import BINS
from tf_data.store import Store


def store(images):
    return Store(images, tuple(map(str, range(len(images)))), 0, ())


@pytest.fixture(scope="module")
def train(smooth):
    return store(smooth(9, 32, 32, seed=1))


@pytest.fixture(scope="module")
def graded(smooth):
    return store(smooth(4, 32, 32, seed=2))


@pytest.fixture(scope="module")
def rows(train):
    return yardsticks(train, Baselines(np.array([3.0, 8.0], np.float32), 9, 0.5, 9), 32)


def painted_by(row, images):
    lab = rgb2lab(images)
    return colors_of(row.name, row.colorize, images, lab[..., :1].astype("float32")), lab[..., 1:]


def test_all_that_the_table_needs_are_there_and_oracles_are_marked_and_never_ranked(rows):
    baselines = ["do_nothing", "mean_color", "best_constant", "random_chroma", "nearest_gray"]
    oracles = ["image_mean", "eighth", "quarter", "on_superpixels", "bins", "truth"]
    assert list(rows) == baselines + oracles
    assert all(rows[name].kind == BASELINE for name in baselines)
    assert all(rows[name].kind == ORACLE for name in oracles)
    assert ORACLE not in RANKED and BASELINE in RANKED
    assert all(isinstance(rows[name].colorize, Oracle) for name in oracles)
    assert not any(isinstance(rows[name].colorize, Oracle) for name in baselines)


@pytest.mark.parametrize(("name", "ab"), [("mean_color", (3, 8)), ("best_constant", (1.5, 4))])
def test_constants_are_constant(rows, graded, name, ab):
    found, _ = painted_by(rows[name], graded.images)
    np.testing.assert_allclose(found, np.broadcast_to(ab, found.shape))


def test_oracles_paint_what_they_say(rows, graded):
    found, truth = painted_by(rows["truth"], graded.images)
    np.testing.assert_allclose(found, truth, atol=2e-3)
    found, _ = painted_by(rows["image_mean"], graded.images)
    np.testing.assert_allclose(
        found, np.broadcast_to(truth.mean((1, 2), keepdims=True), found.shape), atol=2e-3
    )
    found, _ = painted_by(rows["bins"], graded.images)
    away = np.linalg.norm(truth[..., None, :] - BINS, axis=-1)
    np.testing.assert_array_equal(
        np.linalg.norm(found - truth, axis=-1) <= away.min(-1) + 5e-3, True
    )
    assert {tuple(color) for color in found.reshape(-1, 2)} <= {tuple(color) for color in BINS}


@pytest.mark.parametrize(("name", "factor"), [("quarter", 4), ("eighth", 8)])
def test_coarse_chroma_is_the_mean_of_squares_brought_back_bilinearly(rows, graded, name, factor):
    found, truth = painted_by(rows[name], graded.images)
    side = 32 // factor
    means = truth.reshape(-1, side, factor, side, factor, 2).mean((2, 4))
    # Where the centers of pixels lie among those of the squares; constant beyond the last ones.
    places = (np.arange(32) + 0.5) / factor - 0.5
    weights = np.stack([np.interp(places, np.arange(side), one) for one in np.eye(side)])
    expected = np.einsum("nabc,ai,bj->nijc", means, weights, weights)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_coarse_chroma_loses_with_the_factor_and_keeps_what_is_flat(rows, graded):
    images = graded.images
    errors = {}
    for name in ("quarter", "eighth"):
        found, truth = painted_by(rows[name], images)
        errors[name] = np.abs(found - truth).mean()
    assert (
        0
        < errors["quarter"]
        < errors["eighth"]
        < np.abs(truth - truth.mean((1, 2), keepdims=True)).mean()
    )
    flat = np.full_like(images, [200, 60, 90])
    found, truth = painted_by(rows["eighth"], flat)
    np.testing.assert_allclose(found, truth, atol=2e-3)


def test_the_nearest_training_image_is_found_by_its_gray_alone(train):
    look_up = NearestGray(train)
    lightness = rgb2lab(train.images)[..., :1].astype("float32")
    np.testing.assert_array_equal(look_up.nearest(lightness[[7, 0, 3]] + 0.5), [7, 0, 3])
    ab = rgb2lab(train.images)[..., 1:]
    np.testing.assert_allclose(look_up(lightness[[7, 3]]), ab[[7, 3]], atol=2e-3)
    by_hand = np.square(lightness[:, None] - lightness[None] - 20).mean((2, 3, 4)).argmin(1)
    np.testing.assert_array_equal(look_up.nearest(lightness - 20), by_hand)


def test_a_random_image_is_the_same_in_every_batch_and_another_for_most(train, graded):
    draw = RandomChroma(train)
    lightness = rgb2lab(graded.images)[..., :1].astype("float32")
    whole = draw(lightness)
    np.testing.assert_array_equal(whole[2:], draw(lightness[2:]))
    ab = rgb2lab(train.images)[..., 1:]
    away = np.abs(whole[:, None] - ab[None]).max((2, 3, 4))
    assert (away.min(1) < 2e-3).all() and len(set(away.argmin(1))) > 1


@pytest.mark.long
def test_the_truth_is_graded_as_perfect_and_bounds_the_others(rows, graded):
    found, _ = painted_by(rows["on_superpixels"], graded.images)
    assert 4 < len({tuple(color) for color in found[0].reshape(-1, 2).round(1)}) < 32 * 32 / 4
    chosen = {name: rows[name].colorize for name in ("truth", "quarter", "image_mean")}
    scores = grade_colorizers(chosen, graded).per_image
    psnr = {name: values["psnr"].mean() for name, values in scores.items()}
    assert psnr["truth"] > 59.9
    assert psnr["truth"] > psnr["quarter"] > psnr["image_mean"]
