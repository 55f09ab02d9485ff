"""Tables of graded systems: contents, marks, combination, and the block in a README."""

import copy
import json

import pytest

from experiments import results_table
from experiments.report import tables
from experiments.report.against_baselines import beats, remaining
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
    return row(
        "reported",
        0,
        system,
        label,
        values=values,
        source="Padova report, Table 2",
        same_images=True,
    )


@pytest.fixture
def metrics():
    return {
        "metrics": {
            key: {"label": label, "better": better, "meaning": f"Meaning of {label}."}
            for key, (label, better) in LABELS.items()
        },
        "rows": [
            row("best_constant", 22.95, "best_constant", "best constant"),
            row("mean_color", 22.9, "mean_color", "mean color"),
            row("do_nothing", 23.0, "do_nothing", "do nothing (ab = 0)"),
            reported(),
            row("ours", 23.5, budget="30 epochs of 324 images"),
        ],
        "images": {"graded": 105, "gray": 0, "skipped": {}, "train": 324, "validation": 54},
        "verdict": "Net beats the best trivial baseline.",
    }


def write_run(folder, metrics, **recipe):
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder


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


@pytest.mark.parametrize(
    ("psnr", "expected"), [(22.99, tables.BELOW), (23.0, tables.BELOW), (23.01, "")]
)
def test_only_a_row_above_the_best_baseline_is_unmarked(metrics, psnr, expected):
    metrics["rows"][4]["values"]["psnr"]["mean"] = psnr
    assert tables.mark(metrics["rows"][4], metrics) == expected


@pytest.mark.parametrize(
    ("colored", "everywhere", "expected"),
    [(23.2, 22.99, True), (23.2, 23.01, True), (22.9, 23.5, False), (23.0, 23.5, False)],
)
def test_best_constant_may_be_what_is_to_beat_on_colored_images(
    metrics, colored, everywhere, expected
):
    ours, constant = metrics["rows"][4], metrics["rows"][0]
    ours["values"]["psnr_colored"]["mean"] = colored
    ours["values"]["psnr"]["mean"] = everywhere
    constant["values"]["psnr_colored"]["mean"] = 23.0  # do nothing has 22.5, and 23.0 on all
    assert beats(ours, metrics, "psnr_colored") is expected
    marked = not expected or everywhere < 23.0
    assert tables.mark(ours, metrics) == (tables.BELOW if marked else "")
    said = "1 of 1 trained row beats" if expected else "none of 1 trained row beats"
    assert remaining(metrics).startswith(
        f"On colored images, {said} the best trivial baseline, the best constant (23.00 dB)"
        f"{': Net' if expected else ''}. On all images, "
    )


def test_an_interval_that_holds_zero_beats_nothing(metrics):
    ours = metrics["rows"][4]
    for low, expected in ((-0.01, False), (0.01, True)):
        gain = {"baseline": "do_nothing", "mean": 0.5, "low": low, "high": 1.0}
        ours["against_best_baseline"] = {key: gain for key in ("psnr", "psnr_colored")}
        assert beats(ours, metrics, "psnr") is expected
        assert tables.mark(ours, metrics) == ("" if expected else tables.BELOW)
        assert "Means are compared" not in remaining(metrics)
    del ours["against_best_baseline"]["psnr"]
    assert remaining(metrics).endswith(
        "Means are compared where a record has no paired differences."
    )


def test_a_record_of_baselines_alone_gives_old_runs_their_row(metrics):
    known = ("ours", "reported")
    alone = {**metrics, "rows": [row for row in metrics["rows"] if row["kind"] not in known]}
    old = {**metrics, "rows": [row for row in metrics["rows"] if row["kind"] != "best_constant"]}
    old["rows"][-1]["values"]["psnr_colored"]["mean"] = 22.6
    assert "doing nothing (22.50 dB): Net." in tables.combine([old])["verdict"]
    alone["rows"][0]["values"]["psnr_colored"]["mean"] = 22.7
    combined = tables.combine([alone, old])
    assert [row["kind"] for row in combined["rows"]] == [
        "ours",
        "reported",
        "do_nothing",
        "mean_color",
        "best_constant",
    ]
    assert combined["verdict"].startswith("On colored images, none of 1 trained row beats ")
    assert "the best constant (22.70 dB). On all images, 1 of" in combined["verdict"]


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


def test_combining_keeps_systems_and_each_baseline_once(metrics):
    other = copy.deepcopy(metrics)
    other["rows"][4] = row("ours", 21.0, "cnn", "CNN")
    other["rows"].append(reported(21.57, "cnn", "CNN"))
    other["rows"][2]["values"]["psnr"]["mean"] += 1e-5  # another machine's last bits
    combined = tables.combine([metrics, other, copy.deepcopy(metrics)])
    assert [(r["kind"], r["label"]) for r in combined["rows"]] == [
        ("ours", "Net"),
        ("ours", "CNN"),
        ("reported", "Net"),
        ("reported", "CNN"),
        ("do_nothing", "do nothing (ab = 0)"),
        ("mean_color", "mean color"),
        ("best_constant", "best constant"),
    ]
    assert list(combined["metrics"]) == list(metrics["metrics"])
    assert "CNN †" in tables.text_table(combined)


@pytest.mark.parametrize("change", ["count", "score", "missing", "unknown"])
def test_combining_refuses_other_test_images(metrics, change):
    other = copy.deepcopy(metrics)
    if change == "count":
        other["images"]["graded"] = 104
    elif change == "score":
        other["rows"][2]["values"]["psnr"]["mean"] = 23.1
    elif change == "missing":
        del other["rows"][2]
    else:
        other["rows"][2]["values"]["psnr"]["mean"] = None
    with pytest.raises(InputError, match="second") as caught:
        tables.combine([metrics, other], ["first", "second"])
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="at least one"):
        tables.combine([])


def test_the_command_names_the_options_that_chose_other_test_images(tmp_path, capsys, metrics):
    runs = [write_run(tmp_path / "first", metrics, source="tiny_imagenet")]
    metrics["images"]["graded"] = 104
    runs.append(write_run(tmp_path / "second", metrics, source="tiny_imagenet"))
    assert results_table.main([str(run) for run in runs]) == 1
    error = capsys.readouterr().err
    assert "second were graded on different test images (" in error
    assert error.endswith("limit (see --data, --limit of experiments.run)\n")


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
        assert capsys.readouterr().out.strip() == table
        assert table == f"{tables.markdown_table(metrics)}\n\n{remaining(metrics)}"
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
    assert results_table.main([str(run), "--readme", str(readme)]) == 1
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
    assert table == f"{tables.markdown_table(metrics, ['ssim'])}\n\n{remaining(metrics)}"
    assert "PSNR (dB)" not in table and "SSIM" in table
    assert readme.read_text() == MARKED + other.replace("old table", table)
    assert results_table.main([str(run), "--columns", "ssim,beauty"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "'beauty'" in error and "ssim" in error


def test_systems_can_be_chosen(tmp_path, capsys, metrics):
    other = copy.deepcopy(metrics)
    other["rows"][4] = row("ours", 21.0, "cnn", "CNN")
    runs = [
        str(write_run(tmp_path / name, content))
        for name, content in (("one", metrics), ("other", other))
    ]
    assert results_table.main([*runs, "--only", "net,do_nothing"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("|")[1].strip() for line in lines[2:] if line.startswith("|")]
    assert names == ["Net", "Net (reported) †", "do nothing (ab = 0)"]
    assert lines[-1].startswith("On colored images, 1 of 1 trained row beats ")
    assert results_table.main([*runs, "--only", "net,gan"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--only" in error and "'gan'" in error and "cnn" in error


@pytest.mark.parametrize("content", [None, "{", "[]", '{"rows": []}'])
def test_a_broken_run_is_one_line(tmp_path, capsys, content):
    run = tmp_path / "run"
    run.mkdir()
    if content is not None:
        (run / "metrics.json").write_text(content)
    assert results_table.main([str(run)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(run / "metrics.json") in error
