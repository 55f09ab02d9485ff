"""The order of systems: Bradley-Terry strengths, and ranks, shared where nobody can tell."""

import itertools

import numpy as np

from experiments.comparison.tables.ranking import shared_ranks
from experiments.turing.intervals import CONFIDENCE, difference_p_value, holm


def bradley_terry(wins: np.ndarray, added: float = 0.5) -> np.ndarray:
    """Maximum-likelihood strengths of a Bradley-Terry model.

    P(i beats j) = 1 / (1 + exp(s_j - s_i)). The fixed-point iteration is Hunter's (Annals of
    Statistics 32, 2004). With every system compared to the real pictures only, a strength is the
    logit of the fooling rate.

    Args:
        wins: `[n, n]`, how often the row beat the column. All must be compared, at least by way of
            others.
        added: wins added on both sides of pairs that were compared, so that one that never won has
            a finite strength.

    Returns:
        float64 `[n]`, strengths; the first is 0.
    """
    wins = np.asarray(wins, float)
    compared = wins + wins.T > 0
    wins = wins + added * compared
    games, won = wins + wins.T, wins.sum(axis=1)
    worth = np.ones(len(wins))
    for _ in range(10_000):
        before = worth
        worth = won / (games / np.add.outer(worth, worth)).sum(axis=1)
        worth = worth / worth[0]
        if np.abs(np.log(worth / before)).max() < 1e-10:
            break
    return np.log(worth)


def strengths(fooled: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Bradley-Terry strengths of systems, the real pictures' being 0.

    Args:
        fooled, pairs: `[systems]`, totals over participants.
    """
    wins = np.zeros((len(fooled) + 1,) * 2)
    wins[1:, 0] = fooled
    wins[0, 1:] = pairs - fooled
    return bradley_terry(wins)[1:]


def ranks(fooled: np.ndarray, pairs: np.ndarray) -> list[int]:
    """Ranks by fooling rate, 1 for the best.

    Systems of different ranks are told apart, each from each, by all pairs of systems together
    (Holm); the others share one, see `shared_ranks`.

    Args:
        fooled, pairs: `[participants, systems]`.
    """
    count = fooled.shape[1]
    both = list(itertools.combinations(range(count), 2))
    found = np.array([difference_p_value(fooled[:, pair], pairs[:, pair]) for pair in both])
    apart = np.zeros([count, count], bool)
    for pair, p_value in zip(both, holm(found), strict=True):
        apart[pair] = apart[pair[::-1]] = p_value < 1.0 - CONFIDENCE
    rates = fooled.sum(axis=0) / np.maximum(1, pairs.sum(axis=0))
    order = np.argsort(-rates, kind="stable")
    shared = shared_ranks(order.tolist(), apart[np.ix_(order, order)])
    return [shared[system] for system in range(count)]
