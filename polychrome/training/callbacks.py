"""Training callbacks: progress, checkpoints, NaN guard."""

import csv
import dataclasses
import math
import os
import shutil
import time
from pathlib import Path
from typing import Any

import keras
from tqdm import tqdm

from polychrome.errors import InputError
from polychrome.files import read_json, replacing, write_json
from polychrome.layers.seeding import seed_layers


class TrainingDiverged(InputError):
    """The loss became NaN or infinite."""


@dataclasses.dataclass
class TrainingState:
    """State of a training run, stored as `state.json` in its folder.

    Attributes:
        epoch: finished epochs.
        history: one dict of numbers per finished epoch, with "epoch" counted from 1.
        weights: file name of the weights and optimizer state after the last finished epoch.
        best_epoch, best_value, best_weights: the epoch with the lowest monitored value.
    """

    epoch: int = 0
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    weights: str | None = None
    best_epoch: int = 0
    best_value: float = math.inf
    best_weights: str | None = None

    @classmethod
    def load(cls, folder: Path) -> "TrainingState":
        """The state in `folder`, or a new one if there is none."""
        path = folder / "state.json"
        return cls(**read_json(path)) if path.exists() else cls()


class EpochTimes(keras.callbacks.Callback):
    """Takes the times of each epoch for `Checkpoints`; goes before callbacks that do not count.

    Args:
        images_per_epoch: for the rates.
    """

    def __init__(self, images_per_epoch: int):
        super().__init__()
        self.images_per_epoch = images_per_epoch

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.started = _now()
        self.trained: tuple[float, float] | None = None

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        # Rates count training steps only, not validation.
        self.trained = _now()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.ended = _now()

    def row(self) -> dict[str, float]:
        """Times of the epoch that has ended, and the rates of its steps."""
        steps = _since(self.started, self.ended if self.trained is None else self.trained)
        wall, cpu = _since(self.started, self.ended)
        return {
            "seconds": round(wall, 3),
            "cpu_seconds": round(cpu, 3),
            "training_seconds": round(steps[0], 3),
            "training_cpu_seconds": round(steps[1], 3),
            "images_per_second": round(self.images_per_epoch / steps[0], 2),
            "images_per_cpu_second": round(self.images_per_epoch / steps[1], 2),
        }


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimizer, and history after each epoch, so a kill loses at most one epoch.

    Each row of the history has `seconds` and `cpu_seconds` (all threads of the process) of the
    epoch's steps and validation and, for the gradient steps alone, `training_seconds`,
    `training_cpu_seconds`, `images_per_second`, and `images_per_cpu_second`. Wall time also depends
    on what else runs on the machine.

    Weights are written under the epoch's number first, then `state.json` is replaced atomically to
    refer to them, and only then are older weights deleted. Goes after callbacks that write
    something of each epoch: a resumed run does not repeat an epoch that is saved.

    Args:
        folder: of this network's training run.
        state: of the training run; changed in place.
        monitor: name of the logged value that is lowest in the best epoch.
        times: of each epoch; goes before this callback.
    """

    def __init__(
        self,
        folder: Path,
        state: TrainingState,
        monitor: str,
        times: EpochTimes,
    ):
        super().__init__()
        self.folder, self.state, self.monitor, self.times = folder, state, monitor, times

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        state, number = self.state, epoch + 1
        if hasattr(self.model, "jax_state_sync"):
            self.model.jax_state_sync()
        row: dict[str, Any] = {"epoch": number}
        row |= {name: float(value) for name, value in (logs or {}).items()}
        row |= self.times.row()

        weights = f"epoch-{number:04d}.weights.h5"
        with replacing(self.folder / weights) as temporary:
            self.model.save_weights(temporary)
        state.epoch, state.weights = number, weights
        state.history.append(row)
        value = row.get(self.monitor, row["loss"])
        # NaN, which low precision can give, is best only if there is nothing else.
        if state.best_weights is None or value < state.best_value:
            best = f"best-{number:04d}.weights.h5"
            with replacing(self.folder / best) as temporary:
                temporary.unlink()
                try:
                    os.link(self.folder / weights, temporary)
                except OSError:  # no hard links there, as on some mounted drives
                    shutil.copyfile(self.folder / weights, temporary)
            state.best_epoch, state.best_weights = number, best
            state.best_value = math.inf if math.isnan(value) else value
        write_history(self.folder / "history.csv", state.history)
        write_json(self.folder / "state.json", dataclasses.asdict(state))
        for path in self.folder.glob("*.weights.h5"):
            if path.name not in (state.weights, state.best_weights):
                path.unlink()


def _now() -> tuple[float, float]:
    """Wall-clock and process seconds."""
    return time.perf_counter(), time.process_time()


def _since(before: tuple[float, float], now: tuple[float, float]) -> list[float]:
    """Elapsed seconds, above zero: on Windows the process clock ticks 64 times a second."""
    return [max(end - start, 1e-3) for start, end in zip(before, now, strict=True)]


def save_initial(network: keras.Model, folder: Path, state: TrainingState) -> None:
    """Save the weights of an untrained network as epoch 0."""
    weights = "epoch-0000.weights.h5"
    with replacing(folder / weights) as temporary:
        network.save_weights(temporary)
    state.weights = weights
    write_json(folder / "state.json", dataclasses.asdict(state))


def write_history(path: Path, history: list[dict[str, float]]) -> None:
    """Write a history as CSV, one row per epoch; fields missing in old rows are empty."""
    columns = dict.fromkeys(name for row in history for name in row)
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(columns))
        writer.writeheader()
        writer.writerows(history)


class AverageAtEnd(keras.callbacks.Callback):
    """Replaces the weights by their running average (`use_ema`) in the last epoch.

    Keras does so only when `fit` returns, after the last epoch was validated and saved, so its
    weights would be others when the run is resumed or graded again. Goes before `Checkpoints`.
    Statistics of batch normalization are running averages already and stay as they are.

    Args:
        epochs: of the whole training run.
    """

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.last = epoch + 1 == self.epochs

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.last:
            self._average()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.last:  # the same again, unless there were no validation data
            self._average()

    def _average(self) -> None:
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)


class SeedEpochs(keras.callbacks.Callback):
    """Sets the random state of every epoch, so that a resumed run draws the same numbers."""

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        seed_layers(self.model, self.seed, epoch)


class StopOnNaN(keras.callbacks.Callback):
    """Stops a training run whose loss becomes NaN or infinite, and reports when."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise TrainingDiverged(
                f"the loss of {self.model.name} became {loss} at epoch {self.epoch + 1}, step "
                f"{batch + 1} of {self.params['steps']}; nothing of this epoch was kept. Try "
                "precision float32, a smaller learning rate, or look for broken images",
                ("precision", "learning_rate"),
            )


class ProgressBar(keras.callbacks.Callback):
    """One progress bar over all epochs: images done, images per second, time left, loss."""

    def __init__(self, label: str, batch_size: int, first_epoch: int, epochs: int):
        super().__init__()
        self.label, self.batch_size = label, batch_size
        self.first_epoch, self.epochs = first_epoch, epochs
        self.bar: Any = None  # of tqdm, from the first epoch on

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.bar is None:
            images = self.params["steps"] * self.batch_size
            self.bar = tqdm(
                total=self.epochs * images,
                initial=self.first_epoch * images,
                unit="image",
                smoothing=0.1,
                mininterval=1.0,
            )
        self.bar.set_description(f"{self.label} epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.update(self.batch_size)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        shown = {k: f"{v:.4g}" for k, v in (logs or {}).items() if k.endswith("loss")}
        self.bar.set_postfix(shown)

    def close(self) -> None:
        """Close the bar as it is, also after an interruption."""
        if self.bar is not None:
            self.bar.close()
