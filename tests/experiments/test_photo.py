"""What `photo` learns from: the lightness of old photographs, and the true colors."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from experiments.recipes.photo import RECIPE
from polychrome.color.scaling import POLYCHROME
from tf_data.pipeline import evaluation_batches, training_batches
from tf_data.sources.source import open_source
from tf_data.store import load_store


@pytest.fixture(scope="module")
def store():
    return load_store(open_source("sample").splits["train"], 32, limit=64)


def changes(lightness, truth):
    """Mean change of L* in each image."""
    scaled = POLYCHROME.lab_to_lightness(rgb2lab(truth)[..., :1])
    return np.abs(np.asarray(lightness) - scaled).mean(axis=(1, 2, 3))


@pytest.mark.parametrize("network", RECIPE.networks, ids=lambda network: network.name)
def test_about_half_of_the_training_images_are_old_and_no_target_is(store, network):
    batches, _ = training_batches(
        store, network.example, 64, seed=5, epochs=1, augment=network.augment[0], draw=network.draw
    )
    ((lightness, target),) = batches.as_numpy_iterator()
    truth = target[..., 1:]
    # The target is the truth, also its lightness.
    np.testing.assert_allclose(
        target[..., :1], POLYCHROME.lab_to_lightness(rgb2lab(truth)[..., :1]), atol=1e-3
    )
    originals = {image.tobytes() for image in store.images}
    flipped = {image[:, ::-1].tobytes() for image in store.images}
    restored = np.round(truth * 255).astype("uint8")
    assert all(image.tobytes() in originals | flipped for image in restored)
    old = changes(lightness, truth) > 1e-3
    assert 20 <= old.sum() <= 44


def test_validation_ages_the_same_images_each_time(store):
    network = RECIPE.networks[0]
    once, again = (
        next(evaluation_batches(store, network.example, 64, draw=network.draw).as_numpy_iterator())
        for _ in range(2)
    )
    np.testing.assert_array_equal(once[0], again[0])
    old = changes(once[0], store.images) > 1e-3
    assert 15 <= old.sum() <= 49
    np.testing.assert_allclose(once[1][..., 1:], store.images / 255, atol=1e-5)
