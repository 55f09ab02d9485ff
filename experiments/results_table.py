"""One Markdown table out of the folders of several runs.

    python -m experiments.results_table RUN [RUN ...] [--readme README.md]

prints the table; with ``--readme`` it also replaces what stands in that file between the lines
``<!-- results:begin -->`` and ``<!-- results:end -->``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.readme_block import rewrite
from experiments.tables import combine, markdown_table, read_metrics
from polychrome.errors import InputError

BEGIN = "<!-- results:begin -->"
END = "<!-- results:end -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0, or 2 after one line on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.results_table",
        description="Print the results of runs as one Markdown table.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", type=Path, help="folder of a graded run")
    parser.add_argument(
        "--readme", type=Path, help=f"also rewrite this file between {BEGIN} and {END}"
    )
    options = parser.parse_args(arguments)
    try:
        metrics = [read_metrics(run) for run in options.runs]
        table = markdown_table(combine(metrics, [str(run) for run in options.runs]))
        print(table)
        if options.readme:
            rewrite(options.readme, table, BEGIN, END)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
