"""Recipes that are said to share a network, and so the time of an image."""

import inspect
from pathlib import Path

import pytest

from experiments.recipes import RECIPES
from experiments.report.kept_runs import Graded, KeptRun
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
