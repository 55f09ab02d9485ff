"""Recipes that are said to share a network, and so the time of an image."""

import dataclasses
import inspect
from pathlib import Path

import pytest
from graded_rows import graded_metrics, row, write_run

from experiments.recipes import RECIPES
from experiments.report.kept_runs import LONGER, Graded, KeptRun, read_kept
from experiments.report.replication.against_reports import ONE_NETWORK, Here
from experiments.reported.figures import PLACES


def builder(recipe):
    """The function that builds its network, with the settings that it takes."""
    (network,) = RECIPES[recipe].networks
    return inspect.getclosurevars(network.build).nonlocals


def test_recipes_that_are_said_to_share_a_network_do():
    for names in ONE_NETWORK:
        first, *others = map(builder, names)
        assert first["settings"] and others and all(each == first for each in others)
    v4 = builder("polychromify_v4")
    assert all(builder(f"polychromify_{name}") != v4 for name in ("v3", "v6"))


def test_padovas_v5_takes_twice_the_time_of_v4_whose_network_it_trains_for_twice_as_long():
    """By a kept run of v4, though v5 was timed, more slowly."""
    graded = Graded("tiny_imagenet", "test", 2_500, 64)
    v4 = KeptRun(Path("v4"), "polychromify_v4", graded, 632_320, "", {}, rates=[350.0])
    found = Here([v4], {"polychromify_v5": [119.0]}, {})
    hours = {
        figure.system: found.core_hours(figure)
        for place in PLACES
        for figure in place.figures
        if figure.recipe in ("polychromify_v4", "polychromify_v5")
    }
    assert hours["v4"] == pytest.approx(2_500_000 / 350 / 3600)
    assert hours["v5"] == pytest.approx(2 * hours["v4"])


def test_a_longer_recipe_differs_in_its_epochs_alone():
    """Names and published figures aside."""
    for (name, epochs), longer in LONGER.items():
        short, long = RECIPES[name], RECIPES[longer]
        (network,) = short.networks
        (other,) = long.networks
        assert (other.epochs, builder(longer)) == (epochs, builder(name))
        assert network.epochs < epochs
        unlike = ("name", "build", "epochs")
        assert _without(network, unlike) == _without(other, unlike)
        unlike = ("name", "label", "summary", "published", "networks")
        assert _without(short, unlike) == _without(long, unlike)


def _without(declared, names) -> dict:
    fields = dataclasses.fields(declared)
    return {each.name: getattr(declared, each.name) for each in fields if each.name not in names}


@pytest.mark.parametrize("epochs, recipe", [(25, "v4"), (49, "v4"), (50, "v5"), (51, "v4")])
def test_a_run_of_v4_that_went_on_for_50_epochs_is_one_of_v5(tmp_path, epochs, recipe):
    own = row("ours", 21.0, system="polychromify_v4")
    best = row("ours", 21.5, system="polychromify_v4/best epoch")
    folder = write_run(
        tmp_path / "run",
        graded_metrics() | {"rows": [own, best, row("do_nothing", 23.0)]},
        name="polychromify_v4",
        networks=[{"name": "v4", "epochs": epochs}],
    )
    (folder / "networks/v4").mkdir(parents=True)
    (folder / "networks/v4/state.json").write_text(f'{{"epoch": {epochs}}}')
    (run,) = read_kept([tmp_path])
    assert run.recipe == f"polychromify_{recipe}"
    assert run.measured("psnr").mean == 21.0
    assert run.measured("psnr", "polychromify_v4/best epoch").mean == 21.5
