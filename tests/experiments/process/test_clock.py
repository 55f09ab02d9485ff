"""How long the stages of a run take, by both clocks."""

import json
import time

import pytest

from experiments.process.clock import Clock, read_timings


def work(seconds: float) -> None:
    """Keep a core busy for so long, by the clock of the process."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        sum(range(1000))


def test_waiting_takes_wall_time_and_work_takes_both(tmp_path):
    clock = Clock(tmp_path / "timings.json")
    with clock.time("wait"):
        time.sleep(0.5)
    with clock.time("work"):
        work(0.5)
    took = read_timings(tmp_path / "timings.json")
    assert took["wait"]["seconds"] >= 0.5 > took["wait"]["cpu_seconds"]
    assert took["work"]["seconds"] >= 0.5
    assert took["work"]["cpu_seconds"] == pytest.approx(0.5, abs=0.15)


def test_an_interrupted_stage_counts_and_a_resumed_one_is_added(tmp_path):
    path = tmp_path / "timings.json"
    with pytest.raises(KeyboardInterrupt), Clock(path).time("train"):
        work(0.3)
        raise KeyboardInterrupt
    assert read_timings(path)["train"]["cpu_seconds"] == pytest.approx(0.3, abs=0.15)
    with Clock(path).time("train"):
        work(0.3)
    assert read_timings(path)["train"]["cpu_seconds"] == pytest.approx(0.6, abs=0.15)


def test_a_file_of_plain_numbers_is_read_and_goes_on(tmp_path):
    path = tmp_path / "timings.json"
    path.write_text('{"decode": 3.0, "train a": 20.5}')
    assert read_timings(path) == {"decode": {"seconds": 3.0}, "train a": {"seconds": 20.5}}
    clock = Clock(path)
    with clock.time("train a"):
        work(0.3)
    with clock.time("grade"):
        work(0.3)
    took = json.loads(path.read_text())
    assert took["decode"] == {"seconds": 3.0}
    # Of the earlier part no process time is known, so none of the whole.
    assert took["train a"].keys() == {"seconds"} and took["train a"]["seconds"] >= 20.8
    assert took["grade"]["cpu_seconds"] == pytest.approx(0.3, abs=0.15)
