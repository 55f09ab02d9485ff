"""Results of a bake-off in a page of Markdown."""

import xml.etree.ElementTree

import pytest

from experiments.bakeoff import main as bakeoff_main
from experiments.comparison.tables.markdown import chosen, markdown
from experiments.comparison.tables.rows import read_rows
from experiments.comparison.tables.table import make_table
from experiments.tables.bakeoff import main
from polychrome.errors import InputError


@pytest.fixture
def record(bakeoff, settings):
    table = make_table(read_rows(settings, bakeoff))
    images = {"images": 40, "gray": 1, "size": 16}
    of_what = {"budget": "1,000 images", "data": "tiny_imagenet", "split": "test"}
    return {**of_what, "images": images, "unfinished": [], **table}


def cells(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_row_stands_once_with_its_rank_interval_and_budget(record):
    heads, _, *rows = cells(markdown(record, ["psnr_colored", "auc"]))
    assert heads == ["Rank", "System", "PSNR, colored only (dB)", "AuC", "Budget"]
    assert [row[1] for row in rows] == [
        "Good",
        "Copy",
        "Do nothing",
        "Shipped",
        "Nearest gray",
        "Truth",
    ]
    assert [row[0] for row in rows] == ["1–2", "1–2", "3", "4", "5", "–"]
    values = record["rows"][0]["values"]["psnr_colored"]
    least, most = sorted(values["by_seed"])
    assert rows[0][2] == (
        "{mean:.2f} [{low:.2f}, {high:.2f}]".format(**values)
        + f"; 2 seeds: {least:.2f} to {most:.2f}"
    )
    assert least < most and "seeds" not in rows[1][2] + rows[0][3]
    assert rows[0][3] == "0.9000" and rows[2][4] == "baseline"
    assert rows[0][4] == "960 images, 8.0 s of CPU time, mean of 2 seeds"
    assert rows[1][4] == "960 images, 8.0 s of CPU time, one seed"
    assert rows[5][4] == "oracle, not ranked: is the true image"


def test_a_short_table_has_the_best_of_each_kind_and_no_oracle(record):
    assert [row["system"] for row in chosen(record, 3)] == ["good", "do_nothing", "shipped"]
    assert [row["system"] for row in chosen(record, 4)] == ["good", "copy", "do_nothing", "shipped"]
    assert len(chosen(record, 20)) == 5
    with pytest.raises(InputError, match="--rows: 2 should be 3 or more"):
        chosen(record, 2)
    short = markdown(record, rows=4)
    assert "40 test images of `tiny_imagenet`, 16x16 pixels, 1 of them gray" in short
    assert "In brackets: the 95 % interval over the graded images" in short
    assert "mean nothing" not in short
    assert markdown(record | {"data": "sample"}).startswith("Of the sample, tiles of a few")
    assert record["notes"][0] in short and record["notes"][1] not in short
    # Which of the rows have one seed, and what that means, is said in the short table too.
    assert short.count(", one seed |") == 1
    assert short.endswith("said of a system of one seed is said of these weights alone.")
    several = [row | {"seeds": [1, 2]} for row in record["rows"]]
    assert "one seed" not in markdown(record | {"rows": several}, rows=4)


def test_unfinished_systems_and_unknown_columns_are_named(record):
    text = markdown(record | {"unfinished": ["cnn, seed 2"]})
    assert "Not finished: cnn, seed 2." in text
    with pytest.raises(InputError, match="--columns: 'lpips' was not measured; there are: psnr_c"):
        markdown(record, ["lpips"])


def test_the_command_puts_table_and_charts_into_a_page(bakeoff, tmp_path, capsys):
    assert bakeoff_main(["--out", str(bakeoff), "--report-only"]) == 0
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("# Page\n<!-- bakeoff:begin -->\nbefore this\n<!-- bakeoff:end -->\nend\n")
    assert main([str(bakeoff), "--readme", str(page)]) == 0
    text = page.read_text()
    assert text.startswith("# Page\n<!-- bakeoff:begin -->\n") and text.endswith("end\n")
    assert "before this" not in text
    for name in ("scatter", "training_images", "error_by_chroma"):
        assert f"](../bakeoff/report/{name}.svg)" in text
        drawn = xml.etree.ElementTree.parse(bakeoff / f"report/{name}.svg").getroot()
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        said = " ".join(drawn.itertext())
        # Which was not trained here, and stands in a legend where it has a line.
        assert ("Shipped" in said) == (not name.startswith("training"))
        assert "Good" in said and "prefers-color-scheme: dark" in said
    assert main([str(bakeoff), "--rows", "5", "--readme", str(page)]) == 0
    assert page.read_text().count(".svg)") == 1
    capsys.readouterr()
    assert main([str(tmp_path)]) == 1
    assert "has no report of a bake-off" in capsys.readouterr().err
