"""Clauses of the reports' tables: which runs are kept where none can tell a figure."""

import dataclasses
from pathlib import Path

import pytest

from experiments.report.kept_runs import Graded, KeptRun
from experiments.report.replication.against_reports import Here, compare, difference
from experiments.report.replication.clauses import what_is_kept
from experiments.reported.figure import BEST_EPOCH, Budget, Figure
from experiments.reported.figures import PLACES

BERRIES = Figure(
    "VGG16", "", "35", BEST_EPOCH, 35, "net", budget=Budget(35, 100), size=224, data="berries"
)


def run(seen=3_500, data="berries", side=224, name="net", **values):
    rows = {name: {key: {"mean": value} for key, value in values.items()}}
    graded = Graded(data, "test", 10_000, side)
    return KeptRun(Path("nowhere"), name, graded, seen, "", rows)


@pytest.mark.parametrize(
    "runs, said",
    [
        ([], "no run is kept"),
        ([run(3_499)], "runs are kept, but shorter ones"),
        ([run(data="tiny_imagenet")], "runs are kept, but of other images"),
        ([run(side=64), run(10, side=64)], "runs are kept, but of other images"),
        ([run(10, "tiny_imagenet", 64)], "runs are kept, but shorter ones, of other images"),
        ([run(side=64), run(10)], "runs are kept, but shorter ones or of other images"),
        ([run(), run(10)], "runs are kept, but their records do not hold this"),
        # Of an encoder of random weights, say.
        ([run(best_epoch=9), run(10)], "runs are kept, but none by its protocol"),
    ],
)
def test_runs_that_can_not_tell_are_said_to_be_kept_and_why_they_can_not(runs, said):
    assert what_is_kept(runs, BERRIES) == said
    unknown = dataclasses.replace(BERRIES, budget=None, data="", size=64)
    assert what_is_kept([run(10, side=64)], unknown) == (
        "runs are kept, but their records do not hold this"
    )


@pytest.mark.parametrize("seen", [100, 10**9])
def test_no_row_says_that_no_run_is_kept_where_one_is(seen):
    figures = [figure for place in PLACES for figure in place.figures if figure.budget]
    for figure in figures:
        kept = Here([run(seen, "elsewhere", name=figure.recipe)], {}, {})
        assert difference(compare(figure, kept)).startswith("Runs are kept, but ")
