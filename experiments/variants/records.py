"""Records of the runs: a small JSON file each, from which the table is made."""

import dataclasses
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from experiments.training import images_of_epoch
from experiments.variants.of_tiny import BASE, PLAIN, Variant
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.training.callbacks import TrainingState

# How variants are made comparable: by the images that they see, or by the process CPU time.
IMAGES, CPU = "images", "cpu"
FAIR = (IMAGES, CPU)
METRICS = ("psnr_colored", "psnr", "ssim", "ciede2000", "colorfulness")


@dataclasses.dataclass(frozen=True)
class Record:
    """One run of a variant.

    Attributes:
        variant: its key in `VARIANTS`.
        group, says: as they were when it was trained.
        equal: what it has in common with the base: an element of `FAIR`.
        seed: of data order, weights, and dropout.
        images: that it saw, counted each time.
        cpu_seconds: process CPU time of its gradient steps, tracing and compiling left out.
        parameters: of its network.
        graded: number of test images.
        data, precision, processor, commit: how it was made.
        grades: decoding to "factor" and "values", the mean over the test images by metric.
    """

    variant: str
    group: str
    says: str
    equal: str
    seed: int
    images: int
    cpu_seconds: float
    parameters: int
    graded: int
    data: str
    precision: str
    processor: str
    commit: str
    grades: dict[str, dict[str, Any]]

    @property
    def cpu_per_image(self) -> float:
        """Seconds."""
        return self.cpu_seconds / self.images

    @property
    def file(self) -> Path:
        """Where it goes, relative to the folder of all."""
        return Path(self.equal) / self.variant / f"seed-{self.seed}.json"


def record_of(run: Path, name: str, variant: Variant, equal: str, decodings: dict) -> Record:
    """The record of a finished run.

    Args:
        run: its folder.
        name, variant: what was trained.
        equal: see `Record`.
        decodings: output of `grade_decodings`.
    """
    recipe, metrics, made = (
        read_json(run / f"{file}.json") for file in ("recipe", "metrics", "environment")
    )
    (network,) = recipe["networks"]
    state = TrainingState.load(run / "networks" / network["name"])
    own = next(row for row in metrics["rows"] if row["system"] == name)
    plain = {key: own["values"][key]["mean"] for key in METRICS}
    epochs = [row["training_cpu_seconds"] for row in state.history]
    seen = images_of_epoch(metrics["images"]["train"], recipe["batch_size"], recipe["epoch_images"])
    return Record(
        variant=name,
        group=variant.group,
        says=variant.says,
        equal=equal,
        seed=recipe["options"]["seed"],
        images=state.epoch * seen,
        # The first epoch also traces and compiles, as long as many small ones.
        cpu_seconds=round(state.epoch * statistics.median(epochs), 1),
        parameters=network["parameters"],
        graded=metrics["images"]["graded"],
        data=recipe["options"]["data"],
        precision=recipe["options"]["precision"],
        processor=f"{made.get('processor', '')}, {made.get('cores', '')} cores",
        commit=made.get("git_commit") or "",
        grades={
            PLAIN: {"factor": 1.0, "values": plain},
            **{
                decoding: {
                    "factor": found["factor"],
                    "values": {key: found["values"][key] for key in METRICS},
                }
                for decoding, found in decodings.items()
            },
        },
    )


def write(folder: Path, records: Iterable[Record]) -> None:
    """Write records below a folder."""
    for record in records:
        write_json(folder / record.file, dataclasses.asdict(record))


def read(folder: Path) -> list[Record]:
    """The records below a folder, in the order of their paths.

    Raises:
        InputError: there is none, or a file is not a record.
    """
    records = []
    for path in sorted(folder.glob("*/*/seed-*.json")):
        try:
            records.append(Record(**read_json(path)))
        except TypeError as error:
            raise InputError(f"{path}: is no record of an ablation ({error})") from error
    if not records:
        raise InputError(f"{folder}: holds no records of an ablation")
    return records


def epochs_at_equal_cpu(records: Sequence[Record], name: str, epoch_images: int) -> int:
    """Epochs in which a variant takes the CPU time of the base, by its runs at equal images.

    Args:
        records: of the base and the variant.
        name: of the variant.
        epoch_images: images of an epoch.

    Raises:
        InputError: there are no such runs yet.
    """
    costs = {}
    for variant in (BASE, name):
        found = [each for each in records if each.variant == variant and each.equal == IMAGES]
        if not found:
            raise InputError(
                f"{variant}: should be trained at equal images first, which tells its CPU time"
            )
        costs[variant] = statistics.mean(each.cpu_per_image for each in found)
        if variant == BASE:
            budget = statistics.mean(each.cpu_seconds for each in found)
    return max(1, round(budget / costs[name] / epoch_images))
