"""A run from data to report: decode, train, grade, export, report."""

import dataclasses
import datetime
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras

from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.process.clock import Clock
from experiments.process.environment import environment
from experiments.recipe import Recipe
from experiments.report.page import write_report
from experiments.report.tables import read_metrics, text_table
from experiments.stages.data import Data, load_data
from experiments.stages.earlier_weights import earlier_weights
from experiments.stages.export import export
from experiments.stages.grade import grade_run
from experiments.stages.learning_rates import with_rates
from experiments.stages.train import Trained, train_networks
from polychrome.color.histogram import ChromaHistogram
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.training.callbacks import TrainingState
from polychrome.training.devices import fix_randomness
from polychrome.training.resident import check_resident
from polychrome.weights.imagenet import efficientnet_lite0_file
from tf_data.sources.source import open_source
from tf_data.sources.split import with_validation_share

_FULL = "float32"


@dataclasses.dataclass(frozen=True)
class Finished:
    """A run whose networks are trained.

    Attributes:
        plan: of the run.
        data: its images, without those to train on.
        trained: the networks.
        clock: of the run's stages.
        made_with: what `environment.json` holds so far.
    """

    plan: Plan
    data: Data
    trained: list[Trained]
    clock: Clock
    made_with: Mapping[str, object]

    def close(self) -> None:
        """Release the images: another run may follow in this process."""
        for store in self.data.stores.values():
            store.close()


def run(
    recipe: Recipe,
    options: Options,
    folder: Path,
    saved_models: Path | None,
    *,
    download: bool = False,
) -> None:
    """Run a recipe in a folder, continuing where the last run in it stopped.

    Args:
        recipe, options: what to train, and on what.
        folder: of the run.
        saved_models: where the exported model goes; None exports nothing.
        download: whether data and ImageNet weights may be downloaded.

    Raises:
        InputError: data, folder, or options are not usable; finished work is kept.
    """
    finished = train_run(recipe, options, folder, saved_models, download=download)
    plan, data, trained, clock = finished.plan, finished.data, finished.trained, finished.clock
    colorizer = plan.assembled([each.network for each in trained])
    with clock.time("grade"):
        grade_run(plan, colorizer, trained, data, folder)
    exported: list[Path] = []
    if saved_models is not None:
        with clock.time("export"):
            exported = export(plan, colorizer, trained, data.graded(plan), folder, saved_models)
    finished.close()
    write_json(folder / "environment.json", {**finished.made_with, "finished": _now()})
    report = write_report(folder)

    metrics = read_metrics(folder)
    print(f"\n{text_table(metrics)}\n\n{metrics['verdict']}\n")
    if options.data == "sample":
        _announce_sample(recipe)
    print(f"report          {report}")
    for path in exported:
        print(f"exported model  {path}")


def train_run(
    recipe: Recipe,
    options: Options,
    folder: Path,
    saved_models: Path | None = None,
    *,
    download: bool = False,
) -> Finished:
    """The part of `run` that trains, for those who grade on their own; takes and raises the same.

    It only finds out whether `saved_models` can be written to.
    """
    keras.config.set_dtype_policy(options.precision)
    fix_randomness(options.seed, options.deterministic)
    data_dir = Path(options.data_dir) if options.data_dir else None
    source = open_source(options.data, data_dir, download=download)
    if recipe.validation_share is not None:
        source = with_validation_share(source, recipe.validation_share)
    plan = make_plan(recipe, options, source)
    if options.data == "sample":
        _announce_sample(recipe)
    elif source.notice:
        print(source.notice)
    if saved_models is not None:
        _check_writable(saved_models)
    if options.frechet:
        efficientnet_lite0_file()  # not installed: fail now, not after training
    if not (folder / "recipe.json").exists():
        _check_beginning(plan)  # a resumed run has what it needs in its folder
    check_epochs(plan, folder)
    planned = _record_plan(plan, folder)
    made_with = {**environment(), "started": _now()}
    write_json(folder / "environment.json", made_with)
    print(f"run folder      {folder}")
    clock = Clock(folder / "timings.json")

    with clock.time("decode"):
        data = load_data(plan, folder)
    plan = plan.fitted(data.counts["train"])
    networks = with_rates(planned["networks"], plan, data.counts["train"], folder)
    _add_to_plan(folder, batch_size=plan.batch_size, networks=networks)
    trained = train_networks(plan, data, folder, download, clock)
    if options.precision != _FULL:
        # Weights are kept in float32 anyway; so are grades, presets and exports.
        keras.config.set_dtype_policy(_FULL)
        trained = [each.rebuilt(plan.image_size) for each in trained]
    notes = planned["notes"] + [note for each in trained for note in each.notes]
    _add_to_plan(folder, notes=notes)
    # Free the training images: they take a gigabyte that grading and exporting need.
    data.stores["train"].close()
    return Finished(plan, data, trained, clock, made_with)


def _check_beginning(plan: Plan) -> None:
    """Fail before the run's folder is created and data is decoded."""
    if plan.options.init_from is not None:
        # A network that starts from one before it may be new.
        names = [network.name for network in plan.networks if network.start is None]
        earlier_weights(plan.options.init_from).check(names)
    if plan.options.histogram is not None:
        ChromaHistogram.load(Path(plan.options.histogram))
    if plan.options.resident:
        check_resident()


def check_epochs(plan: Plan, folder: Path) -> None:
    """Fail before a resumed run is recorded, if it can't be trained for the plan's epochs.

    Raises:
        InputError: more epochs are done than requested, or a network would be trained further after
            another one began with its weights.
    """
    behind = ""
    for network in plan.networks:
        place = folder / "networks" / network.name
        state = TrainingState.load(place)
        if state.epoch > network.epochs:
            raise InputError(
                f"{place}: {state.epoch} epochs are done, more than {network.epochs}; ask for "
                "more, or leave the number out",
                settings=("epochs",),
            )
        if behind and network.start is not None and state.weights is not None:
            raise InputError(
                f"{behind}: {network.name} has begun with its weights, and would not see the new "
                "ones; start a new run from the weights of this one",
                settings=("epochs", "init_from"),
            )
        if state.epoch < network.epochs:
            behind = f"{network.epochs} epochs of {network.name}, after {state.epoch}"


def _record_plan(plan: Plan, folder: Path) -> dict:
    """Write the plan and this process's command to `recipe.json`; return what was written."""
    path = folder / "recipe.json"
    written = plan.dump() | _commands(plan.recipe, read_json(path) if path.exists() else {})
    write_json(path, written)
    return written


def _add_to_plan(folder: Path, **more: object) -> None:
    """Add to `recipe.json` what was decided after it was first written."""
    write_json(folder / "recipe.json", read_json(folder / "recipe.json") | more)


def _commands(recipe: Recipe, before: Mapping) -> dict:
    """The command that started the run, and those that resumed it."""
    command = shlex.join(["python", "-m", recipe.module, *sys.argv[1:]])
    return {
        "command": before.get("command", command),
        "resumed": before.get("resumed", []) + ([command] if before else []),
    }


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def _announce_sample(recipe: Recipe) -> None:
    print(
        "=" * 88 + "\n"
        "SAMPLE RUN: trained and graded on tiles of a few photographs shipped with scikit-image.\n"
        "It shows that everything works; its figures mean nothing. The system's own data:\n"
        f"  python -m {recipe.module} {recipe.name} {recipe.report_data}\n" + "=" * 88
    )


def _check_writable(saved_models: Path) -> None:
    """Fail before a long training run, not after it."""
    try:
        saved_models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=saved_models):
            pass
    except OSError as error:
        raise InputError(
            f"{saved_models}: {error.strerror or error}", settings=("saved_models",)
        ) from error
