"""Extrapolations of learning curves: of known laws, of the kept run, and through the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.learning_curve import in_words, main
from experiments.studies.learning_curve import DECIBEL, learning_curve
from experiments.studies.power_law import PowerLaw, fit, resampled
from polychrome.errors import InputError
from polychrome.files import read_json, write_json

RESULTS = Path(__file__).resolve().parents[3] / "experiments/results"
KEPT = RESULTS / "tiny_imagenet/tiny_at_128"
IMAGES = 20_000.0 * np.arange(5, 17)
LAW = PowerLaw(a=30.0, b=0.5, c=-5.7)


def test_a_power_law_is_found_again():
    found = fit(IMAGES, LAW(IMAGES))
    assert found.b == pytest.approx(0.5, rel=0.05)
    np.testing.assert_allclose(found(IMAGES), LAW(IMAGES), atol=1e-5, rtol=0)
    assert found.reaches(-5.69) == pytest.approx(LAW.reaches(-5.69), rel=0.3)
    assert LAW.reaches(-5.69) == pytest.approx(3000.0**2)
    assert LAW.reaches(-5.7) == np.inf == LAW.reaches(-6.0)


def test_a_loss_that_rises_has_none():
    assert fit(IMAGES, -LAW(IMAGES)) is None
    assert resampled(IMAGES, -LAW(IMAGES), 10) == []


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of the loss after four times as many images."""
    rng = np.random.default_rng(0)
    later, held = 4 * IMAGES[-1], []
    for trial in range(200):
        noisy = LAW(IMAGES) + rng.normal(scale=0.003, size=len(IMAGES))
        drawn = [float(law(later)) for law in resampled(IMAGES, noisy, 100, seed=trial)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        held.append(low <= LAW(later) <= high)
    assert np.mean(held) > 0.85


@pytest.fixture
def run(tmp_path):
    """The records of `tiny`, with validation losses by a known law and a decay's gain of 0.03."""
    folder = tmp_path / "run"
    network = folder / "networks/colorizer"
    network.mkdir(parents=True)
    for name in ("recipe.json", "metrics.json"):
        (folder / name).write_bytes((KEPT / name).read_bytes())
    state = read_json(KEPT / "networks/colorizer/state.json")
    rows = state["history"]
    noise = np.random.default_rng(0).normal(scale=1e-4, size=len(rows))
    for epoch, row in enumerate(rows, start=1):
        loss = float(LAW(19_968 * epoch)) + noise[epoch - 1]
        # The first pass and the decay are not to be looked at.
        row["val_loss"] = 9.0 if epoch < 5 else loss - 0.03 * (epoch > 16)
    write_json(network / "state.json", state)
    return folder


def test_the_images_needed_are_those_of_the_law(run):
    curve = learning_curve(run)
    assert list(np.flatnonzero(curve.stable) + 1) == list(range(5, 17))
    assert curve.images[-1] == 20 * 19_968
    last = float(LAW(curve.images[-1]))
    near = curve.psnr + 0.05
    expected = LAW.reaches(last - 0.05 / DECIBEL)
    found = curve.extrapolation(near)
    assert found["best"] == pytest.approx(expected, rel=0.1)
    assert found["low"] < expected < found["high"] and found["never"] == 0
    assert float(curve.psnr_at(LAW, expected)) == pytest.approx(near)
    # The law ends at 0.2 dB more.
    assert DECIBEL * (last - LAW.c) == pytest.approx(0.206, abs=0.01)
    assert curve.extrapolation(curve.psnr + 0.5)["best"] is None


def test_going_on_from_earlier_weights_counts_their_images(run):
    spent = {"epochs": 5, "images": 100_000, "parts": 5, "image_size": 64, "precision": "float32"}
    write_json(run / "networks/colorizer/initial_weights.json", {"inherited": [spent]})
    curve = learning_curve(run)
    assert curve.images[0] == 100_000 + 19_968
    assert list(np.flatnonzero(curve.stable) + 1) == list(range(2, 17))
    # Those of whole batches where the record has their size.
    begun = {"inherited": [spent | {"batch_size": 64}]}
    write_json(run / "networks/colorizer/initial_weights.json", begun)
    assert learning_curve(run).images[0] == 6 * 19_968
    begun = {"inherited": [spent | {"images": None}]}
    write_json(run / "networks/colorizer/initial_weights.json", begun)
    with pytest.raises(InputError, match="weights that had seen an unknown number of images"):
        learning_curve(run)


def test_the_command_says_it_and_draws_it(run, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(run), str(KEPT), "--target", "24.6", "--out", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("polychrome tiny: 24.54 dB after 399,360 images; twice as many")
    assert "24.6 dB would take" in printed[0] and printed[2] == str(out / "learning_curve.png")
    record = json.loads((out / "learning_curve.json").read_text())
    assert [each["epochs_fitted"] for each in record["runs"]] == [12, 12]
    assert record["runs"][0]["law"]["c"] == pytest.approx(-5.7, abs=0.01)
    with Image.open(out / "learning_curve.png") as picture:
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"loss": "mean squared error"}, "was trained on the mean squared error, which is not in"),
        (
            {"optimizer": "AdamW, learning rate 0.1"},
            "was trained without a warm-up and a decay",
        ),
        ({"epochs": 10}, "has 4 epochs at a stable rate; a curve takes 6"),
    ],
)
def test_runs_without_such_a_curve_are_refused(run, tmp_path, capsys, change, says):
    record = read_json(run / "recipe.json")
    record["networks"][0] |= change
    write_json(run / "recipe.json", record)
    assert main([str(run), "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {run}: {says}") and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_results_page_says_what_the_kept_run_gives():
    kept = read_json(RESULTS / "learning_curve.json")
    (described,) = kept["runs"]
    page = " ".join((RESULTS / "README.md").read_text().split())
    assert in_words(described, kept["target"]) in page and kept["target"] == 25.0
    curve = learning_curve(KEPT)
    assert described["psnr"] == curve.psnr and described["images"] == curve.images[-1]
    found = curve.extrapolation(25.0)
    assert described["needed"]["best"] == pytest.approx(found["best"], rel=1e-6)
    assert described["needed"]["low"] == pytest.approx(found["low"], rel=1e-6)
