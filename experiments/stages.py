"""One run from data to report: decode, train, grade, export, report."""

import contextlib
import dataclasses
import datetime
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import keras

from experiments.environment import environment
from experiments.grade_run import grade_run
from experiments.options import Options
from experiments.recipe import Recipe
from experiments.report import write_report
from experiments.tables import read_metrics, text_table
from experiments.train import epochs_of, train_network
from polychrome.callbacks import TrainingState
from polychrome.devices import fix_randomness
from polychrome.errors import InputError
from polychrome.export import export_colorizer, verify_export
from polychrome.files import read_json, write_json
from polychrome.images import encode_png
from tf_data.sources import SPLITS, open_source
from tf_data.store import Store, load_store


def run(
    recipe: Recipe, options: Options, folder: Path, saved_models: Path, *, download: bool = False
) -> None:
    """Run a recipe in a folder, going on where the folder's last run stopped.

    Raises:
        InputError: data, folder or options are not usable; what was finished stays.
    """
    keras.config.set_dtype_policy(options.precision)
    fix_randomness(options.seed, options.deterministic)
    data_dir = Path(options.data_dir) if options.data_dir else None
    source = open_source(options.data, data_dir, download=download)
    if options.data == "sample":
        _announce_sample(recipe)
    elif source.notice:
        print(source.notice)
    _check_writable(saved_models)
    write_json(folder / "recipe.json", _record(recipe, options))
    made_with = {**environment(), "started": _now()}
    write_json(folder / "environment.json", made_with)
    print(f"run folder      {folder}")
    clock = Clock(folder / "timings.json")

    with clock.time("decode"):
        stores = {
            name: load_store(split, recipe.image_size, label=name, limit=options.limit)
            for name, split in ((name, source.splits[name]) for name in SPLITS)
        }
    for name, store in stores.items():
        _print_store(name, store)

    networks, states = [], []
    for network in recipe.networks:
        with clock.time(f"train {network.name}"):
            place = folder / "networks" / network.name
            trained, state = train_network(network, recipe, options, stores, place)
        networks.append(trained)
        states.append(state)
    colorizer = recipe.assemble(*networks)

    with clock.time("grade"):
        grade_run(recipe, options, colorizer, states, stores, folder)
    with clock.time("export"):
        exported = _export(recipe, colorizer, states, stores["test"], folder, saved_models)
    write_json(folder / "environment.json", {**made_with, "finished": _now()})
    report = write_report(folder)

    metrics = read_metrics(folder)
    print(f"\n{text_table(metrics)}\n\n{metrics['verdict']}\n")
    if options.data == "sample":
        _announce_sample(recipe)
    print(f"report          {report}")
    print(f"exported model  {exported}")


class Clock:
    """Seconds each stage took, summed over resumed runs, in a JSON file."""

    def __init__(self, path: Path):
        self.path = path
        self.seconds: dict[str, float] = read_json(path) if path.exists() else {}

    @contextlib.contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add what the block takes to `stage`, also when it is interrupted."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + spent, 1)
            write_json(self.path, self.seconds)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def _announce_sample(recipe: Recipe) -> None:
    print(
        "=" * 88 + "\n"
        "SAMPLE RUN: trained and graded on tiles of a few photographs shipped with scikit-image.\n"
        "It shows that everything works; its figures mean nothing. The report's own data:\n"
        f"  python -m experiments.run {recipe.name} {recipe.report_data}\n" + "=" * 88
    )


def _check_writable(saved_models: Path) -> None:
    """Fail before a long training, not after it."""
    try:
        saved_models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=saved_models):
            pass
    except OSError as error:
        raise InputError(f"--saved-models {saved_models}: {error.strerror or error}") from error


def _record(recipe: Recipe, options: Options) -> dict:
    """The resolved recipe as JSON values, for the folder and the report page."""
    return {
        "name": recipe.name,
        "title": recipe.label,
        "summary": recipe.summary,
        "source": options.data,
        "reproduce": f"python -m experiments.run {recipe.name} {recipe.report_data}",
        "command": shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]]),
        "image_size": recipe.image_size,
        "batch_size": options.batch_size or recipe.batch_size,
        "scaling": dataclasses.asdict(recipe.scaling),
        "graded_split": recipe.graded_split,
        "networks": [
            {
                "name": network.name,
                "epochs": epochs_of(network, recipe, options),
                "channels": list(network.channels),
                "parameters": network.build().count_params(),
                "optimizer": f"Adam, learning rate {network.learning_rate:g}",
                "loss": network.loss if isinstance(network.loss, str) else network.loss().name,
            }
            for network in recipe.networks
        ],
        "options": dataclasses.asdict(options),
    }


def _print_store(split: str, store: Store) -> None:
    notes = [f"{store.gray} already gray"] if store.gray else []
    notes += [f"{len(store.skipped)} skipped"] if store.skipped else []
    print(f"{split:10} {len(store):7,} images" + (f" ({', '.join(notes)})" if notes else ""))
    for name, reason in store.skipped[:5]:
        print(f"           skipped {name}: {reason}")
    if len(store.skipped) > 5:
        print("           ... all skipped files are listed in the report")


def _export(
    recipe: Recipe,
    colorizer: keras.Model,
    states: list[TrainingState],
    test: Store,
    folder: Path,
    saved_models: Path,
) -> Path:
    """Export once for each set of weights, and compare what was exported with the network."""
    weights = [state.best_weights for state in states]
    directory = saved_models / recipe.name
    path = folder / "export.json"
    if path.exists():
        record = read_json(path)
        known = Path(record["path"])
        if record["weights"] == weights and known.parent == directory and known.is_dir():
            return known
    exported = export_colorizer(colorizer, recipe.scaling, recipe.image_size, directory)
    encoded = [encode_png(image).numpy() for image in test.examples()[:2]]
    difference = verify_export(exported, colorizer, recipe.scaling, recipe.image_size, encoded)
    write_json(
        path,
        {"path": str(exported), "weights": weights, "largest_ab_difference": float(difference)},
    )
    return exported
