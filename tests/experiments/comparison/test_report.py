"""The page: one file, all systems on it, and no pictures where they may not be shown."""

import base64
import dataclasses
import html
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.bakeoff import main
from experiments.comparison.figures import charts
from experiments.comparison.figures.charts import Series
from experiments.comparison.report import write_report
from experiments.comparison.settings import System, read_settings
from experiments.comparison.tables.markdown import ordered
from polychrome.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


def images_of(page):
    """All pictures in the page, as arrays."""
    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(each)))) for each in found]


def test_page_csv_and_json_hold_the_same_systems(bakeoff, settings):
    path = write_report(settings, bakeoff)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "bakeoff.csv",
        "bakeoff.html",
        "bakeoff.json",
        "error_by_chroma.svg",
        "error_by_lightness.svg",
        "scatter.svg",
        "training_images.svg",
        "training_minutes.svg",
    ]
    page = path.read_text()
    record = json.loads((path.parent / "bakeoff.json").read_text())
    assert record["command"].startswith("python -m experiments.bakeoff good:2 copy --take")
    assert record["unfinished"] == ["yardsticks"]
    for row in record["rows"]:
        assert f'data-sort="{row["label"]}"' in page
        assert f"{row['values']['psnr_colored']['mean']:.2f}" in page
    assert page.count("oracle, not ranked") == 1
    assert (
        "No claim goes beyond these weights" in page and "trained at this budget, one seed" in page
    )
    # Nothing is fetched: the page is whole.
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert not re.findall(r"url\((?!data:)", page)


def test_rows_come_by_their_mean_and_the_rank_sorts_by_it(bakeoff, settings, write_grades):
    """A system whose seeds scatter may have any rank, but comes after what has a better mean."""
    image = np.linspace(20, 26, 40)
    for seed, away in ((1, 0.9), (2, -9.0)):
        write_grades(bakeoff, "copy", seed, "trained", image + away)
    page = write_report(settings, bakeoff).read_text()
    (ascending,) = re.findall(r'aria-sort="ascending"><button[^>]*>([^<]*)<', page)
    assert ascending == "Rank"
    rows = re.findall(r'<th scope="row" data-sort="([^"]*)">.*?</th>\s*<td([^>]*)>', page, re.S)
    ranks = [re.findall(r'data-sort="([^"]*)"', cell) for _, cell in rows]
    known = [float(rank[0]) for rank in ranks if rank]
    assert known == sorted(known) and ranks[len(known) :] == [[]] * (len(rows) - len(known))
    labels = [label for label, _ in rows]
    assert labels.index("Do nothing") < labels.index("Shipped") < labels.index("Copy")
    assert labels[-1] == "Truth"
    record = json.loads((bakeoff / "report/bakeoff.json").read_text())
    assert labels == [row["label"] for row in ordered(record)]


def test_page_json_and_csv_name_the_data_and_warn_of_the_sample(bakeoff, settings):
    page = write_report(settings, bakeoff).read_text()
    record = json.loads((bakeoff / "report/bakeoff.json").read_text())
    assert record["data"] == "sample" and "its figures mean nothing" in page
    other = dataclasses.replace(settings, passed=("--data=tiny_imagenet", "--data-dir", "PATH"))
    page = write_report(other, bakeoff).read_text()
    record = json.loads((bakeoff / "report/bakeoff.json").read_text())
    assert record["data"] == "tiny_imagenet" and "mean nothing" not in page
    assert '<p class="soft">tiny_imagenet · ' in page
    assert ",tiny_imagenet,test" in (bakeoff / "report/bakeoff.csv").read_text()


def test_the_report_says_what_all_epochs_took(bakeoff, settings):
    """Three runs of four epochs: 33 s of processor time and 3 s of the wall clock each."""
    path = write_report(settings, bakeoff)
    notes = json.loads((path.parent / "bakeoff.json").read_text())["notes"]
    (said,) = [note for note in notes if note.startswith("The epochs of all")]
    assert said.startswith(
        "The epochs of all 3 training runs, validation included, took 6 min 36 s of process CPU "
        "time and 36 s by the wall clock"
    )
    assert said in path.read_text()


def test_the_report_says_how_seeds_that_were_taken_out_are_left_out_again(
    bakeoff, settings, tmp_path
):
    """The command that repeats it can't say: by NAME:SEEDS alone they would be trained."""
    write_report(settings, bakeoff)
    plain = json.loads((bakeoff / "report/bakeoff.json").read_text())["notes"]
    begun, dropped = (
        dataclasses.replace(settings, systems=(system, *settings.systems[1:]))
        for system in (System("good", seeds=4), System("good", seeds=4, dropped=(3,)))
    )
    page = html.unescape(write_report(dropped, bakeoff).read_text())
    record = json.loads((bakeoff / "report/bakeoff.json").read_text())
    assert "bakeoff good:4 copy --take" in record["command"]
    (note,) = [note for note in record["notes"] if note not in plain]
    assert note in page and record["notes"][0] == plain[0]  # the verdict stays the first
    (command,) = re.findall("run python -m experiments.bakeoff (.*), and go on", note)
    begun.write(tmp_path / "again")
    assert main(command.replace("DIR", str(tmp_path / "again")).split()) == 0
    assert read_settings(tmp_path / "again") == dropped


@pytest.mark.parametrize("recorded", [{}, {"superpixels": {"n_segments": 163}}])
def test_systems_that_learned_from_painted_images_are_named(
    bakeoff, settings, write_grades, recorded
):
    painted = dataclasses.replace(settings, systems=(*settings.systems, System("uci_vae")))
    write_grades(bakeoff, "uci_vae", 1, "trained", np.linspace(20, 26, 40))
    run = bakeoff / "runs/uci_vae/seed-1"
    shutil.copytree(bakeoff / "runs/good/seed-1", run)
    recipe = json.loads((run / "recipe.json").read_text())
    (run / "recipe.json").write_text(json.dumps(recipe | {"name": "uci_vae"} | recorded))
    path = write_report(painted, bakeoff)
    record = json.loads((path.parent / "bakeoff.json").read_text())
    assert record["trained_on_superpixels"] == ["Uci vae"]
    (said,) = [note for note in record["notes"] if "superpixels painted" in note]
    assert said.endswith("graded on photographs as all are: Uci vae.")
    assert "with superpixels painted on them for systems" in path.read_text()
    (run / "recipe.json").write_text(json.dumps(recipe | {"superpixels": None}))
    page = write_report(painted, bakeoff).read_text()
    assert "superpixels painted" not in page


def test_a_column_has_the_fullest_of_the_meanings_that_records_have(
    bakeoff, settings, write_grades
):
    grade = bakeoff / "grades/copy/seed-1.json"
    record = json.loads(grade.read_text())
    record["metrics"]["psnr"]["meaning"] += " And more."
    grade.write_text(json.dumps(record))
    path = write_report(settings, bakeoff)
    metrics = json.loads((path.parent / "bakeoff.json").read_text())["metrics"]
    assert metrics["psnr"]["meaning"] == "Meaning of PSNR (dB). And more."


def test_the_wall_has_the_pixels_of_every_system_and_the_truth(bakeoff, settings):
    shown = images_of(write_report(settings, bakeoff).read_text())
    flat = [image[0, 0, 0] for image in shown if image.shape == (16, 16, 3) and np.ptp(image) == 0]
    levels, counts = np.unique(flat, return_counts=True)
    # Of each system three pictures on the wall, two best and two worst; baselines on the wall only.
    assert dict(zip(levels.tolist(), counts.tolist(), strict=True)) == {
        80: 3,
        90: 3,
        110: 7,
        120: 7,
        130: 7,
        250: 2 * 3 + 3 * 4,
    }


def test_wall_legend_and_maps_have_the_order_of_the_table(bakeoff, settings, write_grades):
    # Named second, and the best.
    write_grades(bakeoff, "copy", 1, "trained", np.linspace(30, 36, 40))
    page = write_report(settings, bakeoff).read_text()
    systems = ["Copy", "Good", "Shipped"]

    def labels(pattern, part=page):
        return [label for label in re.findall(pattern, part) if label in systems]

    assert labels(r'<th scope="row" data-sort="([^"]*)">') == systems
    wall = re.search(r'<table class="wall".*?</thead>', page, re.S)[0]
    assert labels(r'<th scope="col">([^<]*)</th>', wall) == systems
    assert wall.index("Truth") < wall.index("Do nothing") < wall.index("Copy")
    maps = re.search(r'<section id="colors">.*?</section>', page, re.S)[0]
    assert maps.index("Truth") < maps.index("Copy") < maps.index("Good") < maps.index("Shipped")


def test_every_map_of_errors_has_a_scale_of_its_own_and_says_it(bakeoff, settings, write_grades):
    """A failed system, whose colors are 3 times the true ones, takes none of the others' scales."""
    write_grades(bakeoff, "copy", 1, "trained", np.linspace(20, 26, 40), level=250)
    page = html.unescape(write_report(settings, bakeoff).read_text())
    section = re.search(r'<section id="where">.*?</section>', page, re.S)[0]
    bar, *maps = images_of(section)
    assert len(maps) == 4
    for colors in maps:
        for end in (bar[0, 0], bar[0, -1]):
            assert (colors == end).all(axis=-1).any()
    for name in ("copy", "shipped"):
        with np.load(bakeoff / f"grades/{name}/seed-1.npz") as arrays:
            where = arrays["details/where"]
        says = f"{where.min():.1f} to {where.max():.1f}, mean\N{NO-BREAK SPACE}{where.mean():.1f}"
        assert f"{name.capitalize()}<small>{says}</small>" in section
        assert f'alt="Error of {name.capitalize()} by place, {says}"' in section


def marked(page, style):
    """Labels of the rows that have a cell of a style, by the cell's column."""
    heads = re.findall(r'<button type="button" title="[^"]*">([^<]*)</button>', page)[2:]
    found = {head: [] for head in heads}
    for label, cells in re.findall(
        r'<th scope="row" data-sort="([^"]*)">.*?</th>\s*<td.*?</td>(.*?)</tr>', page, re.S
    ):
        for head, cell in zip(heads, re.findall(r"<td.*?</td>", cells, re.S), strict=True):
            if f'class="{style}"' in cell:
                found[head].append(label)
    return found


def test_bold_is_the_best_alone_and_underlined_what_is_not_told_from_it(
    bakeoff, settings, write_grades
):
    """A system whose seeds scatter is level with all, and makes nobody level with the best."""
    image = np.linspace(20, 26, 40)
    for seed, away in ((1, 0.9), (2, -9.0)):
        write_grades(bakeoff, "copy", seed, "trained", image + away)
    for seed in (1, 2):
        write_grades(bakeoff, "good", seed, "trained", image + 1 + 0.01 * seed)
    path = write_report(settings, bakeoff)
    rows = json.loads((path.parent / "bakeoff.json").read_text())["rows"]
    ranks = {row["label"]: row["ranks"].get("psnr_colored") for row in rows}
    assert ranks["Good"] == [1, 2] and ranks["Copy"] == [1, 5]
    assert ranks["Do nothing"][0] == 2
    page = path.read_text()
    assert marked(page, "best")["PSNR, colored only (dB)"] == ["Good"]
    assert marked(page, "level")["PSNR, colored only (dB)"] == ["Copy"]


def test_speeds_by_the_wall_are_in_the_files_alone(bakeoff, settings):
    path = write_report(settings, bakeoff)
    page = path.read_text()
    assert "Inference, images per CPU s" in page and "images/s" not in page
    (first, *_) = json.loads((path.parent / "bakeoff.json").read_text())["rows"]
    assert first["costs"]["inference_images_per_second"] == 990
    assert "inference_images_per_second" in (path.parent / "bakeoff.csv").read_text()


def test_the_page_says_which_seed_figures_are_of_and_no_more_than_there_is(bakeoff, settings):
    page = html.unescape(write_report(settings, bakeoff).read_text())
    # Wall, best and worst, errors, and where they are; there are colors too, of the truth.
    assert page.count("Of several seeds, the first one's.") == 5
    assert "validation images, at most 200, after" in page
    assert "The solid curve" not in page  # there is no frontier
    for path in bakeoff.glob("*/good/seed-2*"):
        path.unlink() if path.is_file() else None
    assert "Of several seeds" not in write_report(settings, bakeoff).read_text()
    point = {"setting": 0.5, "colorfulness": 20.0, "psnr": 24.0}
    beyond = {"setting": 1.2, "colorfulness": 4321.0, "psnr": 2.0}
    frontier = {"of": "tiny", "images": 40, "dial": [point, beyond], "factor": [point]}
    (bakeoff / "grades/frontier.json").write_text(json.dumps(frontier))
    assert "The solid curve is the dial of <code>tiny</code>" in (
        write_report(settings, bakeoff).read_text()
    )
    # That of a model which is no row has a color of its own, that of one which is has its point's.
    scatter = (bakeoff / "report/scatter.svg").read_text()
    assert scatter.count('class="frontier dial apart"') == 2  # the curve and its name
    frontier["of"] = "shipped"
    (bakeoff / "grades/frontier.json").write_text(json.dumps(frontier))
    write_report(settings, bakeoff)
    scatter = (bakeoff / "report/scatter.svg").read_text()
    (style,) = re.findall(r'class="(s\d) d0 system-2"><title>Shipped', scatter)
    assert scatter.count(f'class="frontier dial {style}"') == 2
    # A saturation beyond the dial's end is no point of the dial.
    assert ">4000<" not in (bakeoff / "report/scatter.svg").read_text()


def test_pictures_are_left_out_where_they_may_not_be_shown(bakeoff, settings):
    page = write_report(settings, bakeoff, pictures=False).read_text()
    flat = [image for image in images_of(page) if image.shape == (16, 16, 3) and np.ptp(image) == 0]
    assert not flat and 'id="wall"' not in page and 'id="extremes"' not in page
    assert 'id="frontier"' in page and 'id="where"' in page


def test_a_failure_leaves_the_last_report(bakeoff, settings, monkeypatch):
    path = write_report(settings, bakeoff)
    before = path.read_bytes()
    (bakeoff / "grades/truth/seed-0.json").write_text("{")
    with pytest.raises(InputError, match="seed-0.json is not JSON"):
        write_report(settings, bakeoff)
    assert path.read_bytes() == before
    assert [file.name for file in bakeoff.iterdir() if file.name.startswith(".writing")] == []


def test_the_command_writes_the_report_and_says_how_far_it_is(bakeoff, capsys):
    assert main(["--out", str(bakeoff), "--report-only", "--without-pictures"]) == 0
    assert str(bakeoff / "report/bakeoff.html") in capsys.readouterr().out
    assert main(["--out", str(bakeoff), "--status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1,000 images for each training run; graded on test images"
    assert [line.split()[0] for line in lines[1:6]] == ["left", "done", "done", "done", "done"]
    assert lines[6] == "4 done, 1 left"


@pytest.mark.long
def test_the_command_says_nothing_but_where_the_report_is(bakeoff):
    """What TensorFlow says when it is imported only a process of its own shows."""
    command = [sys.executable, "-m", "experiments.bakeoff", "--out", bakeoff, "--report-only"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout == f"report          {bakeoff / 'report/bakeoff.html'}\n"


def test_ticks_are_round_and_inside():
    assert charts.ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert charts.ticks(22.13, 24.9) == [22.5, 23, 23.5, 24, 24.5]
    assert charts.ticks(-3e-3, 3e-3) == [-0.003, -0.002, -0.001, 0, 0.001, 0.002, 0.003]
    assert [charts.short(v) for v in (200_000, 1_500_000, 23.5, 0, 2_000_000)] == [
        "200k",
        "1.5M",
        "23.5",
        "0",
        "2M",
    ]


def test_an_axis_is_logarithmic_and_what_is_far_below_does_not_stretch_the_other():
    assert charts.logarithmic_ticks(1_500, 60_000) == [2_000, 5_000, 10_000, 20_000, 50_000]
    early = Series("early", "s0", [100, 1_000, 10_000], [5.0, 20.0, 21.0])
    drawn = charts.lines([early], "x", "y", x_logarithmic=True, y_from=19.0)
    assert ">1000<" in drawn and ">10k<" in drawn and ">100<" not in drawn
    assert ">20<" in drawn and ">5<" not in drawn
    (points,) = re.findall(r'points="([^"]*)"', drawn)
    (_, low), (x_1, y_1), (x_2, y_2) = (map(float, p.split(",")) for p in points.split(" "))
    # It comes from below, where it is cut off.
    bottom = charts.LINES.height - charts.BOTTOM
    assert low > bottom > y_1 > y_2 and charts.LEFT < x_1 < x_2


def test_a_line_has_a_gap_where_nothing_is_known():
    nan = float("nan")
    drawn = charts.lines([Series("net <1>", "s0", [0, 1, 2, 3, 4], [1, 2, nan, 3, 4])], "x", "y")
    assert drawn.count("<polyline") == 2 and "net &lt;1&gt;" in drawn
