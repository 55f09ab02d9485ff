"""What is kept of a bake-off: its figures without pictures and places, and enough to go on."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from experiments.bakeoff import main
from experiments.comparison.keeping import keep
from experiments.comparison.progress import DONE, states
from experiments.comparison.settings import System, read_settings
from experiments.grading.painted_input import FROM_PHOTOGRAPH
from experiments.report.kept_runs import Measured, read_kept
from experiments.report.replication.against_reports import Here, compare, difference
from experiments.reported.figure import OF_PHOTOGRAPH, Budget, Figure
from polychrome.errors import InputError


@pytest.fixture
def elsewhere(settings, tmp_path):
    """The bake-off's settings, with data and a taken run in folders of this machine."""
    taken = System("shipped", taken=f"{tmp_path}/runs/tiny")
    return dataclasses.replace(
        settings,
        systems=(*settings.systems[:2], taken),
        passed=("--data", "sample", "--data-dir", f"{tmp_path}/data", "--batch-size", "8"),
    )


def of_machine(run, **changed):
    """A run's record of where it was trained."""
    found = {"processor": "Abacus", "cores": 2, "devices": "/device:CPU:0", **changed}
    (run / "environment.json").write_text(json.dumps(found))


def row_of(record, system):
    return next(row for row in record["rows"] if row["system"] == system)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_places_pictures_and_weights_stay_behind(bakeoff, elsewhere, tmp_path):
    elsewhere.write(bakeoff)
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    found = contents(kept)
    assert {name.split("/")[0] for name in found} == {"grades", "report", "runs", "settings.json"}
    assert not any(str(tmp_path).encode() in data for data in found.values())
    assert not any(name.endswith(".h5") for name in found)
    for path in kept.glob("grades/*/*.npz"):
        with np.load(path) as arrays:
            assert not any(name.startswith("pictures/") for name in arrays.files)
            assert {f"per_image/{key}" for key in ("psnr", "ssim", "top1")} <= set(arrays.files)
            assert "details/where" in arrays.files
            assert arrays["per_image/psnr"].dtype == np.float16
    page = (kept / "report/bakeoff.html").read_text()
    assert 'id="wall"' not in page and 'id="extremes"' not in page
    assert 'id="curves"' in page and 'id="where"' in page and "--data-dir PATH" in page


def test_what_is_known_of_an_encoder_is_kept_and_said_without_its_place(bakeoff, tmp_path):
    run, place = bakeoff / "runs/good/seed-2", str(tmp_path / "encoder.pth")
    record = {"encoder": {"origin": place, "pretrained": True}, "encoder_moved": True}
    (run / "networks/net/initial_weights.json").write_text(json.dumps(record))
    recipe = json.loads((run / "recipe.json").read_text())
    recipe["notes"] = [f"Encoder of net: {place}; its weights changed in training"]
    (run / "recipe.json").write_text(json.dumps(recipe))
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    copy = kept / "runs/good/seed-2/networks/net/initial_weights.json"
    assert json.loads(copy.read_text()) == {"encoder": {"pretrained": True}, "encoder_moved": True}
    assert not any(str(tmp_path).encode() in data for data in contents(kept).values())
    said = "Encoder of net: encoder.pth; its weights changed in training."
    notes = json.loads((kept / "report/bakeoff.json").read_text())["notes"]
    (note,) = (note for note in notes if note.endswith(said))
    assert said in (kept / "report/bakeoff.html").read_text() and not note.startswith("good")


def test_the_machine_of_each_run_is_kept_and_said_where_it_is_not_that_of_all(bakeoff, tmp_path):
    def record():
        assert main(["--out", str(bakeoff), "--keep", str(tmp_path / "kept")]) == 0
        return json.loads((tmp_path / "kept/report/bakeoff.json").read_text())

    def said():
        notes = record()["notes"]
        return [note for note in notes if "machine that" in note or "Trained on" in note]

    yardsticks = bakeoff / "grades/yardsticks/seed-0.json"
    yardsticks.parent.mkdir()
    images = {"images": 40, "gray": 1, "labeled": 0, "size": 64, "train": 40}
    own = {"processor": "Abacus", "cores": 2}
    yardsticks.write_text(json.dumps({**images, "environment": own}))
    runs = [bakeoff / "runs" / place for place in ("good/seed-1", "good/seed-2", "copy/seed-1")]
    for run in runs:
        of_machine(run)
    assert said() == []
    kept = tmp_path / "kept/runs/good/seed-1/environment.json"
    assert json.loads(kept.read_text())["processor"] == "Abacus"
    of_machine(runs[0], processor="Loom", cores=16, devices="/device:GPU:0", git_commit="abc")
    (runs[2] / "environment.json").unlink()
    assert said() == [
        "Trained on Loom, 16 cores, /device:GPU:0: Good, seed 1. "
        "Trained on Abacus, 2 cores: Good, seed 2. "
        "The machine that trained these is not recorded: Copy, seed 1."
    ]
    unknown = ["not recorded", "Good, seed 2; Copy, seed 1"]
    assert record()["commits"] == [["abc", "Good, seed 1"], unknown]
    page = (tmp_path / "kept/report/bakeoff.html").read_text()
    assert "<dt>abc</dt><dd>Good, seed 1</dd>" in page
    recipe = json.loads((runs[0] / "recipe.json").read_text()) | {"source": "sample"}
    (runs[0] / "recipe.json").write_text(json.dumps(recipe))
    assert main(["--out", str(bakeoff), "--keep", str(tmp_path / "kept")]) == 0
    (good,) = (run for run in read_kept([tmp_path / "kept"]) if run.recipe == "good")
    assert good.on_gpu  # as its own record says, not that of the yardsticks
    for run in runs:
        (run / "environment.json").unlink(missing_ok=True)
    of_machine(runs[1], processor="Spindle", dtype_policy="mixed_bfloat16")
    assert main(["--out", str(bakeoff), "--keep", str(tmp_path / "kept")]) == 0
    found = {run.recipe: run for run in read_kept([tmp_path / "kept"])}
    # Of several seeds the one that is recorded, and without any no machine at all.
    assert (found["good"].machine, found["good"].precision) == ("Spindle", "mixed_bfloat16")
    assert (found["copy"].machine, found["copy"].precision) == ("", "float32")
    assert found["copy"].measured("psnr", "do_nothing").mean == pytest.approx(
        row_of(record(), "do_nothing")["values"]["psnr"]["mean"]
    )


def test_the_kept_report_has_the_figures_of_the_bake_off_and_can_be_written_again(
    bakeoff, tmp_path
):
    assert main(["--out", str(bakeoff), "--report-only"]) == 0
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    first = contents(kept)
    assert main(["--out", str(kept), "--report-only"]) == 0
    assert contents(kept) == first
    for name in ("training_images.svg", "training_minutes.svg"):
        assert (bakeoff / "report" / name).read_bytes() == first[f"report/{name}"]
    ours, theirs = (
        json.loads((folder / "report/bakeoff.json").read_text()) for folder in (bakeoff, kept)
    )
    assert ours["notes"] == theirs["notes"] and ours["command"] == theirs["command"]
    for row, other in zip(ours["rows"], theirs["rows"], strict=True):
        assert row["ranks"] == other["ranks"] and row["costs"] == other["costs"]
        for key, value in row["values"].items():
            for end in ("mean", "low", "high"):
                if value[end] is None:
                    assert other["values"][key][end] is None, key
                else:
                    assert other["values"][key][end] == pytest.approx(value[end], rel=3e-4), key


def test_pictures_are_kept_where_they_may_be_shown(bakeoff, tmp_path):
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept), "--keep-pictures"]) == 0
    ours, theirs = (folder / "grades/good/seed-1.npz" for folder in (bakeoff, kept))
    with np.load(ours) as one, np.load(theirs) as other:
        np.testing.assert_array_equal(one["pictures/wall/made"], other["pictures/wall/made"])
    assert 'id="wall"' in (kept / "report/bakeoff.html").read_text()


def test_a_copy_of_what_is_kept_is_gone_on_with_where_the_data_lie_now(
    bakeoff, elsewhere, tmp_path
):
    """Done systems stay done, and the data's place is that of now."""
    elsewhere.write(bakeoff)
    kept = tmp_path / "kept"
    keep(elsewhere, bakeoff, kept)
    again = tmp_path / "again"
    shutil.copytree(kept, again)
    before = read_settings(again)
    assert before.passed[3] == "PATH" and before.systems[2] == System("shipped", "RUN")
    now = dataclasses.replace(
        elsewhere,
        systems=(System("new"), System("shipped", "other/place")),
        passed=("--data", "sample", "--data-dir", "now", "--batch-size", "8"),
    )
    joined = before.joined(now, again)
    assert [system.name for system in joined.systems] == ["good", "copy", "shipped", "new"]
    assert joined.passed[3] == "now"
    left = {str(each.entry) for each in states(joined, again) if each.state != DONE}
    assert left == {"yardsticks", "new, seed 1"}
    with pytest.raises(InputError, match="begun with passed .*--batch-size 8, not .*PATH$|not "):
        before.joined(dataclasses.replace(now, passed=("--data", "other")), again)


def test_nothing_graded_and_damaged_gradings_are_named_where_they_are(bakeoff, tmp_path, capsys):
    kept, grade = tmp_path / "kept", bakeoff / "grades/good/seed-1"
    whole = grade.with_suffix(".npz").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"PK"):
        grade.with_suffix(".npz").write_bytes(damaged)
        for arguments in (["--report-only"], ["--keep", str(kept)]):
            assert main(["--out", str(bakeoff), *arguments]) == 1
            error = capsys.readouterr().err
            assert error.startswith(f"error: {grade}.npz: can't be read (")
            assert error.endswith(
                "remove both files of this name, and the bake-off grades it again\n"
            )
    grade.with_suffix(".npz").write_bytes(whole)
    for damaged in ("{}", "[]"):
        grade.with_suffix(".json").write_text(damaged)
        assert main(["--out", str(bakeoff), "--report-only"]) == 1
        assert f"{grade}.json: is no record of a grading" in capsys.readouterr().err
    shutil.rmtree(bakeoff / "grades")
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 1
    assert capsys.readouterr().err == f"error: {bakeoff}: nothing is graded yet; see --status\n"
    assert not kept.exists()


def test_nothing_else_is_replaced(bakeoff, settings, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    message = "other: would be replaced, but holds thesis.txt, which nothing kept does; name a new"
    with pytest.raises(InputError, match=message):
        keep(settings, bakeoff, other)
    with pytest.raises(InputError, match="is the bake-off itself; keep it elsewhere"):
        keep(settings, bakeoff, bakeoff)
    assert (other / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    "theirs", [".lock", "notes.txt", "runs/cnn/seed-1/networks/cnn/9.weights.h5", "runs/thesis.txt"]
)
def test_a_bake_off_with_weights_is_not_replaced(bakeoff, settings, tmp_path, theirs):
    other = keep(settings, bakeoff, tmp_path / "other").parents[1]
    keep(settings, bakeoff, other)  # what was kept before is
    (other / theirs).parent.mkdir(parents=True, exist_ok=True)
    (other / theirs).write_text("days of work")
    with pytest.raises(InputError, match=f"other: would be replaced, but holds {theirs}, which"):
        keep(settings, bakeoff, other)
    assert (other / theirs).read_text() == "days of work"


def test_settings_of_another_program_are_not_replaced(bakeoff, settings, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.json").write_text('{"editor.fontSize": 12}')
    with pytest.raises(InputError, match="settings.json: is not of a bake-off, or damaged"):
        keep(settings, bakeoff, other)
    assert json.loads((other / "settings.json").read_text()) == {"editor.fontSize": 12}


def test_gradings_on_superpixels_are_apart_by_what_was_seen(bakeoff, tmp_path):
    """A bake-off's are of photographs, as Zhang et al.'s network saw them in UCI's report."""
    for path in bakeoff.glob("grades/*/*.json"):
        record = json.loads(path.read_text())
        key = "gray_luma_superpixels"
        record["metrics"][key] = {
            "label": "Gray",
            "better": "higher",
            "meaning": f"Share, {FROM_PHOTOGRAPH}.",
        }
        record["of_set"][key] = 0.75
        path.write_text(json.dumps(record))
    kept = tmp_path / "kept"
    (bakeoff / "grades/yardsticks").mkdir()
    yardsticks = {"images": 2_500, "gray": 1, "labeled": 0, "size": 64, "train": 40}
    record = json.dumps({**yardsticks, "environment": {}})
    (bakeoff / "grades/yardsticks/seed-0.json").write_text(record)
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    run = next(run for run in read_kept([kept]) if run.recipe == "good")
    assert run.measured("gray_luma_superpixels") is None
    found = run.measured("gray_luma_superpixels" + OF_PHOTOGRAPH)
    assert found is not None and found.mean == 0.75
    assert run.measured("gray_luma_superpixels" + OF_PHOTOGRAPH, "do_nothing") == found
    assert run.by_seed["gray_luma_superpixels" + OF_PHOTOGRAPH] == [0.75, 0.75]


def test_what_a_kept_bake_off_trained_stands_beside_the_reports(bakeoff, tmp_path):
    """Its means and budgets, though it graded some of the images; no presets, no baselines."""
    yardsticks = {"images": 2_500, "gray": 1, "labeled": 0, "size": 64, "train": 40}
    (bakeoff / "grades/yardsticks").mkdir()
    record = json.dumps({**yardsticks, "environment": {}})
    (bakeoff / "grades/yardsticks/seed-0.json").write_text(record)
    for path in bakeoff.glob("runs/*/seed-*/recipe.json"):
        recipe = json.loads(path.read_text()) | {"source": "tiny_imagenet", "image_size": 64}
        recipe["notes"] = ["Noted"] if path.parent.name == "seed-1" else ["Noted", path.parent.name]
        path.write_text(json.dumps(recipe))
    kept = tmp_path / "kept"
    assert main(["--out", str(bakeoff), "--keep", str(kept)]) == 0
    runs = {run.recipe: run for run in read_kept([kept])}
    assert set(runs) == {"good", "copy"}
    assert (runs["good"].seen, runs["good"].budget) == (
        960,
        "960 images in 8.0 s of CPU time, mean of 2 seeds",
    )
    rows = json.loads((kept / "report/bakeoff.json").read_text())["rows"]
    values = {row["system"]: row["values"]["psnr"] for row in rows}
    assert runs["good"].notes == ("Noted", "seed-2") and runs["copy"].notes == ("Noted",)
    assert runs["good"].by_seed["psnr"] == values["good"]["by_seed"] and not runs["copy"].by_seed
    # 4 epochs of 240 images in 30 seconds of processor time each.
    assert runs["good"].rates == [8.0] and not runs["good"].on_gpu
    measured = runs["good"].measured("psnr")
    assert measured == Measured(*(values["good"][end] for end in ("mean", "low", "high")))
    figure = Figure("Good", "PSNR (dB)", "22.00", "psnr", 22.0, "good", budget=Budget(2, 9_000))
    compared = compare(figure, Here(list(runs.values()), {}, {}))
    assert compared.common is runs["good"] and compared.same is None
    said = difference(compared)
    assert said.endswith("; the common protocol on 2,500 of its images, evenly spread.")
    assert "the report's 2 epochs of 9,000 images" in said
