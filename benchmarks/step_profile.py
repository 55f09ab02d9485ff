"""Where the time of a training step goes, by kind of operation.

    python -m benchmarks.step_profile [SYSTEM] [PRECISION] [--steps N] [--json FILE]
    python -m benchmarks.step_profile --json FILE --page FILE.md

TensorFlow's profiler records the operations of some steps on one batch of 64x64 images of the
embedded sample, XLA's among them. Shares are of the processor time of a step in an epoch through
the input pipeline; what of it no operation took is "outside operations": Python, starting
operations, the input pipeline. All runs in one thread, where an operation's time is processor time
but for what other programs take of it, so the machine should be idle. With --page nothing is
measured: the table of what is kept goes between the lines of a page that mark its place.
"""

import argparse
import collections
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.ways.training_step import Trial, trial_plan
from experiments.command_line.numbers import positive
from experiments.report.readme_block import publish
from experiments.stages.data import load_data
from polychrome.errors import InputError
from polychrome.files import read_json

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
OUTSIDE = "outside operations"
BEGIN, END = "<!-- step-profile:begin -->", "<!-- step-profile:end -->"
# NAME:TYPE. What runs operations is named CLASS::METHOD, or has a space.
_OPERATION = re.compile(r"[^\s:]+:(\w+)")
# What runs a program of XLA; the parts of the program, in any thread, have a statistic "hlo_op".
_PROGRAM, _PART = "CpuExecutable::ExecuteAsyncOnStream", "hlo_op"
_XLA = "XlaExecute"


class Profiled(NamedTuple):
    """A network's training step.

    Attributes:
        network: its name.
        operations: processor time of a step by kind of operation, in milliseconds.
        step: processor time of a step in an epoch through the pipeline, in milliseconds.
        busy: processor time over wall time while operations were recorded.
    """

    network: str
    operations: Mapping[str, float]
    step: float
    busy: float

    def record(self) -> dict[str, object]:
        """JSON values; the largest kind first, OUTSIDE last."""
        known = sum(self.operations.values())
        # Less than nothing if the recorded steps took longer than those of the epoch.
        milliseconds = {**self.operations, OUTSIDE: max(0.0, self.step - known)}
        return {
            "network": self.network,
            "cpu_milliseconds": self.step,
            "in_operations": known / self.step,
            "busy": self.busy,
            "milliseconds": milliseconds,
            "shares": shares(milliseconds),
        }


class Interval(NamedTuple):
    """When a thread ran an operation, in picoseconds."""

    begin: int
    end: int
    operation: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_profile")
    add = parser.add_argument
    add("system", nargs="?", default="tiny", metavar="SYSTEM", help="name of a recipe (tiny)")
    add("precision", nargs="?", default="float32", choices=("float32", "mixed_bfloat16"))
    add("--steps", type=positive, default=10, metavar="N", help="that are recorded (10)")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: table(read_json(options.json)), options.page, BEGIN, END)

    # Read when TensorFlow runs its first operation.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

    def measured() -> dict[str, object]:
        found = profile(options.system, options.precision, options.steps)
        record = {
            "system": options.system,
            "precision": options.precision,
            "steps": options.steps,
            "networks": [each.record() for each in found],
        }
        print(f"\n{_rows(record)}")
        return record

    return status_of(measured, options.json)


def table(record: Mapping) -> str:
    """A record in Markdown, with the command and the machine.

    Raises:
        InputError: it is not of this benchmark as it is now.
    """
    try:
        environment, options = record["environment"], [record["system"], record["precision"]]
        accounted, busy = (
            " and ".join(f"{each[key]:.0%} ({each['network']})" for each in record["networks"])
            for key in ("in_operations", "busy")
        )
        return (
            f"{_rows(record)}\n\n"
            f"`python -m benchmarks.step_profile {' '.join(options)} --steps {record['steps']}`, "
            f"in one thread: {environment['processor']}, TensorFlow {environment['tensorflow']}, "
            f"load average {environment['load_average']:.1f} before. "
            f"Operations account for {accounted} of a step's processor time. While they were "
            f"recorded, the process had {busy} of a processor."
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"no profile of a step as this program records it: {error}") from error


def _rows(record: Mapping) -> str:
    networks = record["networks"]
    kinds = dict.fromkeys(kind for each in networks for kind in each["shares"])
    header = ["kind of operation"]
    for each in networks:
        header += [f"{each['network']}: ms a step", "share"]
    rows = []
    for kind in sorted(kinds, key=OUTSIDE.__eq__):
        row = [kind]
        for each in networks:
            row.append(f"{each['milliseconds'].get(kind, 0.0):,.1f}")
            row.append(f"{100 * each['shares'].get(kind, 0.0):.0f} %")
        rows.append(row)
    rows.append(["all", *(c for n in networks for c in (f"{n['cpu_milliseconds']:,.1f}", ""))])
    sides = ["left", *("right" for _ in header[1:])]
    return tabulate(rows, header, tablefmt="github", disable_numparse=True, colalign=sides)


def profile(system: str, precision: str, steps: int) -> Iterable[Profiled]:
    """Profile the training of each network of a system.

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
                wall, cpu = time.perf_counter(), time.process_time()
                for _ in range(steps):
                    trial.trained.train_on_batch(*trial.batch)
                busy = (time.process_time() - cpu) / (time.perf_counter() - wall)
            _, cpu = trial.epoch(steps)
            found = processor_time(by_kind(operations(logs)), steps, busy)
            yield Profiled(network.name, found, 1e3 * cpu / steps, busy)


def processor_time(total: Mapping[str, float], steps: int, busy: float) -> dict[str, float]:
    """Of a step, from the sum over all by wall time: what other programs took is of every kind.

    Args:
        total: milliseconds of all steps, by kind.
        busy: processor time over wall time; above 1 other threads worked beside the operations.
    """
    return {kind: min(1.0, busy) * value / steps for kind, value in total.items()}


def by_kind(operations: Iterable[tuple[str, float]]) -> collections.Counter[str]:
    """The sum of (type of operation, time) by kind."""
    total: collections.Counter[str] = collections.Counter()
    for operation, milliseconds in operations:
        fitting = (
            kind for kind, parts in KINDS.items() if any(part in operation for part in parts)
        )
        total[next(fitting, REST)] += milliseconds
    return total


def shares(milliseconds: Mapping[str, float]) -> dict[str, float]:
    """Of each kind, the largest first."""
    whole = sum(milliseconds.values())
    ordered = sorted(milliseconds, key=milliseconds.__getitem__, reverse=True)
    return {kind: milliseconds[kind] / whole for kind in ordered}


def operations(logs: Path) -> list[tuple[str, float]]:
    """Types and milliseconds of the operations that a profile recorded: see `divided`."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    (path,) = logs.rglob("*.xplane.pb")
    space = xplane_pb2.XSpace()
    space.ParseFromString(path.read_bytes())
    threads = []
    for plane in space.planes:
        parts = {key for key, value in plane.stat_metadata.items() if value.name == _PART}
        for line in plane.lines:
            threads.append(found := [])
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                if name == _PROGRAM or any(stat.metadata_id in parts for stat in event.stats):
                    operation = _XLA
                elif named := _OPERATION.fullmatch(name):
                    operation = named[1]
                else:
                    continue
                begin = 1000 * line.timestamp_ns + event.offset_ps
                found.append(Interval(begin, begin + event.duration_ps, operation))
    if not any(threads):
        raise InputError("the profiler recorded no operations")
    return [(operation, time / 1e9) for operation, time in divided(threads).items()]


def divided(threads: Iterable[Iterable[Interval]]) -> collections.Counter[str]:
    """Picoseconds by operation, no moment counted twice.

    A moment is that of the innermost operation of a thread. Threads that run operations at the same
    time share it: one of them waits for the other, as for the parts of a program of XLA.
    """
    changes = []
    for thread in threads:
        for begin, end, operation in _innermost(thread):
            changes += [(begin, 1, operation), (end, -1, operation)]
    total: collections.Counter[str] = collections.Counter()
    running: collections.Counter[str] = collections.Counter()
    since = 0
    for moment, change, operation in sorted(changes):
        count = sum(running.values())
        if moment > since and count:
            for name, threads_of_it in running.items():
                total[name] += (moment - since) * threads_of_it / count
        running[operation] += change
        since = moment
    return total


def _innermost(thread: Iterable[Interval]) -> Iterator[Interval]:
    """Intervals one after the other, from such that may lie within others."""
    pending: list[Interval] = []
    since = 0
    # The last one ends all those that are still pending.
    last = Interval(sys.maxsize, sys.maxsize, "")
    for each in [*sorted(thread, key=lambda interval: (interval.begin, -interval.end)), last]:
        while pending and pending[-1].end <= each.begin:
            inner = pending.pop()
            if inner.end > since:
                yield inner._replace(begin=since)
                since = inner.end
        if pending and each.begin > since:
            yield Interval(since, each.begin, pending[-1].operation)
        since = max(since, each.begin)
        pending.append(each)


if __name__ == "__main__":
    sys.exit(main())
