"""The Fréchet distance on EfficientNet-Lite0, beside the other grades."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.grading.frechet import frechet_on_lite0
from experiments.grading.scores import grade_systems
from experiments.run import main
from tf_data.store import Store

pytestmark = pytest.mark.long  # the encoder works at 224x224


def test_true_colors_are_near_and_gray_is_far(smooth):
    store = Store(smooth(4, 24, 24, seed=5), tuple("abcd"), 0, ())
    metric = frechet_on_lite0()
    systems = {
        "painted": lambda lightness: np.full((1, 1, 1, 2), 40.0, np.float32),
        "do_nothing": lambda lightness: np.zeros((1, 1, 1, 2), np.float32),
    }
    scores = grade_systems(systems, store, sets_on_rgb=[metric])
    gray = scores.table()["do_nothing"]["frechet_lite0"]
    assert gray["low"] is None and gray["mean"] > 0
    described = scores.described()["frechet_lite0"]
    assert described["better"] == "lower" and "not FID" in described["meaning"]
    assert gray["mean"] != scores.table()["painted"]["frechet_lite0"]["mean"]

    truth = (store.images / 255).astype("float32")
    observed = np.asarray(metric.observe(truth, truth))
    assert observed.shape == (4, 2, 1280) and np.ptp(observed) > 0.1
    assert metric.compute(observed) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.usefixtures("own_folder", "same_precision")
def test_a_run_that_is_asked_for_it_has_it_in_every_row():
    small = ["--limit", "12", "--image-size", "16", "--epochs", "1", "--out", "run"]
    assert main(["cnn", *small]) == 0
    assert "frechet_lite0" not in json.loads(Path("run/metrics.json").read_text())["metrics"]
    assert main(["cnn", "--resume", "--out", "run", "--frechet"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    rows = [row for row in metrics["rows"] if row["kind"] != "reported"]
    assert len(rows) == 4 and all(row["values"]["frechet_lite0"]["mean"] > 0 for row in rows)
    assert "Fréchet, EfficientNet-Lite0" in Path("run/report.html").read_text(encoding="utf-8")
