"""A training of seconds through the real pipeline, for tests that need a process of their own.

As a program it does the jobs, each a JSON object of `train_tiny`'s arguments, one after the other:

    python tests/tiny_training.py --images IMAGES.npy [--devices 2] [--deterministic] JOB [JOB ...]
"""

import argparse
import functools
import json
import os
import signal
import sys
from pathlib import Path

import keras
import numpy as np

import polychrome.training.resident as module
from polychrome.color.scaling import PADOVA
from polychrome.models.cnn import build_cnn
from polychrome.models.polychromify import build_polychromify
from polychrome.training.callbacks import TrainingState
from polychrome.training.devices import fix_randomness, replicas
from polychrome.training.train import train
from tf_data.augment import flip_horizontally
from tf_data.pipeline import (
    chroma_example,
    evaluation_batches,
    resident_evaluation_images,
    resident_training_images,
    training_batches,
)
from tf_data.store import Store

BATCH = 6
VALIDATION = 12
_POLYCHROMIFY = {"filters": (6, 8), "dense": (8, 6, 8)}

NETWORKS = {
    "dropout": functools.partial(build_polychromify, **_POLYCHROMIFY, dropout=0.5),
    "batch_norm": functools.partial(build_polychromify, **_POLYCHROMIFY, dropout=0.0),
    "plain": functools.partial(build_polychromify, **_POLYCHROMIFY, dropout=0.0, batch_norm=False),
    "other": functools.partial(build_polychromify, filters=(5, 8), dense=(8,)),
    "cnn": functools.partial(build_cnn, (6, 8)),
}


class EachStep(keras.callbacks.Callback):
    """Notes the running mean of the loss after each step; may kill the process at one of them."""

    def __init__(self, kill_at: list[int] | None):
        super().__init__()
        self.losses, self.kill_at = [], kill_at

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))
        if self.kill_at == [self.epoch + 1, batch + 1]:
            os.kill(os.getpid(), signal.SIGKILL)


def train_tiny(
    images: np.ndarray,
    folder: str | Path,
    *,
    network: str = "dropout",
    epochs: int = 1,
    learning_rate: float = 1e-3,
    seed: int = 1,
    kill_at: list[int] | None = None,
    extra_callbacks: tuple = (),
    write_tensorboard: bool = False,
    augmented: bool = True,
    resident: int | None = None,
) -> tuple[keras.Model, TrainingState, list[float]]:
    """Train on all but the last 12 of uint8 `[n, H, W, 3]`, which validate; batches of 6.

    Args:
        augmented: whether images are flipped; not if they are resident.
        resident: steps in one call at most, with the images in the accelerator's memory.

    Returns:
        What `train` returns, and the running loss after each step.
    """

    def store(part: np.ndarray) -> Store:
        return Store(part, tuple(map(str, range(len(part)))), gray=0, skipped=())

    def build() -> keras.Model:
        built = NETWORKS[network]()
        # XLA would take most of the time; JAX has no other way.
        jit = keras.backend.backend() == "jax"
        built.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse", jit_compile=jit)
        return built

    def training_data(first_epoch: int):
        if resident:
            training = store(images[:-VALIDATION])
            return resident_training_images(training, chroma_example(PADOVA), BATCH, seed=seed)
        return training_batches(
            store(images[:-VALIDATION]),
            chroma_example(PADOVA),
            BATCH,
            seed=seed,
            epochs=epochs,
            first_epoch=first_epoch,
            augment=flip_horizontally if augmented else None,
        )

    held_out = store(images[-VALIDATION:])
    if resident:
        validation: object = resident_evaluation_images(held_out, chroma_example(PADOVA), 5)
        module.longest_call = lambda: resident
    else:
        batch = BATCH if augmented else 5
        validation = evaluation_batches(
            held_out, chroma_example(PADOVA), batch, replicas=replicas()
        )
    steps = EachStep(kill_at)
    model, state = train(
        build,
        training_data,
        validation,
        Path(folder),
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        extra_callbacks=[steps, *extra_callbacks],
        write_tensorboard=write_tensorboard,
    )
    return model, state, steps.losses


def main(arguments: list[str]) -> None:
    """Do the jobs; each leaves `steps.json` in its folder beside what `train` writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="+", type=json.loads)
    parser.add_argument("--images", type=np.load)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--deterministic", action="store_true")
    options = parser.parse_args(arguments)
    if options.devices > 1:
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        logical = [tf.config.LogicalDeviceConfiguration()] * options.devices
        tf.config.set_logical_device_configuration(cpu, logical)
    fix_randomness(1, options.deterministic)
    assert replicas() == options.devices
    for job in options.jobs:
        _, _, losses = train_tiny(options.images, **job)
        (Path(job["folder"]) / "steps.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main(sys.argv[1:])
