"""The figures of the five reports beside ours, and what held up, as Markdown.

    python -m experiments.tables.reports FOLDER [FOLDER ...] [--readme docs/reports.md]

prints two sentences for each report and a table for each of its tables; with ``--readme`` it also
replaces the text in that file between the lines ``<!-- reports:begin -->`` and
``<!-- reports:end -->``. Ours are read from the kept runs in the folders, from the timings of
training in ``benchmarks/results``, and from the parameters in ``docs/systems.md``.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.report.kept_runs import KeptRun, read_kept
from experiments.report.readme_block import publish
from experiments.report.replication.against_reports import Here, counts, markdown
from experiments.report.replication.checked_claims import paragraphs
from experiments.reported.figures import PLACES, REPORTS
from polychrome.errors import InputError
from polychrome.files import read_json

BEGIN = "<!-- reports:begin -->"
END = "<!-- reports:end -->"
_ROOT = Path(__file__).resolve().parents[2]
SPEEDS = _ROOT / "benchmarks/results/training_speed.json"
SYSTEMS = _ROOT / "docs/systems.md"
# Recipes that differ in their learning rate alone, and so not in their speed.
_TIMED_TWICE = (
    ("dtu_mse", "dtu_mse_lr1e-3"),
    ("dtu_smooth_l1", "dtu_smooth_l1_lr1e-3"),
    ("dtu_color_weighted", "dtu_color_weighted_lr1e-3"),
)
# Rows of the table of parameters.
_COUNTED = {
    "CNN baseline": "cnn",
    "Polychromify": "polychromify",
    "PolychromifyAB": "polychromify_ab",
    "ECCV16": "eccv16",
    "SIGGRAPH17": "siggraph17",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.reports",
        description="Print the figures of the five reports beside ours, and what held up.",
    )
    parser.add_argument(
        "folders", metavar="FOLDER", nargs="+", type=Path, help="graded runs are in it, or below"
    )
    parser.add_argument(
        "--readme", type=Path, help=f"also rewrite this file between {BEGIN} and {END}"
    )
    options = parser.parse_args(arguments)
    return publish(lambda: page(what_is_here(options.folders)), options.readme, BEGIN, END)


def what_is_here(folders: Sequence[Path]) -> Here:
    """The records that are set against the reports. Raises InputError if one cannot be read."""
    return Here(
        read_kept(folders), read_speeds(SPEEDS), read_parameters(SYSTEMS), read_processor(SPEEDS)
    )


def page(here: Here) -> str:
    """The generated part of docs/reports.md."""
    parts = ["## What held up"]
    for report in REPORTS:
        parts += [f"**{report}**, {counts(here, report)}.", *paragraphs(report, here)]
    return "\n\n".join(
        [*parts, "## Machines", machines(here), "## Figure by figure", markdown(here)]
    )


def machines(here: Here) -> str:
    """On what speeds were measured and runs trained, as far as outcomes rest on it."""
    recipes = sorted({f.recipe for place in PLACES for f in place.figures if f.budget is not None})
    own = {recipe: run for recipe in recipes if (run := here.timed_run(recipe)) is not None}
    timed = [recipe for recipe in recipes if recipe in here.speeds and recipe not in own]
    said = []
    if own:
        of_run: dict[str, list[str]] = {}
        for recipe, run in own.items():
            of_run.setdefault(run.recipe, []).append(recipe)
        where = ", ".join(
            f"`{name}` {_trained(own[recipes[0]])}{_faster(own[recipes[0]], here)}"
            + _also([each for each in recipes if each != name])
            for name, recipes in of_run.items()
        )
        said.append(f"Core-hours are at the speed of a kept run, if there is one: {where}.")
    if timed:
        said.append(
            f"{'Those of the others' if own else 'Core-hours'} are at the speed of one timing in "
            f"float32 on an {here.processor} (`python -m benchmarks.training_speed`)."
        )
    elif own:  # its ratios are to timings
        said.append(
            f"Timings: in float32 on an {here.processor} (`python -m benchmarks.training_speed`)."
        )
    ratios = [
        max(one[0] / two[0], two[0] / one[0])
        for one, two in ((here.speeds.get(a), here.speeds.get(b)) for a, b in _TIMED_TWICE)
        if one and two
    ]
    if ratios:
        said.append(
            f"There {len(ratios)} networks were timed twice, at two learning rates, and the faster "
            f"timing was up to {max(ratios):.1f} times the slower one."
        )
    on_gpu: dict[str, list[str]] = {}
    for run in here.runs:
        if run.on_gpu:
            on_gpu.setdefault(run.machine, []).append(f"`{run.recipe}` ({run.seen:,} images)")
    for machine, runs in on_gpu.items():
        said.append(
            f"{', '.join(runs)} were trained on a GPU ({machine}) that was available for a short "
            "time. They count as any run, but what is out of reach is so for processors."
        )
    return " ".join(said)


def _trained(run: KeptRun) -> str:
    """Where and how, as far as it is recorded."""
    where = f"on an {run.machine}" if run.machine else "on a machine that is not recorded"
    return f"{where}, in {run.precision}" if run.precision else where


def _also(recipes: Sequence[str]) -> str:
    """Others of the same network."""
    names = " and ".join(f"`{name}`" for name in recipes)
    return f", also for {names}, whose network is the same" if recipes else ""


def _faster(run: KeptRun, here: Here) -> str:
    """How its networks' speed compares with the timing of the system."""
    timed = here.speeds.get(run.recipe)
    if not timed:
        return ""
    ratio = sum(1 / rate for rate in timed) / sum(1 / rate for rate in run.rates)
    return f" ({ratio:.1f} times that of its timing)"


def read_speeds(path: Path) -> dict[str, list[float]]:
    """Images/s of processor time of each network, in float32, from `benchmarks.training_speed`."""
    try:
        return {
            recipe: [
                network["epoch"]["images"] / network["epoch"]["cpu_seconds"]
                for network in precisions["float32"]["networks"]
            ]
            for recipe, precisions in read_json(path)["measured"].items()
            if "float32" in precisions
        }
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: is no record of benchmarks.training_speed") from error


def read_processor(path: Path) -> str:
    """That of the timings."""
    try:
        return " ".join(read_json(path)["environment"]["processor"].split())
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: is no record of benchmarks.training_speed") from error


def read_parameters(path: Path) -> dict[str, int]:
    """Parameters by recipe, from the table that `experiments.tables.parameters` writes."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    rows = dict(re.findall(r"^\| ([^|]+) \| ([\d,]+) \|", text, re.MULTILINE))
    missing = [label for label in _COUNTED if label not in rows]
    if missing:
        raise InputError(f"{path}: has no parameters of {', '.join(missing)}")
    return {recipe: int(rows[label].replace(",", "")) for label, recipe in _COUNTED.items()}


if __name__ == "__main__":
    sys.exit(main())
