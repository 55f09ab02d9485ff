"""How far a bake-off is, from its folder alone, also while another process works in it."""

import dataclasses
import json
import os

import pytest

from experiments.bakeoff import main
from experiments.comparison import progress
from experiments.comparison.progress import locked, report, states
from experiments.comparison.running import run_entries
from experiments.comparison.settings import YARDSTICKS, Budget, Entry, Settings, System
from polychrome.errors import InputError

SETTINGS = Settings(
    (System("cnn", seeds=2), System("vae"), System("tiny", "tiny")), Budget(images=1000)
)


def begun(out, entry, epochs, of):
    """A run that has done some of its epochs: 100 images each in 2 s, 5 s with all else."""
    folder = out / progress.RUNS / entry.place
    network = folder / "networks/net"
    network.mkdir(parents=True)
    (folder / "share.json").write_text(json.dumps({"epochs": {"net": of}}))
    row = {"seconds": 5.0, "training_seconds": 2.0, "training_cpu_seconds": 4.0}
    row |= {"images_per_second": 50.0, "images_per_cpu_second": 25.0}
    (network / "state.json").write_text(json.dumps({"history": [row] * epochs}))


def graded(out, entry, seconds):
    for folder, content in (
        (progress.GRADES, {}),
        (progress.TIMES, {"grade": {"seconds": seconds}}),
    ):
        path = out / folder / entry.place.with_suffix(".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def test_done_running_failed_and_left_with_an_estimate(tmp_path):
    begun(tmp_path, Entry("cnn", 1), 10, 10)
    graded(tmp_path, Entry("cnn", 1), 30.0)
    graded(tmp_path, Entry("yardsticks", 0), 300.0)
    begun(tmp_path, Entry("vae", 1), 4, 10)
    failure = tmp_path / progress.FAILURES / "vae/seed-1.json"
    failure.parent.mkdir(parents=True)
    failure.write_text(json.dumps({"error": "the loss became nan"}))
    begun(tmp_path, Entry("cnn", 2), 1, 10)
    with locked(tmp_path):
        (tmp_path / progress.NOW).write_text(json.dumps("cnn, seed 2"))
        found = {str(each.entry): each for each in states(SETTINGS, tmp_path)}
        lines = report(SETTINGS, tmp_path).splitlines()
        with pytest.raises(InputError, match=f"process {os.getpid()} works there"):
            locked(tmp_path).__enter__()
    assert {name: each.state for name, each in found.items()} == {
        "yardsticks": "done",
        "cnn, seed 1": "done",
        "vae, seed 1": "failed",
        "tiny, seed 1": "left",
        "cnn, seed 2": "running",
    }
    assert found["cnn, seed 2"].says == "1 of 10 epochs"
    assert found["cnn, seed 2"].seconds == 9 * 5 + 30
    assert found["vae, seed 1"].says == "the loss became nan"
    assert found["tiny, seed 1"].seconds == 30  # it is graded only
    assert lines[-3:] == [
        "2 done, 1 running, 1 failed, 1 left",
        "about 1 min 45 s left on this machine, without what failed",
        f"process {os.getpid()} works there",
    ]


def test_what_was_running_when_the_machine_went_down_is_left(tmp_path):
    (tmp_path / progress.NOW).write_text(json.dumps("cnn, seed 1"))
    assert {each.state for each in states(SETTINGS, tmp_path)} == {"left"}
    said = report(SETTINGS, tmp_path).splitlines()
    assert said[-2:] == [
        "how long the rest takes is known after the first system on this machine",
        f"no process works there; go on with: python -m experiments.bakeoff --out {tmp_path}",
    ]


def test_where_locks_are_unknown_nobody_is_said_to_be_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "fcntl", None)
    assert "no process works there" not in report(SETTINGS, tmp_path)


def test_a_run_that_did_not_begin_takes_what_others_took(tmp_path):
    begun(tmp_path, Entry("cnn", 1), 10, 10)  # 1,000 images in 50 s, 40 s of CPU time
    by_images = {str(each.entry): each.seconds for each in states(SETTINGS, tmp_path)}
    assert by_images["vae, seed 1"] == pytest.approx(50)
    by_cpu = Settings(SETTINGS.systems, Budget(cpu_seconds=80.0))
    found = {str(each.entry): each.seconds for each in states(by_cpu, tmp_path)}
    assert found["vae, seed 1"] == pytest.approx(100)


def test_a_kept_bake_off_knows_what_its_epochs_took(bakeoff, settings):
    """From the tables of its epochs, 3 s of the clock for 30 of the processor; not of gradings."""
    more = dataclasses.replace(settings, budget=Budget(cpu_seconds=100.0))
    more = dataclasses.replace(more, systems=(*more.systems, System("new")))
    found = {str(each.entry): each.seconds for each in states(more, bakeoff)}
    assert found["new, seed 1"] == pytest.approx(10.0)
    assert report(more, bakeoff).splitlines()[-2] == "at least 10 s left on this machine"


def test_an_epoch_whose_line_was_cut_short_is_left_out(bakeoff, settings):
    for path in bakeoff.glob("runs/*/*/networks/*/history.csv"):
        path.write_text(path.read_text() + "5,300")
    test_a_kept_bake_off_knows_what_its_epochs_took(bakeoff, settings)


def test_what_failed_is_no_part_of_the_estimate(bakeoff, settings):
    """A kept bake-off does not know how long gradings take; nothing but what failed is left."""
    more = dataclasses.replace(settings, systems=(*settings.systems, System("new", "nowhere")))
    for folder, name, record in (
        (progress.GRADES, "yardsticks/seed-0", {}),
        (progress.FAILURES, "new/seed-1", {"error": "nowhere: no such folder"}),
    ):
        path = bakeoff / folder / f"{name}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record))
    lines = report(more, bakeoff).splitlines()
    assert "failed   new, seed 1      nowhere: no such folder" in lines
    assert lines[-2] == "5 done, 1 failed"
    assert lines[-1].startswith("no process works there; go on with: ")


@pytest.mark.parametrize(
    "file, text, says",
    [
        (
            "failures/new/seed-1.json",
            "{}",
            "has no 'error', so it is damaged or",
        ),
        ("runs/good/seed-1/share.json", "[]", "has no 'epochs', so it is damaged"),
        ("runs/good/seed-1/networks/net/state.json", "{}", "has no 'history', so it is damaged"),
        ("settings.json", '{"systems": [{"name": "good", "seeds": "x"}]}', "is not of a bake-off"),
        ("settings.json", '{"systems": ["good"]}', "is not of a bake-off, or damaged"),
    ],
)
def test_a_record_of_another_shape_is_named(bakeoff, settings, capsys, file, text, says):
    more = dataclasses.replace(settings, systems=(*settings.systems, System("new", "nowhere")))
    more.write(bakeoff)
    (bakeoff / "grades/good/seed-1.json").unlink()  # the epochs of what is done are not asked for
    (bakeoff / file).parent.mkdir(parents=True, exist_ok=True)
    (bakeoff / file).write_text(text)
    assert main(["--out", str(bakeoff), "--status"]) == 1
    assert capsys.readouterr().err.startswith(f"error: {bakeoff / file}: {says}")


def test_epochs_without_times_are_no_part_of_the_estimate(bakeoff, settings):
    """Earlier versions did not record processor time."""
    for path in bakeoff.glob("runs/copy/*/networks/*/history.csv"):
        path.write_text("epoch,seconds\n1,3000.0\n")
    test_a_kept_bake_off_knows_what_its_epochs_took(bakeoff, settings)


def test_a_reason_of_an_earlier_attempt_is_not_that_of_one_which_left_none(tmp_path):
    """Without settings the process of an entry ends before it can say why."""
    failure = tmp_path / progress.FAILURES / YARDSTICKS.place.with_suffix(".json")
    failure.parent.mkdir(parents=True)
    failure.write_text(json.dumps({"error": "no space left, some days ago"}))
    said = r"yardsticks \(the process ended with status 1\)"
    with locked(tmp_path) as lock, pytest.raises(InputError, match=said):
        run_entries(SETTINGS, tmp_path, lambda: None, lock)
    assert progress.failure_of(tmp_path, YARDSTICKS) == "the process ended with status 1"
