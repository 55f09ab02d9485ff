"""Intervals, tests, and strengths against formulas, other implementations, and the literature."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from experiments.turing.coverage_grid import (
    CORRELATIONS,
    PARTICIPANTS,
    RATES,
    coverage_grid,
    coverage_of,
)
from experiments.turing.intervals import clustered_rate, difference_p_value, holm, intervals
from experiments.turing.ranking import bradley_terry, ranks, strengths
from polychrome.files import read_json

GRID = Path(__file__).parents[3] / "experiments" / "results" / "turing" / "coverage_grid.json"


def test_with_one_pair_each_the_interval_is_near_wilsons():
    fooled = np.zeros(40_000, int)
    fooled[:9_000] = 1
    found = clustered_rate(fooled, np.ones_like(fooled))
    expected = stats.binomtest(9_000, 40_000).proportion_ci(method="wilson")
    assert (found.rate, found.pairs, found.participants) == (0.225, 40_000, 40_000)
    np.testing.assert_allclose((found.low, found.high), expected, atol=2e-5)
    assert found.design_effect == pytest.approx(1.0, abs=1e-4)


def test_alike_answers_of_a_participant_count_as_one():
    """15 equal answers each: as if everybody had answered once."""
    once = np.random.default_rng(3).integers(0, 2, 60)
    found = clustered_rate(15 * once, np.full(60, 15))
    single = clustered_rate(once, np.ones(60, int))
    assert found.design_effect == pytest.approx(15 * single.design_effect)
    np.testing.assert_allclose((found.low, found.high), (single.low, single.high))


def test_the_variance_is_that_of_a_bootstrap_over_participants():
    rng = np.random.default_rng(0)
    pairs = rng.integers(5, 16, 80)
    fooled = rng.binomial(pairs, rng.beta(2, 4, 80))
    found = clustered_rate(fooled, pairs)
    drawn = rng.integers(0, 80, (20_000, 80))
    rates = fooled[drawn].sum(axis=1) / pairs[drawn].sum(axis=1)
    error = np.sqrt(found.design_effect * found.rate * (1 - found.rate) / pairs.sum())
    assert error == pytest.approx(rates.std(), rel=0.03)


@pytest.mark.parametrize("mirrored", [False, True])
def test_ends_solve_halls_equation(mirrored):
    """Hall 1992, equation of g for a studentized mean: T + a T^2/3 + a^2 T^3/27 + a/6 = t."""
    fooled = np.array([0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 9, 0])
    fooled = 15 - fooled if mirrored else fooled
    shares = fooled / 15
    a = stats.skew(shares) * (11 / 12) ** 1.5 / np.sqrt(12)  # of the deviation with n - 1
    error = stats.sem(shares)
    ends = [
        shares.mean() - error * optimize.brentq(_hall, -50, 50, args=(a, t))
        for t in stats.t.ppf([0.975, 0.025], 11)
    ]
    found = clustered_rate(fooled, np.full(12, 15))
    np.testing.assert_allclose((found.low, found.high), np.clip(ends, 0, 1), rtol=1e-9)
    wilson = stats.binomtest(int(fooled.sum()), 180).proportion_ci(method="wilson")
    if mirrored:
        assert found.low < wilson.low - 0.1
    else:
        assert found.high > wilson.high + 0.1


def _hall(x: float, a: float, t: float) -> float:
    return x + a * x**2 / 3 + a**2 * x**3 / 27 + a / 6 - t


def test_with_fewer_than_two_fooled_participants_answers_are_taken_as_alike():
    """Wilson's interval with Student's t, at 300 pairs and a design effect of 1 + 14 x 0.3."""
    found = clustered_rate(np.eye(20, dtype=int)[0], np.full(20, 15))
    effective, t = 300 / 5.2, stats.t.ppf(0.975, 19)
    for end in (found.low, found.high):  # where the score is t
        assert abs(end - 1 / 300) / np.sqrt(end * (1 - end) / effective) == pytest.approx(t)
    assert found.low < 1 / 300 < found.high
    alike = clustered_rate(np.full(20, 15) - 1, np.full(20, 15))
    assert alike.design_effect == 1.0 and alike.low < 14 / 15 < alike.high


def test_extremes_have_intervals():
    none = clustered_rate(np.zeros(20, int), np.full(20, 15))
    assert none.rate == none.low == 0.0 and 0.05 < none.high < 0.1
    every = clustered_rate(np.full(20, 15), np.full(20, 15))
    assert every.high == pytest.approx(1.0) and every.low == pytest.approx(1.0 - none.high)
    alone = clustered_rate(np.array([5, 0]), np.array([15, 0]))
    assert (alone.low, alone.high, alone.participants) == (0.0, 1.0, 1)
    with pytest.raises(ValueError, match="no pairs"):
        clustered_rate(np.zeros(2, int), np.zeros(2, int))


def test_a_difference_is_tested_in_pairs_of_participants():
    rng = np.random.default_rng(1)
    fooled = rng.binomial(15, rng.beta(3, 5, (30, 1)) * [1.0, 0.8])
    expected = stats.ttest_rel(fooled[:, 0], fooled[:, 1]).pvalue
    assert difference_p_value(fooled, np.full((30, 2), 15)) == pytest.approx(expected)


def test_differences_without_spread():
    pairs = np.full((20, 2), 15)
    assert difference_p_value(np.tile([4, 4], (20, 1)), pairs) == 1.0
    for people in (2, 3, 6, 20):  # all for one system, always or but for one pair: the sign test
        expected = stats.binomtest(people, people).pvalue
        for often in (15, 14):
            alike = np.tile([0, often], (people, 1))
            assert difference_p_value(alike, pairs[:people]) == pytest.approx(expected)
    assert difference_p_value(np.tile([4, 5], (20, 1)), pairs) > 0.05
    for most in range(2, 15):  # people who differ, but all by one pair
        people = np.array([[0, 1], [1, 2], [most, most + 1]])
        assert difference_p_value(people, pairs[:3]) >= 0.25
    alone = np.array([[15, 15], [15, 0], [0, 15]])  # who saw one system only says nothing of two
    assert difference_p_value(alone * [0, 1], alone) == 1.0
    assert difference_p_value(np.tile([4, 5], (2, 1)), pairs[:2]) > 0.05
    assert difference_p_value(np.array([[0, 15]]), pairs[:1]) == 1.0


def test_holm_adjusts_as_r_does():
    """R 4.3: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])


def test_strengths_of_the_american_league_1987():
    """Agresti, Categorical Data Analysis, 2nd edition, section 10.6.3: wins and estimates."""
    wins = [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
    found = bradley_terry(np.array(wins), added=0.0)
    np.testing.assert_allclose(
        found - found[-1], [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0.0], atol=0.006
    )


def test_strengths_beside_real_pictures_are_logits_of_rates():
    fooled, pairs = np.array([300, 200, 0]), np.array([900, 900, 900])
    expected = np.log((fooled + 0.5) / (pairs - fooled + 0.5))
    np.testing.assert_allclose(strengths(fooled, pairs), expected, atol=1e-6)


def test_ranks_are_shared_by_those_that_cannot_be_told_apart():
    rng = np.random.default_rng(2)
    fooled = rng.binomial(15, [0.30, 0.31, 0.05, 0.6], (60, 4))
    assert ranks(fooled, np.full((60, 4), 15)) == [2, 2, 4, 1]


def test_few_people_tell_nothing_apart_even_if_they_always_agree():
    """The sign test needs six for 5 %; with five its p-value is 1/16."""
    for people, expected in ((2, [1, 1]), (5, [1, 1]), (6, [2, 1])):
        pairs = np.full((people, 2), 15)
        for often in (14, 15):
            assert ranks(np.tile([0, often], (people, 1)), pairs) == expected


def test_who_cannot_be_told_from_either_of_two_others_keeps_them_together():
    """The first is better than the last beyond chance; the one between is told from neither."""
    rng = np.random.default_rng(6)
    pairs = np.full((20, 3), 15)
    chance = rng.beta(4, 6, (20, 1)) - [0.0, 0.06, 0.14]
    fooled = rng.binomial(15, np.clip(chance, 0, 1))
    both = [[0, 1], [0, 2], [1, 2]]
    adjusted = holm(np.array([difference_p_value(fooled[:, pair], pairs[:, :2]) for pair in both]))
    assert adjusted[1] < 0.05 < min(adjusted[0], adjusted[2])
    assert ranks(fooled, pairs) == [1, 1, 1]


CLUSTERED = list(itertools.product(PARTICIPANTS, RATES, CORRELATIONS))
# Next to nobody is ever fooled there: an interval that covers when nobody was covers nearly always.
HARDLY_ANY = [(10, 0.02), (20, 0.02), (10, 0.05)]


@pytest.mark.parametrize(("participants", "rate", "correlation"), CLUSTERED)
def test_intervals_cover_the_true_rate_in_93_to_97_percent(participants, rate, correlation):
    """1,000 studies, whose share has a standard deviation of 0.7 %, so one end may err by that."""
    found = coverage_of(participants, rate, correlation, studies=1000, seed=1)
    assert 0.93 <= found["covered"]
    assert found["covered"] <= (1.0 if (participants, rate) in HARDLY_ANY else 0.977)


@pytest.mark.long
@pytest.mark.parametrize(("participants", "rate", "correlation"), CLUSTERED)
def test_many_studies_are_covered_in_93_to_97_percent(participants, rate, correlation):
    """10,000 studies, whose share has a standard deviation of 0.2 %."""
    found = coverage_of(participants, rate, correlation, studies=10_000, seed=2)
    assert 0.93 <= found["covered"]
    assert found["covered"] <= (1.0 if (participants, rate) in HARDLY_ANY else 0.972)


def test_the_kept_grid_is_what_the_statistics_give():
    """As docs/turing.md shows it; by rounding, one study of the 1,000 may be at an end."""
    kept = read_json(GRID)
    found = coverage_grid(kept["studies"], kept["seed"])
    cells = kept.pop("cells"), found.pop("cells")
    assert found == kept
    for was, now in zip(*cells, strict=True):
        expected = {key: pytest.approx(value, rel=1e-6) for key, value in was.items()}
        expected["covered"] = pytest.approx(was["covered"], abs=1.01 / kept["studies"])
        assert now == expected


def test_a_study_among_many_has_its_own_interval():
    rng = np.random.default_rng(4)
    pairs = rng.integers(5, 16, 12)
    fooled = rng.binomial(pairs, rng.beta(0.1, 1.5, (40, 12)))
    fooled[:3] = [np.zeros(12), pairs, np.eye(12)[3]]
    low, high, effect = intervals(fooled, pairs)
    for study, row in enumerate(fooled):
        found = clustered_rate(row, pairs)
        alone = (found.low, found.high, found.design_effect)
        np.testing.assert_allclose((low[study], high[study], effect[study]), alone)
        assert 0.0 <= found.low <= found.rate <= found.high <= 1.0


def test_two_copies_of_a_system_are_tied_in_most_studies():
    rng = np.random.default_rng(9)
    tied = 0
    for _ in range(1000):
        chance = rng.beta(4, 8, (40, 1))
        copies = rng.binomial(15, chance, (40, 2))
        tied += len(set(ranks(copies, np.full((40, 2), 15)))) == 1
    assert tied >= 930
