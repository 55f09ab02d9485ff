"""Epochs that a network has had, in a run or in those before it, from the runs' records."""

import dataclasses
from pathlib import Path

from polychrome.files import read_json


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

    @property
    def seen(self) -> int | None:
        """Images, counted as often as they were seen, whole batches aside; None if unknown."""
        return None if self.images is None else self.epochs * (self.images // self.parts)


def of_run(run: Path, epochs: int) -> list[Training]:
    """The training of a network in a run, from the run's records; none without an epoch."""
    record, metrics = (read_if_there(run / name) for name in ("recipe.json", "metrics.json"))
    images = metrics.get("images", {}).get("train")
    here = Training(
        epochs=epochs,
        images=images,
        parts=parts_of(images or 0, record.get("batch_size", 1), record.get("epoch_images")),
        image_size=record.get("image_size"),
        precision=record.get("options", {}).get("precision", ""),
    )
    return [here] if epochs else []


def inherited(record: Path) -> list[Training]:
    """The training that a network's initial weights had, from the record of them."""
    return [Training(**each) for each in read_if_there(record).get("inherited", [])]


def parts_of(images: int, batch_size: int, epoch_images: int | None) -> int:
    """Number of epochs of about `epoch_images` images, or one batch, that a pass divides into."""
    return 1 if epoch_images is None else max(1, round(images / max(batch_size, epoch_images)))


def read_if_there(path: Path) -> dict:
    """A JSON record; empty if there is none."""
    return read_json(path) if path.exists() else {}
