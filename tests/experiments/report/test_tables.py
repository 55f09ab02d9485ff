"""Tables of graded systems: contents, marks, combination, and the block in a README."""

import copy
import json

import pytest

from experiments import results_table
from experiments.report import tables
from polychrome.errors import InputError

LABELS = {
    "psnr": ("PSNR (dB)", "higher"),
    "psnr_colored": ("PSNR, colored only (dB)", "higher"),
    "ssim": ("SSIM", "higher"),
    "ciede2000": ("CIEDE2000", "lower"),
    "colorfulness": ("Colorfulness", None),
    "psnr_chroma_report": ("PSNR, chroma, as reported (dB)", "higher"),
}


def scores(psnr, width=0.1):
    figures = {
        "psnr": psnr,
        "psnr_colored": psnr - 0.5,
        "ssim": 0.9231,
        "ciede2000": 9.1,
        "colorfulness": 20.5,
        "psnr_chroma_report": 18.0,
    }
    return {k: {"mean": v, "low": v - width, "high": v + width} for k, v in figures.items()}


def row(kind, psnr, system="net", label="Net", **more):
    values = scores(psnr)
    return {
        "system": system,
        "label": label,
        "kind": kind,
        "source": "",
        "budget": "",
        "values": values,
        **more,
    }


def reported(psnr=22.444, system="net", label="Net"):
    values = {key: {"mean": m, "low": None, "high": None} for key, m in (("psnr", psnr),)}
    return row("reported", 0, system, label, values=values, source="Padova report, Table 2")


@pytest.fixture
def metrics():
    return {
        "metrics": {
            key: {"label": label, "better": better, "meaning": f"Meaning of {label}."}
            for key, (label, better) in LABELS.items()
        },
        "rows": [
            row("mean_color", 22.9, "mean_color", "mean color"),
            row("do_nothing", 23.0, "do_nothing", "do nothing (ab = 0)"),
            reported(),
            row("ours", 23.5, budget="30 epochs of 324 images"),
        ],
        "images": {"graded": 105, "gray": 0, "skipped": {}, "train": 324, "validation": 54},
        "verdict": "Net beats doing nothing.",
    }


def write_run(folder, metrics, **recipe):
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder


def test_rows_stand_in_order_with_values_and_intervals(metrics):
    lines = tables.text_table(metrics).splitlines()
    assert [line.split("  ")[0] for line in lines[2:6]] == [
        "Net",
        "Net (reported) †",
        "do nothing (ab = 0)",
        "mean color †",
    ]
    assert "23.50 [23.40, 23.60]" in lines[2]
    assert "22.44" in lines[3] and "[" not in lines[3]
    assert "reported: Padova report, Table 2 (Net)" in lines


def test_columns_align_and_fit_the_width(metrics):
    for width in (60, 80, 100):
        table = tables.text_table(metrics, width)
        assert max(map(len, table.splitlines())) <= width
        # Each of the five columns is there once, whatever block it went to.
        for key in tables.MAIN_COLUMNS:
            assert table.count(LABELS[key][0]) == 1
        header, _, first = table.splitlines()[:3]
        assert first.index("23.50") == header.index("PSNR (dB)")


def test_decimals_follow_the_column(metrics):
    ours, nothing = metrics["rows"][3], metrics["rows"][1]
    assert tables.format_value(ours, "ssim", metrics) == ("0.9231", "[0.8231, 1.0231]")
    # A zero in a column of large numbers gets the column's two decimals, not four.
    nothing["values"]["colorfulness"]["mean"] = 0.0
    assert tables.format_value(nothing, "colorfulness", metrics)[0] == "0.00"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_unknown_values_are_dashes(metrics, value):
    ours = metrics["rows"][3]
    ours["values"]["psnr_colored"]["mean"] = value
    del ours["values"]["ssim"]
    assert tables.format_value(ours, "psnr_colored", metrics) == ("–", "")
    assert tables.format_value(ours, "ssim", metrics) == ("–", "")


@pytest.mark.parametrize(
    ("psnr", "expected"), [(22.99, tables.BELOW), (23.0, tables.BELOW), (23.01, "")]
)
def test_only_a_row_above_doing_nothing_is_unmarked(metrics, psnr, expected):
    metrics["rows"][3]["values"]["psnr"]["mean"] = psnr
    assert tables.mark(metrics["rows"][3], metrics) == expected


def test_footnotes_stand_only_where_a_mark_is(metrics):
    assert any("below doing nothing" in note for note in tables.notes(metrics))
    for below in (metrics["rows"][0], metrics["rows"][2]):
        below["values"]["psnr"]["mean"] = 30.0
    assert tables.notes(metrics) == []
    metrics["rows"][2]["note"] = "trained longer"
    assert tables.notes(metrics) == ["Net (reported): trained longer"]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({"source": "sample"}, tables.ELSEWHERE),
        ({"source": "folder"}, tables.ELSEWHERE),
        ({"source": "tiny_imagenet"}, tables.BELOW),
    ],
)
def test_a_report_is_compared_only_on_its_own_images(tmp_path, metrics, recipe, expected):
    read = tables.read_metrics(write_run(tmp_path / "run", metrics, **recipe))
    marks = {r["kind"]: tables.mark(r, read) for r in read["rows"]}
    assert marks == {
        "ours": "",
        "reported": expected,
        "do_nothing": "",
        "mean_color": tables.BELOW,
    }


def test_a_report_is_not_compared_on_another_number_of_images(tmp_path, metrics):
    reported = next(row for row in metrics["rows"] if row["kind"] == "reported")
    reported["same_images"] = False
    read = tables.read_metrics(write_run(tmp_path / "run", metrics, source="tiny_imagenet"))
    marks = {row["kind"]: tables.mark(row, read) for row in read["rows"]}
    assert marks["reported"] == tables.ELSEWHERE


def test_a_metric_that_only_the_report_has_gets_a_column(metrics):
    assert "psnr_chroma_report" not in tables.main_columns(metrics)
    metrics["rows"][2]["values"] = {"psnr_chroma_report": {"mean": 20.66, "low": None}}
    assert tables.main_columns(metrics) == [*tables.MAIN_COLUMNS, "psnr_chroma_report"]
    assert "20.66" in tables.text_table(metrics)


def test_a_report_without_a_figure_for_the_columns_has_no_row(metrics):
    for row in metrics["rows"]:
        if row["kind"] == "reported":
            row["values"], row["note"] = {"psnr": {"mean": 22.0}}, "of one photograph"
    with_psnr, without = (tables.markdown_table(metrics, [key]) for key in ("psnr", "ssim"))
    assert "(reported)" in with_psnr and "of one photograph" in with_psnr
    assert "(reported)" not in without and "of one photograph" not in without


def test_markdown_cells_cannot_be_left(metrics):
    metrics["rows"][3]["label"] = "a|b\n<script>`x`"
    lines = tables.markdown_table(metrics, ["psnr", "ssim"]).splitlines()
    assert lines[0] == "| System | PSNR (dB) | SSIM | Budget |"
    assert lines[1] == "| --- | ---: | ---: | --- |"
    assert lines[2] == (
        "| a\\|b &lt;script>\\`x\\` | 23.50 [23.40, 23.60] | 0.9231 [0.8231, 1.0231] "
        "| 30 epochs of 324 images |"
    )
    assert lines[3] == "| Net (reported) † | 22.44 | – | Padova report, Table 2 |"


def test_combining_keeps_systems_and_one_yardstick_each(metrics):
    other = copy.deepcopy(metrics)
    other["rows"][3] = row("ours", 21.0, "cnn", "CNN")
    other["rows"].append(reported(21.57, "cnn", "CNN"))
    other["rows"][1]["values"]["psnr"]["mean"] += 1e-5  # another machine's last bits
    combined = tables.combine([metrics, other, copy.deepcopy(metrics)])
    assert [(r["kind"], r["label"]) for r in combined["rows"]] == [
        ("ours", "Net"),
        ("ours", "CNN"),
        ("reported", "Net"),
        ("reported", "CNN"),
        ("do_nothing", "do nothing (ab = 0)"),
        ("mean_color", "mean color"),
    ]
    assert list(combined["metrics"]) == list(metrics["metrics"])
    assert "CNN †" in tables.text_table(combined)


@pytest.mark.parametrize("change", ["count", "score", "missing", "unknown"])
def test_combining_refuses_other_test_images(metrics, change):
    other = copy.deepcopy(metrics)
    if change == "count":
        other["images"]["graded"] = 104
    elif change == "score":
        other["rows"][1]["values"]["psnr"]["mean"] = 23.1
    elif change == "missing":
        del other["rows"][1]
    else:
        other["rows"][1]["values"]["psnr"]["mean"] = None
    with pytest.raises(InputError, match="second") as caught:
        tables.combine([metrics, other], ["first", "second"])
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="at least one"):
        tables.combine([])


README = "# Title\n\n{begin}\nold table\n{end}\n\nAfter\n"
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
MARKED = README.format(begin=BEGIN, end=END)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_readme_block_is_rewritten_and_nothing_else(tmp_path, capsys, metrics, newline):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    readme.write_bytes(MARKED.replace("\n", newline).encode())
    for _ in range(2):  # the second time changes nothing
        assert results_table.main([str(run), "--readme", str(readme)]) == 0
        text = readme.read_bytes().decode()
        assert text.count("\n") == text.count(newline)
        table = text.replace(newline, "\n").partition(BEGIN + "\n")[2]
        table, _, after = table.partition("\n" + END)
        assert after == "\n\nAfter\n" and text.startswith(f"# Title{newline}")
        assert capsys.readouterr().out.strip() == table == tables.markdown_table(metrics)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "run"]


@pytest.mark.parametrize(
    "text",
    [
        "no block",
        BEGIN,
        f"{END}\n{BEGIN}\n",
        MARKED + MARKED,
        BEGIN + MARKED,
    ],
)
def test_a_readme_without_one_block_is_left_alone(tmp_path, capsys, metrics, text):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    readme.write_text(text)
    assert results_table.main([str(run), "--readme", str(readme)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(readme) in error and BEGIN in error
    assert readme.read_text() == text


def test_columns_and_block_can_be_chosen(tmp_path, capsys, metrics):
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    readme = tmp_path / "README.md"
    other = MARKED.replace("results:", "ssim:")
    readme.write_text(MARKED + other)
    arguments = [str(run), "--readme", str(readme), "--block", "ssim", "--columns", "ssim"]
    assert results_table.main(arguments) == 0
    table = capsys.readouterr().out.strip()
    assert table == tables.markdown_table(metrics, ["ssim"])
    assert "PSNR (dB)" not in table and "SSIM" in table
    assert readme.read_text() == MARKED + other.replace("old table", table)
    assert results_table.main([str(run), "--columns", "ssim,beauty"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "'beauty'" in error and "ssim" in error


@pytest.mark.parametrize("content", [None, "{", "[]", '{"rows": []}'])
def test_a_broken_run_is_one_line(tmp_path, capsys, content):
    run = tmp_path / "run"
    run.mkdir()
    if content is not None:
        (run / "metrics.json").write_text(content)
    assert results_table.main([str(run)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(run / "metrics.json") in error
