"""Adversarial training runs of seconds, for tests that need a process of their own.

As a program it does the jobs, each a JSON object of `train_tiny_gan`'s arguments, in turn:

    python tests/tiny_adversarial.py [--devices 2] JOB [JOB ...]
"""

import argparse
import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

from polychrome.losses.adversarial import MINIMAX, NON_SATURATING
from polychrome.metrics.pixel import ChromaPSNR
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.training.adversarial import Adversarial
from polychrome.training.callbacks import TrainingState
from polychrome.training.devices import replicas
from polychrome.training.resident import Resident
from polychrome.training.step_log import LogSteps
from polychrome.training.train import train

SIZE, BATCH, STEPS = 8, 6, 3


def examples(count: int = BATCH * STEPS, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Scaled lightness `[count, size, size, 1]` and chroma, float32, always the same."""
    rng = np.random.default_rng(0)
    lightness = rng.uniform(-1, 1, (count, size, size, 1))
    # Chroma that lightness tells something about, and a network can find.
    chroma = 0.6 * np.concatenate([np.sin(3 * lightness), np.cos(3 * lightness)], axis=-1)
    return lightness.astype("float32"), chroma.astype("float32")


def plain_generator() -> keras.Model:
    """Without batch norm and noise, which differ between one device and two."""
    lightness = keras.Input((None, None, 1))
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(lightness)
    chroma = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="chroma")(x)
    return keras.Model(lightness, chroma, name="plain_generator")


def plain_discriminator() -> keras.Model:
    """Likewise; of chroma and lightness."""
    inputs = [keras.Input((SIZE, SIZE, channels)) for channels in (1, 2)]
    x = layers.Concatenate()(inputs)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="tanh")(x)
    logits = layers.Dense(1, dtype="float32", name="logits")(layers.Flatten()(x))
    return keras.Model(inputs, logits, name="plain_discriminator")


def _cgan() -> tuple[keras.Model, keras.Model]:
    """With all that has a state: batch norm and noise."""
    return build_cgan_generator((4, 4), image_size=SIZE), build_cgan_discriminator((4, 4), SIZE)


class FixedDraws(Adversarial):
    """Draws, for label noise, that neither device nor backend changes."""

    def _uniform(self, shape, largest):
        return keras.ops.full(shape, largest / 4, "float32")


def build(kind: str) -> Adversarial:
    """A compiled trainer: "plain" or "cgan"."""
    if kind == "plain":
        model = FixedDraws(
            plain_generator(),
            plain_discriminator(),
            MINIMAX,
            reconstruction_weight=10.0,
            label_noise=0.1,
        )
    else:
        model = Adversarial(*_cgan(), NON_SATURATING, label_noise=0.1)
    optimizers = [keras.optimizers.Adam(1e-2, beta_1=0.5) for _ in range(2)]
    # XLA would take most of the time; JAX has no other way.
    jit = keras.backend.backend() == "jax"
    model.compile(*optimizers, metrics=[ChromaPSNR()], jit_compile=jit)
    return model


def train_tiny_gan(
    folder: str | Path, kind: str = "plain", epochs: int = 2, resident: bool = False
) -> tuple[Adversarial, TrainingState]:
    """Train in `folder`, logging every second step in `steps.csv`.

    Args:
        resident: whether images are in the accelerator's memory.
    """
    import tensorflow as tf

    arrays = examples()

    def training_data(first_epoch: int):
        if resident:
            return _resident(arrays), STEPS
        data = tf.data.Dataset.from_tensor_slices(arrays).batch(BATCH, drop_remainder=True)
        return data.repeat(), STEPS

    folder = Path(folder)
    return train(
        lambda: build(kind),
        training_data,
        _resident(arrays) if resident else tf.data.Dataset.from_tensor_slices(arrays).batch(BATCH),
        folder,
        epochs=epochs,
        batch_size=BATCH,
        seed=1,
        extra_callbacks=[LogSteps(folder / "steps.csv", every=2)],
        write_tensorboard=False,
    )


def _resident(arrays: tuple[np.ndarray, np.ndarray]) -> Resident:
    """The same batches; classes say which of `arrays` is meant, as images are not floats."""
    arrays = tuple(keras.ops.convert_to_tensor(array) for array in arrays)
    numbers = np.arange(BATCH * STEPS, dtype=np.int32)
    return Resident(
        images=np.zeros([len(numbers), 1, 1, 3], np.uint8),
        labels=numbers,
        example=lambda images, labels: tuple(array[labels] for array in arrays),
        rows=lambda epoch: numbers.reshape(STEPS, BATCH),
    )


def main(arguments: list[str]) -> None:
    """Do the jobs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="+", type=json.loads)
    parser.add_argument("--devices", type=int, default=1)
    options = parser.parse_args(arguments)
    if options.devices > 1:
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        logical = [tf.config.LogicalDeviceConfiguration()] * options.devices
        tf.config.set_logical_device_configuration(cpu, logical)
    assert replicas() == options.devices
    for job in options.jobs:
        train_tiny_gan(**job)


if __name__ == "__main__":
    main(sys.argv[1:])
