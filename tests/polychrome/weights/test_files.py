"""Weights files of Keras, and which layers a training run moves."""

import keras
import numpy as np
import pytest

from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.vgg16 import build_vgg16
from polychrome.weights.files import unfreeze

NETWORKS = pytest.mark.parametrize(
    "build", [build_resnet_decoder, build_vgg16], ids=["resnet_decoder", "vgg16"]
)


def moved_by_a_step(network: keras.Model) -> dict[str, bool]:
    """By path of each variable: whether one training step changed it."""
    random = np.random.default_rng(0)
    lightness = random.uniform(size=(4, 32, 32, 1)).astype("float32")
    chroma = random.uniform(-0.5, 0.5, (4, 32, 32, 2)).astype("float32")
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse", run_eagerly=True)
    before = [variable.numpy() for variable in network.variables]
    network.train_on_batch(lightness, chroma)
    return {
        variable.path: bool(np.any(variable.numpy() != old))
        for variable, old in zip(network.variables, before, strict=True)
        if variable.dtype.startswith("float")
    }


@NETWORKS
def test_an_unfrozen_network_moves_in_all_its_weights(build):
    """Setting `trainable` of the whole network leaves its frozen layers so under TensorFlow."""
    keras.utils.set_random_seed(0)
    network = build(width=8)
    frozen = len(network.non_trainable_weights)
    assert network.trainable  # what makes setting it a no-op
    unfreeze(network)
    statistics = [v for v in network.variables if "moving_" in v.path]
    assert len(network.non_trainable_weights) == len(statistics) < frozen

    still = [path for path, moved in moved_by_a_step(network).items() if not moved]
    # What normalizes the units of the input is no weight of the network's.
    assert not [path for path in still if not path.startswith("imagenet/")]


@NETWORKS
def test_a_frozen_encoder_does_not_move(build):
    keras.utils.set_random_seed(0)
    network = build(width=8)
    frozen = {
        variable.path
        for layer in network._flatten_layers(include_self=False)
        for variable in layer.variables
        if not layer.trainable
    }
    moved = moved_by_a_step(network)
    assert frozen and not [path for path in frozen if moved.get(path)]
    assert [path for path in moved if moved[path]]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_layer_frozen_within_networks_that_are_not_is_unfrozen(depth):
    """Their own flag is `True` at each level, so setting it again reaches no layer in them."""
    frozen = keras.layers.Dense(2, name="frozen")
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3), frozen])
    for level in range(1, depth):
        network = keras.Sequential([keras.Input((3,)), network], name=f"level_{level}")
    frozen.trainable = False
    assert network.trainable and len(network.trainable_variables) == 2
    network.trainable = True
    assert len(network.trainable_variables) == 2
    unfreeze(network)
    assert len(network.trainable_variables) == 4
    assert not network.non_trainable_variables
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    before = [weights.copy() for weights in frozen.get_weights()]
    network.train_on_batch(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"))
    for weights, old in zip(frozen.get_weights(), before, strict=True):
        assert np.all(weights != old)
