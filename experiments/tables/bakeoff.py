"""Command that puts the results of a bake-off into a page of Markdown.

    python -m experiments.tables.bakeoff FOLDER [--rows N] [--columns KEY,KEY] [--readme FILE]

FOLDER is that of a bake-off, or what `experiments.bakeoff --keep` wrote of it. Prints the table
with its charts and pictures; with ``--readme`` it also replaces the text in that file between the
lines ``<!-- bakeoff:begin -->`` and ``<!-- bakeoff:end -->``, or those of another ``--block``.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.command_line.numbers import positive
from experiments.comparison.figures.wall import FOLDER as WALL
from experiments.comparison.figures.wall import RECORD as PHOTOGRAPHS
from experiments.comparison.figures.wall import TRUTH
from experiments.comparison.progress import REPORT, SCATTER
from experiments.comparison.tables.cells import several_seeds
from experiments.comparison.tables.markdown import markdown, ordered
from experiments.report.markdown import escaped, table
from experiments.report.readme_block import publish
from polychrome.errors import InputError
from polychrome.files import read_json

# Charts by the name of their file, as they follow one another.
CHARTS = {
    SCATTER: "PSNR against colorfulness: systems, baselines, and the dial of tiny",
    "training_images": "PSNR of validation images over the images seen",
    "training_minutes": "PSNR of validation images over minutes of process CPU time",
    "error_by_lightness": "Error against the true lightness",
    "error_by_chroma": "Error against the true chroma",
}

_FIRST = "Of systems with several seeds, charts of errors and pictures are the first one's."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.bakeoff",
        description="Print the results of a bake-off as Markdown.",
    )
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="of a bake-off, or what is kept of it")
    add(
        "--rows",
        metavar="N",
        type=positive,
        help="only N rows and the first chart: the best of each kind, then the best systems",
    )
    add("--columns", metavar="KEY,KEY", help="metrics by keys in bakeoff.json (the main ones)")
    add("--readme", type=Path, metavar="FILE", help="also rewrite a block of it")
    add(
        "--block",
        metavar="NAME",
        default="bakeoff",
        help="the block: from <!-- NAME:begin --> to <!-- NAME:end --> (bakeoff)",
    )
    options = parser.parse_args(arguments)
    markers = (f"<!-- {options.block}:{end} -->" for end in ("begin", "end"))
    columns = None if options.columns is None else options.columns.split(",")
    return publish(
        lambda: page(options.folder, columns, options.rows, options.readme),
        options.readme,
        *markers,
    )


def page(folder: Path, columns: Sequence[str] | None, rows: int | None, readme: Path | None) -> str:
    """The block of a page: the table, and charts and pictures with addresses seen from `readme`.

    Raises:
        InputError: there is no report in the folder, or see `markdown`.
    """
    report = folder / REPORT
    if not (report / "bakeoff.json").exists():
        raise InputError(f"{folder}: has no report of a bake-off; write one with --report-only")
    start = Path.cwd() if readme is None else readme.resolve().parent
    place = Path(os.path.relpath(folder.resolve(), start)).as_posix()
    record = read_json(report / "bakeoff.json")
    names = [SCATTER] if rows is not None else list(CHARTS)
    charts = [
        f"![{CHARTS[name]}]({place}/{REPORT}/{name}.svg)"
        for name in names
        if (report / f"{name}.svg").exists()
    ]
    pictures = _wall(folder / WALL, f"{place}/{WALL}", record) if rows is None else []
    first = [_FIRST] if rows is None and several_seeds(record) else []
    return "\n\n".join([markdown(record, columns, rows), *charts, *first, *pictures])


def _wall(folder: Path, place: str, record: Mapping) -> list[str]:
    """Photographs as each row colorizes them, the truth first; empty if there are none."""
    if not (folder / PHOTOGRAPHS).exists():
        return []
    labels = {TRUTH: TRUTH} | {row["system"]: row["label"] for row in ordered(record)}
    lines = [
        [escaped(label), f"![{escaped(label)}]({place}/{name}.jpg)"]
        for name, label in labels.items()
        if (folder / f"{name}.jpg").exists()
    ]
    return [escaped(read_json(folder / PHOTOGRAPHS)["says"]), table(["System", "Made"], lines)]


if __name__ == "__main__":
    sys.exit(main())
