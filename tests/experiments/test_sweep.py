"""A grid search through the command, stopped, gone on with, and asked for nonsense."""

import json
from pathlib import Path

import pytest

from experiments.sweep import main

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")


@pytest.mark.long
def test_each_combination_is_run_once_and_tabulated(capsys):
    command = ["cnn", "--grid", "learning-rate=1e-2,1e-4", "--out", "sweep", "--"]
    command += ["--limit", "12", "--epochs", "1", "--batch-size", "4", "--image-size", "16"]
    assert main(command) == 0
    rates, finished = [], []
    for name in ("learning-rate=1e-2", "learning-rate=1e-4"):
        run = Path("sweep") / name
        (network,) = json.loads((run / "recipe.json").read_text())["networks"]
        rates.append(network["optimizer"])
        finished.append((run / "metrics.json").stat().st_mtime_ns)
    assert rates == ["Adam, learning rate 0.01", "Adam, learning rate 0.0001"]
    table = Path("sweep/results.md").read_text()
    assert "learning rate 1e-2" in table and "learning rate 1e-4" in table
    assert table.count("do nothing") >= 1

    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().out.count("done already") == 2
    again = [
        Path("sweep") / n / "metrics.json" for n in ("learning-rate=1e-2", "learning-rate=1e-4")
    ]
    assert [path.stat().st_mtime_ns for path in again] == finished


@pytest.mark.parametrize("grid", ["loss=mse,mae", "epochs=", "epochs=1,,2"])
def test_a_grid_that_makes_no_sense_is_one_line(grid, capsys):
    assert main(["cnn", "--grid", grid, "--out", "sweep"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: --grid {grid}: should be") and error.count("\n") == 1
    assert not Path("sweep").exists()
