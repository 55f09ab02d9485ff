"""What the reports claim, each held against runs that could decide it or could not."""

import dataclasses
from pathlib import Path

import pytest

from experiments.grading.baseline_names import BASELINES
from experiments.report.kept_runs import Graded, KeptRun
from experiments.report.replication.against_reports import Here
from experiments.report.replication.checked_claims import DID_NOT, OPEN, check
from experiments.reported.claim import OfBaseline, OfRun, OfTiming
from experiments.reported.claims import CLAIMS
from experiments.reported.figures import REPORTS
from experiments.reported.published import PADOVA_TABLE_1
from experiments.reported.settings import ROWS

GRADED = Graded("tiny_imagenet", "test", 10_000, 64)


def run(name, key, mean, seen=1_000):
    values = {key: {"mean": mean, "low": mean - 0.001, "high": mean + 0.001}}
    rows = {name or "do_nothing": values}
    return KeptRun(Path(f"{name}-{seen}"), name, GRADED, seen, "", rows)


def sides(claim):
    return claim.greater, claim.lesser


def here(*runs, **speeds):
    return Here(runs, speeds, {})


def test_claims_about_training_are_decided_by_timings_and_open_without_a_run():
    said = {
        "the size of the batch": ("DTU", OPEN, "no other row tells its batch"),
        "the cGAN trains noticeably faster than VGG16 on images of": (
            "Linköping",
            OPEN,
            "the cGAN 4.53 images",
        ),
        "the test loss is a little lower": ("Linköping", OPEN, "no two runs are kept"),
    }
    speeds = {"cgan": [4.534], "vgg16_regression": [3.736]}
    for start, (report, verdict, because) in said.items():
        (claim,) = (each for each in CLAIMS if each.said.startswith(start))
        checked = check(claim, here(run("cnn", "psnr", 20.0), **speeds))
        assert (claim.report, checked.verdict) == (report, verdict)
        assert because in checked.because


def test_claims_are_of_reports_and_of_systems_that_there_are():
    names = {name for settings in ROWS for name in settings.systems}
    assert {claim.report for claim in CLAIMS} == set(REPORTS)
    for claim in CLAIMS:
        for side in (claim.greater, claim.lesser):
            assert not isinstance(side, OfRun | OfTiming) or side.recipe in names
            assert not isinstance(side, OfBaseline) or side.name in BASELINES


KEY = "psnr_chroma_report"
VERSIONS = {
    (claim.greater.recipe, claim.lesser.recipe): claim
    for claim in CLAIMS
    if claim.report == "Padova" and {getattr(each, "key", "") for each in sides(claim)} == {KEY}
}


def test_claims_of_padovas_versions_are_those_of_its_own_table():
    """Section 5 tells them apart one by one, each by a change from another: v5 is v4 for longer."""
    numbers = {tuple(int(name[-1]) for name in pair) for pair in VERSIONS}
    assert numbers == {(1, 2), (1, 3), (4, 3), (6, 4), (4, 5)}
    for pair, claim in VERSIONS.items():
        values = [PADOVA_TABLE_1[name.removeprefix("polychromify_")].values[KEY] for name in pair]
        assert values[0] > values[1]
        # No other network decides it.
        shortest, longest = (
            run("polychromify_ab", KEY, psnr, seen) for psnr, seen in ((23.2, 1_000), (22.6, 3_000))
        )
        assert check(claim, here(shortest, longest)).verdict == OPEN


@pytest.mark.parametrize("pair", [("1", "2"), ("4", "3"), ("6", "4")])
def test_runs_of_one_bake_off_decide_between_two_versions_as_soon_as_both_are_kept(pair):
    """They have one budget; of v5 against v4 the length of training is the claim itself."""
    names = tuple(f"polychromify_v{number}" for number in pair)
    one, two = (
        dataclasses.replace(run(name, KEY, psnr, seen), bakeoff=Path("bakeoff"))
        for name, psnr, seen in zip(names, (21.0, 21.3), (1_800, 2_000), strict=True)
    )
    claim = VERSIONS[names]
    assert check(claim, here(one)).because == "no two runs are kept that could tell"
    checked = check(claim, here(one, two))
    assert checked.verdict == DID_NOT and checked.alone
    assert checked.because.startswith(f"v{pair[0]} (25 epochs in the report) 21.00 [")


def test_no_run_speaks_for_ucis_gan_whose_budget_the_report_does_not_give():
    """25 epochs of a number of images that is not known: none is known to have had as many."""
    key = "gray_luma_superpixels"
    (claim,) = (each for each in CLAIMS if (each.report, each.place) == ("UCI", "section 3.4"))
    nothing = run("", key, 0.983)
    for seen in (2_992, 10**9):
        checked = check(claim, here(run("uci_gan", key, 0.98, seen), nothing))
        assert checked.verdict == OPEN
        assert checked.because == (
            "the GAN 91.0 % in the report, doing nothing on Tiny ImageNet 98.3 % [98.2, 98.4]; "
            "the images are not the same"
        )


def test_only_whole_runs_say_whether_fifty_epochs_are_too_many():
    (claim,) = (each for each in CLAIMS if each.said.startswith("50 epochs have less"))

    def runs(v4, v5):
        key = "psnr_chroma_report"
        return run("polychromify_v4", key, 21.0, v4), run("polychromify_v5", key, 20.0, v5)

    half_hours, whole = runs(632_320, 632_320), runs(2_500_000, 5_000_000)
    assert check(claim, here(*half_hours)).verdict == OPEN
    assert check(claim, here(*half_hours, *whole)).verdict != OPEN
