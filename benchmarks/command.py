"""What all benchmarks' commands do around their measurements."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from experiments.environment import environment
from polychrome.errors import InputError
from polychrome.files import write_json


def status_of(measure: Callable[[], dict[str, object]], json: Path | None, **versions: str) -> int:
    """Print the machine, measure, and write down all figures.

    Args:
        measure: prints what it measures, and gives the figures as JSON values.
        json: file to write them and the machine to, if any.
        versions: of rivals, by name.

    Returns:
        0, or 2 after one line on standard error.
    """
    described = environment() | versions | {"load_average": os.getloadavg()[0]}
    for name, value in described.items():
        print(f"{name:15} {value}")
    try:
        results = {"environment": described} | measure()
        if json is not None:
            write_json(json, results)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
