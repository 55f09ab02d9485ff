"""Tables of graded systems: contents, order, marks and footnotes."""

import json

import pytest
from graded_rows import LABELS, write_run

from experiments.report import tables


def test_rows_stand_in_order_with_values_and_intervals(metrics):
    lines = tables.text_table(metrics).splitlines()
    assert [line.split("  ")[0] for line in lines[2:7]] == [
        "Net",
        "Net (reported) †",
        "do nothing (ab = 0)",
        "mean color",
        "best constant",
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
    ours, nothing = metrics["rows"][4], metrics["rows"][2]
    assert tables.format_value(ours, "ssim", metrics) == ("0.9231", "[0.8231, 1.0231]")
    # A zero in a column of large numbers gets the column's two decimals, not four.
    nothing["values"]["colorfulness"]["mean"] = 0.0
    assert tables.format_value(nothing, "colorfulness", metrics)[0] == "0.00"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_unknown_values_are_dashes(metrics, value):
    ours = metrics["rows"][4]
    ours["values"]["psnr_colored"]["mean"] = value
    del ours["values"]["ssim"]
    assert tables.format_value(ours, "psnr_colored", metrics) == ("–", "")
    assert tables.format_value(ours, "ssim", metrics) == ("–", "")


def test_footnotes_stand_only_where_a_mark_is(metrics):
    assert any("best trivial baseline" in note for note in tables.notes(metrics))
    metrics["rows"][3]["values"]["psnr"]["mean"] = 30.0
    assert tables.notes(metrics) == []
    metrics["rows"][3]["note"] = "trained longer"
    assert tables.notes(metrics) == ["Net (reported): trained longer"]


@pytest.mark.parametrize("known", [{"same_images": False}, {}])
def test_a_report_is_compared_only_where_it_is_known_to_have_graded_the_same_images(
    tmp_path, metrics, known
):
    del metrics["rows"][3]["same_images"]
    metrics["rows"][3] |= known
    # Neither the source's name nor the number of images makes up for it.
    metrics["images"]["graded"] = 10_000
    run = write_run(tmp_path / "run", metrics, source="places365_small")
    read = tables.read_metrics(run)
    marks = {row["kind"]: tables.mark(row, read) for row in read["rows"]}
    assert marks == {
        "ours": "",
        "reported": tables.ELSEWHERE,
        "do_nothing": "",
        "mean_color": "",
        "best_constant": "",
    }
    assert any("the report's own test images" in note for note in tables.notes(read))


@pytest.mark.parametrize(
    ("timings", "cell"),
    [
        # As runs had it before processor time was recorded.
        ({"decode": 9.0, "train a": 600.0, "train b": 88.4, "grade": 7.0}, "11 min 28 s"),
        (
            {
                "train a": {"seconds": 600.0, "cpu_seconds": 1000.0},
                "train b": {"seconds": 88.4, "cpu_seconds": 142.0},
                "grade": {"seconds": 7.0, "cpu_seconds": 7.0},
            },
            "11 min 28 s (CPU 19 min 02 s)",
        ),
        # Half of the processor time would be a wrong one.
        ({"train a": {"seconds": 3.0, "cpu_seconds": 5.0}, "train b": 4.0}, "7.0 s"),
    ],
)
def test_the_time_of_training_is_a_column(tmp_path, metrics, timings, cell):
    metrics["rows"][3]["training"] = {"epochs": 25, "seconds": 21000.0}
    run = write_run(tmp_path / "run", metrics, source="tiny_imagenet")
    (run / "timings.json").write_text(json.dumps(timings))
    lines = tables.markdown_table(tables.read_metrics(run), ["psnr"]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[:7]]
    assert cells[0] == ["System", "PSNR (dB)", "Time", "Budget"]
    assert [row[2] for row in cells[2:]] == [cell, "5 h 50 min", "", "", ""]
    text = tables.text_table(tables.read_metrics(run))
    assert cell in text and "5 h 50 min" in text and "Time" in text


def test_without_a_trained_stage_there_is_no_time(tmp_path, metrics):
    run = write_run(tmp_path / "run", metrics)
    (run / "timings.json").write_text(json.dumps({"decode": 9.0, "grade": 7.0}))
    assert "Time" not in tables.markdown_table(tables.read_metrics(run))


def test_a_metric_that_only_the_report_has_gets_a_column(metrics):
    assert "psnr_chroma_report" not in tables.main_columns(metrics)
    metrics["rows"][3]["values"] = {"psnr_chroma_report": {"mean": 20.66, "low": None}}
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
    metrics["rows"][4]["label"] = "a|b\n<script>`x`"
    lines = tables.markdown_table(metrics, ["psnr", "ssim"]).splitlines()
    assert lines[0] == "| System | PSNR (dB) | SSIM | Budget |"
    assert lines[1] == "| --- | ---: | ---: | --- |"
    assert lines[2] == (
        "| a\\|b &lt;script>\\`x\\` | 23.50 [23.40, 23.60] | 0.9231 [0.8231, 1.0231] "
        "| 30 epochs of 324 images |"
    )
    assert lines[3] == "| Net (reported) † | 22.44 | – | Padova report, Table 2 |"
