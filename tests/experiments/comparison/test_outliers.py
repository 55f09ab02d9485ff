"""A failed system stretches no axis, and is named where it is cut off."""

import dataclasses
import html
import re
import shutil

import numpy as np
import pytest

from experiments.comparison.figures import charts
from experiments.comparison.figures.charts import Series
from experiments.comparison.figures.outliers import axis_from, axis_to
from experiments.comparison.report import write_report
from experiments.comparison.settings import System

NAN = float("nan")


def lines(*tops: float) -> list[Series]:
    """Lines with these greatest values."""
    return [Series(f"line {top}", "s0", [0, 1, 2], [top - 1, top, NAN]) for top in tops]


def test_an_outlier_is_beyond_one_and_a_half_ranges_of_the_middle_half():
    """Of 1 to 9 and one more, that half is from 3.25 to 7.75, and fences are at -3.5 and 14.5."""
    nine = lines(*range(1, 10))
    assert axis_to([*nine, *lines(14)]) == (14, "")
    assert axis_to([*nine, *lines(15)]) == (
        9,
        "Cut off above, with the greatest value: line 15 (15.0).",
    )
    # With one more below, from 2.25 to 6.75, and at -4.5.
    assert axis_from([*nine, *lines(-4)], margin=1.0) == (-5, "")
    least, note = axis_from([*nine, *lines(-5)], margin=1.0)
    assert least == 0 and note == "Cut off below, with the greatest value: line -5 (-5.0)."


def test_few_lines_have_no_outlier_and_those_without_values_are_none():
    empty = Series("empty", "s0", [0, 1], [NAN, NAN])
    assert axis_to([*lines(1, 1, 1, 1, 1, 1, 50), empty]) == (50, "")
    assert axis_from([*lines(1, 1, 1, 1, 1, 1, -50), empty], margin=2.0) == (-52, "")
    assert axis_to([*lines(1, 1, 1, 1, 1, 1, 1, 50), empty])[0] == 1


def test_what_leaves_a_chart_does_not_stretch_it_and_a_note_stands_beneath():
    drawn = charts.lines(lines(20, 54), "x", "y", y_to=20, note="Cut off: <b>. " * 10)
    assert ">20<" in drawn and ">40<" not in drawn
    _, outside = (
        [float(point.split(",")[1]) for point in points.split(" ")]
        for points in re.findall(r'points="([^"]*)"', drawn)
    )
    assert max(outside) < charts.TOP  # above the axis, where it is cut off
    height = int(re.search(r'viewBox="0 0 560 (\d+)"', drawn)[1])
    beneath = re.findall(r'y="(\d+)">(Cut off[^<]*)<', drawn)
    assert len(beneath) == 2 and {text[:14] for _, text in beneath} == {"Cut off: &lt;b"}
    assert all(charts.LINES.height < int(at) < height for at, _ in beneath)


@pytest.fixture
def crowded(bakeoff, settings, write_grades):
    """With six systems more, of which one failed; and settings."""
    names = [f"more_{number}" for number in range(5)] + ["failed"]
    for number, name in enumerate(names):
        failed = name == "failed"
        # Colors of 3 times the true ones, and a PSNR that is 10 dB less after each epoch.
        image = np.linspace(20, 26, 40) - 10 * failed
        write_grades(bakeoff, name, 1, "trained", image, level=250 if failed else 100 + 10 * number)
        run = bakeoff / "runs" / name / "seed-1"
        shutil.copytree(bakeoff / "runs/good/seed-1", run)
        grades = run / "networks/net/epoch_grades.csv"
        grades.write_text(grades.read_text().replace(",2", ",1" if failed else ",2"))
    more = tuple(System(name) for name in names)
    return bakeoff, dataclasses.replace(settings, systems=(*settings.systems, *more))


def test_the_page_names_failed_systems_beneath_the_charts_that_they_leave(crowded):
    out, settings = crowded
    page = write_report(settings, out)
    for name, says in (
        ("training_images", r"below, with the greatest value: Failed \(14\.1\)\."),
        ("training_minutes", r"below, with the greatest value: Failed \(14\.1\)\."),
        ("error_by_lightness", r"above, with the greatest value: Failed \(\d+\.\d\)\."),
    ):
        assert re.search(f"Cut off {says}", (page.parent / f"{name}.svg").read_text()), name
    text = html.unescape(page.read_text())
    assert "cut off, and so are outliers, named beneath the charts" in text
    assert "Outliers are cut off, and named beneath a chart" in text
    chart = (page.parent / "training_images.svg").read_text()
    levels = re.findall(r'class="tick"[^>]*text-anchor="end">([^<]*)<', chart)
    assert min(map(float, levels)) > 22


def test_the_page_does_not_speak_of_outliers_where_there_are_none(bakeoff, settings):
    text = html.unescape(write_report(settings, bakeoff).read_text())
    assert "utliers" not in text and "Cut off" not in text
