"""Graded rows of a bake-off, read back from its folder; NumPy alone."""

import dataclasses
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison.kinds import KINDS, YARDSTICK_ROWS
from experiments.comparison.progress import GRADES
from experiments.comparison.settings import YARDSTICKS, Settings
from polychrome.errors import InputError
from polychrome.files import read_json

# Of a row's record, without which there is no table.
_FACTS = {"kind", "label", "seed", "of_set", "metrics"}
# Its file. Others, such as a copy that somebody made of one, are none of the bake-off's.
_GRADED = re.compile(r"seed-[0-9]+\.json")


@dataclasses.dataclass(frozen=True)
class Run:
    """A row's grades with one training seed.

    Attributes:
        facts: what `experiments.comparison.grading` writes as JSON.
        per_image: values by metric, `[n]`.
        details: arrays for figures, see `experiments.comparison.details.Details.arrays`.
        pictures: "wall", "best" and "worst", each with "/made" or "/truth": uint8 `[n, H, W, 3]`;
            none in a kept record without pictures.
        rows: which images these are.
    """

    facts: Mapping[str, Any]
    per_image: Mapping[str, np.ndarray]
    details: Mapping[str, np.ndarray]
    pictures: Mapping[str, np.ndarray]
    rows: Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: of the system.
        runs: one for each seed, in their order.
    """

    name: str
    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """The run whose pictures and details stand for the system."""
        return self.runs[0]

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return self.first.facts["kind"]

    @property
    def label(self) -> str:
        """Heading."""
        return self.first.facts["label"]

    def by_seed(self, key: str) -> list[np.ndarray]:
        """Values of a metric, `[n]` for each seed; empty if it was not measured."""
        return [run.per_image[key] for run in self.runs if key in run.per_image]

    def over_seeds(self, key: str) -> np.ndarray | None:
        """Mean over the seeds of each image's value."""
        values = self.by_seed(key)
        return np.mean(np.stack(values), axis=0, dtype=np.float64) if values else None

    def mean_fact(self, group: str, key: str) -> float | None:
        """Mean over the seeds of a number among the facts; None if one lacks it."""
        found = [run.facts.get(group, {}).get(key) for run in self.runs]
        return None if None in found else float(np.mean(found))


def read_rows(settings: Settings, out: Path) -> list[Row]:
    """All rows that are graded: systems in their order, baselines, and oracles.

    Raises:
        InputError: there are none, one is damaged, or they are not of the same images.
    """
    found: dict[str, list[Run]] = {}
    order = [system.name for system in settings.systems]
    paths = (path for path in (out / GRADES).glob("*/*.json") if _GRADED.fullmatch(path.name))
    for path in sorted(paths, key=lambda path: _place(path, order)):
        if path.parent.name != YARDSTICKS.system:
            found.setdefault(path.parent.name, []).append(_run(path))
    rows = [Row(name, tuple(runs)) for name, runs in found.items()]
    if not rows:
        raise InputError(f"{out}: nothing is graded yet; see --status")
    counts = {len(run.per_image["psnr"]) for row in rows for run in row.runs}
    if len(counts) > 1:
        raise InputError(f"{out}: rows of {sorted(counts)} images have no table in common")
    return sorted(rows, key=lambda row: KINDS.index(row.kind) // 2)


def _place(path: Path, order: list[str]) -> tuple[int, int]:
    known = [*order, *YARDSTICK_ROWS]
    name, seed = path.parent.name, int(path.stem.removeprefix("seed-"))
    return (known.index(name) if name in known else len(known)), seed


def _run(path: Path) -> Run:
    facts, arrays = read_json(path), path.with_suffix(".npz")
    # Written first, so that an entry with a record has it: what is wrong came later.
    again = "remove both files of this name, and the bake-off grades it again"
    if not isinstance(facts, dict) or not _FACTS <= set(facts):
        raise InputError(f"{path}: is no record of a grading, or damaged; {again}")
    try:
        return Run(facts, **_arrays(arrays))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{arrays}: can't be read ({error}); {again}") from error


def _arrays(path: Path) -> dict[str, dict[str, np.ndarray]]:
    groups: dict[str, dict[str, np.ndarray]] = {
        group: {} for group in ("per_image", "details", "pictures", "rows")
    }
    with path.open("rb") as file, np.load(file) as arrays:
        for name in arrays.files:
            group, _, key = name.partition("/")
            # A kept record has half precision, in which sums overflow.
            half = arrays[name].dtype == np.float16
            groups[group][key] = arrays[name].astype(np.float32) if half else arrays[name]
    return groups
