"""The networks and the colorizer of a finished run, from its folder."""

from pathlib import Path

import keras

from experiments.grading.protocol import Colorizer, colorizer
from experiments.plan import Plan, plan_of
from experiments.recipe import Network
from experiments.recipes import RECIPES
from experiments.stages.earlier_weights import last_weights
from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.weights.files import load_weights


def trained_files(run: Path) -> tuple[Plan, list[tuple[Network, Path]]]:
    """The plan of a run, and its networks, each with the file of its last weights; builds none.

    Raises:
        InputError: the folder has no run, a run of a removed system, or incomplete weights; or it
            is what `experiments.bakeoff --keep` keeps of a run, which is without.
    """
    record = read_json(run / "recipe.json")
    name = record.get("name")
    if name not in RECIPES:
        raise InputError(f"{run / 'recipe.json'}: no system is named {name!r}; see experiments.run")
    if "options" not in record:
        raise InputError(
            f"{run}: is a kept record without weights; name the run that was kept, or train it "
            "again"
        )
    plan = plan_of(RECIPES[name], record)
    return plan, [(each, last_weights(run, each.name)) for each in plan.networks]


def load_trained(run: Path) -> tuple[Plan, list[tuple[Path, keras.Model]]]:
    """The plan of a run and its trained networks, each with the file of its last weights.

    Raises:
        InputError: see `trained_files`; or weights do not fit.
    """
    plan, files = trained_files(run)
    networks = []
    for described, path in files:
        network = described.build(plan.image_size)
        load_weights(network, path)
        networks.append((path, network))
    return plan, networks


def load_colorizer(run: Path) -> Colorizer:
    """The colorizer of a run as graded: L* to a*, b*. Raises like `load_trained`."""
    plan, networks = load_trained(run)
    return colorizer(plan.assembled([network for _, network in networks]), plan.recipe.scaling)
