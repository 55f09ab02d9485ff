"""Losses by training step, for training runs whose epochs are too coarse."""

import csv
from pathlib import Path
from typing import Any

import keras

from polychrome.files import replacing


class LogSteps(keras.callbacks.Callback):
    """Writes a CSV of `epoch`, `step`, and all logged values, each a mean over some steps.

    A resumed run continues the record after the last finished epoch: rows of steps that are trained
    again are dropped.

    Args:
        path: of the file, rewritten at the end of each epoch's steps.
        every: steps per row; the last row of an epoch may cover fewer.
    """

    def __init__(self, path: Path, every: int = 10):
        super().__init__()
        self.path, self.every = path, every
        self.rows: list[dict[str, float]] | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.rows is None:
            self.rows = [row for row in read_steps(self.path) if row["epoch"] <= epoch]
        self.epoch, self.logged = epoch, 0
        self.sums: dict[str, float] = {}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        assert self.rows is not None  # read when the first epoch began
        done, steps = batch + 1, self.params["steps"]
        if done - self.logged < self.every and done != steps:
            return
        # Keras reports means since the start of the epoch; differences of sums give the latest
        # steps.
        sums = {name: float(value) * done for name, value in (logs or {}).items()}
        row: dict[str, float] = {"epoch": self.epoch + 1, "step": self.epoch * steps + done}
        for name, total in sums.items():
            row[name] = (total - self.sums.get(name, 0.0)) / (done - self.logged)
        self.rows.append(row)
        self.logged, self.sums = done, sums
        # Written before the epoch counts as finished, so its rows are never lost.
        if done == steps:
            with replacing(self.path) as temporary, temporary.open("w", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
                writer.writeheader()
                writer.writerows(self.rows)


def read_steps(path: Path) -> list[dict[str, float]]:
    """The rows written by `LogSteps`; none if there is no file yet."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [{**row, "epoch": int(row["epoch"]), "step": int(row["step"])} for row in rows]
