"""On which machines, and by which code, the runs of a bake-off were trained."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from experiments.comparison.kinds import TRAINED
from experiments.comparison.progress import GRADES, RUNS
from experiments.comparison.settings import YARDSTICKS
from experiments.comparison.tables.cells import listed
from experiments.comparison.tables.rows import Row
from experiments.report.durations import accelerator
from experiments.report.kept_runs import MACHINE
from polychrome.files import read_json

# Of a commit, as Git abbreviates it.
_DIGITS = 7


def machine_notes(rows: Sequence[Row], out: Path) -> list[str]:
    """What must be said where runs are not all of the machine that graded the yardsticks.

    Processor time is of one machine.

    Args:
        rows: of the table.
        out: folder of the bake-off, or what is kept of one.
    """
    found = _by_record(rows, out, _said)
    path = out / GRADES / YARDSTICKS.place.with_suffix(".json")
    own = _said(read_json(path).get("environment", {})) if path.exists() else ""
    if not set(found) - {own}:
        return []
    unknown = found.pop("", [])
    said = [f"Trained on {machine}: {listed(runs)}." for machine, runs in found.items()]
    if unknown:
        said.append(f"The machine that trained these is not recorded: {listed(unknown)}.")
    return [" ".join(said)]


def training_commits(rows: Sequence[Row], out: Path) -> list[tuple[str, str]]:
    """Commits of this repository that trained, and the runs of each; of unknown ones last.

    Args:
        rows: of the table.
        out: folder of the bake-off, or what is kept of one.
    """
    found = _by_record(
        rows, out, lambda environment: str(environment.get("git_commit") or "")[:_DIGITS]
    )
    unknown = found.pop("", [])
    said = [(commit, listed(runs)) for commit, runs in found.items()]
    return said + [("not recorded", listed(unknown))] * bool(unknown)


def _by_record(
    rows: Sequence[Row], out: Path, say: Callable[[Mapping[str, object]], str]
) -> dict[str, list[str]]:
    """What is said of the environments of the runs that were trained, and the runs of each.

    Args:
        rows, out: as for `machine_notes`.
        say: of an environment; empty where it has not what is asked. So is a run without any.
    """
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.kind != TRAINED:
            continue
        seeds: dict[str, list[str]] = {}
        for run in row.runs:
            path = out / RUNS / row.name / f"seed-{run.facts['seed']}" / MACHINE
            said = say(read_json(path)) if path.exists() else ""
            seeds.setdefault(said, []).append(str(run.facts["seed"]))
        for said, of_it in seeds.items():
            word = "seed" if len(of_it) == 1 else "seeds"
            found.setdefault(said, []).append(f"{row.label}, {word} {', '.join(of_it)}")
    return found


def _said(environment: Mapping[str, object]) -> str:
    """Processor, cores and devices; empty if none is recorded."""
    if not environment.get("processor"):
        return ""
    said = f"{environment['processor']}, {environment.get('cores', 'unknown')} cores"
    return f"{said}, {environment['devices']}" if accelerator(environment) else said
