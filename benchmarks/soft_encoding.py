"""Soft encoding against the distances to all 313 bins: ratios of time and of memory, in one run.

    python -m benchmarks.soft_encoding [--images N] [--repeats N] [--json FILE]

Takes some minutes on two cores. All forms are TensorFlow, run as a graph and compiled by XLA,
and give the same bins and weights, which is checked first. The naive form holds the differences of
pixels x bins x 2; the lean one only distances of pixels x bins, for information: XLA makes the same
of both.

Memory is what the resident set of a process grows by at its peak in the first run on the batch, as
Linux counts it, in a process of its own for each figure: allocators keep what they once had. The
first run costs some megabytes whatever the batch, half of ours at 16x16: no ratio is asked there,
but that ours stays below 150 MB.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import dataclasses
import itertools
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops

from benchmarks.measuring.command import status_of
from benchmarks.measuring.timing import Comparison, Target, aligned, comparison_table, interleave
from experiments.command_line.numbers import positive
from polychrome.color.bins import BINS, encode_soft

NEIGHBORS, SIGMA = 5, 5.0
# Height and width of the labels of 64x64 images, at stride 4 and at each pixel.
SIZES = (16, 64)


def ours(ab):
    """Bins and weights from the short list of candidates."""
    return encode_soft(ab, NEIGHBORS, SIGMA)


def naive(ab):
    """Bins and weights from the distances to all bins, as one writes them down."""
    return _nearest_of_all(ops.sum(ops.square(ab[..., None, :] - BINS), axis=-1))


def lean(ab):
    """The same, one coordinate after the other."""
    away = [ab[..., i : i + 1] - BINS[:, i] for i in range(2)]
    return _nearest_of_all(ops.square(away[0]) + ops.square(away[1]))


def _nearest_of_all(squared):
    nearness, bins = ops.top_k(-squared, NEIGHBORS)
    weights = ops.exp((nearness - nearness[..., :1]) / (2.0 * SIGMA**2))
    return bins, weights / ops.sum(weights, axis=-1, keepdims=True)


FORMS: dict[str, Callable] = {"ours": ours, "naive": naive, "lean": lean}
# Rival, whether XLA compiles, and the ratio that is asked for.
_COMPARED = (("naive", False, 5), ("lean", False, None), ("naive", True, 5))


@dataclasses.dataclass(frozen=True)
class Memory:
    """Peak bytes of both forms, and their targets."""

    name: str
    ours: int
    rival: int
    megabytes: Target
    gain: Target | None

    @property
    def ratio(self) -> float:
        return self.rival / max(self.ours, 1)

    @property
    def met(self) -> bool:
        gained = self.gain is None or self.gain.met(self.ratio)
        return gained and self.megabytes.met(self.ours / 1e6)


def colors(images: int, size: int) -> tf.Tensor:
    """a* and b* spread as in photographs, `[images, size, size, 2]`; the same ones every time."""
    spread = np.random.default_rng(0).normal(0, 20, (images, size, size, 2))
    return tf.constant(spread.astype(np.float32))


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    return status_of(lambda: measure(options.images, options.repeats), options.json)


def measure(images: int, repeats: int) -> dict[str, object]:
    """Check, time and print everything; the figures as JSON values."""
    print(f"\n{images} images, {repeats} repeats in turns after one not timed")
    for size in SIZES:
        check_same_codes(FORMS.values(), colors(min(images, 8), size))
    times = compare_times(images, repeats)
    print(f"\n{comparison_table(times)}")
    memories = compare_memory(images)
    print(f"\n{memory_table(memories)}")
    missed = [f"time, {item.name}" for item in times if item.met is False]
    missed += [f"memory, {item.name}" for item in memories if not item.met]
    print("\n" + (f"MISSED: {'; '.join(missed)}" if missed else "all targets met"))
    return {
        "times": [item.as_json() for item in times],
        "memory": [
            {"name": item.name, "ours_bytes": item.ours, "rival_bytes": item.rival}
            | {"ratio": item.ratio, "met": item.met}
            for item in memories
        ],
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soft_encoding", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--images", type=positive, default=64, metavar="N", help="of a batch")
    parser.add_argument(
        "--repeats", type=positive, default=3, metavar="N", help="of each measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    return parser.parse_args(arguments)


def check_same_codes(forms: Iterable[Callable], ab: tf.Tensor) -> None:
    """Raises ArithmeticError where the forms give other bins or weights."""
    (bins, weights), *others = (form(ab) for form in forms)
    for other_bins, other_weights in others:
        if np.any(bins != other_bins) or np.abs(weights - other_weights).max() > 1e-6:
            raise ArithmeticError("the forms of soft encoding differ")


def compare_times(images: int, repeats: int) -> list[Comparison]:
    comparisons = []
    for size, (rival, jit, target) in itertools.product(SIZES, _COMPARED):
        ab = colors(images, size)
        times = interleave(_run(ours, jit, ab), _run(FORMS[rival], jit, ab), repeats)
        name = f"{size}x{size} labels, {'XLA' if jit else 'graph'}, {rival}"
        comparisons.append(Comparison(name, *times, images, target and Target(">=", target)))
    return comparisons


def _run(form: Callable, jit: bool, ab: tf.Tensor) -> Callable[[], None]:
    compiled = tf.function(form, jit_compile=jit)
    # Copied to the host, so that the clock stops when the result is there.
    return lambda: [part.numpy() for part in compiled(ab)]


def compare_memory(images: int) -> list[Memory]:
    return [
        Memory(
            f"{size}x{size} labels, XLA, naive",
            *(peak_memory(form, images, size) for form in ("ours", "naive")),
            Target("<=", 150),
            None if size == SIZES[0] else Target(">=", 10),
        )
        for size in SIZES
    ]


def peak_memory(form: str, images: int, size: int) -> int:
    """Largest growth of a process, in bytes, while it encodes one batch."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(_growth, (form, images, size))


def _growth(form: str, images: int, size: int) -> int:
    ab = colors(images, size)
    compiled = tf.function(FORMS[form], jit_compile=True)
    compiled(ab[:1])
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now what there is
    before = _status("VmRSS")
    compiled(ab)
    return _status("VmHWM") - before


def _status(field: str) -> int:
    """A field of this process's status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return 1024 * int(kilobytes)


def memory_table(memories: Sequence[Memory]) -> str:
    """One aligned line per comparison, with its verdict."""
    rows = [["", "ours, MB", "target", "rival, MB", "ratio", "target", "met?"]]
    for item in memories:
        row = [item.name, f"{item.ours / 1e6:,.1f}", str(item.megabytes)]
        row += [f"{item.rival / 1e6:,.1f}", f"{item.ratio:.1f}", str(item.gain or "-")]
        rows.append([*row, "yes" if item.met else "NO"])
    return aligned(rows)


if __name__ == "__main__":
    sys.exit(main())
