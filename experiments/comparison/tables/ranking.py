"""Which systems can be told apart, and the ranks that this allows. NumPy and SciPy alone.

There are two sources of chance. The images: each difference of two systems is taken on the same
images, and its 95 % interval is that of a paired bootstrap over them; it holds for these weights.
The seeds: where one of the two at least was trained with several, the difference has an interval
over seeds as well, see `seeds_margin`. Two are told apart where 0 is left out by an interval of
both chances together, whose reach is the root of the sum of the squares of theirs. Intervals are of
single pairs, not corrected for their number.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from experiments.grading.bootstrap import resampled_means, resamplings
from experiments.grading.seeds import Seeds, seeds_margin

_TAILS = [0.025, 0.975]
Name = TypeVar("Name", str, int)


class Ranking(NamedTuple):
    """Systems from the best to the worst.

    Attributes:
        order: their names, by the mean.
        ranks: name to its best and its worst rank, see `rank_ranges`.
        low, high: `[n, n]`, the 95 % intervals over images of the difference of the means of one
            system (row) and another (column), both in `order`; positive where the first is better.
        means: `[n, n]`, these differences.
        apart: bool `[n, n]`, which two are told apart, by images and seeds together.
        images: number of images that the means are over.
    """

    order: tuple[str, ...]
    ranks: Mapping[str, tuple[int, int]]
    low: np.ndarray
    high: np.ndarray
    means: np.ndarray
    apart: np.ndarray
    images: int

    @property
    def best(self) -> tuple[str, ...]:
        """The one of the best mean, and then those that can't be told from it."""
        return tuple(
            name for place, name in enumerate(self.order) if not place or not self.apart[0, place]
        )

    def above(self, one: str, other: str) -> bool:
        """Whether a system is better than another, and told apart from it."""
        place, behind = self.order.index(one), self.order.index(other)
        return bool(self.apart[place, behind] and self.means[place, behind] > 0)

    def difference(self, one: str, other: str) -> tuple[float, float, float]:
        """How far a system is above another: mean, and its interval over the images."""
        place, behind = self.order.index(one), self.order.index(other)
        mean, low, high = (float(each[place, behind]) for each in (self.means, self.low, self.high))
        return mean, low, high


def rank(
    by_seed: Mapping[str, Sequence[np.ndarray]],
    better: str = "higher",
    seed: int = 0,
    fixed: Collection[str] = (),
) -> Ranking:
    """Rank systems by the mean of a metric.

    Args:
        by_seed: name to the values of each training seed, `[images]`, of the same images for all;
            those that are not finite for some system count for none.
        better: "higher" or "lower".
        seed: of the bootstrap.
        fixed: names of those that no other seed of this training would change, as baselines.
    """
    sign = 1.0 if better == "higher" else -1.0
    values = {
        name: sign * np.mean(np.stack(runs), axis=0, dtype=np.float64)
        for name, runs in by_seed.items()
    }
    table = np.stack(list(values.values()))
    counted = np.isfinite(table).all(axis=0)
    table = table[:, counted]
    if not table.shape[1]:
        names = tuple(values)
        unknown = np.full([len(names)] * 2, np.nan)
        none = np.zeros_like(unknown, bool)
        return Ranking(names, rank_ranges(names, none, unknown), unknown, unknown, unknown, none, 0)
    means = table.mean(axis=1)
    rows = np.argsort(-means, kind="stable")
    order = tuple(list(values)[row] for row in rows)
    # Less the mean of all systems, which cancels: differences keep their digits in float32.
    centered = table[rows] - table.mean(axis=0)
    resampled = resampled_means(centered, resamplings(table.shape[1], seed))
    differences = resampled[:, None] - resampled[None]
    low, high = np.quantile(differences, _TAILS, axis=-1)
    seeds = {
        name: Seeds([float(np.mean(run[counted])) for run in runs], name in fixed)
        for name, runs in by_seed.items()
    }
    of_seeds = [[seeds_margin(seeds[first], seeds[second]) for second in order] for first in order]
    away = means[rows][:, None] - means[rows]
    # To the side of 0.
    of_images = np.where(away > 0, away - low, high - away)
    apart = np.abs(away) > np.hypot(of_images, of_seeds)
    ranks = rank_ranges(order, apart, away)
    return Ranking(order, ranks, low, high, away, apart, table.shape[1])


def rank_ranges(
    order: Sequence[str], apart: np.ndarray, means: np.ndarray
) -> dict[str, tuple[int, int]]:
    """The ranks that each system may have, 1 the best, by the pairs that are told apart.

    From behind all that are better and told apart to before all that are worse and told apart, as
    in Goldstein and Spiegelhalter, "League tables and their limitations", JRSS A 159(3), 1996. So
    one whose seeds scatter widely has many, and takes no other along.

    Args:
        order: names from the best to the worst.
        apart: bool `[n, n]`, in that order.
        means: `[n, n]`, of one (row) less another (column).
    """
    behind = (apart & (means < 0)).sum(axis=1)
    before = (apart & (means > 0)).sum(axis=1)
    return {
        name: (int(behind[place]) + 1, len(order) - int(before[place]))
        for place, name in enumerate(order)
    }


def shared_ranks(order: Sequence[Name], apart: np.ndarray) -> dict[Name, int]:
    """Ranks such that systems of different ranks are told apart, and others share one.

    A system that can't be told from one far below it takes all between them to its rank.

    Args:
        order: names, or numbers, from the best to the worst.
        apart: bool `[n, n]`, in that order.

    Returns:
        Name to rank: 1, and then the number of systems above plus 1.
    """
    ranks: dict[Name, int] = {}
    first = 0
    for place, name in enumerate(order):
        # A new rank begins where all from here on are told apart from all above.
        if place and apart[:place, place:].all():
            first = place
        ranks[name] = first + 1
    return ranks
