"""Parameter counts of all networks, as one Markdown table.

    python -m experiments.tables.parameters [--readme docs/systems.md]

prints the table; with ``--readme`` it also replaces the text in that file between the lines
``<!-- parameters -->`` and ``<!-- /parameters -->``. Builds every network once, at full size.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.report.readme_block import publish

if TYPE_CHECKING:
    from experiments.report.parameters import Row

BEGIN = "<!-- parameters -->"
END = "<!-- /parameters -->"


def main(arguments: Sequence[str] | None = None, rows: "Sequence[Row] | None" = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.parameters",
        description="Print the networks' numbers of parameters as one Markdown table.",
    )
    parser.add_argument(
        "--readme", type=Path, help=f"also rewrite this file between {BEGIN} and {END}"
    )
    options = parser.parse_args(arguments)

    def table() -> str:
        from experiments.report.parameters import ROWS, markdown

        return markdown(ROWS if rows is None else rows)

    return publish(table, options.readme, BEGIN, END)


if __name__ == "__main__":
    sys.exit(main())
