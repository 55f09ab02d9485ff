"""docs/reports.md: what its command writes, and every figure of it from a record."""

import json
import re
import shlex
from pathlib import Path

import pytest

from experiments.report.replication import against_reports, checked_claims
from experiments.report.replication.against_reports import COMMON_IMAGES
from experiments.reported.figure import OF_PHOTOGRAPH, PARAMETERS
from experiments.reported.figures import PLACES, REPORTS
from experiments.reported.settings import ROWS
from experiments.tables import reports as reports_table
from polychrome.errors import InputError

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
(COMMAND,) = re.findall(r"^python -m experiments\.tables\.reports (.*)$", PAGE, re.M)
FOLDERS = [ROOT / word for word in shlex.split(COMMAND) if word.startswith("experiments/results")]
ROW = re.compile(r"^\| (.+) \|$", re.M)
TABLES = [row.split(" | ") for row in ROW.findall(PAGE) if len(row.split(" | ")) == 8]
LINES = [cells for cells in TABLES if cells[0] not in ("system", "---")]
FIGURES = [figure for place in PLACES for figure in place.figures]


def test_the_page_is_what_its_command_writes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    words = shlex.split(COMMAND)
    copy = tmp_path / "reports.md"
    copy.write_text(PAGE, encoding="utf-8")
    assert reports_table.main([*words[: words.index("--readme")], "--readme", str(copy)]) == 0
    assert copy.read_text(encoding="utf-8") == PAGE
    assert capsys.readouterr().out.strip() in PAGE


def test_every_published_figure_has_one_row():
    published = [[figure.system, figure.quantity, figure.printed] for figure in FIGURES]
    assert [cells[:3] for cells in LINES] == published
    assert len({tuple(cells) for cells in published}) == len(published)
    assert all(len(cells) == 8 and cells[7].endswith(".") for cells in LINES)
    for place in PLACES:
        assert f"### {place.report}, {place.name.lower()}\n\n{place.protocol}" in PAGE


def of_which_system(run: Path, name: str) -> str:
    """The name in a run's records; Padova's v5 is v4 after 50 epochs, by its history's lines."""
    history = run / "networks/v4/history.csv"
    if name != "polychromify_v4" or not (run / "metrics.json").exists():
        return name
    epochs = len(history.read_text().splitlines()) - 1
    assert epochs in (25, 50)
    return "polychromify_v5" if epochs == 50 else name


def test_ours_are_the_numbers_of_the_records():
    """Read from the files anew; a cell has a mean and an interval of one of them."""
    recorded: dict[tuple[str, str], set[str]] = {}
    for folder in FOLDERS:
        for path in (*folder.rglob("metrics.json"), *folder.rglob("bakeoff.json")):
            metrics = json.loads(path.read_text())
            assert path.name == "bakeoff.json" or metrics["images"]["graded"] == COMMON_IMAGES
            for row in metrics["rows"]:
                for key, value in row["values"].items():
                    if row["kind"] == "reported" or value["low"] is None:
                        continue
                    scale, digits = {"gray_luma_superpixels": (100, 1), "ssim": (1, 4)}.get(
                        key, (100, 1) if key.startswith("max_channel") else (1, 2)
                    )
                    numbers = [value[name] * scale for name in ("mean", "low", "high")]
                    mean, low, high = (f"{number:.{digits}f}" for number in numbers)
                    unit = " %" if scale == 100 else ""
                    cell = f"{mean}{unit} [{low}, {high}]"
                    # Bake-offs show systems the photograph, runs of UCI's the painted image.
                    painted = path.name == "bakeoff.json" and key.endswith("_superpixels")
                    key += OF_PHOTOGRAPH if painted else ""
                    system = of_which_system(path.parent, row["system"])
                    recorded.setdefault((system, key), set()).add(cell)
    compared = 0
    for figure, cells in zip(FIGURES, LINES, strict=True):
        for cell in cells[3:5]:
            if "[" in cell:
                system = figure.instead if "in its place" in cells[7] else figure.recipe
                assert cell in recorded[system, figure.key]
                compared += 1
        if "[" in cells[5]:
            assert cells[5] in recorded["do_nothing", figure.key]
    assert compared >= 15


def test_no_row_of_a_run_with_notes_is_of_the_same_system():
    notes = {}
    for folder in FOLDERS:
        for path in folder.rglob("recipe.json"):
            recipe = json.loads(path.read_text())
            notes.setdefault(recipe["name"], set()).update(recipe.get("notes") or ())
    noted = set()
    for figure, cells in zip(FIGURES, LINES, strict=True):
        for note in notes.get(figure.recipe, ()) if cells[4] != "–" else ():
            if "random weights" in note:
                assert "random weights" in cells[7] and "same system" not in cells[7]
                noted.add(figure.recipe)
    assert "dtu_color_weighted" in noted


def test_no_claim_rests_on_a_figure_in_whose_place_a_run_had_the_reports_budget():
    """PolychromifyAB's 22.44 did not replicate: the run with 2 times 30 epochs speaks for it."""
    claims = PAGE.partition("## What held up")[2].partition("## Machines")[0]
    before = [claims[: found.start()] for found in re.finditer(r"\b22\.44\b", claims)]
    assert before
    for text in before:
        assert text.endswith(" after 2,999,040 images where the report has ")


def test_what_is_open_is_a_list_after_two_sentences():
    claims = PAGE.partition("## What held up")[2].partition("## Machines")[0]
    for part in re.split(r"^\*\*", claims, flags=re.M)[1:]:
        _, held, did_not, *opened = part.strip().split("\n\n")
        assert held.startswith("What held up: ") and did_not.startswith("What did not: ")
        assert "\n" not in held + did_not and "still open" not in (held + did_not).lower()
        if opened:
            assert opened[0] == "Still open:" and opened[1].startswith("- ") and len(opened) == 2
    assert claims.count("\n\nStill open:\n\n- ") > 1


def test_parameters_are_those_of_the_systems_page():
    counted = reports_table.read_parameters(ROOT / "docs/systems.md")
    for figure, cells in zip(FIGURES, LINES, strict=True):
        if figure.key == PARAMETERS:
            assert cells[3] == f"{counted[figure.recipe]:,}"
            order = float(re.sub(r"^10\^", "1e", figure.printed.replace("×10^", "e")))
            assert order / 3 < counted[figure.recipe] < order * 3


def test_a_figure_without_a_run_says_so_and_for_want_of_what():
    outcomes = {name: 0 for name in (against_reports.NOT_RUN, "out of reach", "failed")}
    for cells in LINES:
        kind = cells[6].split(":")[0]
        if kind in outcomes:
            outcomes[kind] += 1
        if kind == "out of reach":
            assert cells[6] in (
                "out of reach: data",
                "out of reach: machine",
                "out of reach: data, machine",
            )
            assert cells[3] == "–"
        if cells[3:5] == ["–", "–"]:
            assert cells[7].startswith(("No run is kept", "Runs are kept, but "))
    assert all(outcomes.values())


def test_a_row_has_an_outcome_of_a_run_if_it_has_one_by_the_same_protocol():
    """Whatever the common protocol has beside it; a figure that is not run wants nothing."""
    of_runs = (against_reports.REPLICATED, against_reports.FAILED, against_reports.UNFINISHED)
    beside = 0
    for cells in LINES:
        if cells[6] != against_reports.DESCRIPTION:
            assert (cells[6] in of_runs) == (cells[3] != "–")
        if cells[6] == against_reports.NOT_RUN:
            assert "not here: " not in cells[7]
            beside += cells[4] != "–"
    assert beside and "by the protocol" in against_reports.NOT_RUN


def test_a_row_says_that_no_run_is_kept_only_where_none_is():
    kept = {
        of_which_system(path.parent, json.loads(path.read_text())["name"])
        for folder in FOLDERS
        for path in folder.rglob("recipe.json")
    }
    empty = [
        (figure.recipe, cells[7].startswith("No run is kept"))
        for figure, cells in zip(FIGURES, LINES, strict=True)
        if cells[3:5] == ["–", "–"] and figure.key != PARAMETERS
    ]
    assert all(none == (recipe not in kept) for recipe, none in empty)
    assert {"polychromify_v3", "dtu_mse", "cgan", "vgg16_regression"} & {r for r, none in empty}


def test_the_sums_of_a_report_are_those_of_its_rows():
    for report in REPORTS:
        (said,) = re.findall(rf"^\*\*{report}\*\*, (.*)\.$", PAGE, re.M)
        place_of = [place.report for place in PLACES for _ in place.figures]
        rows = [c[6] for c, of in zip(LINES, place_of, strict=True) if of == report]
        results = [outcome for outcome in rows if outcome != "description"]
        if not results:
            assert said.startswith("no figure to replicate")
            continue
        found = re.fullmatch(r"(\w+) replication \((\d+) figures: (.*)\)", said)
        assert int(found[2]) == len(results)
        kinds = dict(
            re.findall(r"(\d+) ([^;]+)", found[3])[i][::-1] for i in range(found[3].count(";") + 1)
        )
        assert {kind: int(number) for kind, number in kinds.items()} == {
            kind: results.count(kind) for kind in results
        }


def test_the_page_explains_every_word_of_an_outcome():
    explained = PAGE.partition(reports_table.BEGIN)[0]
    names = ("REPLICATED", "FAILED", "UNFINISHED", "NOT_RUN", "OUT_OF_REACH", "DESCRIPTION")
    for name in names:
        assert f"**{getattr(against_reports, name)}**" in explained, name
    assert f"{against_reports.CORE_HOURS:.0f} core-hours" in explained
    assert f"within {against_reports.TOLERANCE:.0%}".replace("%", " %") in explained
    assert "10.7717/peerj-cs.142" in explained and "rescience.github.io/edit" in explained


def test_the_page_says_how_claims_are_decided_and_on_which_machines():
    explained, _, generated = PAGE.partition(reports_table.BEGIN)
    assert f"a factor of {checked_claims.TIMES_APART:g} apart" in " ".join(explained.split())
    _, _, said = generated.partition("## Machines\n\n")
    said = said.partition("\n\n")[0]
    assert "on an Intel(R) Xeon(R) Processor @ 2.50GHz" in said
    assert "`dtu_color_weighted` on an AMD EPYC, in mixed_bfloat16" in said
    # No seed of it has a record of its machine.
    assert "`polychromify_ab` on a machine that is not recorded, in mixed_bfloat16" in said
    assert "NVIDIA H200" in said
    found = re.search(r"up to ([\d.]+) times the slower one", said)
    assert 1 < float(found[1]) < checked_claims.TIMES_APART


def test_the_timings_of_one_network_are_of_the_same_work():
    measured = json.loads(reports_table.SPEEDS.read_text())["measured"]
    for pair in reports_table._TIMED_TWICE:
        one, other = (measured[name]["float32"] for name in pair)
        for key in ("batch_size", "precision"):
            assert one[key] == other[key]
        (one,), (other,) = one["networks"], other["networks"]
        assert one["multiply_adds_of_a_step"] == other["multiply_adds_of_a_step"]


def test_speeds_are_of_systems_that_there_are():
    speeds = reports_table.read_speeds(reports_table.SPEEDS)
    names = {name for settings in ROWS for name in settings.systems}
    assert set(speeds) <= names and len(speeds["polychromify_ab"]) == 2
    assert all(rate > 0 for rates in speeds.values() for rate in rates)


def test_records_that_are_none_are_named(tmp_path):
    path = tmp_path / "record"
    path.write_text("{}")
    with pytest.raises(InputError, match=r"record: is no record of benchmarks\.training_speed"):
        reports_table.read_speeds(path)
    with pytest.raises(InputError, match="record: has no parameters of CNN baseline, "):
        reports_table.read_parameters(path)
    with pytest.raises(InputError, match="nowhere: cannot be read"):
        reports_table.read_parameters(tmp_path / "nowhere")


def test_the_command_refuses_a_folder_without_runs(tmp_path, capsys):
    assert reports_table.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: holds no metrics.json; name a folder of graded runs\n"
    )
