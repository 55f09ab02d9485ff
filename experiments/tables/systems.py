"""The systems of each report and their settings with owners, as one Markdown table.

    python -m experiments.tables.systems [--readme docs/systems.md]

prints the table; with ``--readme`` it also replaces the text in that file between the lines
``<!-- systems:begin -->`` and ``<!-- systems:end -->``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.report.readme_block import publish
from experiments.report.systems import markdown

BEGIN = "<!-- systems:begin -->"
END = "<!-- systems:end -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.tables.systems",
        description="Print the systems of all reports, with their settings, as a Markdown table.",
    )
    parser.add_argument(
        "--readme", type=Path, help=f"also rewrite this file between {BEGIN} and {END}"
    )
    options = parser.parse_args(arguments)
    return publish(markdown, options.readme, BEGIN, END)


if __name__ == "__main__":
    sys.exit(main())
