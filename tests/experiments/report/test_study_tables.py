"""The table of old-looking photographs: what its rows are of, and of how many images."""

import json
from pathlib import Path

import pytest

from experiments.report.study_tables import robustness_table, top1_table
from polychrome.presets import shipped
from tf_data.degradations.strengths import DEGRADATIONS

KEPT = Path(__file__).parents[3] / "experiments" / "results" / "photo"


@pytest.fixture
def bsds500() -> dict:
    """Figures of 100 photographs."""
    return json.loads((KEPT / "robustness_bsds500.json").read_text())["sets"]["bsds500"]


def rows(figures: dict, style: str = "plain") -> list[str]:
    return robustness_table({"some": figures}, style).splitlines()


def test_strengths_are_said_in_their_units(bsds500):
    assert set(bsds500["degradations"]) == set(DEGRADATIONS)
    said = [row.split("(dB)")[0].strip() for row in rows(bsds500) if row.startswith("drop by")]
    assert said == [
        "drop by film, 1 (1 sees blue alone)",
        "drop by blur of 1.2 pixels",
        "drop by contrast, slope 1.74",  # 2 to the 0.8
        "drop by grain, 5 % of the range",
        "drop by fade, 40 % of the range lost",
        "drop by 5 scratches",
        "drop by 30 specks of dust",
        "drop by tone, 1 (1 is a strong sepia)",
        "drop by jpeg of quality 30",  # 100 less the strength
    ]


def test_drops_are_of_the_strengths_that_are_graded(bsds500):
    strengths = {name: each["strength"] for name, each in bsds500["degradations"].items()}
    assert strengths == {name: each.graded for name, each in DEGRADATIONS.items()}


def test_a_card_says_what_a_drop_is():
    about = json.loads((shipped()["photo"] / "preset.json").read_text())["about"]
    sections = [text for heading, text in about.items() if heading.startswith("Clean, old-looking")]
    assert len(sections) == 2
    for text in sections:
        assert "joined with the lightness of the clean one" in text
        assert "| drop by jpeg of quality 30 (dB)" in text


@pytest.mark.parametrize(("images", "marked"), [(19, True), (20, False)])
def test_intervals_of_few_images_are_marked(bsds500, images, marked):
    said = rows(bsds500 | {"images": images})
    with_intervals = [row for row in said if "[" in row]
    assert len(with_intervals) == 2 + len(DEGRADATIONS)
    assert all(row.endswith("] (few)") is marked for row in with_intervals)
    below = "(few): fewer than 20 images are too few to say, whatever the interval is."
    assert (said[-1] == below) is marked


def test_one_image_has_no_interval(bsds500):
    alone = {"mean": -1.46, "low": None, "high": None}
    drops = {name: each | {"drop": alone} for name, each in bsds500["degradations"].items()}
    few = {"images": 1, "gain": alone, "ciede2000_gain": alone, "degradations": drops}
    said = rows(bsds500 | few)
    assert not any("[" in row for row in said)
    assert [row.split()[-1] for row in said if row.startswith("drop by")] == ["-1.46"] * 9
    assert any(row.split()[-1] == "-1.46" and "best baseline" in row for row in said)


def test_one_photograph_for_the_classifier_has_no_interval():
    alone = {"mean": 0.5, "low": None, "high": None}
    table = top1_table({"images": 1, "top1": {"gray": alone}, "over_gray": {"gray": alone}})
    assert table.splitlines()[-1].split() == ["gray", "50.0", "+50.0"]
