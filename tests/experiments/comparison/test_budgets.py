"""A budget becomes epochs: in images, in process CPU time, and for several networks."""

import dataclasses

import pytest

from experiments.command_line.options import Options
from experiments.comparison.budgets import budgeted, common, share_of
from experiments.comparison.settings import Budget
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from tf_data.sources.source import open_source


def tiny_of(colorizer: int, heads: int):
    """The networks of `tiny`, with other epochs."""
    networks = RECIPES["tiny"].networks
    pairs = zip(networks, (colorizer, heads), strict=True)
    return tuple(dataclasses.replace(network, epochs=epochs) for network, epochs in pairs)


def test_images_are_shared_in_the_proportions_of_the_recipe():
    tiny = tiny_of(26, 8)
    share = share_of(Budget(images=240_000), tiny, {}, 100_000, 64)
    assert share.images == pytest.approx(240_000, rel=0.03)
    assert share.epochs["heads"] == 10  # the fewest
    assert share.epochs["colorizer"] == pytest.approx(32.5, abs=1)
    (cnn,) = RECIPES["cnn"].networks
    share = share_of(Budget(images=240_000), (cnn,), {}, 100_000, 64)
    assert share.images == pytest.approx(240_000, rel=0.06)
    assert share.epochs["cnn"] in (10, 11, 12)


def test_cpu_time_counts_what_each_network_costs():
    tiny = tiny_of(26, 8)
    costs = {"colorizer": 0.02, "heads": 0.005}
    share = share_of(Budget(cpu_seconds=3600.0), tiny, costs, 100_000, 64)
    spent = sum(costs[name] * epochs for name, epochs in share.epochs.items()) * share.epoch_images
    assert spent == pytest.approx(3600, rel=0.03)
    assert share.epochs["colorizer"] / share.epochs["heads"] == pytest.approx(26 / 8, rel=0.05)


def test_a_small_budget_is_an_epoch_of_a_batch_at_least():
    (cnn,) = RECIPES["cnn"].networks
    share = share_of(Budget(images=30), (cnn,), {}, 324, 64)
    assert (share.epochs, share.epoch_images) == ({"cnn": 1}, 64)


def test_more_than_a_pass_is_several_whole_passes():
    (cnn,) = RECIPES["cnn"].networks
    share = share_of(Budget(images=100_000), (cnn,), {}, 324, 64)
    assert share.epoch_images == 320 and share.images == pytest.approx(100_000, rel=0.01)


@pytest.mark.parametrize("name", ["tiny", "uci_vae", "unet_fusion", "dtu_mse"])
def test_recipes_see_the_same_images_for_their_share_also_with_classes(name):
    recipe = RECIPES[name]
    epochs = {network.name: 3 + i for i, network in enumerate(recipe.networks)}
    share = share_of(Budget(images=1_000), recipe.networks, {}, 324, 64)
    share = dataclasses.replace(share, epochs=epochs)
    plan = make_plan(
        budgeted(common(recipe, "validation"), share, "validation"),
        Options(),
        open_source("sample"),
    )
    assert {network.name: network.epochs for network in plan.networks} == epochs
    assert plan.recipe.graded_split == "validation" and plan.recipe.validation_share is None
    assert plan.resize == "crop" and plan.recipe.curve_images == 200
    if recipe.with_classes is not None:
        with_classes = plan.recipe.with_classes(5)
        assert {network.name: network.epochs for network in with_classes} == epochs
