"""The time of a run's training, also of processes that were killed."""

import json

import pytest
from graded_rows import graded_metrics, write_run

from experiments.comparison.tables.machines import machine_notes
from experiments.comparison.tables.rows import Row, Run
from experiments.report.durations import accelerator, training_time
from experiments.report.kept_runs import read_kept
from experiments.report.tables import read_metrics


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
        ("rocm:0 (AMD Instinct MI300X)", "AMD Instinct MI300X"),
        ("TPU_0(process=0,(0,0,0,0)) (TPU v4)", "TPU v4"),
        ("cpu:0 (cpu)", ""),
        ("TFRT_CPU_0 (cpu)", ""),
        ("/device:CPU:0, /device:CPU:1", ""),
        (None, ""),
    ],
)
def test_the_accelerator_is_the_recorded_one(devices, name):
    assert accelerator({} if devices is None else {"devices": devices}) == name


def test_each_table_says_alike_whether_a_run_was_on_an_accelerator(tmp_path):
    """ROCm's is one for the reports too, and a processor in lower case is none for a bake-off."""
    for devices, name, said in (
        ("rocm:0 (AMD Instinct MI300X)", "AMD Instinct MI300X", ", rocm:0 (AMD Instinct MI300X)"),
        ("cpu:0 (cpu)", "", ""),
    ):
        folder = tmp_path / devices[:3]
        made_with = {"processor": "AMD EPYC", "cores": 2, "devices": devices}
        out = folder / "runs/net/seed-1"
        out.mkdir(parents=True)
        (out / "environment.json").write_text(json.dumps(made_with))
        network = {"name": "net", "epochs": 1}
        write_run(folder / "run", graded_metrics(), name="net", networks=[network])
        (folder / "run/environment.json").write_text(json.dumps(made_with))
        (kept,) = read_kept([folder / "run"])
        assert (kept.machine, kept.on_gpu) == (name or "AMD EPYC", bool(name))
        table = read_metrics(folder / "run")["rows"]
        assert {row["accelerator"] for row in table if row["kind"] == "ours"} == {name}
        facts = {"kind": "trained", "label": "Net", "seed": 1}
        trained = Row("net", (Run(facts, {}, {}, {}, {}),))
        noted = f"Trained on AMD EPYC, 2 cores{said}: Net, seed 1."
        assert machine_notes([trained], folder) == [noted]
