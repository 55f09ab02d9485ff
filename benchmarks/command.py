"""Shared frame of the benchmark commands."""

import os
from collections.abc import Callable
from pathlib import Path

from experiments.process.environment import environment
from polychrome import command
from polychrome.files import write_json


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
