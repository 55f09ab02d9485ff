"""A step of the adversarial trainer against two alternating calls of `train_on_batch`, in one run.

    python -m benchmarks.adversarial [--batch-size N] [--width N] [--repeats N] [--json FILE]

Both train Linköping's cGAN on 64x64 images in memory, with equal optimizers and losses. The rival
is what many tutorials do: the generator predicts fakes, `train_on_batch` trains the discriminator
on them and the real images in one batch, and then `train_on_batch` of a combined model, with the
discriminator frozen, runs the generator again and trains it. Ours runs the generator once.

Takes some minutes on two cores. A generator's step costs about three of its forward passes, and the
discriminator a twelfth of the generator: no more than 4/3 can be gained.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.measuring.command import status_of
from benchmarks.measuring.timing import Comparison, Target, comparison_table, interleave
from experiments.command_line.numbers import positive, whole
from polychrome.losses.adversarial import NON_SATURATING
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.training.adversarial import Adversarial
from tf_data.threads import OPTIONS

SIZE = 64
STEPS = 4  # of each timed repeat
LEARNING_RATE = 5e-5


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adversarial", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--batch-size", type=positive, default=16, metavar="N", help="the report's: 64"
    )
    parser.add_argument(
        "--width",
        type=whole(2, 2**31 - 1, "a whole number from 2 on"),
        default=64,
        metavar="N",
        help="filters of most convolutions, the report's: 64; a multiple of 2",
    )
    parser.add_argument(
        "--repeats", type=positive, default=5, metavar="N", help="of each measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)
    return status_of(
        lambda: measure(options.batch_size, options.width, options.repeats), options.json
    )


def measure(batch_size: int, width: int, repeats: int) -> dict[str, object]:
    """Time both and print the ratio; the figures as JSON values."""
    print(f"\n{repeats} repeats of {STEPS} steps, in turns after one that is not timed")
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 1, (batch_size, SIZE, SIZE, 1)).astype("float32")
    chroma = rng.uniform(-1, 1, (batch_size, SIZE, SIZE, 2)).astype("float32")
    times = interleave(
        one_trainer(width, lightness, chroma), alternating(width, lightness, chroma), repeats
    )
    name = f"cGAN step, width {width}, batches of {batch_size}, against two train_on_batch"
    comparison = Comparison(name, *times, STEPS * batch_size, Target(">=", 1.2))
    print(f"\n{comparison_table([comparison])}")
    return {"comparisons": [comparison.as_json()]}


def one_trainer(width: int, lightness: np.ndarray, chroma: np.ndarray) -> Callable[[], None]:
    """Some steps of `Adversarial` by `fit`."""
    model = Adversarial(*_networks(width), NON_SATURATING)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), keras.optimizers.Adam(LEARNING_RATE))
    batches = tf.data.Dataset.from_tensors((lightness, chroma)).repeat().with_options(OPTIONS)
    return lambda: model.fit(batches, steps_per_epoch=STEPS, shuffle=False, verbose=0)


def alternating(width: int, lightness: np.ndarray, chroma: np.ndarray) -> Callable[[], None]:
    """As many steps with two compiled models that share the networks."""
    generator, discriminator = _networks(width)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    discriminator.compile(keras.optimizers.Adam(LEARNING_RATE), loss)
    both = keras.Model(generator.input, discriminator([generator.input, generator.output]))
    both.compile(keras.optimizers.Adam(LEARNING_RATE), loss)

    ones = np.ones((len(lightness), 1), "float32")
    labels = np.concatenate([ones, 0 * ones])
    twice = np.concatenate([lightness, lightness])

    def steps() -> None:
        for _ in range(STEPS):
            fake = generator.predict_on_batch(lightness)
            # Each model's step is compiled at its first call, with what can be trained then.
            discriminator.trainable = True
            discriminator.train_on_batch([twice, np.concatenate([chroma, fake])], labels)
            discriminator.trainable = False
            both.train_on_batch(lightness, ones)

    return steps


def _networks(width: int) -> tuple[keras.Model, keras.Model]:
    generator = build_cgan_generator((2 * width, width, width, width, width // 2), image_size=SIZE)
    filters = (width, 2 * width, 4 * width, 8 * width)
    return generator, build_cgan_discriminator(filters, image_size=SIZE)


if __name__ == "__main__":
    sys.exit(main())
