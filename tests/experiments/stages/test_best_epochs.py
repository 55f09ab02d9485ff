"""The colorizer of the best epochs, from folders as training leaves them."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.recipe import any_size
from experiments.recipes import RECIPES
from experiments.recipes.tiny import go_on
from experiments.stages.grade import at_best_epochs
from experiments.stages.train import Trained
from polychrome.models.lite_unet import build_heads, build_lite_unet
from polychrome.models.polychromify import build_polychromify
from polychrome.training.callbacks import TrainingState
from tf_data.sources.source import open_source

SMALL = {"filters": (3, 4), "dense": (4,), "outputs": 1}


def planned(name: str, *builds) -> Plan:
    """A plan with other networks."""
    plan = make_plan(RECIPES[name], Options(image_size=32), open_source("sample"))
    pairs = zip(plan.networks, builds, strict=True)
    networks = tuple(dataclasses.replace(network, build=build) for network, build in pairs)
    return dataclasses.replace(plan, recipe=dataclasses.replace(plan.recipe, networks=networks))


def moved(network: keras.Model, seed: int) -> keras.Model:
    """The network with random weights, also where its builder has zeros."""
    rng = np.random.default_rng(seed)
    network.set_weights([rng.uniform(0.01, 0.1, each.shape) for each in network.get_weights()])
    return network


def finished(plan: Plan, index: int, folder: Path, last: keras.Model, *, best: int) -> Trained:
    """A network after three epochs, whose weights of the best one are others if it is earlier."""
    described = plan.networks[index]
    place = folder / described.name
    place.mkdir()
    other = moved(described.build(32), 7 + index) if best < 3 else last
    other.save_weights(place / "best.weights.h5")
    state = TrainingState(epoch=3, best_epoch=best, best_weights="best.weights.h5")
    return Trained(described, last, state, place)


LIGHTNESS = np.linspace(0, 1, 4 * 32 * 32, dtype=np.float32).reshape(4, 32, 32, 1)


def test_networks_on_their_own_are_joined_at_their_best(tmp_path):
    builds = [any_size(build_polychromify, name=f"small_{name}", **SMALL) for name in "ab"]
    plan = planned("polychromify_ab", *builds)
    last = [moved(network.build(32), index) for index, network in enumerate(plan.networks)]
    trained = [
        finished(plan, index, tmp_path, network, best=best)
        for index, (network, best) in enumerate(zip(last, (1, 3), strict=True))
    ]
    found = at_best_epochs(plan, trained).predict(LIGHTNESS, verbose=0)
    whole = plan.assembled(last).predict(LIGHTNESS, verbose=0)
    np.testing.assert_array_equal(found[..., 1], whole[..., 1])
    assert np.abs(found[..., 0] - whole[..., 0]).max() > 1e-3


def test_without_an_earlier_best_epoch_there_is_nothing_else_to_grade(tmp_path):
    plan = planned("cnn", RECIPES["cnn"].networks[0].build)
    trained = [finished(plan, 0, tmp_path, plan.networks[0].build(32), best=3)]
    assert at_best_epochs(plan, trained) is None


@pytest.mark.parametrize(("name", "best"), [("tiny", (1, 2)), ("photo", (1, 3))])
def test_a_network_that_holds_the_last_weights_of_another_has_no_row_of_best_ones(
    name, best, tmp_path
):
    """The row would be the graded one again, under the name of another epoch."""
    plan = planned(name, *(any_size(each, width=0.05) for each in (build_lite_unet, build_heads)))
    colorizer, heads = (moved(network.build(32), 1) for network in plan.networks)
    go_on(heads, colorizer)
    trained = [
        finished(plan, index, tmp_path, network, best=epoch)
        for index, (network, epoch) in enumerate(zip((colorizer, heads), best, strict=True))
    ]
    assert at_best_epochs(plan, trained) is None
