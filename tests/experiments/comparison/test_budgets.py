"""A budget becomes epochs: in images, in process CPU time, and for several networks."""

import dataclasses
import json

import pytest

from experiments.command_line.options import Options
from experiments.comparison.budgets import Share, budgeted, common, share_of, topped_up
from experiments.comparison.settings import Budget, Entry, Settings, System
from experiments.comparison.training import train_entry, training_of
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from polychrome.files import write_json
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
    # UCI's learn from superpixels painted on them, as the report of a bake-off says.
    assert plan.sees_superpixels == (name == "uci_vae")
    if recipe.with_classes is not None:
        with_classes = plan.recipe.with_classes(5)
        assert {network.name: network.epochs for network in with_classes} == epochs


def done_at(costs: dict[str, float], share: Share) -> tuple[dict[str, float], dict[str, int]]:
    """CPU seconds and epochs of a share that is done, from CPU seconds of an epoch."""
    return {name: costs[name] * n for name, n in share.epochs.items()}, dict(share.epochs)


def topped_up_until_spent(share: Share, budget: Budget, networks, costs: dict[str, float]) -> Share:
    while (more := topped_up(share, budget, networks, *done_at(costs, share))) is not None:
        assert sum(more.epochs.values()) > sum(share.epochs.values())
        share = more
    return share


def test_what_was_planned_too_dearly_is_topped_up_in_the_proportions_of_the_recipe():
    networks = RECIPES["polychromify_ab"].networks
    share, budget = Share({"a": 10, "b": 10}, 640, 640), Budget(cpu_seconds=100.0)
    costs = {"a": 2.0, "b": 4.0}
    share = topped_up_until_spent(share, budget, networks, costs)
    assert share.epochs == {"a": 17, "b": 17}
    assert topped_up(share, Budget(images=10**9), networks, *done_at(costs, share)) is None


def test_no_network_is_topped_up_after_another_began_with_its_weights():
    networks = RECIPES["siggraph17_narrow"].networks
    share, budget = Share(dict.fromkeys(("bins", "hints", "hints_slowly"), 10), 40, 40), 100.0
    costs = {"bins": 1.0, "hints": 2.0, "hints_slowly": 3.0}
    share = topped_up_until_spent(share, Budget(cpu_seconds=budget), networks, costs)
    assert share.epochs == {"bins": 10, "hints": 10, "hints_slowly": 24}


def test_a_learning_rate_that_fell_to_zero_stays_there():
    share = Share({"colorizer": 10, "heads": 5}, 640, 640)
    costs = {"colorizer": 1.0, "heads": 1.0}
    assert topped_up(share, Budget(cpu_seconds=60), tiny_of(2, 1), *done_at(costs, share)) is None


@pytest.mark.long
def test_a_run_planned_too_dearly_goes_on_until_its_budget_is_spent(tmp_path):
    passed = ("--data", "sample", "--image-size", "16", "--batch-size", "8")
    settings = Settings((System("cnn"),), Budget(cpu_seconds=6.0), "validation", passed=passed)
    write_json(tmp_path / "speeds/cnn.json", {"cnn": 0.06})  # an image takes a tenth of that
    folder = train_entry(settings, Entry("cnn", 1), tmp_path)
    state = json.loads((folder / "networks/cnn/state.json").read_text())
    spent = [row["training_cpu_seconds"] for row in state["history"]]
    assert len(spent) > 10  # were planned
    # What compiling costs, in the first epoch of each round, is not planned.
    assert 6 <= sum(spent) < 6 + 2 * max(spent)
    share = json.loads((folder / "share.json").read_text())
    assert share["epochs"] == {"cnn": len(spent)}
    found = training_of(folder)
    assert found["cpu_seconds"] == pytest.approx(sum(spent))
    assert found["images"] == share["epoch_images"] * len(spent)


@pytest.mark.long
def test_a_budget_is_spent_on_the_images_that_are_trained_on(half_gray_folder, tmp_path):
    """Of 49 files 28 have color: an epoch is one pass over these, not half of one over all."""
    passed = ("--data", "folder", "--data-dir", str(half_gray_folder), "--image-size", "16")
    budget = Budget(images=200)
    settings = Settings((System("cnn"),), budget, passed=(*passed, "--batch-size", "4"))
    # As a process leaves it that is killed before the run itself begins.
    write_json(tmp_path / "runs/cnn/seed-1/share.json", {"epochs": {}})
    folder = train_entry(settings, Entry("cnn", 1), tmp_path)
    share = json.loads((folder / "share.json").read_text())
    assert (share["epochs"], share["epoch_images"]) == ({"cnn": 7}, 28)
    state = json.loads((folder / "networks/cnn/state.json").read_text())
    seen = sum(row["images_per_second"] * row["training_seconds"] for row in state["history"])
    assert training_of(folder)["images"] == round(seen) == 196
    # A run that was planned with the files' number tells what it saw, too.
    write_json(folder / "share.json", share | {"epoch_images": 24})
    train_entry(settings, Entry("cnn", 1), tmp_path)
    assert training_of(folder)["images"] == 196
