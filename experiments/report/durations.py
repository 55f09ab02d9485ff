"""Training time of a run, and durations in words."""

from collections.abc import Mapping
from pathlib import Path

from experiments.process.clock import read_timings

# The training stages in timings.json, one per network.
_TRAINING = "train "


def training_time(run: Path) -> dict[str, float]:
    """Seconds of all stages that train, as in `Clock`; empty if there are none.

    "seconds" of the wall clock, "cpu_seconds" of the process on all cores; a sum is left out where
    a stage lacks its part.
    """
    path = run / "timings.json"
    timings = read_timings(path) if path.exists() else {}
    stages = [spent for stage, spent in timings.items() if stage.startswith(_TRAINING)]
    return {
        key: sum(spent[key] for spent in stages)
        for key in ("seconds", "cpu_seconds")
        if stages and all(key in spent for spent in stages)
    }


def time_in_words(spent: Mapping[str, float]) -> str:
    """``11 min 28 s (CPU 19 min 02 s)``; the second where it is known, a dash without either."""
    if "seconds" not in spent:
        return "–"
    words = duration(spent["seconds"])
    cpu = spent.get("cpu_seconds")
    return words if cpu is None else f"{words} (CPU {duration(cpu)})"


def duration(seconds: float) -> str:
    """``0.8 s``, ``42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
