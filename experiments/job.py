"""One run from data to report: decode, train, grade, export, report."""

import contextlib
import dataclasses
import datetime
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras

from experiments.environment import environment
from experiments.grading.protocol import mean_ab
from experiments.options import Options
from experiments.recipe import Recipe
from experiments.report.histogram_figure import draw_histogram
from experiments.report.page import write_report
from experiments.report.tables import read_metrics, text_table
from experiments.stages.grade import Graded, grade_run
from experiments.stages.initial_weights import best_weights
from experiments.stages.train import Trained, epochs_of, train_network
from polychrome.color.histogram import ChromaHistogram
from polychrome.errors import InputError
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.files import read_json, write_json
from polychrome.images import encode_png
from polychrome.training.devices import fix_randomness
from tf_data.measure_colors import measure_histogram
from tf_data.sources.source import SPLITS, Source, open_source
from tf_data.store import Store, load_store
from tf_data.superpixels.painted import paint_store
from tf_data.superpixels.segmentation import Superpixels


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
    recipe = resolved(recipe, options, source)
    superpixels = superpixels_of(recipe, options)
    if options.data == "sample":
        _announce_sample(recipe)
    elif source.notice:
        print(source.notice)
    _check_files(recipe, options, folder)
    _check_writable(saved_models)
    record = folder / "recipe.json"
    before = read_json(record) if record.exists() else {}
    write_json(record, _record(recipe, options, superpixels, before))
    made_with = {**environment(), "started": _now()}
    write_json(folder / "environment.json", made_with)
    print(f"run folder      {folder}")
    clock = Clock(folder / "timings.json")

    with clock.time("decode"):
        stores = _load(recipe, options, source, superpixels)
        mean_color = mean_ab(stores["train"])
        histogram = _histogram(recipe, options, stores["train"], folder)

    trained: list[Trained] = []
    for network in recipe.networks:
        with clock.time(f"train {network.name}"):
            trained.append(
                train_network(
                    network,
                    recipe,
                    options,
                    stores,
                    folder / "networks" / network.name,
                    before=trained,
                    histogram=histogram,
                    download=download,
                )
            )
    write_json(record, {**read_json(record), "notes": [n for each in trained for n in each.notes]})
    graded = Graded.of(recipe, stores, mean_color, superpixels)
    # The training images take a gigabyte, which grading and exporting have better uses for.
    stores["train"].close()

    networks = [each.network for each in trained]
    colorizer = assembled(recipe, networks)
    with clock.time("grade"):
        grade_run(recipe, options, colorizer, trained, graded, folder)
    with clock.time("export"):
        exported = _export(recipe, colorizer, trained, graded.store, folder, saved_models)
    write_json(folder / "environment.json", {**made_with, "finished": _now()})
    report = write_report(folder)

    metrics = read_metrics(folder)
    print(f"\n{text_table(metrics)}\n\n{metrics['verdict']}\n")
    if options.data == "sample":
        _announce_sample(recipe)
    print(f"report          {report}")
    print(f"exported model  {exported}")


def resolved(recipe: Recipe, options: Options, source: Source) -> Recipe:
    """The recipe with the image size of this run."""
    size = options.image_size
    if size is None:
        # Enlarging small photographs adds no detail and costs as much as large ones.
        size = min(recipe.image_size, source.image_size or recipe.image_size)
    return dataclasses.replace(recipe, image_size=size)


def superpixels_of(recipe: Recipe, options: Options) -> Superpixels | None:
    """What a resolved recipe paints its images with, if it does.

    Raises:
        InputError: options for superpixels where there are none, or that make no sense.
    """
    changed = {"n_segments": options.superpixels, "compactness": options.compactness}
    changed = {name: value for name, value in changed.items() if value is not None}
    if recipe.superpixels is None:
        if changed:
            raise InputError(
                f"--superpixels, --compactness: {recipe.name} does not train on superpixels; the "
                "systems named uci_ do"
            )
        return None
    return dataclasses.replace(recipe.superpixels(recipe.image_size), **changed)


def assembled(recipe: Recipe, networks: list[keras.Model]) -> keras.Model:
    """The colorizer of trained networks: lightness to both channels."""
    pairs = zip(recipe.networks, networks, strict=True)
    return recipe.assemble(*(described.to_chroma(network) for described, network in pairs))


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


def _check_files(recipe: Recipe, options: Options, folder: Path) -> None:
    """Fail on files that are no use before the folder of the run is made and data are decoded."""
    if (folder / "recipe.json").exists():
        return  # what a resumed run needs of them is in its folder
    if options.init_from is not None:
        for network in recipe.networks:
            best_weights(Path(options.init_from), network.name)
    if options.histogram is not None:
        ChromaHistogram.load(Path(options.histogram))
    for flag, file, used in (
        ("--encoder-weights", options.encoder_weights, any(n.pretrained for n in recipe.networks)),
        ("--loss-weights", options.loss_weights, any(n.loss_weights for n in recipe.networks)),
    ):
        if file is not None and not used:
            raise InputError(f"{flag} {file}: {recipe.name} has no use for them; leave it out")
        if file is not None and not Path(file).is_file():
            raise InputError(f"{flag} {file}: no such file")


def _check_writable(saved_models: Path) -> None:
    """Fail before a long training, not after it."""
    try:
        saved_models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=saved_models):
            pass
    except OSError as error:
        raise InputError(f"--saved-models {saved_models}: {error.strerror or error}") from error


def _load(
    recipe: Recipe, options: Options, source: Source, superpixels: Superpixels | None
) -> dict[str, Store]:
    """The decoded images of all splits; painted, where the system sees superpixels."""
    stores = {}
    for name in SPLITS:
        split = source.splits[name]
        limits = [options.limit, None if name == recipe.graded_split else options.train_limit]
        limit = min((limit for limit in limits if limit is not None), default=None)
        stores[name] = load_store(split, recipe.image_size, label=name, limit=limit)
        _print_store(name, stores[name])
    if superpixels is not None:
        painted = ("train", "validation")  # the test images are graded as they are, and painted
        stores |= {name: paint_store(stores[name], superpixels, label=name) for name in painted}
    return stores


def _histogram(
    recipe: Recipe, options: Options, train: Store, folder: Path
) -> ChromaHistogram | None:
    """The color histogram that losses weigh by: of the file given, else of the training images."""
    if not any(network.histogram for network in recipe.networks):
        return None
    own = folder / "histogram.npz"
    if not own.exists():
        given = options.histogram
        found = measure_histogram(train) if given is None else ChromaHistogram.load(Path(given))
        found.save(own)
    histogram = ChromaHistogram.load(own)
    title = options.histogram or f"{options.data}, {len(train):,} training images"
    draw_histogram(histogram, folder / "histogram.png", title)
    return histogram


def _record(
    recipe: Recipe, options: Options, superpixels: Superpixels | None, before: Mapping
) -> dict:
    """The resolved recipe as JSON values, for the folder and the report page."""
    command = shlex.join(["python", "-m", "experiments.run", *sys.argv[1:]])
    return {
        "name": recipe.name,
        "title": recipe.label,
        "summary": recipe.summary,
        "source": options.data,
        "published_on": recipe.published.data,
        "reproduce": f"python -m experiments.run {recipe.name} {recipe.report_data}",
        # Of a resumed run: what began it, then each that went on.
        "command": before.get("command", command),
        "resumed": before.get("resumed", []) + ([command] if before else []),
        "image_size": recipe.image_size,
        "batch_size": options.batch_size or recipe.batch_size,
        "scaling": dataclasses.asdict(recipe.scaling),
        "superpixels": superpixels and dataclasses.asdict(superpixels),
        "graded_split": recipe.graded_split,
        "networks": [
            {
                "name": network.name,
                "epochs": epochs_of(network, recipe, options),
                "channels": list(network.channels),
                "parameters": network.make(recipe.image_size).count_params(),
                **_training(network),
            }
            for network in recipe.networks
        ],
        "notes": before.get("notes", []),
        "options": dataclasses.asdict(options),
    }


def _training(network) -> dict:
    """Optimizer and loss in words."""
    if network.compile is not None:
        described = network.compile.__doc__ or ""
        return {"optimizer": described.splitlines()[0] if described else network.compile.__name__}
    loss = network.loss
    return {
        "optimizer": f"{type(network.optimizer(0.1)).__name__}, "
        f"learning rate {network.learning_rate:g}",
        "loss": loss if isinstance(loss, str) else getattr(loss, "func", loss).__name__,
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
    trained: list[Trained],
    test: Store,
    folder: Path,
    saved_models: Path,
) -> Path:
    """Export once for each set of weights, and compare what was exported with the network."""
    weights = [each.state.best_weights for each in trained]
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
