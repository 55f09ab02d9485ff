"""Time taken by the stages of a run."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from polychrome.files import read_json, write_json


class Clock:
    """Wall and process seconds of each stage, summed over resumed runs, in a JSON file.

    The file holds `{stage: {"seconds": ..., "cpu_seconds": ...}}`. Process time counts all threads;
    it leaves out what else ran on the machine. A stage that was begun before process time was kept
    has `seconds` alone, also after it went on.
    """

    def __init__(self, path: Path):
        self.path = path
        self.stages = read_timings(path) if path.exists() else {}

    @contextlib.contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add what the block takes to `stage`, also when it is interrupted."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            spent = {
                "seconds": time.perf_counter() - wall,
                "cpu_seconds": time.process_time() - cpu,
            }
            before = self.stages.get(stage, dict.fromkeys(spent, 0.0))
            # A sum of some of the process time would pass for all of it.
            self.stages[stage] = {
                kind: round(seconds + spent[kind], 1) for kind, seconds in before.items()
            }
            write_json(self.path, self.stages)


def read_timings(path: Path) -> dict[str, dict[str, float]]:
    """The file of a `Clock`; older ones, which hold a number for a stage, are read as `seconds`."""
    return {
        stage: took if isinstance(took, dict) else {"seconds": took}
        for stage, took in read_json(path).items()
    }
