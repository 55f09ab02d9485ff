"""Whether systems differ by more than another seed of their training would; NumPy and SciPy alone.

Means by seed are taken to scatter normally. Two or three seeds say little of how widely, and so the
intervals are wide: with two, Student's is 12.7 standard errors to either side.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as students_t


class Seeds(NamedTuple):
    """Means of a system by training seed.

    Attributes:
        means: one or more.
        fixed: whether no other seed would give another mean, as of baselines.
    """

    means: Sequence[float]
    fixed: bool = False


def seeds_margin(one: Seeds, other: Seeds) -> float:
    """Half of the 95 % interval over seeds of the difference of two systems.

    It is Welch's where both have several seeds, and Student's where one has and the other is fixed.
    A single seed scatters as the other system's do, as far as anybody knows: then it is
    Student's for one more draw. Two single ones are not held against each other: what is said of
    them is said of these weights, and the margin is 0.
    """
    counts = len(one.means), len(other.means)
    if max(counts) < 2:
        return 0.0
    if min(counts) < 2:
        several, alone = (one, other) if counts[0] > 1 else (other, one)
        return draws_margin(several.means, 1 / max(counts) + (not alone.fixed))
    errors = [float(np.var(each.means, ddof=1)) / len(each.means) for each in (one, other)]
    if not sum(errors):
        return 0.0
    freedom = sum(errors) ** 2 / sum(
        each**2 / (count - 1) for each, count in zip(errors, counts, strict=True)
    )
    return float(students_t.ppf(0.975, freedom)) * math.sqrt(sum(errors))


def draws_margin(seeds: Sequence[float], draws: float) -> float:
    """Half of Student's 95 % interval of a difference, if another system's seeds scatter as these.

    Args:
        seeds: two means or more, of which the scatter is known.
        draws: variances of one seed that the difference has: 1 of one, 1 / n of the mean of n.
    """
    error = float(np.std(seeds, ddof=1)) * math.sqrt(draws)
    return float(students_t.ppf(0.975, len(seeds) - 1)) * error
