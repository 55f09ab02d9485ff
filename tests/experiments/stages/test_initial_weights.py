"""What a training begins with, and what a stopped one begins with again."""

import dataclasses

import keras
import numpy as np
import pytest

from experiments.options import Options
from experiments.recipes import RECIPES
from experiments.stages.initial_weights import Beginning
from polychrome.files import write_json
from polychrome.models.resnet import build_resnet18
from polychrome.training.callbacks import TrainingState


def beginning(name: str, folder, **options) -> Beginning:
    recipe = dataclasses.replace(RECIPES[name], image_size=32)
    (network,) = recipe.networks
    return Beginning(network, recipe, Options(**options), folder, (), None, download=False)


def finish_an_epoch(folder, network) -> None:
    network.save_weights(folder / "epoch-0001.weights.h5")
    state = dataclasses.replace(TrainingState(), epoch=1, weights="epoch-0001.weights.h5")
    write_json(folder / "state.json", dataclasses.asdict(state))


@pytest.fixture
def encoder(tmp_path):
    """A file of an encoder's weights, and its first kernel."""
    keras.utils.set_random_seed(3)
    network = build_resnet18()
    network.save_weights(tmp_path / "resnet18.weights.h5")
    return tmp_path / "resnet18.weights.h5", network.get_layer("conv1").get_weights()[0]


def test_a_training_stopped_in_its_first_epoch_begins_with_the_file_again(tmp_path, encoder):
    path, kernel = encoder
    for _ in range(2):
        begun = beginning("dtu_mse", tmp_path, encoder_weights=str(path))
        encoder = begun.build().get_layer("encoder")
        np.testing.assert_array_equal(encoder.get_layer("conv1").get_weights()[0], kernel)
        assert not encoder.trainable_weights
    assert begun.notes() == (f"Encoder of resnet18: ImageNet weights from {path.name}",)


def test_after_an_epoch_files_may_be_gone(tmp_path, encoder):
    path, _ = encoder
    options = {"encoder_weights": str(path), "init_from": "gone"}
    first = beginning("dtu_mse", tmp_path, encoder_weights=str(path))
    finish_an_epoch(tmp_path, first.build())
    path.unlink()
    again = beginning("dtu_mse", tmp_path, **options)
    assert not again.build().get_layer("encoder").trainable_weights
    assert "ImageNet weights from" in again.notes()[0]


def block4(network: keras.Model) -> np.ndarray:
    return network.loss.features.get_layer("block4_conv3").get_weights()[0]


def test_a_perceptual_loss_takes_weights_from_a_file_and_says_so(tmp_path):
    keras.utils.set_random_seed(4)
    vgg16 = keras.applications.VGG16(weights=None, include_top=False)
    path = tmp_path / "vgg16.weights.h5"
    vgg16.save_weights(path)
    begun = beginning("dtu_perceptual", tmp_path, loss_weights=str(path))
    network = begun.build()
    expected = vgg16.get_layer("block4_conv3").get_weights()[0]
    np.testing.assert_array_equal(block4(network), expected)
    assert f"Network that the loss compares by: ImageNet weights from {path.name}" in begun.notes()
    finish_an_epoch(tmp_path, network)
    again = beginning("dtu_perceptual", tmp_path, loss_weights=str(path)).build()
    np.testing.assert_array_equal(block4(again), expected)


def test_a_perceptual_loss_without_weights_is_random_the_same_again_and_says_so(tmp_path):
    networks = []
    for _ in range(2):
        keras.utils.set_random_seed(5)  # as `polychrome.training.train` does before it builds
        begun = beginning("dtu_perceptual", tmp_path)
        networks.append(begun.build())
        assert sum("random weights" in note for note in begun.notes()) == 2  # the encoder's too
        if len(networks) == 1:
            finish_an_epoch(tmp_path, networks[0])
    np.testing.assert_array_equal(*map(block4, networks))
