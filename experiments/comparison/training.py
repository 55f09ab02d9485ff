"""Train one system with one seed at the budget of a bake-off, or go on with it."""

import dataclasses
import shutil
import statistics
from pathlib import Path
from typing import NamedTuple

from experiments.command_line.options import Options
from experiments.command_line.series import options_of
from experiments.comparison.budgets import Share, budgeted, common, share_of, topped_up
from experiments.comparison.images import open_common
from experiments.comparison.progress import RUNS, SHARE
from experiments.comparison.settings import Entry, Settings
from experiments.plan import Plan, make_plan
from experiments.process.clock import Clock
from experiments.recipe import Recipe
from experiments.recipes import RECIPES
from experiments.stages.data import COUNTS, count_images, load_data
from experiments.stages.job import train_run
from experiments.stages.train import train_networks
from experiments.training import images_of_epoch
from polychrome.files import read_json, write_json
from polychrome.training.callbacks import TrainingState
from tf_data.sources.split import Source

SPEEDS = "speeds"
# Steps of the two epochs that measure what an image costs, and images at least: the first epoch
# also compiles.
_STEPS, _LEAST = 12, 192
_KINDS = ("cpu_seconds", "seconds")


class Prepared(NamedTuple):
    """What a training run of a bake-off starts from.

    Attributes:
        recipe: on the common images, with the epochs of its report.
        options: of the run.
        source: the data set.
        download: whether ImageNet weights may be downloaded.
        plan: of the recipe as it is.
    """

    recipe: Recipe
    options: Options
    source: Source
    download: bool
    plan: Plan


def prepare(settings: Settings, recipe: Recipe, folder: Path, seed: int = 1) -> Prepared:
    """Open the data of a bake-off and decide a run on them.

    Raises:
        InputError: options or data are not usable.
    """
    options, download = options_of(recipe, folder, seed, settings.passed)
    source, size = open_common(settings)
    options = dataclasses.replace(options, image_size=size)
    recipe = common(recipe, settings.split)
    return Prepared(recipe, options, source, download, make_plan(recipe, options, source))


def train_entry(settings: Settings, entry: Entry, out: Path) -> Path:
    """Train until the budget is spent; return the folder of the run.

    A budget in processor time is first planned in epochs by a short measurement, then topped up
    until all of it is spent.

    Raises:
        InputError: options or data are not usable, or the loss became NaN.
        KeyboardInterrupt: finished epochs are kept.
    """
    folder = out / RUNS / entry.place
    if not (folder / "recipe.json").exists():
        # Stopped between the two: the run was not begun, and its share is decided alike again.
        (folder / SHARE).unlink(missing_ok=True)
    prepared = prepare(settings, RECIPES[entry.system], folder, entry.seed)
    share: Share | None = _share(settings, entry, prepared, out)
    while share is not None:
        write_json(folder / SHARE, dataclasses.asdict(share))
        share = _train(prepared, share, settings.split, folder)
        write_json(folder / SHARE, dataclasses.asdict(share))
        networks = prepared.plan.networks
        histories = {each.name: _history(folder, each.name) for each in networks}
        spent = {
            name: sum(row["training_cpu_seconds"] for row in history)
            for name, history in histories.items()
        }
        done = {name: len(history) for name, history in histories.items()}
        share = topped_up(share, settings.budget, networks, spent, done)
    return folder


def _train(prepared: Prepared, share: Share, split: str, folder: Path) -> Share:
    """Train for a share; return it with the images that an epoch had.

    Earlier versions planned with the number of files, which may be more.
    """
    recipe = budgeted(prepared.recipe, share, split)
    finished = train_run(recipe, prepared.options, folder, download=prepared.download)
    finished.close()
    images, batch_size = finished.data.counts["train"], finished.plan.batch_size
    seen = images_of_epoch(images, batch_size, share.recipe_epoch)
    return dataclasses.replace(share, epoch_images=seen)


def _history(run: Path, network: str) -> list[dict]:
    """Rows of the finished epochs."""
    return TrainingState.load(run / "networks" / network).history


def _share(settings: Settings, entry: Entry, prepared: Prepared, out: Path) -> Share:
    """The one that the run was begun with, or a new one."""
    kept = out / RUNS / entry.place / SHARE
    if kept.exists():
        return Share(**read_json(kept))
    plan = prepared.plan
    count = count_images(plan, "train", out / COUNTS)
    costs = {}
    if settings.budget.cpu_seconds is not None:
        costs = _costs(entry.system, prepared, out)
    return share_of(settings.budget, plan.networks, costs, count, plan.batch_size)


def _costs(system: str, prepared: Prepared, out: Path) -> dict[str, float]:
    """CPU seconds of a gradient step's image by network, measured once for all seeds."""
    path = out / SPEEDS / f"{system}.json"
    if not path.exists():
        write_json(path, measure_costs(prepared, out / SPEEDS / system))
    return read_json(path)


def measure_costs(prepared: Prepared, folder: Path) -> dict[str, float]:
    """CPU seconds of a gradient step's image by network, from two short epochs of each.

    Args:
        prepared: the run that the answer is for.
        folder: for these epochs; removed again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    images = max(_STEPS * prepared.plan.batch_size, _LEAST)
    options = dataclasses.replace(prepared.options, train_limit=images, epochs=2)
    recipe = dataclasses.replace(prepared.recipe, epoch_images=None, validation_images=8)
    plan = make_plan(recipe, options, prepared.source)
    # The graded images are of no use here, and may be many.
    plan = dataclasses.replace(plan, limits={**plan.limits, plan.recipe.graded_split: 8})
    folder.mkdir(parents=True)
    data = load_data(plan, folder)
    plan = plan.fitted(data.counts["train"])
    clock = Clock(folder / "timings.json")
    trained = train_networks(plan, data, folder, prepared.download, clock)
    for store in data.stores.values():
        store.close()
    shutil.rmtree(folder)
    return {
        each.described.name: 1.0 / each.state.history[-1]["images_per_cpu_second"]
        for each in trained
    }


def training_of(run: Path) -> dict:
    """What a run of a bake-off spent, as JSON values.

    Returns:
        "images" that its steps saw, "cpu_seconds" and "seconds" of these steps, and the medians of
        "images_per_cpu_second" and "images_per_second" over epochs, of all networks together.
    """
    epoch_images = read_json(run / SHARE)["epoch_images"]
    images, spent, typical = 0, dict.fromkeys(_KINDS, 0.0), dict.fromkeys(_KINDS, 0.0)
    for network in read_json(run / "recipe.json")["networks"]:
        history = _history(run, network["name"])
        images += epoch_images * len(history)  # rates in the history are rounded
        for kind in _KINDS:
            took = [row[f"training_{kind}"] for row in history]
            spent[kind] += sum(took)
            # The first epoch also compiles, which would count as training in a short run.
            typical[kind] += len(took) * statistics.median(took)
    return {
        "images": images,
        **spent,
        **{f"images_per_{kind.removesuffix('s')}": images / typical[kind] for kind in _KINDS},
    }
