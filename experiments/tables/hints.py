"""Markdown tables of what hints are worth: to several colorizers, or by way of finding places.

    python -m experiments.tables.hints FILE.json [FILE.json ...] [--readme docs/hints.md]
    python -m experiments.tables.hints FILE.json --ways [--readme docs/hints.md]

FILE.json is a record of `experiments.hints`. Prints the table; with ``--readme`` it also replaces
the text in that file between the lines ``<!-- hints:begin -->`` and ``<!-- hints:end -->``, with
``--ways`` between ``<!-- ways:begin -->`` and ``<!-- ways:end -->``.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.report.markdown import table
from experiments.report.readme_block import publish
from experiments.report.study_tables import hints_table
from polychrome.errors import InputError
from polychrome.files import read_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.hints",
        description="Print what hints are worth to several colorizers as one Markdown table.",
    )
    parser.add_argument("records", metavar="FILE.json", nargs="+", type=Path)
    parser.add_argument("--readme", type=Path, metavar="FILE", help="also rewrite a block of it")
    parser.add_argument(
        "--ways", action="store_true", help="of one record, PSNR by way of finding places"
    )
    options = parser.parse_args(arguments)
    if options.ways and len(options.records) > 1:
        parser.error("--ways takes one record")
    block = "ways" if options.ways else "hints"
    markers = (f"<!-- {block}:{end} -->" for end in ("begin", "end"))
    return publish(
        lambda: _ways(*options.records) if options.ways else _table(options.records),
        options.readme,
        *markers,
    )


def _ways(path: Path) -> str:
    try:
        return hints_table(read_json(path), "github")
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: should be a record of experiments.hints") from error


def _table(paths: Sequence[Path]) -> str:
    rows, counts = [], None
    for path in paths:
        try:
            record = read_json(path)
            found = record["gain"]["random"]
            counts = counts or list(found)
            rows.append(_row(record, counts))
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}: should be a record of experiments.hints") from error
    headings = ["gain in dB", "images", "none (dB)", *(counts or ()), "10 asked for"]
    return table(headings, rows, right=range(1, len(headings)))


def _row(record: Mapping[str, Any], counts: Sequence[str]) -> list[str]:
    random, asked = record["gain"]["random"], record["gain"].get("asked")
    gains = [f"{random[count]['mean']:+.2f}" for count in counts]
    if random["10"]["low"] is not None:  # of more than one photograph
        gains[counts.index("10")] += " [{low:+.2f}, {high:+.2f}]".format(**random["10"])
    return [
        f"`{record['name']}`",
        f"{record['images']:,}",
        f"{record['psnr']['none']['0']['mean']:.2f}",
        *gains,
        "–" if asked is None else f"{asked['10']['mean']:+.2f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
