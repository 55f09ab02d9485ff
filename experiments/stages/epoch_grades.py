"""PSNR and colorfulness of the same held-out photographs after each epoch, for common axes."""

import csv
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import ops

from experiments.report.page import read_history
from polychrome.files import replacing
from polychrome.metrics.perceptual import Colorfulness
from polychrome.metrics.pixel import ColoredPSNR

FILE = "epoch_grades.csv"
_COLUMNS = ("epoch", "psnr_colored", "colorfulness")


class EpochGrades(keras.callbacks.Callback):
    """Writes a line into a CSV file after each epoch; a resumed run goes on below.

    Args:
        colorize: network to pictures gray, colorized and true, each uint8 `[n, height, width, 3]`.
        path: of the file.
    """

    def __init__(
        self, colorize: Callable[[keras.Model], tuple[np.ndarray, ...]], path: Path
    ) -> None:
        super().__init__()
        self.colorize, self.path = colorize, path

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        _, colorized, truth = self.colorize(self.model)
        row: dict[str, float] = {"epoch": epoch + 1}
        for metric in (ColoredPSNR(), Colorfulness()):
            values = ops.convert_to_numpy(metric.per_image(truth, colorized))
            finite = values[np.isfinite(values)]
            row[metric.key] = round(float(finite.mean()), 4) if len(finite) else float("nan")
        # An epoch is graded before it is saved; killed in between, it is trained and graded again.
        before = read_history(self.path) if self.path.exists() else []
        rows = [each for each in before if each["epoch"] <= epoch] + [row]
        with replacing(self.path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
