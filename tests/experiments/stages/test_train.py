"""Trained networks, at their best epochs."""

import dataclasses

import keras
import numpy as np

from experiments.recipe import Network, any_size
from experiments.stages.train import Trained
from polychrome.models.cnn import build_cnn
from polychrome.training.callbacks import TrainingState
from polychrome.training.train import train

CNN = Network("cnn", any_size(build_cnn, filters=(2, 3)), epochs=2)


def compiled() -> keras.Model:
    network = CNN.build(16)
    network.compile("adam", "mse")
    return network


def assert_equal(network: keras.Model, other: keras.Model) -> None:
    for a, b in zip(network.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_network_that_was_not_trained_has_the_weights_that_it_has_at_its_best(tmp_path):
    network, state = train(compiled, None, None, tmp_path, epochs=0, batch_size=4, seed=1)
    assert (state.best_epoch, state.best_weights) == (0, None)
    # Also where the run is resumed: this is read back then.
    for known in (state, TrainingState.load(tmp_path)):
        best = Trained(CNN, network, known, tmp_path).at_best(16)
        assert best is not network
        assert_equal(best, network)


def test_a_network_at_its_best_has_the_weights_of_that_epoch(tmp_path):
    network, state = train(compiled, None, None, tmp_path, epochs=0, batch_size=4, seed=1)
    keras.utils.set_random_seed(2)
    earlier = compiled()
    earlier.save_weights(tmp_path / "best-0001.weights.h5")
    known = dataclasses.replace(state, epoch=2, best_epoch=1, best_weights="best-0001.weights.h5")
    assert_equal(Trained(CNN, network, known, tmp_path).at_best(16), earlier)
