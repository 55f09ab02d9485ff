"""The reports' claims, decided by intervals of kept runs."""

import dataclasses
from pathlib import Path

import pytest

from experiments.report.kept_runs import Graded, KeptRun
from experiments.report.replication.against_reports import Here
from experiments.report.replication.checked_claims import (
    DID_NOT,
    HELD,
    OPEN,
    check,
    checks,
    paragraphs,
)
from experiments.reported.claim import Claim, OfBaseline, OfReport, OfRun, OfTiming, OfTruth
from experiments.reported.claims import CLAIMS
from experiments.reported.figure import Budget
from experiments.reported.published import DTU_TABLE_1, PADOVA_TABLE_2

GRADED = Graded("tiny_imagenet", "test", 10_000, 64)
AHEAD = Claim(
    "UCI", "section 9", "one beats two", OfRun("one", "one", "psnr"), OfRun("two", "two", "psnr")
)


def run(name, psnr, seen=1_000, graded=GRADED, width=0.1, seeds=(), colored=None, notes=()):
    values = {
        key: {"mean": mean, "low": mean - width, "high": mean + width}
        for key, mean in (("psnr", psnr), ("psnr_colored", colored))
        if mean is not None
    }
    rows = {name or "do_nothing": values}
    by_seed = {"psnr": seeds} if seeds else {}
    folder = Path(f"{name}-{seen}")
    budget = f"{seen} images"
    return KeptRun(folder, name, graded, seen, budget, rows, by_seed=by_seed, notes=notes)


def here(*runs, **speeds):
    return Here(runs, speeds, {})


@pytest.mark.parametrize(
    "gap, verdict", [(0.21, HELD), (0.19, OPEN), (-0.19, OPEN), (-0.21, DID_NOT)]
)
def test_intervals_that_overlap_decide_nothing(gap, verdict):
    checked = check(AHEAD, here(run("one", 20 + gap), run("two", 20.0)))
    assert checked.verdict == verdict
    assert (
        f"one {20 + gap:.2f} [" in checked.because and "both after 1,000 images" in checked.because
    )
    assert checked.because.endswith("the intervals overlap") == (verdict == OPEN)


def test_runs_of_equal_length_are_compared_and_of_these_the_longest():
    runs = [
        run("one", 20.0, 9_000),
        run("one", 21.0, 2_000),
        run("one", 19.0),
        run("two", 18.0, 2_000),
    ]
    checked = check(AHEAD, here(*runs, run("two", 25.0)))
    assert checked.verdict == HELD and "21.00" in checked.because and "18.00" in checked.because
    unequal = check(AHEAD, here(run("one", 20.0, 9_000), run("two", 18.0, 2_000)))
    assert unequal.verdict == OPEN and unequal.because == "no two runs are kept that could tell"


def test_runs_of_one_bake_off_had_one_budget_and_may_differ_in_length():
    one, two = run("one", 20.0, 1_800), run("two", 18.0, 1_600)
    place = Path("bakeoff")
    at_one = [dataclasses.replace(each, bakeoff=place) for each in (one, two)]
    checked = check(AHEAD, here(*at_one))
    assert checked.verdict == HELD and "after 1,800 images" in checked.because
    other = dataclasses.replace(two, bakeoff=Path("another"))
    assert check(AHEAD, here(at_one[0], other)).verdict == OPEN
    assert check(AHEAD, here(one, two)).verdict == OPEN
    # One budget of time is not one of images.
    far = dataclasses.replace(run("two", 18.0, 800), bakeoff=place)
    assert check(AHEAD, here(at_one[0], far)).because.endswith("too unequal to compare")


def test_the_longest_runs_may_differ_in_length_if_the_claim_says_so():
    sides = [dataclasses.replace(side, most=True) for side in (AHEAD.greater, AHEAD.lesser)]
    claim = dataclasses.replace(AHEAD, greater=sides[0], lesser=sides[1])
    checked = check(claim, here(run("one", 20.0, 9_000), run("two", 18.0, 6_000), run("two", 30.0)))
    assert checked.verdict == HELD
    assert "after 9,000 images" in checked.because and "after 6,000 images" in checked.because
    checked = check(claim, here(run("one", 20.0, 9_000), run("two", 18.0, 4_000)))
    assert checked.verdict == OPEN and checked.because.endswith("; too unequal to compare")


def test_longer_training_takes_two_runs():
    shortest, longest = (OfRun("one", "one", "psnr", most=most) for most in (False, True))
    claim = dataclasses.replace(AHEAD, greater=shortest, lesser=longest)
    assert check(claim, here(run("one", 20.0))).verdict == OPEN
    assert check(claim, here(run("one", 20.0), run("one", 19.0, 3_000))).verdict == HELD
    assert check(claim, here(run("one", 20.0), run("one", 21.0, 3_000))).verdict == DID_NOT


def test_a_run_shorter_than_the_reports_decides_nothing_where_its_budget_is_named():
    """Of those that had it the shortest, as the report stopped there."""
    ours = OfRun("one", "one", "psnr", most=False, budget=Budget(20, 100))
    claim = dataclasses.replace(AHEAD, greater=ours, lesser=OfBaseline("n", "do_nothing", "psnr"))
    nothing = run("", 19.0)
    short, enough = run("one", 10.0, 1_900), run("one", 20.0, 2_000)
    longer = run("one", 9.0, 3_000)
    assert check(claim, here(short, nothing)).verdict == OPEN
    assert check(claim, here(short, enough, longer, nothing)).verdict == HELD


def test_runs_graded_on_other_data_decide_nothing():
    elsewhere = dataclasses.replace(GRADED, data="sample")
    assert check(AHEAD, here(run("one", 30.0, graded=elsewhere), run("two", 20.0))).verdict == OPEN


def test_runs_graded_on_a_part_are_not_compared_with_those_on_the_whole():
    part = dataclasses.replace(GRADED, images=2_500)
    one, two = run("one", 30.0, graded=part), run("two", 20.0)
    assert check(AHEAD, here(one, two)).verdict == OPEN
    assert check(AHEAD, here(one, two, run("one", 10.0))).verdict == DID_NOT


def test_a_baseline_is_compared_on_the_images_that_a_run_was_graded_on():
    """A kept bake-off grades a part, on which a baseline has another mean than on the whole."""
    claim = dataclasses.replace(AHEAD, lesser=OfBaseline("nothing", "do_nothing", "psnr"))
    part = run("one", 20.0, 9_000, graded=dataclasses.replace(GRADED, images=2_500))
    assert check(claim, here(part, run("", 19.0))).verdict == OPEN
    checked = check(claim, here(part, run("one", 18.0), run("", 19.0)))
    assert checked.verdict == DID_NOT and "18.00" in checked.because


BEST = OfRun(
    "ours", "polychromify_ab", "psnr", most=False, published=PADOVA_TABLE_2["polychromify_ab"]
)
COLORIZES = dataclasses.replace(
    AHEAD, greater=BEST, lesser=OfBaseline("nothing", "do_nothing", "psnr")
)


@pytest.mark.parametrize(
    "seen, verdict, said",
    [
        (2_999_999, DID_NOT, "ours 22.44 in the report, nothing 23.00 [22.90, 23.10]"),
        (
            3_000_000,
            HELD,
            "ours 23.50 [23.40, 23.60] after 3,000,000 images where the report has 22.44, "
            "nothing 23.00 [22.90, 23.10]",
        ),
    ],
)
def test_a_run_with_the_reports_budget_decides_in_place_of_its_figure(seen, verdict, said):
    checked = check(COLORIZES, here(run("polychromify_ab", 23.5, seen), run("", 23.0)))
    assert (checked.verdict, checked.because) == (verdict, said)
    # Of two the one that is nearer the report's budget.
    longer = run("polychromify_ab", 30.0, 9_000_000)
    checked = check(COLORIZES, here(longer, run("polychromify_ab", 23.5, seen), run("", 23.0)))
    assert ("after 9,000,000" in checked.because) == (verdict == DID_NOT)


def test_images_that_no_step_saw_are_part_of_a_budget_and_not_said_to_be_seen():
    """30 epochs of 100,000 images in batches of 64, against the report's 30 of as many."""
    ours = dataclasses.replace(run("polychromify_ab", 23.5, 2_999_040), left_over=960)
    checked = check(COLORIZES, here(ours, run("", 23.0)))
    assert checked.verdict == HELD and " after 2,999,040 images where" in checked.because
    # Of equal length are runs of as many epochs, whatever their batches.
    two = dataclasses.replace(run("two", 18.0, 992), left_over=8)
    checked = check(AHEAD, here(run("one", 20.0), two))
    assert checked.verdict == HELD and " after 1,000 images" in checked.because
    assert " after 992 images" in checked.because and "both" not in checked.because


@pytest.mark.parametrize(
    "colored, verdicts",
    [(23.05, (DID_NOT, OPEN)), (23.5, (DID_NOT, HELD)), (22.5, (DID_NOT,)), (None, (DID_NOT,))],
)
def test_colored_images_are_apart_where_they_decide_otherwise(colored, verdicts):
    ours = run("polychromify_ab", 23.5, 3_000_000, colored=colored)
    checked = checks(COLORIZES, here(ours, run("", 23.8, colored=23.0)))
    assert tuple(each.verdict for each in checked) == verdicts
    if len(checked) > 1:
        assert [each.claim.said for each in checked] == [
            "one beats two, on all images",
            "one beats two, on colored images",
        ]
        assert "23.00 [22.90, 23.10]" in checked[1].because
        assert "in the report" not in checked[1].because  # which has none on colored images
    else:
        assert checked[0].claim.said == "one beats two"


def test_open_on_all_images_and_open_on_colored_ones_for_another_reason_are_both_said():
    ours = run("polychromify_ab", 23.75, 3_000_000, colored=23.5)
    seeds = run("polychromify_ab", 23.0)
    seeds = dataclasses.replace(seeds, by_seed={"psnr_colored": (23.4, 22.7)})
    checked = checks(COLORIZES, here(ours, seeds, run("", 23.8, colored=23.0)))
    assert [each.verdict for each in checked] == [OPEN, OPEN]
    assert checked[0].why == "the intervals overlap"
    assert checked[1].why == (
        "of one seed, and not beyond what 2 seeds of another run allow: `polychromify_ab` has "
        "23.40 and 22.70 after 1,000 images"
    )


def test_a_claim_that_rests_on_an_encoder_of_random_weights_says_so():
    notes = ("Encoder of body: random weights; its weights changed in training",)
    checked = check(AHEAD, here(run("one", 22.0, notes=notes), run("two", 20.0)))
    assert "one 22.00 [21.90, 22.10] from an encoder of random weights, two" in checked.because
    assert checked.because.count("random") == 1


def test_dtus_loss_is_held_against_the_best_of_the_others_by_every_metric():
    """By PSNR and MSE it is ahead of them in its own table, and by SSIM it is not."""
    claims = [each for each in CLAIMS if (each.report, each.place) == ("DTU", "Table 1")]
    assert [claim.greater.key for claim in claims] == ["psnr", "mse", "ssim"]
    weighted, others = (
        [row for name, row in DTU_TABLE_1.items() if name.startswith("color_weighted") == own]
        for own in (True, False)
    )
    verdicts = []
    for claim in claims:
        key = claim.greater.key
        best = min if key == "mse" else max
        sides = (claim.lesser, claim.greater) if key == "mse" else (claim.greater, claim.lesser)
        for side, rows in zip(sides, (weighted, others), strict=True):
            assert side.published.values[key] == best(row.values[key] for row in rows)
        verdicts.append(check(claim, here()).verdict)
    assert verdicts == [HELD, HELD, DID_NOT]


def test_a_claim_that_these_numbers_cant_settle_stays_open():
    claim = dataclasses.replace(AHEAD, elsewhere="other images")
    checked = check(claim, here(run("one", 30.0), run("two", 20.0)))
    assert checked.verdict == OPEN and checked.because.endswith("; other images")


def test_what_is_alike_is_near():
    claim = dataclasses.replace(AHEAD, within=0.5)
    assert check(claim, here(run("one", 20.4), run("two", 20.0))).verdict == HELD
    assert check(claim, here(run("one", 20.6), run("two", 20.0))).verdict == DID_NOT


@pytest.mark.parametrize(
    "real, fake, verdict",
    [(0.62, 0.66, HELD), (0.56, 0.6, HELD), (0.62, 0.68, DID_NOT), (0.987, 0.986, DID_NOT)]
    + [(0.5, 0.52, DID_NOT), (0.0, 0.01, DID_NOT), (0.74, 0.76, DID_NOT)],
)
def test_two_accuracies_of_a_lost_game_are_not_alike_as_the_reports_are(real, fake, verdict):
    (claim,) = (each for each in CLAIMS if each.inside is not None)
    values = {
        key: {"mean": mean, "low": None, "high": None}
        for key, mean in (("accuracy_real", real), ("accuracy_fake", fake))
    }
    cgan = KeptRun(Path("cgan"), "cgan", GRADED, 64_000, "", {"cgan": values})
    assert check(claim, here(cgan)).verdict == OPEN  # the report's images are dining rooms
    assert check(dataclasses.replace(claim, elsewhere=""), here(cgan)).verdict == verdict


@pytest.mark.parametrize(
    "cgan, vgg16, verdict",
    [(4.53, 3.74, OPEN), (7.4, 3.74, OPEN), (7.5, 3.74, HELD), (3.74, 7.5, DID_NOT)],
)
def test_one_timing_each_decides_by_a_factor_alone(cgan, vgg16, verdict):
    (claim,) = (each for each in CLAIMS if each.said.endswith("on images of the same size"))
    checked = check(claim, here(cgan=[cgan], vgg16_regression=[vgg16]))
    assert checked.verdict == verdict and "timed once each" in checked.because


def test_a_timing_counts_for_the_size_that_a_report_trained_at():
    """Linköping's cGAN had images of 64x64, its VGG16 of 224x224: 12.25 times the pixels."""
    (claim,) = (each for each in CLAIMS if each.said.endswith("on images of the report's size"))
    for vgg16, verdict in ((24.0, HELD), (25.0, OPEN)):
        assert check(claim, here(cgan=[4.0], vgg16_regression=[vgg16])).verdict == verdict
    checked = check(claim, here(cgan=[4.0], vgg16_regression=[6.125]))
    assert "0.5 images a second of processor time at 224x224, from 6.12 at 64x64" in checked.because


def test_a_verdict_of_one_seed_each_is_of_these_weights_and_listed_apart():
    single = check(AHEAD, here(run("one", 22.0), run("two", 20.0)))
    assert single.verdict == HELD and single.alone
    several = run("one", 22.0, seeds=(21.99, 22.0, 22.01))
    known = check(AHEAD, here(several, run("two", 20.0)))
    assert known.verdict == HELD and not known.alone
    third = dataclasses.replace(AHEAD, said="three beats two", greater=OfRun("3", "three", "psnr"))
    found = here(several, run("two", 20.0), run("three", 23.0), run("two", 20.0))
    held, _ = paragraphs("UCI", found, [third, AHEAD])
    assert held.startswith("What held up: one beats two (section 9: ")
    assert "; of these weights alone, one seed each, three beats two (section 9: " in held


def test_seeds_that_scatter_more_than_two_runs_differ_leave_a_claim_open():
    wide = run("one", 22.0, seeds=(21.0, 23.0))
    checked = check(AHEAD, here(wide, run("two", 20.0)))
    assert checked.verdict == OPEN
    assert checked.because.endswith(
        "; not beyond what 2 seeds allow: `one` has 21.00 and 23.00 after 1,000 images"
    )
    nothing = dataclasses.replace(AHEAD, lesser=OfBaseline("nothing", "do_nothing", "psnr"))
    assert check(nothing, here(wide, run("", 20.0))).verdict == OPEN
    close = run("one", 22.0, seeds=(21.95, 22.05))
    assert check(nothing, here(close, run("", 20.0))).verdict == HELD


@pytest.mark.parametrize("ahead, verdict", [(0.25, OPEN), (0.28, HELD)])
def test_images_and_seeds_are_one_chance_together(ahead, verdict):
    """Intervals of 0.1 to either side, and 0.22 by Student's over seeds: together 0.26."""
    seeds = [22.0 + ahead + away for away in (-0.045, 0.0, 0.045)]
    claim = check(AHEAD, here(run("one", 22.0 + ahead, seeds=seeds), run("two", 22.0)))
    assert claim.verdict == verdict


def test_seeds_of_another_run_of_the_system_count_for_its_single_one():
    elsewhere = dataclasses.replace(GRADED, images=2_500)
    single = [run("one", 22.0), run("two", 20.0)]
    for seeds, verdict in (((24.0, 21.0), OPEN), ((22.5, 22.45), HELD)):
        other = run("two", 22.5, 30_000, elsewhere, seeds=seeds)
        checked = check(AHEAD, here(*single, other))
        assert checked.verdict == verdict
        assert ("`two` has 24.00 and 21.00 after 30,000" in checked.because) == (verdict == OPEN)


def test_published_figures_baselines_timings_and_the_truth_are_sides():
    published = OfReport("theirs", PADOVA_TABLE_2["polychromify_ab"], "psnr")
    nothing = OfBaseline("doing nothing", "do_nothing", "psnr")
    claim = dataclasses.replace(AHEAD, greater=published, lesser=nothing)
    checked = check(claim, here(run("", 23.74)))
    assert checked.verdict == DID_NOT
    assert checked.because == "theirs 22.44, doing nothing 23.74 [23.64, 23.84]"
    timed = dataclasses.replace(AHEAD, greater=OfTiming("v3", "v3"), lesser=OfTiming("v1", "v1"))
    assert check(timed, here(v3=[154.0], v1=[8.0])).verdict == HELD
    dull = dataclasses.replace(AHEAD, greater=OfTruth("psnr"))
    checked = check(dull, here(run("two", -3.0)))
    assert checked.verdict == HELD
    assert checked.because == "two -3.00 [-3.10, -2.90] after 1,000 images"


def test_there_are_two_sentences_and_a_list_and_each_claim_is_in_one_of_them():
    claims = [
        AHEAD,
        dataclasses.replace(
            AHEAD, said="two beats one", greater=AHEAD.lesser, lesser=AHEAD.greater
        ),
        dataclasses.replace(AHEAD, said="three beats two", greater=OfRun("three", "three", "psnr")),
        dataclasses.replace(AHEAD, said="two beats three", lesser=OfRun("three", "three", "psnr")),
    ]
    held, did_not, opened = paragraphs("UCI", here(run("one", 22.0), run("two", 20.0)), claims)
    alone = "of these weights alone, one seed each, "
    assert held.startswith(f"What held up: {alone}one beats two (section 9: one 22.00")
    assert did_not.startswith(f"What did not: {alone}two beats one (section 9: ")
    none = "(section 9: no two runs are kept that could tell)."
    assert opened == f"Still open:\n\n- Three beats two {none}\n- Two beats three {none}"
    assert held.endswith(").") and did_not.endswith(").") and "three" not in held + did_not
    assert paragraphs("DTU", here(), claims) == [
        "What held up: nothing that could be tested.",
        "What did not: nothing that could be tested.",
    ]
