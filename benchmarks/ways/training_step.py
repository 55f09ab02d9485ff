"""Time the training of one system in one precision, in a process of its own.

python -m benchmarks.ways.training_step NAME PRECISION --out FILE [--seconds N] [--batch-size N]

`benchmarks.training_speed` runs it for every system.
"""

import argparse
import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from experiments.command_line.numbers import positive
from experiments.process.quiet import import_tensorflow

import_tensorflow()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from benchmarks.measuring.multiply_adds import counted  # noqa: E402
from experiments.command_line.options import Options  # noqa: E402
from experiments.plan import Plan, make_plan  # noqa: E402
from experiments.recipe import Network  # noqa: E402
from experiments.recipes import RECIPES  # noqa: E402
from experiments.stages.data import Data, load_data  # noqa: E402
from experiments.stages.initial_weights import InitialWeights  # noqa: E402
from polychrome.command import status_of  # noqa: E402
from polychrome.errors import InputError  # noqa: E402
from polychrome.files import write_json  # noqa: E402
from polychrome.training.devices import distributed, fix_randomness  # noqa: E402
from tf_data.augment import compose  # noqa: E402
from tf_data.pipeline import chroma_example, training_batches  # noqa: E402
from tf_data.sources.source import open_source  # noqa: E402
from tf_data.store import Store  # noqa: E402

SIZE = 64
# Decoded for each split; repeated to fill an epoch, because what they show takes no time.
_IMAGES = 128
# Of a measurement, whatever the seconds.
LEAST_STEPS, MOST_STEPS = 3, 100
# Height and width, and channels, of convolutions that show what the machine can do.
_CONVOLUTIONS = ((16, 96), (16, 128), (8, 192), (8, 256))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ways.training_step", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("system", metavar="NAME")
    parser.add_argument("precision", choices=("float32", "mixed_bfloat16"))
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="JSON")
    parser.add_argument("--seconds", type=float, default=5, metavar="N", help="a measurement")
    parser.add_argument(
        "--batch-size", type=positive, metavar="N", help="the recipe's, if left out"
    )
    options = parser.parse_args(arguments)

    def work() -> None:
        found = measure(options.system, options.precision, options.seconds, options.batch_size)
        write_json(options.out, found)

    return status_of(work)


def measure(
    system: str, precision: str, seconds: float, batch_size: int | None = None
) -> dict[str, object]:
    """Time all networks of a system; sets the dtype policy of the process.

    Returns:
        JSON values: the batch size, what convolutions reach, and for each network its multiply-adds
        an image and the images, wall and process seconds of steps on a fixed batch ("step") and of
        an epoch through the pipeline ("epoch").

    Raises:
        InputError: no system has that name, or the backend is another one.
    """
    plan = trial_plan(system, precision, batch_size)
    before: list[keras.Model] = []
    networks = []
    with tempfile.TemporaryDirectory() as folder:
        reached = convolutions_reach("bfloat16" if precision == "mixed_bfloat16" else "float32")
        data = load_data(plan, Path(folder))
        for network in plan.networks:
            trial = Trial(plan, network, data, Path(folder), before)
            networks.append(trial.measure(seconds))
            before.append(trial.trained)
    return {
        "system": system,
        "precision": precision,
        "batch_size": plan.batch_size,
        "convolutions": reached,
        "load_average": os.getloadavg()[0],
        "networks": networks,
    }


def trial_plan(system: str, precision: str, batch_size: int | None = None) -> Plan:
    """The plan of a short run on the sample; sets the dtype policy of the process.

    Raises:
        InputError: no system has that name, or the backend is not TensorFlow.
    """
    if system not in RECIPES:
        raise InputError(f"no system is named {system!r}; there are: {', '.join(RECIPES)}")
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"the backend is {keras.backend.backend()}; training is timed on tensorflow"
        )
    keras.config.set_dtype_policy(precision)
    fix_randomness(1, deterministic=False)
    options = Options(image_size=SIZE, limit=_IMAGES, precision=precision, batch_size=batch_size)
    return make_plan(RECIPES[system], options, open_source("sample"))


@dataclasses.dataclass
class Trial:
    """One network, built as a run builds it."""

    plan: Plan
    network: Network
    data: Data
    folder: Path
    before: list[keras.Model]

    def __post_init__(self) -> None:
        scaling = self.plan.recipe.scaling
        self.example = self.network.example or chroma_example(scaling, self.network.channels)
        self.batch = next(iter(self._batches(1, 1)))
        with distributed():
            self.trained = self._build("trained")

    def measure(self, seconds: float) -> dict[str, object]:
        inputs, targets = self.batch
        images = self.plan.batch_size

        def step() -> None:
            self.trained.train_on_batch(inputs, targets)

        step()  # compiles
        one, _ = _took(step)
        steps = int(np.clip(seconds / one, LEAST_STEPS, MOST_STEPS))
        bare = _took(lambda: [step() for _ in range(steps)])
        epoch = self.epoch(steps)
        forward, whole = self._multiply_adds()
        return {
            "name": self.network.name,
            "epochs": self._epochs(),
            "multiply_adds": forward,
            "multiply_adds_of_a_step": whole,
            **{
                kind: {"images": steps * images, "seconds": wall, "cpu_seconds": cpu}
                for kind, (wall, cpu) in (("step", bare), ("epoch", epoch))
            },
        }

    def _epochs(self) -> int:
        """Of the recipe; the plan cuts them down on the sample."""
        networks = RECIPES[self.plan.recipe.name].networks
        return next(each.epochs for each in networks if each.name == self.network.name)

    def _build(self, name: str) -> keras.Model:
        place = self.folder / name / self.network.name
        histogram = self.data.histogram
        return InitialWeights(self.plan, self.network, place, self.before, histogram).build()

    def _batches(self, steps: int, epochs: int) -> tf.data.Dataset:
        augmentation = self.plan.augmentation(self.network)
        return training_batches(
            _repeated(self.data.stores["train"], steps * self.plan.batch_size),
            self.example,
            self.plan.batch_size,
            seed=1,
            epochs=epochs,
            augment=compose(*augmentation) if augmentation else None,
            draw=self.network.draw,
        )[0]

    def epoch(self, steps: int) -> tuple[float, float]:
        """Wall and process seconds of the second epoch; in the first, XLA compiles."""
        clock = _EpochClock()
        self.trained.fit(
            self._batches(steps, 2),
            steps_per_epoch=steps,
            epochs=2,
            callbacks=[clock],
            shuffle=False,
            verbose=0,
        )
        return clock.took

    def _multiply_adds(self) -> tuple[int, int]:
        """An image's: of the network's answer, and of all forward passes in a training step."""
        # A copy: outside of a strategy's scope a step may run eagerly.
        copy = self._build("counted")
        one = keras.tree.map_structure(lambda part: part[:1], self.batch)
        with counted() as answer:
            copy(one[0], training=False)
        with counted() as step:
            copy.train_step(one)
        return answer.multiply_adds, step.multiply_adds


class _EpochClock(keras.callbacks.Callback):
    """Wall and process seconds of the last epoch, in `took`."""

    took = (0.0, 0.0)

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        wall, cpu = self.begun
        self.took = time.perf_counter() - wall, time.process_time() - cpu


def convolutions_reach(dtype: str, batch: int = 64, repeats: int = 7) -> dict[str, float]:
    """Multiply-adds of the fastest 3x3 convolution, forward and both gradients.

    The best of some repeats and sizes: what the machine can do, if nothing else ran on it.

    Returns:
        By wall time ("a_second") and by processor time ("a_cpu_second").
    """

    @tf.function(autograph=False)
    def step(inputs, kernel, slopes):
        with tf.GradientTape() as tape:
            tape.watch((inputs, kernel))
            outputs = tf.nn.conv2d(inputs, kernel, 1, "SAME")
        # The outputs too: what nobody reads is not computed.
        return outputs, *tape.gradient(outputs, (inputs, kernel), output_gradients=slopes)

    reached = []
    for side, channels in _CONVOLUTIONS:
        shapes = [batch, side, side, channels], [3, 3, channels, channels]
        inputs, kernel = (tf.cast(tf.random.normal(shape), dtype) for shape in shapes)
        step(inputs, kernel, inputs)
        work = 3 * batch * side**2 * 9 * channels**2
        for _ in range(repeats):
            # To NumPy: operations may be under way when a function returns.
            took = _took(lambda: [part.numpy() for part in step(inputs, kernel, inputs)])  # noqa: B023
            reached.append([work / seconds for seconds in took])
    wall, cpu = np.max(reached, axis=0).tolist()
    return {"a_second": wall, "a_cpu_second": cpu}


def _took(work: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds, and seconds that all threads of this process computed."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _repeated(store: Store, count: int) -> Store:
    rows = np.resize(np.arange(len(store)), count)
    return dataclasses.replace(
        store,
        images=store.images[rows],
        names=tuple(store.names[row] for row in rows),
        labels=None if store.labels is None else store.labels[rows],
    )


if __name__ == "__main__":
    sys.exit(main())
