"""Epochs and images that a network has had, in a run and those before it, from their records."""

import csv
import dataclasses
import math
from pathlib import Path

from polychrome.errors import InputError
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
        batch_size: images of a step; None if unknown, as in records of earlier versions. No part of
            the comparison of two, since words for tables leave it out.
    """

    epochs: int
    images: int | None = None
    parts: int = 1
    image_size: int | None = None
    precision: str = ""
    batch_size: int | None = dataclasses.field(default=None, compare=False)

    @property
    def in_epochs(self) -> int | None:
        """Images of all epochs, as budgets count them, incomplete batches too; None if unknown."""
        return None if self.images is None else self.epochs * (self.images // self.parts)

    @property
    def seen(self) -> int | None:
        """Images of all steps; None if unknown. Without a batch size those of all epochs."""
        if self.images is None:
            return None
        return self.epochs * _in_steps(self.images, self.parts, self.batch_size or 1)


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
        batch_size=record.get("batch_size"),
    )
    return [here] if epochs else []


def inherited(record: Path) -> list[Training]:
    """The training that a network's initial weights had, from the record of them."""
    return [Training(**each) for each in read_if_there(record).get("inherited", [])]


def parts_of(images: int, batch_size: int, epoch_images: int | None) -> int:
    """Number of epochs of about `epoch_images` images that a pass divides into.

    Each has a batch at least, if there are as many images.
    """
    if epoch_images is None:
        return 1
    return max(1, min(round(images / max(batch_size, epoch_images)), images // batch_size))


def images_of_epoch(images: int, batch_size: int, epoch_images: int | None) -> int:
    """Images that the steps of an epoch see: the whole batches of its share of all `images`."""
    batch_size = min(batch_size, images)
    return _in_steps(images, parts_of(images, batch_size, epoch_images), batch_size)


def _in_steps(images: int, parts: int, batch_size: int) -> int:
    """As `tf_data.pipeline.training_batches` divides them: what is left of a share is dropped."""
    batch_size = min(batch_size, images)
    return images // parts // batch_size * batch_size if images else 0


def read_history(path: Path) -> list[dict[str, float]]:
    """Rows of a network's ``history.csv``: numbers by column name, ``epoch`` an int from 1.

    An empty field becomes NaN. A last line without its full number of fields, as a killed run may
    leave it, is dropped. Raises InputError on a missing file or a field that is not a number.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a history ({error})") from error
    if not lines:
        return []
    header, rows = lines[0], lines[1:]
    if rows and len(rows[-1]) < len(header):
        rows.pop()
    history = []
    for number, row in enumerate(rows, start=2):
        try:
            values = (float(field) if field.strip() else math.nan for field in row)
            history.append(dict(zip(header, values, strict=True)))
            history[-1]["epoch"] = int(history[-1]["epoch"])
        except (ValueError, KeyError) as error:
            wanted = f"{len(header)} numbers ({', '.join(header)})"
            raise InputError(f"{path}, line {number}: {wanted} were expected") from error
    return history


def read_if_there(path: Path) -> dict:
    """A JSON record; empty if there is none."""
    return read_json(path) if path.exists() else {}
