"""One Markdown table from the folders of several runs.

    python -m experiments.tables.results RUN [RUN ...] [--only SYSTEM,SYSTEM] [--columns KEY,KEY]
        [--brief] [--readme README.md]

prints the table; with ``--readme`` it also replaces the text in that file between the lines
``<!-- results:begin -->`` and ``<!-- results:end -->``, or those of another ``--block``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.hints import option_hints
from experiments.report.readme_block import publish
from experiments.report.tables import combine, markdown_table, read_metrics, select
from polychrome.errors import InputError

# Not options of this command, but of the runs that it tabulates.
_RUN_OPTIONS = {"data": "--data", "limit": "--limit of experiments.run"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.results",
        description="Print the results of runs as one Markdown table.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path, help="folder of a graded run")
    parser.add_argument(
        "--columns",
        metavar="KEY,KEY",
        help="metrics by their keys in metrics.json (the main ones, and those that reports have)",
    )
    parser.add_argument(
        "--only",
        metavar="SYSTEM,SYSTEM",
        help="rows by their system in metrics.json, baselines too, such as best_constant (all)",
    )
    parser.add_argument(
        "--brief",
        action="store_true",
        help="budgets of several runs as the number of images seen",
    )
    parser.add_argument("--readme", type=Path, metavar="FILE", help="also rewrite a block of it")
    parser.add_argument(
        "--block",
        metavar="NAME",
        default="results",
        help="the block: from <!-- NAME:begin --> to <!-- NAME:end --> (results)",
    )
    options = parser.parse_args(arguments)
    markers = (f"<!-- {options.block}:{end} -->" for end in ("begin", "end"))
    return publish(
        lambda: _table(options.runs, options.only, options.columns, options.brief),
        options.readme,
        *markers,
    )


def _table(runs: Sequence[Path], only: str | None, columns: str | None, brief: bool) -> str:
    with option_hints(_RUN_OPTIONS):
        combined = combine([read_metrics(run) for run in runs], [str(run) for run in runs])
    if only is not None:
        try:
            combined = select(combined, only.split(","))
        except InputError as error:
            raise InputError(f"--only: {error}") from error
    keys = None if columns is None else columns.split(",")
    for key in keys or ():
        if key not in combined["metrics"]:
            known = ", ".join(combined["metrics"])
            raise InputError(f"--columns: no run has {key!r}; there are: {known}")
    table = markdown_table(combined, keys, brief=brief)
    return "\n\n".join(filter(None, (table, combined["verdict"])))


if __name__ == "__main__":
    sys.exit(main())
