"""Two implementations timed in turns, and the table of their ratios."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence

from tabulate import tabulate


@dataclasses.dataclass(frozen=True)
class Target:
    """Target of a ratio: at least, or at most, a value."""

    relation: str
    value: float

    def met(self, ratio: float) -> bool:
        return ratio >= self.value if self.relation == ">=" else ratio <= self.value

    def __str__(self) -> str:
        return f"{self.relation} {self.value:g}"


@dataclasses.dataclass(frozen=True)
class Times:
    """Seconds of some repeats.

    Attributes:
        wall: elapsed time.
        processor: CPU time of all threads of this process, independent of other processes.
    """

    wall: list[float] = dataclasses.field(default_factory=list)
    processor: list[float] = dataclasses.field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The same number of repeats of both implementations.

    Attributes:
        name: what is compared.
        ours, rival: their times.
        images: handled by each repeat.
        inverted: the ratio is our time over the rival's (an overhead), not its over ours (a gain).
        target: None if the row is for information only.
    """

    name: str
    ours: Times
    rival: Times
    images: int
    target: Target | None = None
    inverted: bool = False

    @property
    def ratio(self) -> float:
        """Of the medians of wall time: what the target is about."""
        return self._ratio(self.ours.median, self.rival.median)

    @property
    def ratio_range(self) -> tuple[float, float]:
        """Smallest and largest ratio of two repeats that ran one after the other."""
        ratios = [self._ratio(*pair) for pair in zip(self.ours.wall, self.rival.wall, strict=True)]
        return min(ratios), max(ratios)

    @property
    def processor_ratio(self) -> float:
        """Of the medians of processor time: as it would be on one core with nothing else to do."""
        return self._ratio(
            statistics.median(self.ours.processor), statistics.median(self.rival.processor)
        )

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met(self.ratio)

    def _ratio(self, ours: float, rival: float) -> float:
        return ours / rival if self.inverted else rival / ours

    def as_json(self) -> dict[str, object]:
        """All of it, as JSON values."""
        return {
            "name": self.name,
            "images": self.images,
            "ours_seconds": dataclasses.asdict(self.ours),
            "rival_seconds": dataclasses.asdict(self.rival),
            "ratio": self.ratio,
            "ratio_range": list(self.ratio_range),
            "processor_ratio": self.processor_ratio,
            "target": None if self.target is None else str(self.target),
            "met": self.met,
        }


def interleave(
    ours: Callable[[], object], rival: Callable[[], object], repeats: int, pause: float = 0.0
) -> tuple[Times, Times]:
    """Times of `repeats` runs of each, in turns: ours, rival, ours, rival, ...

    Other load on the machine then slows both alike. Both run once before, untimed: compilation and
    first touches of memory and files are not measured.

    Args:
        pause: seconds of rest before each run, for two libraries whose threads go on spinning for
            a while after their work and would slow down the other's.
    """
    times = Times(), Times()
    for repeat in range(repeats + 1):
        for function, spent in zip((ours, rival), times, strict=True):
            time.sleep(pause)
            wall, processor = time.perf_counter(), time.process_time()
            function()
            if repeat:
                spent.wall.append(time.perf_counter() - wall)
                spent.processor.append(time.process_time() - processor)
    return times


def images_per_second(function: Callable[[], object], images: int, repeats: int = 3) -> float:
    """Of the median of some runs, after one that is not timed."""
    return images / interleave(function, lambda: None, repeats)[0].median


def microseconds(seconds: Sequence[float], images: int) -> str:
    """Median and range, in microseconds per image."""
    low, middle, high = (
        f"{1e6 * pick(seconds) / images:,.0f}" for pick in (min, statistics.median, max)
    )
    return f"{middle} ({low}-{high})"


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """One aligned line per comparison, with its verdict."""
    header = ["", "ours, us/image", "rival, us/image", "ratio", "CPU ratio", "target", "met?"]
    rows = [
        [
            item.name,
            microseconds(item.ours.wall, item.images),
            microseconds(item.rival.wall, item.images),
            "{:.2f} ({:.2f}-{:.2f})".format(item.ratio, *item.ratio_range),
            f"{item.processor_ratio:.2f}",
            "-" if item.target is None else str(item.target),
            {None: "-", True: "yes", False: "NO"}[item.met],
        ]
        for item in comparisons
    ]
    return aligned([header, *rows])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as lines; the first column to the left, the others to the right."""
    sides = ("left", *("right" for _ in rows[0][1:]))
    return tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=sides)
