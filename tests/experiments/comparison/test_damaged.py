"""Damaged records of a bake-off are named, with what to do; other files are no records."""

import pytest

from experiments.bakeoff import main
from experiments.comparison.report import write_report
from polychrome.errors import InputError


@pytest.mark.parametrize(
    ("file", "of", "text"),
    [
        ("grades/frontier.json", "frontier", '{"of": "tiny"}'),
        (
            "grades/frontier.json",
            "frontier",
            '{"of": "tiny", "images": 9, "dial": [{"setting": 1}], "factor": []}',
        ),
        ("runs/good/seed-2/recipe.json", "run", "[]"),
        ("runs/good/seed-2/recipe.json", "run", '{"name": "good"}'),
    ],
)
def test_a_damaged_record_is_named(bakeoff, tmp_path, capsys, file, of, text):
    says = f"error: {bakeoff / file}: is no record of a {of}, or damaged; "
    (bakeoff / file).write_text(text)
    for arguments in (["--report-only"], ["--keep", str(tmp_path / "kept")]):
        assert main(["--out", str(bakeoff), *arguments]) == 1
        error = capsys.readouterr().err
        assert error.startswith(says) and error.count("\n") == 1


def test_a_frontier_that_is_removed_as_told_is_left_out(bakeoff, settings):
    path = bakeoff / "grades/frontier.json"
    path.write_text("[]")
    with pytest.raises(InputError, match="remove it and yardsticks/seed-0.json beside it, and"):
        write_report(settings, bakeoff)
    path.unlink()
    assert "frontier dial" not in write_report(settings, bakeoff).read_text()


def test_a_run_that_is_moved_away_as_told_has_no_curve(bakeoff, settings, tmp_path):
    run = bakeoff / "runs/good/seed-2"
    (run / "recipe.json").write_text("[]")
    with pytest.raises(InputError, match="move its folder out of the bake-off, and the page"):
        write_report(settings, bakeoff)
    run.rename(tmp_path / "moved")
    page = write_report(settings, bakeoff).read_text()
    assert "<title>Good, seed 1" in page and "<title>Good, seed 2" not in page


@pytest.mark.parametrize("name", ["seed-x.json", "seed-1 (copy).json", "seed-1.old.json"])
def test_a_file_of_another_name_among_the_grades_is_no_row(bakeoff, settings, name):
    page = write_report(settings, bakeoff).read_text()
    (bakeoff / "grades/good" / name).write_text("{}")
    assert write_report(settings, bakeoff).read_text() == page
