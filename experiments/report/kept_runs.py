"""Kept runs as tables of other parts need them: any of their quantities, with its interval."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.grading.baseline_names import BASELINES
from experiments.grading.painted_input import FROM_PHOTOGRAPH
from experiments.report.durations import UNNAMED, accelerator, duration, training_time
from experiments.report.earlier_runs import trained_networks
from experiments.report.tables import read_metrics
from experiments.reported.figure import BEST_EPOCH, OF_PHOTOGRAPH, SECONDS
from experiments.training import Training, of_run, read_history, read_if_there
from polychrome.errors import InputError
from polychrome.files import read_json

# Of a run, with the machine that trained it.
MACHINE = "environment.json"
# Of a bake-off that `experiments.bakeoff --keep` wrote.
BAKEOFF = "report/bakeoff.json"
# Recipes that differ from a shorter one in their number of epochs alone: a run of that one that was
# resumed for as many is theirs.
LONGER = {("polychromify_v4", 50): "polychromify_v5"}


@dataclasses.dataclass(frozen=True)
class Measured:
    """A number of a record: a mean with its 95 % interval, or a single number three times."""

    mean: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Graded:
    """The images that a record's grades are of.

    Attributes:
        data: name of the data set; empty if the record does not say.
        split: of it.
        images: their number.
        side: in pixels.
    """

    data: str
    split: str
    images: int
    side: int | None


@dataclasses.dataclass(frozen=True)
class KeptRun:
    """A graded run.

    Attributes:
        folder: where it is kept.
        recipe: name of the system; of `LONGER` ones by the epochs that were trained.
        graded: the images of its grades.
        seen: images of the steps that each network was trained by, in this run and those before
            it, counted as often; the least of several.
        left_over: images of its epochs besides, in incomplete batches, which a step never saw.
        budget: both in words.
        authors_weights: whether it graded the weights that the system's authors published.
        by_seed: of several seeds, the mean of each by metric; empty of one.
        machine: that it was trained on, a processor or a GPU; empty if the record does not say.
        on_gpu: whether that is a GPU.
        rates: images in a second of processor time of each network's steps; empty if unknown.
        precision: that it was trained in, as Keras names it; empty if the record does not say.
        notes: of its records, sentences without a period, on what its networks began with and in
            what else they differ from their recipe.
        bakeoff: folder of the bake-off that it is of, whose systems have one budget; None: of none.
    """

    folder: Path
    recipe: str
    graded: Graded
    seen: int
    budget: str
    rows: Mapping[str, Mapping[str, Mapping]]
    authors_weights: bool = False
    by_seed: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    machine: str = ""
    on_gpu: bool = False
    rates: Sequence[float] = ()
    precision: str = ""
    notes: Sequence[str] = ()
    bakeoff: Path | None = None
    left_over: int = 0

    @property
    def in_epochs(self) -> int:
        """Images of all epochs, as reports give theirs: 25 epochs of 100,000 are 2,500,000."""
        return self.seen + self.left_over

    @property
    def random_encoder(self) -> bool:
        """Whether an encoder began without pre-trained weights, by the notes."""
        starts = [note for note in self.notes if note.startswith("Encoder of ")]
        return any(": random weights" in note for note in starts)

    def measured(self, key: str, row: str = "") -> Measured | None:
        """A metric of the run's table, its seconds of training, its best epoch, or of a history.

        Args:
            row: of another row of the table, by its system; the run's own without.
        """
        values = self.rows.get(row or self.recipe, {})
        if key in values:
            return as_measured(values[key])
        if row:
            return None
        if key == SECONDS:
            return _single(training_time(self.folder).get("seconds"))
        if key == BEST_EPOCH:
            return _single(_best_epoch(self.folder))
        return _single(_last_of_history(self.folder, key))


def read_kept(folders: Iterable[Path]) -> list[KeptRun]:
    """The runs in `folders` and below them, by their paths, and those of kept bake-offs there.

    Raises InputError when a folder holds none, or a record cannot be read.
    """
    runs = []
    for folder in folders:
        found = [_read(path.parent) for path in sorted(folder.rglob("metrics.json"))]
        for path in sorted(folder.rglob(BAKEOFF)):
            found += _read_bakeoff(path.parents[1], read_json(path))
        if not found:
            raise InputError(f"{folder}: holds no metrics.json; name a folder of graded runs")
        runs += found
    return runs


def _read_bakeoff(folder: Path, record: Mapping) -> list[KeptRun]:
    """The systems that a bake-off trained; of several seeds the means, and the run of one.

    That is the first one whose record says on what machine it was trained, or else the first.
    """
    runs, images, metrics = [], record["images"], record["metrics"]
    baselines = {
        row["system"]: _by_input(row["values"], metrics)
        for row in record["rows"]
        if row["system"] in BASELINES
    }
    for row in record["rows"]:
        seeds_of = [folder / "runs" / row["system"] / f"seed-{seed}" for seed in row["seeds"]]
        if row["kind"] != "trained" or not images or not (seeds_of[0] / "recipe.json").exists():
            continue
        run = next((each for each in seeds_of if (each / MACHINE).exists()), seeds_of[0])
        recipe = read_json(run / "recipe.json")
        beside = [each / "recipe.json" for each in seeds_of]
        histories = [_history(run, network["name"]) for network in recipe["networks"]]
        epochs = [len(history) for history in histories]
        graded = read_if_there(folder / "grades" / row["system"] / f"{run.name}.json")
        images_here = graded.get("training", {}).get("images", 0)  # the table's are means of seeds
        costs = row["costs"]
        asked = {"dtype_policy": record.get("precision", "")}  # earlier versions left it out
        environment = asked | read_if_there(run / MACHINE)
        total, spent = costs["training_images"], duration(costs["training_cpu_seconds"])
        seeds = f", mean of {len(row['seeds'])} seeds" if len(row["seeds"]) > 1 else ""
        runs.append(
            KeptRun(
                folder=run,
                recipe=row["system"],
                graded=Graded(
                    recipe.get("source", ""), record["split"], images["images"], images["size"]
                ),
                # All epochs of a bake-off's run see as many.
                seen=round(total * min(epochs) / sum(epochs)) if sum(epochs) else 0,
                budget=f"{total:,.0f} images in {spent} of CPU time{seeds}",
                rows={**baselines, row["system"]: _by_input(row["values"], metrics)},
                by_seed=_by_seed(row, metrics),
                # Each seed's: one of them may have found ImageNet weights that another had not.
                notes=_notes(*map(read_if_there, beside)),
                bakeoff=folder,
                **_trained_on(environment, histories, images_here / max(1, sum(epochs))),
            )
        )
    return runs


def _notes(*records: Mapping) -> tuple[str, ...]:
    """Those of one run or several, each once; earlier versions recorded none."""
    return tuple(dict.fromkeys(note for each in records for note in each.get("notes") or ()))


def _by_input(values: Mapping[str, Mapping], metrics: Mapping[str, Mapping]) -> dict[str, Mapping]:
    """Values by key, which ends otherwise where their meaning has a photograph for the input."""

    def ending(key: str) -> str:
        said = metrics.get(key, {}).get("meaning", "")
        return OF_PHOTOGRAPH if FROM_PHOTOGRAPH in said else ""

    return {key + ending(key): value for key, value in values.items()}


def _by_seed(row: Mapping, metrics: Mapping[str, Mapping]) -> dict[str, list[float]]:
    """Means of several seeds, of metrics that all of them have."""
    several = {} if len(row["seeds"]) < 2 else _by_input(row["values"], metrics)
    return {k: value["by_seed"] for k, value in several.items() if None not in value["by_seed"]}


def _trained_on(
    environment: Mapping[str, str],
    histories: Iterable[Sequence[Mapping[str, float]]],
    epoch_images: float,
) -> dict[str, Any]:
    """Machine, rates and precision of a run; processor time says nothing of a GPU's work.

    Args:
        epoch_images: that the steps of an epoch saw; 0 if unknown.
    """
    gpu = accelerator(environment)
    spent = [(_spent(history), history) for history in histories]
    rates = [
        epoch_images * len(history) / seconds
        for seconds, history in spent
        if seconds > 0 and epoch_images
    ]
    if gpu:
        return {"machine": "of unknown kind" if gpu == UNNAMED else gpu, "on_gpu": True}
    return {
        "machine": environment.get("processor", ""),
        "rates": rates,
        "precision": environment.get("dtype_policy", ""),
    }


def _spent(history: Iterable[Mapping[str, float]]) -> float:
    """Seconds of processor time of a network's steps; NaN if they were not recorded."""
    return sum(row.get("training_cpu_seconds", math.nan) for row in history)


def _history(run: Path, network: str) -> list[dict[str, float]]:
    path = run / "networks" / network / "history.csv"
    return read_history(path) if path.exists() else []


def _read(folder: Path) -> KeptRun:
    metrics, path = read_metrics(folder), folder / "recipe.json"
    # Records of the trivial baselines alone have no recipe.
    record = read_json(path) if path.exists() else metrics
    own = [row for row in metrics["rows"] if row["kind"] in ("ours", *BASELINES)]
    name = record.get("name", "")
    images = metrics["images"]
    trained = trained_networks(folder).values()
    recipe = _by_length(name, trained)
    seen, left_over = _seen(trained)
    (epoch,) = of_run(folder, epochs=1)
    return KeptRun(
        folder=folder,
        recipe=recipe,
        graded=Graded(
            record.get("source", ""),
            images.get("split", ""),
            images["graded"],
            record.get("image_size"),
        ),
        seen=seen,
        left_over=left_over,
        budget=next((row["budget"] for row in own if row["system"] == name), ""),
        rows={
            recipe if row["system"] == name else row["system"]: _by_input(
                row["values"], metrics["metrics"]
            )
            for row in own
        },
        **_trained_on(
            read_if_there(folder / MACHINE),
            [_history(folder, network["name"]) for network in record.get("networks", [])],
            epoch.seen or 0,
        ),
        authors_weights=bool(record.get("options", {}).get("weights")),
        notes=_notes(record),
    )


def _by_length(name: str, networks: Iterable[Sequence[Training]]) -> str:
    """The recipe that a run is of, which may be a longer one than it was started as."""
    epochs = {sum(each.epochs for each in trained) for trained in networks}
    return LONGER.get((name, epochs.pop()), name) if len(epochs) == 1 else name


def _seen(networks: Iterable[Sequence[Training]]) -> tuple[int, int]:
    """Images that the network with the fewest saw, and those left over; unknown ones don't count.

    Finished epochs count: a run may have been stopped before those of its recipe.
    """
    sums = [
        (sum(each.seen or 0 for each in trained), sum(each.in_epochs or 0 for each in trained))
        for trained in networks
    ]
    seen, in_epochs = min(sums, default=(0, 0))
    return seen, in_epochs - seen


def as_measured(value: Mapping) -> Measured | None:
    """A record's "mean" with its "low" and "high", or alone; None if it is no number."""
    mean, low, high = (value.get(name) for name in ("mean", "low", "high"))
    if mean is None or not math.isfinite(mean):
        return None
    return Measured(mean, mean if low is None else low, mean if high is None else high)


def _single(value: float | None) -> Measured | None:
    return None if value is None else Measured(value, value, value)


def _networks(run: Path) -> list[str]:
    """Names in the order of training, which is not that of the folders."""
    return [each["name"] for each in read_if_there(run / "recipe.json").get("networks", [])]


def _best_epoch(run: Path) -> float | None:
    """That of the last network: the system, which those before it only prepare."""
    last = _networks(run)[-1:]
    states = [read_if_there(run / "networks" / name / "state.json") for name in last]
    return next((state.get("best_epoch") for state in states), None)


def _last_of_history(run: Path, key: str) -> float | None:
    """A column of the history in its last epoch; of the last network that has it, if one does."""
    for name in reversed(_networks(run)):
        rows = _history(run, name)
        if rows and math.isfinite(value := rows[-1].get(key, math.nan)):
            return value
    return None
