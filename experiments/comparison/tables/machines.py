"""On which machines the runs of a bake-off were trained: processor time is of one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.comparison.kinds import TRAINED
from experiments.comparison.progress import GRADES, RUNS
from experiments.comparison.settings import YARDSTICKS
from experiments.comparison.tables.cells import listed
from experiments.comparison.tables.rows import Row
from polychrome.files import read_json

RECORD = "environment.json"


def machine_notes(rows: Sequence[Row], out: Path) -> list[str]:
    """What must be said where runs are not all of the machine that graded the yardsticks.

    Args:
        rows: of the table.
        out: folder of the bake-off, or what is kept of one.
    """
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.kind != TRAINED:
            continue
        seeds: dict[str, list[str]] = {}
        for run in row.runs:
            path = out / RUNS / row.name / f"seed-{run.facts['seed']}" / RECORD
            machine = _said(read_json(path)) if path.exists() else ""
            seeds.setdefault(machine, []).append(str(run.facts["seed"]))
        for machine, of_it in seeds.items():
            word = "seed" if len(of_it) == 1 else "seeds"
            found.setdefault(machine, []).append(f"{row.label}, {word} {', '.join(of_it)}")
    path = out / GRADES / YARDSTICKS.place.with_suffix(".json")
    own = _said(read_json(path).get("environment", {})) if path.exists() else ""
    if not set(found) - {own}:
        return []
    unknown = found.pop("", [])
    said = [f"Trained on {machine}: {listed(runs)}." for machine, runs in found.items()]
    if unknown:
        said.append(f"The machine that trained these is not recorded: {listed(unknown)}.")
    return [" ".join(said)]


def _said(environment: Mapping[str, object]) -> str:
    """Processor, cores and devices; empty if none is recorded."""
    if not environment.get("processor"):
        return ""
    said = f"{environment['processor']}, {environment.get('cores', 'unknown')} cores"
    devices = str(environment.get("devices", ""))
    return said if "CPU" in devices or not devices else f"{said}, {devices}"
