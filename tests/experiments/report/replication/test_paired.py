"""Claims about two runs of one bake-off, decided on the same images."""

import dataclasses
import re

import numpy as np
import pytest

from experiments.report.kept_runs import Graded, KeptRun
from experiments.report.replication.against_reports import Here
from experiments.report.replication.checked_claims import DID_NOT, HELD, OPEN, check
from experiments.reported.claim import Claim, OfRun

AHEAD = Claim("", "", "", OfRun("one", "one", "psnr"), OfRun("two", "two", "psnr"))


def run(bakeoff, name, psnr):
    values = {"psnr": {"mean": psnr, "low": psnr - 0.4, "high": psnr + 0.4}}
    graded = Graded("tiny_imagenet", "test", 400, 64)
    return KeptRun(bakeoff / name, name, graded, 1_000, "", {name: values}, bakeoff=bakeoff)


@pytest.mark.parametrize("ahead, verdict", [(0.3, HELD), (-0.3, DID_NOT), (0.0, OPEN)])
def test_runs_of_one_bake_off_are_compared_on_the_same_images(ahead, verdict, tmp_path):
    """Their intervals overlap, because images differ by more than the two runs do."""
    rng = np.random.default_rng(0)
    images = rng.normal(20, 3, 400)
    images[0] = np.nan
    gaps = rng.normal(0, 2, (2, 400))
    for name, gap in (("one", ahead + gaps - gaps.mean(axis=1, keepdims=True)), ("two", [0.0])):
        (tmp_path / "grades" / name).mkdir(parents=True)
        for seed, each in enumerate(gap, 1):
            values = (images + each).astype("float16")
            np.savez(tmp_path / f"grades/{name}/seed-{seed}.npz", **{"per_image/psnr": values})
    runs = [run(tmp_path, name, mean) for name, mean in (("one", 20 + ahead), ("two", 20.0))]
    checked = check(AHEAD, Here(runs, {}, {}))
    assert checked.verdict == verdict
    mean, low, high = map(
        float,
        re.search(
            r"difference on the same images (\S+) \[(\S+), (\S+)\]", checked.because
        ).groups(),
    )
    # The mean of two seeds whose deviation is 2, over 399 images.
    assert mean == pytest.approx(ahead, abs=0.02)
    assert high - low == pytest.approx(2 * 1.96 * 2 / np.sqrt(2 * 399), rel=0.2)
    assert checked.because.endswith("not told apart") == (verdict == OPEN)


def test_without_the_images_of_both_intervals_decide(tmp_path):
    one, two = run(tmp_path, "one", 20.3), run(tmp_path, "two", 20.0)
    assert check(AHEAD, Here([one, two], {}, {})).because.endswith("the intervals overlap")
    far = dataclasses.replace(two, bakeoff=tmp_path / "another")
    assert check(AHEAD, Here([one, far], {}, {})).because.endswith("the intervals overlap")
