"""The networks and the colorizer of a finished run, from its folder."""

from pathlib import Path

import keras

from experiments.grading.protocol import Colorizer, colorizer
from experiments.plan import Plan, plan_of
from experiments.recipes import RECIPES
from experiments.stages.earlier_weights import last_weights
from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.weights.files import load_weights


def load_trained(run: Path) -> tuple[Plan, list[tuple[Path, keras.Model]]]:
    """The plan of a run and its trained networks, each with the file of its last weights.

    Raises:
        InputError: the folder has no run, a run of a removed system, or incomplete weights.
    """
    record = read_json(run / "recipe.json")
    name = record.get("name")
    if name not in RECIPES:
        raise InputError(f"{run / 'recipe.json'}: no system is named {name!r}; see experiments.run")
    plan, networks = plan_of(RECIPES[name], record), []
    for described in plan.networks:
        path = last_weights(run, described.name)
        network = described.build(plan.image_size)
        load_weights(network, path)
        networks.append((path, network))
    return plan, networks


def load_colorizer(run: Path) -> Colorizer:
    """The colorizer of a run as graded: L* to a*, b*. Raises like `load_trained`."""
    plan, networks = load_trained(run)
    return colorizer(plan.assembled([network for _, network in networks]), plan.recipe.scaling)
