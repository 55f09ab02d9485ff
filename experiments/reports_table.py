"""The figures of the five reports beside ours, and what held up, as Markdown.

    python -m experiments.reports_table FOLDER [FOLDER ...] [--readme docs/reports.md]

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

from experiments.report.against_reports import Here, counts, markdown
from experiments.report.checked_claims import sentences
from experiments.report.kept_runs import read_kept
from experiments.report.readme_block import publish
from experiments.reported.figures import REPORTS
from polychrome.errors import InputError
from polychrome.files import read_json

BEGIN = "<!-- reports:begin -->"
END = "<!-- reports:end -->"
_ROOT = Path(__file__).resolve().parents[1]
SPEEDS = _ROOT / "benchmarks/results/training_speed.json"
SYSTEMS = _ROOT / "docs/systems.md"
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
        prog="python -m experiments.reports_table",
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
    return Here(read_kept(folders), read_speeds(SPEEDS), read_parameters(SYSTEMS))


def page(here: Here) -> str:
    """The generated part of docs/reports.md."""
    parts = ["## What held up"]
    for report in REPORTS:
        held, did_not = sentences(report, here)
        parts += [f"**{report}**, {counts(here, report)}.", held, did_not]
    return "\n\n".join([*parts, "## Figure by figure", markdown(here)])


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


def read_parameters(path: Path) -> dict[str, int]:
    """Parameters by recipe, from the table that `experiments.parameter_table` writes."""
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
