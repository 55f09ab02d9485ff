"""Ranks: two copies of one system are tied, better ones are not, and seeds are a chance apart."""

import itertools

import numpy as np
import pytest

from experiments.comparison.tables.ranking import rank, shared_ranks
from experiments.grading.seeds import Seeds, seeds_margin

IMAGES = 150


def test_two_copies_of_one_system_are_tied_in_at_least_93_percent():
    rng = np.random.default_rng(1)
    tied = covered = 0
    for _ in range(1000):
        # Images differ far more than systems do, and gray ones have no value.
        image = rng.normal(23, 4, IMAGES)
        image[:3] = np.nan
        copies = {name: [image + rng.normal(0, 1, IMAGES)] for name in "ab"}
        ranking = rank(copies)
        tied += ranking.ranks == {"a": (1, 2), "b": (1, 2)}
        covered += ranking.low[0, 1] < 0 < ranking.high[0, 1]
    assert tied == covered
    assert 930 <= tied <= 975


def test_a_better_copy_is_found_though_images_differ_far_more():
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(100):
        image = rng.normal(23, 4, IMAGES)
        copies = {name: [image + rng.normal(0, 1, IMAGES)] for name in "ab"}
        copies["better"] = [image + 0.5 + rng.normal(0, 1, IMAGES)]
        ranks = rank(copies).ranks
        found += ranks["better"] == (1, 1) and ranks["a"][0] == 2
    assert found > 90  # the difference is four standard errors


def test_an_interval_is_that_of_scipys_paired_bootstrap():
    from scipy.stats import bootstrap as reference

    rng = np.random.default_rng(3)
    one, other = rng.normal(23, 4, (2, 400))
    ranking = rank({"one": [one], "other": [other]})
    place = ranking.order.index("one")
    found = ranking.low[place, 1 - place], ranking.high[place, 1 - place]
    expected = reference(
        (one - other,), np.mean, n_resamples=4000, method="percentile", rng=rng
    ).confidence_interval
    np.testing.assert_allclose(found, expected, atol=0.06)
    np.testing.assert_allclose(ranking.low[1 - place, place], -found[1])


def test_lower_is_better_where_it_is():
    rng = np.random.default_rng(4)
    errors = {name: [rng.normal(mean, 0.1, 50)] for name, mean in (("bad", 9), ("good", 8))}
    ranking = rank(errors, better="lower")
    assert ranking.order == ("good", "bad") and ranking.ranks == {"good": (1, 1), "bad": (2, 2)}
    assert ranking.low[0, 1] > 0.9


def test_ten_thousand_images_of_thirty_systems_give_all_pairs():
    rng = np.random.default_rng(5)
    quality = np.repeat(np.arange(15.0), 2)  # pairs of copies
    noise = rng.normal(0, 1, (30, 10_000)) + rng.normal(23, 4, 10_000)
    ranking = rank({f"s{i:02d}": [noise[i] - quality[i]] for i in range(30)})
    assert ranking.low.shape == (30, 30)
    for i in range(30):
        first, last = ranking.ranks[f"s{i:02d}"]
        assert i // 2 * 2 + 1 <= first <= last <= i // 2 * 2 + 2


def test_who_cannot_be_told_from_one_far_below_takes_all_between_along():
    apart = ~np.eye(4, dtype=bool)
    apart[0, 2] = apart[2, 0] = False
    assert shared_ranks("abcd", apart) == {"a": 1, "b": 1, "c": 1, "d": 4}
    assert shared_ranks("abcd", ~np.eye(4, dtype=bool)) == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert set(shared_ranks("abcd", np.zeros([4, 4], bool)).values()) == {1}


def seeds_apart(one: Seeds, other: Seeds) -> bool:
    """By their seeds alone."""
    return abs(np.mean(one.means) - np.mean(other.means)) > seeds_margin(one, other)


def test_seeds_that_scatter_more_than_systems_differ_are_no_evidence():
    # By R: t.test(c(24, 24.1, 24.5), c(23.9, 24, 24.2))$conf.int is -0.3657, 0.6991.
    assert not seeds_apart(Seeds([24, 24.1, 24.5]), Seeds([23.9, 24, 24.2]))
    assert seeds_apart(Seeds([24, 24.1, 24.2]), Seeds([23, 23.1, 23.2]))
    assert seeds_apart(Seeds([24.0, 24.0]), Seeds([23.0, 23.0]))
    assert not seeds_apart(Seeds([24.0, 24.0]), Seeds([24.0, 24.0]))
    values = np.random.default_rng(6).normal(0, 0.01, (6, 200))
    scattered = values + np.array([24, 24.1, 24.5, 23.9, 24, 24.2])[:, None]
    both = {"a": list(scattered[:3]), "b": list(scattered[3:])}
    ranking = rank(both)
    assert ranking.low[0, 1] > 0  # of these weights, on any images
    assert ranking.ranks == {"a": (1, 2), "b": (1, 2)}


def test_several_seeds_are_held_against_a_baseline_and_a_single_seed():
    three = Seeds([24, 24.1, 24.5])
    # By R: t.test(c(24, 24.1, 24.5))$conf.int is 23.5428, 24.8572.
    for mean, apart in ((23.53, True), (23.55, False), (24.84, False), (24.87, True)):
        assert seeds_apart(three, Seeds([mean], fixed=True)) == apart
        assert seeds_apart(Seeds([mean], fixed=True), three) == apart
    # Twice as wide for one more draw of three: 1.3144 to either side.
    for mean, apart in ((22.87, True), (22.9, False), (25.5, False), (25.53, True)):
        assert seeds_apart(Seeds([mean]), three) == apart
    assert not seeds_apart(Seeds([18.88]), Seeds([18.41, 19.05]))  # one of the two is above it
    assert seeds_apart(Seeds([18.88]), Seeds([18.87]))  # of these weights


@pytest.mark.parametrize("fixed", [True, False])
def test_a_system_is_told_from_its_like_by_a_few_seeds_in_5_percent(fixed):
    rng = np.random.default_rng(7)
    draws = rng.normal(23, 0.3, (1500, 4))
    told = sum(
        seeds_apart(Seeds(draw[:3]), Seeds([23.0 if fixed else draw[3]], fixed)) for draw in draws
    )
    assert 0.035 < told / len(draws) < 0.065


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_systems_that_are_equal_over_images_and_seeds_are_told_apart_in_5_percent(seeds):
    """Two chances of the same size; each alone would be left out too often."""
    rng = np.random.default_rng(8)
    told = 0
    for _ in range(600):
        image = rng.normal(23, 4, IMAGES)
        own = rng.normal(0, 1, (2, 1, IMAGES))  # what a system finds easy, with any seed
        by_seed = rng.normal(0, np.sqrt(seeds / IMAGES), (2, seeds, 1))
        a, b = image + own + by_seed
        told += bool(rank({"a": list(a), "b": list(b)}).apart[0, 1])
    assert told / 600 < 0.07
    assert seeds == 2 or told / 600 > 0.01


def test_the_best_are_those_that_cannot_be_told_from_the_best_itself():
    """And "wild", which can't be told from anyone, takes nobody along."""
    base = np.linspace(20, 30, 200)
    seeds = {"good": [base + 1, base + 1.01], "gray": [base], "wild": [base + 0.9, base - 4]}
    ranking = rank(seeds, fixed=["gray"])
    assert ranking.ranks == {"good": (1, 2), "gray": (2, 3), "wild": (1, 3)}
    for one, other in itertools.combinations(ranking.ranks, 2):
        shared = set(range(ranking.ranks[one][0], ranking.ranks[one][1] + 1)) & set(
            range(ranking.ranks[other][0], ranking.ranks[other][1] + 1)
        )
        assert shared
    assert ranking.best == ("good", "wild")
    assert ranking.above("good", "gray") and not ranking.above("gray", "good")
    assert not ranking.above("gray", "wild")
    assert ranking.difference("good", "gray") == pytest.approx((1.005, 1.005, 1.005), abs=1e-5)


def test_nothing_that_counts_ranks_nobody():
    assert rank({"a": [np.full(3, np.nan)], "b": [np.zeros(3)]}).ranks == {
        "a": (1, 2),
        "b": (1, 2),
    }
