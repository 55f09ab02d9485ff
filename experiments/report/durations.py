"""Training time of a run, and durations in words."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.process.clock import read_timings
from experiments.training import read_history

# An accelerator of which its record tells no more.
UNNAMED = "a GPU"
# The training stages in timings.json, one per network.
_TRAINING = "train "


def training_time(run: Path) -> dict[str, float]:
    """Seconds of all stages that train, as in `Clock`; empty if there are none.

    "seconds" of the wall clock, "cpu_seconds" of the process on all cores; a sum is left out where
    a stage lacks its part. A process that was killed left no timings, but its finished epochs are
    in the histories of the networks; the larger of the two counts.
    """
    path = run / "timings.json"
    timings = read_timings(path) if path.exists() else {}
    stages = {name: spent for name, spent in timings.items() if name.startswith(_TRAINING)}
    epochs = {name: _epochs(run, name.removeprefix(_TRAINING)) for name in stages}
    return {
        key: sum(max(spent[key], epochs[name].get(key, 0.0)) for name, spent in stages.items())
        for key in ("seconds", "cpu_seconds")
        if stages and all(key in spent for spent in stages.values())
    }


def _epochs(run: Path, network: str) -> dict[str, float]:
    """Seconds of all epochs in a network's history; those that it does not have are left out."""
    path = run / "networks" / network / "history.csv"
    if not path.exists():
        return {}
    rows = read_history(path)
    sums = {key: sum(row.get(key, math.nan) for row in rows) for key in ("seconds", "cpu_seconds")}
    return {key: total for key, total in sums.items() if rows and math.isfinite(total)}


def accelerator(environment: Mapping[str, Any]) -> str:
    """Name of the accelerator in an ``environment.json``; empty for a processor or no device.

    TensorFlow's "/device:GPU:0" has none: `UNNAMED`. JAX has, as in "rocm:0 (AMD Instinct MI300X)".
    """
    devices = environment.get("devices", "")
    if not devices or "cpu" in devices.lower():
        return ""
    name = re.search(r" \(([^)]+)\)", devices)
    return name[1] if name else UNNAMED


def time_in_words(spent: Mapping[str, float], device: str = "") -> str:
    """``11 min 28 s (CPU 19 min 02 s)``; the second where it is known, a dash without either.

    Args:
        spent: as `training_time` returns it.
        device: as `accelerator` returns it, said after the time.
    """
    if "seconds" not in spent:
        return "–"
    words = duration(spent["seconds"])
    cpu = spent.get("cpu_seconds")
    words = words if cpu is None else f"{words} (CPU {duration(cpu)})"
    return f"{words} on {device}" if device else words


def duration(seconds: float) -> str:
    """``0.8 s``, ``42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
