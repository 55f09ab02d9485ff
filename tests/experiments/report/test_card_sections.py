"""Sections of a card, from the files that the commands write."""

import shutil

import pytest
from tiny_colorizers import dialed_violet, preset_of

from experiments import frontier, robustness, spread
from experiments.report.card_sections import study_sections
from polychrome.errors import InputError
from polychrome.files import read_json, write_json

# Three commands that grade.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """What the three commands write for one preset and a few images of the sample."""
    folder = tmp_path_factory.mktemp("studies")
    preset = str(preset_of(dialed_violet(), folder / "preset"))
    out = ["--limit", "3", "--out", str(folder)]
    assert frontier.main([preset, *out]) == 0
    assert spread.main([preset, *out]) == 0
    assert robustness.main([preset, *out, "--image-size", "32"]) == 0
    return [folder / f"{name}.json" for name in ("frontier", "spread", "robustness")]


def test_each_study_is_a_section_with_its_figures_and_its_command(studies):
    sections = study_sections("dialed_violet", studies)
    assert len(sections) == 3
    for path, text in zip(studies, sections.values(), strict=True):
        record = read_json(path)
        assert f"`{record['command']}`" in text and "|---" in text
    for_frontier, for_spread, for_robustness = sections.values()
    gain = read_json(studies[2])["sets"]["all"]["gain"]["mean"]
    assert f"{gain:+.2f}" in for_robustness
    assert f"{read_json(studies[1])['ranked_by']['contrast']['spearman']:.3f}" in for_spread
    point = read_json(studies[0])["at_colorfulness"]["factor"]["30.0"]
    assert f"{point['psnr']:.2f}" in for_frontier
    dial = read_json(studies[0])["curves"]["dial"]
    first, last = ([p["colorfulness"] for p in dial if p["setting"] <= 1.0][end] for end in (0, -1))
    assert f"The dial goes from {first:.1f} to {last:.1f}; dashes" in for_frontier


def test_what_a_saturation_alone_reaches_says_so(studies, tmp_path):
    record = read_json(studies[0])
    point = {"setting": 1.02, "colorfulness": 38.8, "psnr": 23.25, "ciede2000": 10.9}
    record["at_colorfulness"]["dial"]["38.8"] = point
    write_json(tmp_path / "frontier.json", record)
    (text,) = study_sections("dialed_violet", [tmp_path / "frontier.json"]).values()
    assert "; 38.8 is its end times a saturation of 1.02; dashes" in text


def test_a_command_names_no_runs_that_are_points_of_the_figure_alone(tmp_path):
    record = {
        "command": "python -m experiments.frontier tiny --runs a/b c --out frontier",
        "name": "tiny",
        "images": 7,
        "image_size": 64,
        "curves": {"dial": [], "factor": []},
        "at_colorfulness": {"dial": {}, "factor": {"10.0": None}},
    }
    write_json(tmp_path / "frontier.json", record)
    (text,) = study_sections("tiny", [tmp_path / "frontier.json"]).values()
    assert "7 images of 64x64 pixels: `python -m experiments.frontier tiny --out frontier`" in text
    assert "|             10 |                 – |" in text and "The dial" not in text


def test_files_of_others_are_refused(studies, tmp_path):
    with pytest.raises(InputError, match=r"frontier.json: a study of 'dialed_violet', not of tiny"):
        study_sections("tiny", studies[:1])
    shutil.copy(studies[0], tmp_path / "frontier.json")
    write_json(tmp_path / "else.json", {"name": "tiny"})
    with pytest.raises(InputError, match=r"else.json: should be of experiments.frontier"):
        study_sections("tiny", [tmp_path / "else.json"])
