"""Frames per second of DTU's lighter encoder and of ResNet-18 (the report's section 8.4).

    python -m benchmarks.light_encoder [--heights 240,480,720] [--repeats N] [--json FILE]

One 16:9 frame at a time, in turns, and only the network, as a graph: decoding video and joining the
lightness are not included. Weights are random, which does not affect the time.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.measuring.command import status_of
from benchmarks.measuring.timing import Comparison, aligned, interleave
from experiments.command_line.numbers import positive, several
from polychrome.models.resnet_decoder import build_resnet_decoder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.light_encoder")
    parser.add_argument(
        "--heights", type=several, default=(240, 480, 720), metavar="N,N", help="of the frames"
    )
    parser.add_argument(
        "--repeats", type=positive, default=9, metavar="N", help="of each measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)

    def measured() -> dict[str, object]:
        comparisons = compare(options.heights, options.repeats)
        rows = [["", "ResNet-9, frames/s", "ResNet-18, frames/s", "ratio"]]
        for item in comparisons:
            rates = (f"{1 / times.median:.1f}" for times in (item.ours, item.rival))
            rows.append([item.name, *rates, f"{item.ratio:.2f}"])
        print(f"\n{aligned(rows)}")
        return {"comparisons": [comparison.as_json() for comparison in comparisons]}

    return status_of(measured, options.json)


def compare(heights: Sequence[int], repeats: int) -> list[Comparison]:
    """Time both networks on frames of each height."""
    light, heavy = (_graph(encoder) for encoder in ("resnet9", "resnet18"))
    comparisons = []
    for height in heights:
        width = round(height * 16 / 9)
        frame = np.random.default_rng(0).uniform(0, 1, (1, height, width, 1)).astype("float32")
        tensor = tf.constant(frame)
        runs = (lambda net=net, frame=tensor: net(frame).numpy() for net in (light, heavy))
        times = interleave(*runs, repeats)
        comparisons.append(Comparison(f"{width}x{height}", *times, 1))
    return comparisons


def _graph(encoder: str):
    network = build_resnet_decoder(encoder=encoder)
    spec = tf.TensorSpec([1, None, None, 1], tf.float32)
    return tf.function(lambda frame: network(frame, training=False), input_signature=[spec])


if __name__ == "__main__":
    sys.exit(main())
