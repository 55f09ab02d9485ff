"""Records of a bake-off that its report reads beside the grades, checked as these are."""

from pathlib import Path
from typing import Any

from experiments.comparison.progress import GRADES
from experiments.comparison.settings import YARDSTICKS
from polychrome.errors import InputError
from polychrome.files import read_json

FRONTIER = "frontier.json"
_OF_POINT = {"setting", "colorfulness", "psnr"}


def read_frontier(out: Path) -> dict[str, Any] | None:
    """What color costs the suite's own model; None where it is not measured.

    Args:
        out: folder of the bake-off, or what is kept of one.

    Raises:
        InputError: it is damaged.
    """
    path = out / GRADES / FRONTIER
    if not path.exists():
        return None
    record = read_json(path)
    whole = (
        isinstance(record, dict)
        and isinstance(record.get("of"), str)
        and isinstance(record.get("images"), int)
        and all(_are_records(record.get(way), _OF_POINT) for way in ("dial", "factor"))
    )
    if not whole:
        raise InputError(
            f"{path}: is no record of a frontier, or damaged; remove it and "
            f"{YARDSTICKS.place.with_suffix('.json')} beside it, and the bake-off measures it again"
        )
    return record


def read_recipe(path: Path) -> dict[str, Any]:
    """The record of a run in a bake-off, or in what is kept of one.

    Raises:
        InputError: it can't be read, or is damaged.
    """
    record = read_json(path)
    whole = (
        isinstance(record, dict)
        and isinstance(record.get("notes", []), list)
        and _are_records(record.get("networks"), {"name"})
    )
    if not whole:
        raise InputError(
            f"{path}: is no record of a run, or damaged; restore it, or move its folder out of the "
            "bake-off, and the page goes without its curve"
        )
    return record


def _are_records(values: object, keys: set[str]) -> bool:
    """Whether it is a list of objects that have these keys."""
    return isinstance(values, list) and all(
        isinstance(each, dict) and keys <= each.keys() for each in values
    )
