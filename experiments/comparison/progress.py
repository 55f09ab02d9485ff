"""How far a bake-off is: done, running, failed and left, and how long the rest may take.

Read from its folder alone, also while another process works in it.
"""

import contextlib
import math
import os
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from experiments.comparison.settings import YARDSTICKS, Entry, Settings
from experiments.process.clock import read_timings
from experiments.report.durations import duration
from experiments.training import read_history
from polychrome.errors import InputError
from polychrome.files import read_json

try:
    import fcntl
except ImportError:  # Windows has no such locks: two processes in one folder are up to the user
    fcntl = None  # type: ignore[assignment]

DONE, RUNNING, FAILED, LEFT = "done", "running", "failed", "left"
LOCK, NOW, FAILURES, TIMES = ".lock", "running.json", "failures", "times"
GRADES, RUNS, SHARE = "grades", "runs", "share.json"
# Of the report: its folder, and the name of the chart of quality against color.
REPORT, SCATTER = "report", "scatter"


# Of a finished epoch, what estimates need.
_TIMED = {"seconds", "training_seconds", "training_cpu_seconds", "images_per_second"}


class State(NamedTuple):
    """An entry's.

    Attributes:
        entry: it.
        state: `DONE`, `RUNNING`, `FAILED` or `LEFT`.
        says: its epochs, or what went wrong.
        seconds: of the wall clock that it may still take; None where nothing is known yet.
    """

    entry: Entry
    state: str
    says: str
    seconds: float | None


def is_done(out: Path, entry: Entry) -> bool:
    """Whether an entry is trained and graded."""
    return (out / GRADES / entry.place.with_suffix(".json")).exists()


def failure_of(out: Path, entry: Entry) -> str | None:
    """Why an entry failed when it was last tried; None if it did not."""
    path = out / FAILURES / entry.place.with_suffix(".json")
    return str(_value(path, "error")) if path.exists() else None


@contextlib.contextmanager
def locked(out: Path) -> Iterator[IO[str]]:
    """Hold the lock of a bake-off's folder; the yielded file may be passed to a child.

    Raises:
        InputError: another process holds it.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a+") as file:
        if not _lock(file):
            raise InputError(f"{out}: {_holder(file)} works there; see --status, or wait for it")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def worker(out: Path) -> str | None:
    """Which process works in the folder, in words; None: none does, or nobody can tell."""
    if fcntl is None or not (out / LOCK).exists():
        return None
    with (out / LOCK).open("a+") as file:
        return None if _lock(file) else _holder(file)


def _lock(file: IO[str]) -> bool:
    """Lock an open file until it is closed; whether no other process has it."""
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _holder(file: IO[str]) -> str:
    """Whose lock it is: it holds the number of the process, unless an earlier version made it."""
    file.seek(0)
    number = file.read()
    return f"process {number}" if number else "another process"


def states(settings: Settings, out: Path) -> list[State]:
    """Of all entries, in their order."""
    rates = _rates(settings, out)
    now = read_json(out / NOW) if worker(out) and (out / NOW).exists() else None
    found = []
    for entry in settings.entries:
        if is_done(out, entry):
            found.append(State(entry, DONE, "", 0.0))
            continue
        done, of = _epochs(out, entry)
        says = f"{done} of {of} epochs" if of else ""
        state = RUNNING if now == str(entry) else LEFT
        failure = failure_of(out, entry)
        if failure is not None and state == LEFT:
            state, says = FAILED, failure
        found.append(State(entry, state, says, _left(settings, entry, out, rates)))
    return found


def report(settings: Settings, out: Path) -> str:
    """The states as lines, the estimate of all that is left, and who works on it."""
    found = states(settings, out)
    width = max(len(str(each.entry)) for each in found)
    lines = [f"{settings.budget} for each training run; graded on {settings.split} images"]
    for each in found:
        left = (
            "" if each.state == DONE or each.seconds is None else f"{duration(each.seconds)} left"
        )
        said = ", ".join(filter(None, (each.says, left)))
        lines.append(f"{each.state:8} {str(each.entry):{width}}  {said}".rstrip())
    counts = {
        state: sum(each.state == state for each in found) for state in (DONE, RUNNING, FAILED, LEFT)
    }
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items() if count))
    # What failed may fail at once again.
    rest = [each.seconds for each in found if each.state in (RUNNING, LEFT)]
    known = [seconds for seconds in rest if seconds is not None]
    if known:
        # Without any grading, what one takes is not known either.
        whole = len(known) == len(rest) and _rates(settings, out).grading is not None
        least = "about " if whole else "at least "
        without = ", without what failed" if counts[FAILED] else ""
        lines.append(f"{least}{duration(sum(known))} left on this machine{without}")
    elif rest:
        lines.append("how long the rest takes is known after the first system on this machine")
    if works := worker(out):
        lines.append(f"{works} works there")
    elif fcntl is not None and counts[DONE] < len(found):
        lines.append(
            f"no process works there; go on with: python -m experiments.bakeoff --out {out}"
        )
    return "\n".join(lines)


class _Rates(NamedTuple):
    """What finished epochs and gradings took.

    Attributes:
        wall_per_cpu: seconds of the wall clock for one of process CPU time.
        wall_per_image: seconds of an image in training; None without any epoch.
        grading: seconds; None without any.
    """

    wall_per_cpu: float
    wall_per_image: float | None
    grading: float | None


def _rates(settings: Settings, out: Path) -> _Rates:
    wall = cpu = images = 0.0
    gradings = []
    for entry in settings.entries:
        for row in _timed(out, entry):
            wall, cpu = wall + row["seconds"], cpu + row["training_cpu_seconds"]
            images += row["images_per_second"] * row["training_seconds"]
        path = out / TIMES / entry.place.with_suffix(".json")
        if path.exists() and entry != YARDSTICKS and is_done(out, entry):
            gradings.append(read_timings(path).get("grade", {}).get("seconds", 0.0))
    return _Rates(
        wall / cpu if cpu else 1.0 / (os.cpu_count() or 1),
        wall / images if images else None,
        statistics.mean(gradings) if gradings else None,
    )


def _left(settings: Settings, entry: Entry, out: Path, rates: _Rates) -> float | None:
    """Seconds that an entry may still take."""
    if entry == YARDSTICKS:  # a dozen gradings
        return None if rates.grading is None else 12 * rates.grading
    training: float | None = 0.0
    if settings.system(entry.system).taken is None:
        done, of = _epochs(out, entry)
        history = _timed(out, entry)
        if of and history:
            training = (of - done) * statistics.median(row["seconds"] for row in history)
        elif settings.budget.cpu_seconds is not None:
            training = settings.budget.cpu_seconds * rates.wall_per_cpu
        elif settings.budget.images is not None and rates.wall_per_image is not None:
            training = settings.budget.images * rates.wall_per_image
        else:
            return None
    if not training and rates.grading is None:
        return None
    return training + (rates.grading or 0.0)


def _epochs(out: Path, entry: Entry) -> tuple[int, int]:
    """Finished epochs of all networks, and all of them; zeros before the run was begun."""
    path = out / RUNS / entry.place / SHARE
    total = sum(dict(_value(path, "epochs")).values()) if path.exists() else 0
    return len(history_of(out, entry)), total


def history_of(out: Path, entry: Entry) -> list[dict]:
    """Rows of all finished epochs of a run; of one that is kept, as the table of them has them."""
    networks = out / RUNS / entry.place / "networks"
    states, tables = (sorted(networks.glob(f"*/{name}")) for name in ("state.json", "history.csv"))
    found = [row for path in states for row in _value(path, "history")]
    return found or [row for path in tables for row in _kept(path)]


def _timed(out: Path, entry: Entry) -> list[dict]:
    """Finished epochs whose times are known; earlier versions did not record all of them."""
    return [row for row in history_of(out, entry) if _TIMED <= row.keys()]


def _kept(path: Path) -> list[dict]:
    """Rows of a table, each with the numbers that it has, as a state has them."""
    return [
        {key: value for key, value in row.items() if not math.isnan(value)}
        for row in read_history(path)
    ]


def _value(path: Path, key: str) -> Any:
    """Of a record that the bake-off wrote.

    Raises:
        InputError: it is another one, or damaged.
    """
    record = read_json(path)
    if not isinstance(record, dict) or key not in record:
        raise InputError(
            f"{path}: has no {key!r}, so it is damaged or of another version; restore it, or take "
            "its run out with --drop"
        )
    return record[key]
