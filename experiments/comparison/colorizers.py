"""Systems as colorizers: trained runs, and what is taken as it is."""

from pathlib import Path
from typing import NamedTuple

import polychrome
from experiments.comparison.images import open_common
from experiments.comparison.progress import RUNS
from experiments.comparison.settings import Entry, Settings, System
from experiments.comparison.training import training_of
from experiments.grading.feeding import fed_at
from experiments.grading.protocol import Colorizer, colorizer
from experiments.recipes import RECIPES
from experiments.stages.earlier_weights import earlier_weights
from experiments.stages.reload import load_trained, trained_files
from experiments.training import Training
from polychrome.errors import InputError
from polychrome.inference.types import Prediction


class Contestant(NamedTuple):
    """A system that can be graded.

    Attributes:
        label: in tables.
        colorize: it.
        parameters: of the network that colorizes; None if unknown.
        trainings: what each of its networks was trained on, by their names; empty if unknown.
        training: output of `training_of`; empty if unknown.
    """

    label: str
    colorize: Colorizer
    parameters: int | None
    trainings: dict[str, list[Training]]
    training: dict


def contestant(settings: Settings, entry: Entry, out: Path) -> Contestant:
    """The system of an entry, as it is graded.

    Args:
        settings, out: of the bake-off.
        entry: trained already, unless it is taken.

    Raises:
        InputError: see `trained_contestant` and `taken_contestant`.
    """
    system = settings.system(entry.system)
    if system.taken is None:
        return trained_contestant(out / RUNS / entry.place)
    return taken_contestant(system, open_common(settings)[1])


def trained_contestant(run: Path) -> Contestant:
    """The colorizer of a run that the bake-off trained.

    Raises:
        InputError: see `experiments.stages.reload.load_trained`.
    """
    plan, networks = load_trained(run)
    assembled = plan.assembled([network for _, network in networks])
    described = [network.name for network in plan.networks]
    trainings = {name: earlier_weights(str(run)).trainings(name) for name in described}
    return Contestant(
        plan.label,
        colorizer(assembled, plan.recipe.scaling),
        assembled.count_params(),
        trainings,
        training_of(run),
    )


def check_taken(source: str) -> None:
    """Fail now, rather than at its turn, if what is to be taken is not there. Builds no network.

    Raises:
        InputError: there is no such thing, or it has no weights.
    """
    if _is_run(Path(source)):
        trained_files(Path(source))
    else:
        polychrome.load(source)


def taken_contestant(system: System, image_size: int) -> Contestant:
    """A run that was trained elsewhere, or a preset, fed images at its own size.

    Args:
        system: with the folder or name in `taken`.
        image_size: side of the graded images in pixels.

    Raises:
        InputError: there is nothing usable.
    """
    source = str(system.taken)
    run = Path(source)
    if _is_run(run):
        plan, networks = load_trained(run)
        assembled = plan.assembled([network for _, network in networks])
        names = [network.name for network in plan.networks]
        label, parameters = plan.label, assembled.count_params()
        plain, size = colorizer(assembled, plan.recipe.scaling), plan.image_size
        colorize = _resized(plain, size, image_size)
    else:
        loaded = polychrome.load(source)
        card = loaded.card
        label, size = card.get("title", card["name"]), card["image_size"]
        recipe = RECIPES.get(card["name"])
        names = [network.name for network in recipe.networks] if recipe else []
        parameters = card.get("parameters")
        colorize = fed_at(loaded.predict, size)
    return Contestant(label, colorize, parameters, _trainings(source, names), {})


def _is_run(folder: Path) -> bool:
    return (folder / "recipe.json").is_file() and (folder / "networks").is_dir()


def _resized(colorize: Colorizer, size: int, image_size: int) -> Colorizer:
    """A network at the size of its training; most take any."""
    if size == image_size:
        return colorize
    return fed_at(lambda lightness: Prediction(colorize(lightness)), size)


def _trainings(source: str, names: list[str]) -> dict[str, list[Training]]:
    """What the networks were trained on, as far as their record says."""
    try:
        weights = earlier_weights(source)
        trainings = {name: weights.trainings(name) for name in names}
    except InputError:
        return {}
    return trainings if all(trainings.values()) else {}
