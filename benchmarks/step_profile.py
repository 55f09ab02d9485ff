"""Where the time of a training step goes, by kind of operation.

    python -m benchmarks.step_profile [SYSTEM] [PRECISION] [--steps N] [--json FILE]

TensorFlow's profiler records the operations of some steps on one batch of 64x64 images of the
embedded sample. Shares are of the operations' time, all threads together; what TensorFlow spends
between operations is not in it.
"""

import argparse
import collections
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.command import status_of
from benchmarks.timing import aligned
from benchmarks.training_step import Trial, trial_plan
from experiments.stages.data import load_data
from polychrome.errors import InputError

# Kinds of operations, by what their types contain; the first that fits.
KINDS = {
    "convolutions": ("Conv2D", "DepthwiseConv", "MatMul"),
    "casts": ("Cast",),
    "joining and slicing": ("Concat", "Slice", "Tile", "Pad", "Pack", "Reverse", "Transpose"),
    "resizing": ("Resize",),
    "compiled color conversion and loss": ("Xla",),
    "optimizer and statistics": ("Variable", "Assign", "AddN", "L2Loss"),
}
REST = "batch norm, activations and the rest"
# NAME:TYPE. What runs operations, and would count their time again, is named CLASS::METHOD, or has
# a space.
_OPERATION = re.compile(r"[^\s:]+:(\w+)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_profile")
    add = parser.add_argument
    add("system", nargs="?", default="tiny", metavar="SYSTEM", help="name of a recipe (tiny)")
    add("precision", nargs="?", default="float32", choices=("float32", "mixed_bfloat16"))
    add("--steps", type=int, default=10, metavar="N", help="that are recorded (10)")
    add("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error(f"--steps {options.steps}: at least 1")

    def measured() -> dict[str, object]:
        found = [
            {"network": name, "milliseconds": milliseconds, "shares": shares(milliseconds)}
            for name, milliseconds in profile(options.system, options.precision, options.steps)
        ]
        for each in found:
            rows = [[each["network"], "ms a step", "share"]]
            for kind, share in each["shares"].items():
                rows.append([kind, f"{each['milliseconds'][kind]:.1f}", f"{share:.0%}"])
            print(f"\n{aligned(rows)}")
        return {"system": options.system, "precision": options.precision, "networks": found}

    return status_of(measured, options.json)


def profile(
    system: str, precision: str, steps: int
) -> Iterable[tuple[str, collections.Counter[str]]]:
    """For each network of a system, milliseconds of a step by kind of operation.

    Raises:
        InputError: no system has that name, or the backend is not TensorFlow.
    """
    import tensorflow as tf

    plan = trial_plan(system, precision)
    with tempfile.TemporaryDirectory() as folder:
        data, before = load_data(plan, Path(folder)), []
        for network in plan.networks:
            trial = Trial(plan, network, data, Path(folder), before)
            before.append(trial.trained)
            logs = Path(folder) / f"profile-{network.name}"
            for _ in range(2):  # compiles; first touches of memory
                trial.trained.train_on_batch(*trial.batch)
            with tf.profiler.experimental.Profile(str(logs)):
                for _ in range(steps):
                    trial.trained.train_on_batch(*trial.batch)
            total = by_kind(operations(logs))
            yield (
                network.name,
                collections.Counter({kind: value / steps for kind, value in total.items()}),
            )


def by_kind(operations: Iterable[tuple[str, float]]) -> collections.Counter[str]:
    """The sum of (type of operation, time) by kind."""
    total: collections.Counter[str] = collections.Counter()
    for operation, time in operations:
        fitting = (
            kind for kind, parts in KINDS.items() if any(part in operation for part in parts)
        )
        total[next(fitting, REST)] += time
    return total


def shares(milliseconds: Mapping[str, float]) -> dict[str, float]:
    """Of each kind, the largest first."""
    whole = sum(milliseconds.values())
    ordered = sorted(milliseconds, key=milliseconds.__getitem__, reverse=True)
    return {kind: milliseconds[kind] / whole for kind in ordered}


def operations(logs: Path) -> Iterable[tuple[str, float]]:
    """Types and milliseconds of the operations that a profile recorded."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    (path,) = logs.rglob("*.xplane.pb")
    space = xplane_pb2.XSpace()
    space.ParseFromString(path.read_bytes())
    found = 0
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                named = _OPERATION.fullmatch(plane.event_metadata[event.metadata_id].name)
                if named:
                    found += 1
                    yield named[1], event.duration_ps / 1e9
    if not found:
        raise InputError("the profiler recorded no operations")


if __name__ == "__main__":
    sys.exit(main())
