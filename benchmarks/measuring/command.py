"""Shared frame of the benchmark commands."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from experiments.process.environment import environment
from polychrome import command
from polychrome.files import write_json


def parse_recorded(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> argparse.Namespace:
    """Parse a command line with --json, for figures, and --page, to put those of a file there."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="Markdown to put the figures of --json into"
    )
    options = parser.parse_args(arguments)
    if options.page is not None and options.json is None:
        parser.error("--page: name the figures with --json")
    return options


def status_of(measure: Callable[[], dict[str, object]], json: Path | None, **versions: str) -> int:
    """Print the machine, measure, and record all figures.

    Args:
        measure: prints its measurements and returns the figures as JSON values.
        json: file to write them and the machine to, if any.
        versions: of rivals, by name.

    Returns:
        The exit status: `polychrome.command.status_of`.
    """
    described = environment() | versions | {"load_average": os.getloadavg()[0]}
    for name, value in described.items():
        print(f"{name:15} {value}")

    def work() -> None:
        results = {"environment": described} | measure()
        if json is not None:
            write_json(json, results)

    return command.status_of(work)
