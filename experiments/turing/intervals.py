"""Rates and their differences with intervals that respect who answered.

Answers of one participant are alike, so participants are counted, not answers: variances are those
of totals over participants, linearized (Cochran, Sampling Techniques, 3rd edition, section 6.3).
"""

from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95


class Rate(NamedTuple):
    """A share of pairs.

    Attributes:
        rate: 0...1.
        low, high: ends of the interval; 0 and 1 with fewer than two participants.
        pairs, participants: that it is of.
        design_effect: how many answers are worth one independent answer.
    """

    rate: float
    low: float
    high: float
    pairs: int
    participants: int
    design_effect: float


def clustered_rate(fooled: np.ndarray, pairs: np.ndarray) -> Rate:
    """The rate over all participants' pairs, with its 95 % interval.

    Wilson's interval at the effective number of pairs: the number divided by the design effect, as
    for surveys of clusters (Dean and Pagano, Journal of Survey Statistics and Methodology 3, 2015),
    with Student's t for the number of participants.

    Args:
        fooled: `[participants]`, pairs in which the colorized picture was taken for the real one.
        pairs: `[participants]`, all pairs. Participants with none are left out.

    Raises:
        ValueError: there are no pairs.
    """
    from scipy.stats import t

    shown = pairs > 0
    fooled, pairs = fooled[shown].astype(float), pairs[shown].astype(float)
    count, total = len(pairs), pairs.sum()
    if not total:
        raise ValueError("no pairs")
    rate = fooled.sum() / total
    if count < 2:
        return Rate(rate, 0.0, 1.0, int(total), count, np.nan)
    binomial = rate * (1.0 - rate) / total
    variance = _variance((fooled - rate * pairs) / total)
    # Nobody fooled, or everybody alike: clusters show no effect.
    effect = variance / binomial if binomial > 0.0 and variance > 0.0 else 1.0
    effective = total / effect
    quantile = t.ppf((1.0 + CONFIDENCE) / 2.0, count - 1)
    weight = quantile**2 / effective
    middle = (rate + weight / 2.0) / (1.0 + weight)
    half = np.sqrt(weight * (rate * (1.0 - rate) + weight / 4.0)) / (1.0 + weight)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Rate(rate, float(low), float(high), int(total), count, float(effect))


def difference_p_value(fooled: np.ndarray, pairs: np.ndarray) -> float:
    """How surprising a difference of two systems' rates is if there is none.

    A t-test on participants' shares of the difference; the same people saw both systems.

    Args:
        fooled, pairs: `[participants, 2]`, as for `clustered_rate`.

    Returns:
        Two-sided p-value; 1 with fewer than two participants.
    """
    from scipy.stats import t

    shown = pairs.sum(axis=1) > 0
    fooled, pairs = fooled[shown].astype(float), pairs[shown].astype(float)
    count, totals = len(pairs), pairs.sum(axis=0)
    if count < 2 or not totals.all():
        return 1.0
    rates = fooled.sum(axis=0) / totals
    shares = (fooled - rates * pairs) / totals
    variance = _variance(shares[:, 0] - shares[:, 1])
    if not variance:  # All answered alike; then answers count as independent.
        variance = (rates * (1.0 - rates) / totals).sum()
    difference = abs(rates[0] - rates[1])
    if not difference:
        return 1.0
    if not variance:
        return 0.0
    return float(2.0 * t.sf(difference / np.sqrt(variance), count - 1))


def holm(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for being several (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * factors))
    return adjusted


def _variance(shares: np.ndarray) -> float:
    """Variance of a sum of participants' shares, whose mean is 0."""
    count = len(shares)
    return float(count / (count - 1) * (shares**2).sum())
