"""What the weights of a network were trained on, from what the folders of runs record."""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

from experiments.plan import parts_of
from polychrome.files import read_json
from polychrome.training.callbacks import TrainingState


@dataclasses.dataclass(frozen=True)
class Training:
    """Epochs of a network in one run.

    Attributes:
        epochs: finished ones.
        images: number of training images; None if the run does not record it.
        parts: epochs into which a pass over the images is divided.
        image_size: side of the images in pixels; None if the run does not record it.
        precision: Keras dtype policy; empty if the run does not record it.
    """

    epochs: int
    images: int | None = None
    parts: int = 1
    image_size: int | None = None
    precision: str = ""


def trainings_of(run: Path, name: str, initial: Path) -> list[Training]:
    """All training of a network's last weights, that of earlier runs first.

    Args:
        run: folder of a run that may have started with the weights of another.
        name: of the network.
        initial: record of its initial weights, relative to its folder.
    """
    folder = run / "networks" / name
    state = TrainingState.load(folder)
    # Kept runs of earlier versions hold the best epoch alone.
    whole = state.weights is not None and (folder / state.weights).exists()
    record, metrics = (_read(run / file) for file in ("recipe.json", "metrics.json"))
    images = metrics.get("images", {}).get("train")
    here = Training(
        epochs=state.epoch if whole else state.best_epoch,
        images=images,
        parts=parts_of(images or 0, record.get("batch_size", 1), record.get("epoch_images")),
        image_size=record.get("image_size"),
        precision=record.get("options", {}).get("precision", ""),
    )
    return [*inherited(folder / initial), *([here] if here.epochs else [])]


def inherited(record: Path) -> list[Training]:
    """The training that a network's initial weights had, from the record of them."""
    return [Training(**each) for each in _read(record).get("inherited", [])]


def in_words(networks: Sequence[Sequence[Training]]) -> str:
    """The training runs of a system's networks as one line for tables."""
    several = f"{len(networks)} networks, each " if len(networks) > 1 else ""
    stages = itertools.zip_longest(*networks)
    return several + ", then ".join(_stage([e for e in stage if e]) for stage in stages)


def _stage(networks: Iterable[Training]) -> str:
    alike: dict[Training, set[int]] = {}
    for each in networks:
        alike.setdefault(dataclasses.replace(each, epochs=0), set()).add(each.epochs)
    return " or ".join(_said(each, epochs) for each, epochs in alike.items())


def _said(training: Training, epochs: Iterable[int]) -> str:
    number = " or ".join(map(str, sorted(epochs)))
    said = f"{number} {'epoch' if number == '1' else 'epochs'}"
    if training.images is not None:
        whole, parts = training.images, training.parts
        said += f" of {whole // parts:,} of" if parts > 1 else " of"
        said += f" {whole:,} images"
    if training.image_size is not None:
        said += f" of {training.image_size}x{training.image_size}"
    return f"{said}, {training.precision}" if training.precision else said


def _read(path: Path) -> dict:
    return read_json(path) if path.exists() else {}
