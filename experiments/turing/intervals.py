"""Rates and their differences with intervals that respect who answered.

Answers of one participant are alike, so participants are counted, not answers: variances are those
of totals over participants, linearized (Cochran, Sampling Techniques, 3rd edition, section 6.3).
"""

import functools
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95
# Of two answers of one participant, where it can't be measured.
ASSUMED_CORRELATION = 0.3


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

    Few participants make up most of a low rate, so the studentized rate is skewed, and symmetric
    intervals, or those of a binomial share at an effective number of pairs, stop short of the
    truth. Hall's cubic transformation removes the skewness (Journal of the Royal Statistical
    Society B 54, 1992, pages 221-228), here with Student's t for the number of participants.

    Where fewer than two participants were ever fooled, or fewer than two ever not, skewness and
    clustering can't be measured. There it is Wilson's interval at the effective number of pairs
    (Dean and Pagano, Journal of Survey Statistics and Methodology 3, 2015), with a correlation
    within participants of `ASSUMED_CORRELATION` or more.

    Args:
        fooled: `[participants]`, pairs in which the colorized picture was taken for the real one.
        pairs: `[participants]`, all pairs. Participants with none are left out.

    Raises:
        ValueError: there are no pairs.
    """
    shown = pairs > 0
    fooled, pairs = fooled[shown].astype(float), pairs[shown].astype(float)
    count, total = len(pairs), pairs.sum()
    if not total:
        raise ValueError("no pairs")
    rate = fooled.sum() / total
    if count < 2:
        return Rate(rate, 0.0, 1.0, int(total), count, np.nan)
    (low,), (high,), (effect,) = intervals(fooled[None], pairs)
    return Rate(rate, float(low), float(high), int(total), count, float(effect))


def intervals(fooled: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The intervals of `clustered_rate` for many studies of the same size at once.

    Args:
        fooled: `[studies, participants]`, two participants or more.
        pairs: `[participants]`, each 1 or more.

    Returns:
        Low ends, high ends, and design effects, each `[studies]`.
    """
    count, total = len(pairs), pairs.sum()
    rate = fooled.sum(axis=1) / total
    shares = (fooled - rate[:, None] * pairs) / total
    binomial, variance = rate * (1.0 - rate) / total, _variance(shares)
    # All answered alike, but for rounding; then answers count as independent.
    spread = variance > 1e-12 * binomial
    effect = np.where(spread, variance, 1.0) / np.where(spread, binomial, 1.0)
    few = np.minimum((fooled > 0).sum(axis=1), (fooled < pairs).sum(axis=1)) < 2
    assumed = 1.0 + (total / count - 1.0) * ASSUMED_CORRELATION
    effect = np.where(few, np.maximum(effect, assumed), effect)
    quantile = _quantile(count)
    ends = np.where(
        few | ~spread,
        _wilson(rate, total / effect, quantile),
        _without_skewness(rate, shares, np.where(spread, variance, 1.0), quantile),
    )
    low, high = np.clip(ends, 0.0, 1.0)
    return low, high, effect


def difference_p_value(fooled: np.ndarray, pairs: np.ndarray) -> float:
    """How surprising a difference of two systems' rates is if there is none.

    A t-test on participants' shares of the difference; the same people saw both systems. Where
    everybody's difference is the same, its spread can't be measured. There answers count as
    independent, but few people show little however they answer: it is no less than by the sign test
    over those who saw both.

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
    variance = float(_variance(shares[:, 0] - shares[:, 1]))
    difference = abs(rates[0] - rates[1])
    if not difference:
        return 1.0
    binomial, least = float((rates * (1.0 - rates) / totals).sum()), 0.0
    if variance <= 1e-12 * binomial:  # the same but for rounding
        variance = binomial
        least = min(1.0, 2.0 * 0.5 ** int((pairs > 0).all(axis=1).sum()))
    if not variance:  # one system fooled everybody always, the other nobody ever
        return least
    return max(least, float(2.0 * t.sf(difference / np.sqrt(variance), count - 1)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for being several (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * factors))
    return adjusted


def _variance(shares: np.ndarray) -> np.ndarray:
    """Variance of a sum of participants' shares, the last axis, whose mean is 0."""
    count = shares.shape[-1]
    return count / (count - 1) * (shares**2).sum(axis=-1)


@functools.cache
def _quantile(count: int) -> float:
    """Student's t for an interval over so many participants."""
    from scipy.stats import t

    return float(t.ppf((1.0 + CONFIDENCE) / 2.0, count - 1))


def _wilson(rate: np.ndarray, effective: np.ndarray, quantile: float) -> np.ndarray:
    """Wilson's intervals of shares of `effective` independent answers: `[2, studies]`."""
    weight = quantile**2 / effective
    middle = (rate + weight / 2.0) / (1.0 + weight)
    half = np.sqrt(weight * (rate * (1.0 - rate) + weight / 4.0)) / (1.0 + weight)
    return np.stack([middle - half, middle + half])


def _without_skewness(
    rate: np.ndarray, shares: np.ndarray, variance: np.ndarray, quantile: float
) -> np.ndarray:
    """Hall's intervals, `[2, studies]`: T + a T^2 / 3 + a^2 T^3 / 27 + a / 6 = t solved for T.

    T is the studentized rate, t Student's, and a the skewness of the participants' shares divided
    by the root of their number.
    """
    deviation = np.sqrt(variance / shares.shape[-1])
    skewness = (shares**3).mean(axis=-1) / deviation**3 / np.sqrt(shares.shape[-1])
    skewness = np.where(np.abs(skewness) < 1e-6, 1e-6, skewness)  # the same but for rounding
    target = np.array([[quantile], [-quantile]])
    roots = np.cbrt(1.0 + skewness * (target - skewness / 6.0))
    return rate - 3.0 / skewness * (roots - 1.0) * np.sqrt(variance)
