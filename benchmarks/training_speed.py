"""How fast every system trains at 64x64, in float32 and in mixed_bfloat16.

    python -m benchmarks.training_speed [--systems NAME,...] [--seconds N] [--batch-size N]
        [--out FILE]
    python -m benchmarks.training_speed --out FILE --page FILE.md

Each system and precision is timed in a process of its own: steps on one fixed batch, then an epoch
through the input pipeline, on the embedded sample and with random weights. All of them take more
than an hour on two cores. With --out, each is kept when it is done, and what is kept is not timed
again; Ctrl-C loses only the one that runs. With --page nothing is timed: the table of what is kept
goes between the lines of a page that mark its place.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from experiments.command_line.numbers import positive
from experiments.process.quiet import import_tensorflow
from experiments.report.readme_block import publish
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import read_json, write_json

PRECISIONS = ("float32", "mixed_bfloat16")
BEGIN, END = "<!-- training-speed:begin -->", "<!-- training-speed:end -->"
# Tens of millions of weights, many seconds a step; timed only by name. Their narrow forms are.
TOO_WIDE = ("eccv16", "siggraph17")
# Less of a gain is noise, and float32 the plainer choice.
_GAIN = 1.05
# What must be equal where figures are to stand in one table.
_SAME = ("processor", "cores", "devices", "backend", "keras", "tensorflow", "tensorflow-cpu")
_ROOT = Path(__file__).resolve().parents[1]

# What `benchmarks.ways.training_step.measure` gives, by precision.
Measured = Mapping[str, Mapping]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training_speed", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--systems",
        metavar="NAME,...",
        help=f"which to time; without it, all but {' and '.join(TOO_WIDE)}",
    )
    parser.add_argument(
        "--seconds", type=float, default=5, metavar="N", help="aimed at in each measurement (5)"
    )
    parser.add_argument(
        "--batch-size", type=positive, metavar="N", help="without it, each recipe's own"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON, kept and gone on with")
    parser.add_argument("--page", type=Path, metavar="FILE", help="Markdown to put the table into")
    options = parser.parse_args(arguments)
    if options.page is not None:
        if options.out is None:
            parser.error("--page: name the figures with --out")
        return publish(lambda: table(read(options.out)["measured"]), options.page, BEGIN, END)
    if not options.seconds > 0:
        parser.error(f"--seconds {options.seconds}: more than 0")
    settings = {"seconds": options.seconds, "batch_size": options.batch_size}
    return status_of(lambda: run(options.systems, settings, options.out))


def run(systems: str | None, settings: Mapping, out: Path | None) -> None:
    """Time what is not timed yet, and print the table of all, also when it is interrupted.

    Args:
        systems: names with commas between them; None: all but `TOO_WIDE`.
        settings: "seconds" that each measurement aims at (at least three steps are taken), and
            "batch_size", None: as the recipes have it.
        out: JSON file to keep the figures in.

    Raises:
        InputError: a name is not known, the file holds figures of another machine, or some systems
            could not be timed; all others were.
    """
    import_tensorflow()
    names = chosen(systems)
    record = begun(out, settings)
    for name, value in record["environment"].items():
        print(f"{name:15} {value}")
    measured, failed = record["measured"], []
    todo = [
        (name, precision)
        for name in names
        for precision in PRECISIONS
        if precision not in measured.get(name, {})
    ]
    try:
        with tqdm(todo, unit="system", desc="training speed") as progress:
            for name, precision in progress:
                progress.set_postfix_str(f"{name} {precision}")
                try:
                    found = timed(name, precision, settings)
                except subprocess.CalledProcessError as error:
                    reason = (error.stderr.strip() or "no message").splitlines()[-1]
                    failed.append(f"{name} in {precision}: {reason}")
                    continue
                measured.setdefault(name, {})[precision] = found
                if out is not None:
                    write_json(out, record)
    finally:
        print("\n" + table({name: measured[name] for name in names if name in measured}))
    if failed:
        raise InputError(f"not timed: {'; '.join(failed)}")


def chosen(systems: str | None) -> list[str]:
    """Names of systems, in the order of the recipes.

    Raises:
        InputError: one is not known.
    """
    from experiments.recipes import RECIPES

    if systems is None:
        return [name for name in RECIPES if name not in TOO_WIDE]
    wanted = systems.split(",")
    for name in wanted:
        if name not in RECIPES:
            raise InputError(f"no system is named {name!r}; there are: {', '.join(RECIPES)}")
    return [name for name in RECIPES if name in wanted]


def begun(out: Path | None, settings: Mapping) -> dict:
    """The record to go on with: of the file, or a new one.

    Raises:
        InputError: the file was written on another machine, with other versions or settings.
    """
    from experiments.process.environment import environment

    here = environment()
    del here["dtype_policy"]  # each process sets its own
    record = {"environment": here, "settings": dict(settings), "measured": {}}
    if out is None or not out.exists():
        return record
    kept = read(out)
    for name in _SAME:
        if kept["environment"].get(name) != here.get(name):
            raise InputError(
                f"{out}: made with {name} {kept['environment'].get(name)}, here it is "
                f"{here.get(name)}; name another file"
            )
    for name, value in settings.items():
        if kept["settings"][name] != value:
            was = kept["settings"][name]
            raise InputError(f"{out}: begun with {name} {was}, not {value}; name another file")
    return kept


def read(path: Path) -> dict:
    """The record in a file.

    Raises:
        InputError: it holds none, or cannot be read.
    """
    kept = read_json(path)
    if not isinstance(kept, dict) or kept.keys() != {"environment", "settings", "measured"}:
        raise InputError(f"{path}: no figures of this benchmark; name another file")
    return kept


def timed(name: str, precision: str, settings: Mapping) -> dict:
    """What a process of its own measures: `benchmarks.ways.training_step.measure`.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "measured.json"
        command = [sys.executable, "-m", "benchmarks.ways.training_step", name, precision]
        command += ["--seconds", str(settings["seconds"]), "--out", str(out)]
        if settings["batch_size"] is not None:
            command += ["--batch-size", str(settings["batch_size"])]
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
        subprocess.run(
            command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return read_json(out)


def table(measured: Mapping[str, Measured]) -> str:
    """All figures in Markdown; the columns of a precision are images/s and shares."""
    header = ["system", "batch", "M multiply-adds", "in a step"]
    for label in ("float32", "bfloat16"):
        header += [f"{label}: step", "epoch", "a CPU second", "share"]
    rows = []
    for name, by_precision in measured.items():
        first = next(iter(by_precision.values()))
        for place, network in enumerate(first["networks"]):
            several = len(first["networks"]) > 1
            row = [f"{name}: {network['name']}" if several else name, str(first["batch_size"])]
            for kind in ("multiply_adds", "multiply_adds_of_a_step"):
                row.append(f"{network[kind] / 1e6:,.0f}")
            for precision in PRECISIONS:
                row += _cells(by_precision.get(precision), place)
            rows.append([*row, "" if place else faster(by_precision) or "-"])
    sides = ["left", *("right" for _ in header)]
    lines = tabulate(
        rows,
        [*header, "faster"],
        tablefmt="github",
        disable_numparse=True,
        colalign=sides if rows else None,
    )
    return (
        f"{lines}\n\n"
        "Images/s: of steps on one batch, of an epoch through the pipeline, and of an epoch by\n"
        "processor time of all threads, which other processes change less. Multiply-adds an\n"
        "image: of the network's answer, and of all forward passes in a training step, with\n"
        "discriminators and networks that a loss compares by. share: of a step, of what 3x3\n"
        "convolutions reach forward and backward, both by processor time; a step is taken for\n"
        "three times its forward passes. faster: by processor time of an epoch; float32 unless\n"
        f"the other is {100 * _GAIN - 100:.0f} % faster."
    )


def _cells(found: Mapping | None, place: int) -> list[str]:
    if found is None:
        return ["-"] * 4
    network = found["networks"][place]
    step, epoch = network["step"], network["epoch"]
    return [
        f"{step['images'] / step['seconds']:,.3g}",
        f"{epoch['images'] / epoch['seconds']:,.3g}",
        f"{epoch['images'] / epoch['cpu_seconds']:,.3g}",
        f"{100 * share(found, place):.0f} %",
    ]


def share(found: Mapping, place: int) -> float:
    """Multiply-adds a CPU second of a network's steps, over those that convolutions reach."""
    network = found["networks"][place]
    done = 3 * network["multiply_adds_of_a_step"] * network["step"]["images"]
    return done / network["step"]["cpu_seconds"] / found["convolutions"]["a_cpu_second"]


def faster(by_precision: Measured) -> str | None:
    """The precision that a system's runs should use; None until both are timed.

    By processor time of an epoch of each network, as often as the recipe trains it.
    """
    if any(precision not in by_precision for precision in PRECISIONS):
        return None
    plain, mixed = (
        sum(
            network["epochs"] * network["epoch"]["cpu_seconds"] / network["epoch"]["images"]
            for network in by_precision[precision]["networks"]
        )
        for precision in PRECISIONS
    )
    return PRECISIONS[1] if plain > _GAIN * mixed else PRECISIONS[0]


if __name__ == "__main__":
    sys.exit(main())
