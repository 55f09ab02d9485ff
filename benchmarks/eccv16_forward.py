"""ECCV16 forward on the CPU, ours against PyTorch's, as a ratio measured in turns in one run.

    python -m benchmarks.eccv16_forward [--size N] [--batch N] [--repeats N] [--json FILE]

Takes a minute or two on two cores, and needs the extra `torch`. Both have the same
weights and are checked to give the same chroma before anything is timed. Ours runs as the exported
SavedModel does, a TensorFlow graph, and as that graph with its weights frozen into constants, which
oneDNN then packs once and not in every call; PyTorch in inference mode and with channels last in
memory, which is faster there.

Each uses all cores. On a machine that is not idle put `taskset -c 0` before the command: PyTorch's
threads spin while they wait for each other, and lose much more than TensorFlow's to other load.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import importlib.util
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from benchmarks.measuring.command import status_of
from benchmarks.measuring.timing import Comparison, Target, comparison_table, interleave
from experiments.command_line.numbers import positive
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.weights.published import assign

TOLERANCE = 1e-4


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eccv16_forward")
    parser.add_argument("--size", type=positive, default=256, metavar="N", help="a multiple of 8")
    parser.add_argument("--batch", type=positive, default=1, metavar="N", help="images at a time")
    parser.add_argument(
        "--repeats", type=positive, default=9, metavar="N", help="of each measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("torch") is None:
        print("error: this benchmark needs PyTorch; pip install -e '.[torch]'", file=sys.stderr)
        return 1

    def measured() -> dict[str, object]:
        comparisons = compare(options.size, options.batch, options.repeats)
        print(f"\n{comparison_table(comparisons)}")
        print("medians (smallest-largest); CPU: processor time of all threads")
        return {"comparisons": [comparison.as_json() for comparison in comparisons]}

    return status_of(measured, options.json, torch=version("torch"))


def compare(size: int, batch: int, repeats: int) -> list[Comparison]:
    """Time both networks on the same images.

    Raises:
        ArithmeticError: the results differ.
    """
    # Imported late: the extra that brings it is not always there, --help should be.
    import torch

    from benchmarks.ways.torch_networks import ECCV16

    torch.manual_seed(0)
    rival = ECCV16().eval().to(memory_format=torch.channels_last)
    network = as_released(build_eccv16())
    assign(network, {key: value.numpy() for key, value in rival.state_dict().items()})
    graph = tf.function(
        lambda images: network(images, training=False),
        input_signature=[tf.TensorSpec([None, None, None, 1], tf.float32)],
    )
    frozen = convert_variables_to_constants_v2(graph.get_concrete_function())
    images = np.random.default_rng(0).uniform(-0.5, 0.5, (batch, size, size, 1)).astype("float32")
    tensor = tf.constant(images)
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2)
    channels_first = channels_first.contiguous(memory_format=torch.channels_last)

    def theirs() -> np.ndarray:
        with torch.inference_mode():
            return rival(channels_first).permute(0, 2, 3, 1).numpy()

    ways = {
        "graph": lambda: graph(tensor).numpy(),
        "frozen graph": lambda: frozen(tensor)[0].numpy(),
    }
    comparisons = []
    for way, ours in ways.items():
        difference = float(np.abs(ours() - theirs()).max())
        if difference > TOLERANCE:
            raise ArithmeticError(f"{way}: the two networks are {difference:g} apart")
        times = interleave(ours, theirs, repeats, pause=0.2)
        name = f"{way}, {batch} at {size}x{size}, against PyTorch"
        comparisons.append(Comparison(name, *times, batch, Target("<=", 1.0), inverted=True))
    return comparisons


if __name__ == "__main__":
    sys.exit(main())
