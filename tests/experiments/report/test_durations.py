"""The time of a run's training, also of processes that were killed."""

import json

import pytest

from experiments.report.durations import accelerator, training_time


@pytest.fixture
def run(tmp_path):
    timings = {
        "decode": {"seconds": 5.0, "cpu_seconds": 6.0},
        "train a": {"seconds": 100.0, "cpu_seconds": 150.0},
        "train b": {"seconds": 10.0, "cpu_seconds": 15.0},
    }
    (tmp_path / "timings.json").write_text(json.dumps(timings))
    return tmp_path


def keep_history(run, network, *rows, header="epoch,loss,seconds,cpu_seconds"):
    folder = run / "networks" / network
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text("\n".join([header, *rows]) + "\n")


def test_it_is_that_of_the_training_stages(run):
    assert training_time(run) == {"seconds": 110.0, "cpu_seconds": 165.0}


def test_epochs_of_a_killed_process_count(run):
    keep_history(run, "a", "1,0.5,300.0,400.0", "2,0.4,90.0,140.0")
    keep_history(run, "b", "1,0.5,9.0,14.0")
    assert training_time(run) == {"seconds": 400.0, "cpu_seconds": 555.0}


def test_a_last_line_that_was_cut_short_loses_its_own_epoch_alone(run):
    keep_history(run, "a", "1,0.5,300.0,400.0", "2,0.4,9")
    assert training_time(run) == {"seconds": 310.0, "cpu_seconds": 415.0}


def test_a_history_without_times_changes_nothing(run):
    keep_history(run, "a", "1,0.5", header="epoch,loss")
    keep_history(run, "b")
    assert training_time(run) == {"seconds": 110.0, "cpu_seconds": 165.0}


@pytest.mark.parametrize(
    ("devices", "name"),
    [
        ("cuda:0 (NVIDIA H200)", "NVIDIA H200"),
        ("/device:GPU:0", "a GPU"),
        ("cpu:0 (cpu)", ""),
        ("/device:CPU:0", ""),
        (None, ""),
    ],
)
def test_the_accelerator_is_the_recorded_one(run, devices, name):
    if devices is not None:
        (run / "environment.json").write_text(json.dumps({"devices": devices}))
    assert accelerator(run) == name
