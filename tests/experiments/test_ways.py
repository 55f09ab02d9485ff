"""Ways of training that only some systems take, through the command: transfer, and two networks."""

import dataclasses
import json
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
import tensorflow as tf

from experiments.recipes import RECIPES
from experiments.reported.published import Published
from experiments.run import main
from polychrome.color.histogram import ChromaHistogram

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")

RUNS = ("first", "second", "graded")
SMALL = ["--limit", "12", "--epochs", "1", "--image-size", "32"]


def read(path):
    return json.loads(Path(path).read_text())


def is_picture(path) -> bool:
    return min(tf.io.decode_png(Path(path).read_bytes()).shape[:2]) >= 64


def kernels(run: str) -> dict[str, np.ndarray]:
    """Weights of the last epoch by path in the file, without the optimizer's."""
    found = {}
    with h5py.File(Path(run) / "networks/resnet9/epoch-0001.weights.h5") as file:
        file["layers"].visititems(
            lambda name, item: found.update({name: item[()]}) if hasattr(item, "shape") else None
        )
    return {name: value for name, value in found.items() if value.ndim == 4}


@pytest.mark.long
def test_transfer_to_other_data_begins_with_the_weights_of_a_run(photographs, error_of):
    assert main(["dtu_light", *SMALL, "--out", "first"]) == 0
    more = ["--data", "folder", "--data-dir", str(photographs), "--init-from", "first"]
    # Of other random numbers: what agrees comes from the first run.
    assert main(["dtu_light", *SMALL, *more, "--seed", "2", "--out", "second"]) == 0
    first, second = map(kernels, ("first", "second"))
    assert len(first) > 10
    for name, kernel in first.items():
        # One step of Adam moves no weight further than its learning rate, 1e-4.
        assert 0 < np.abs(second[name] - kernel).max() < 3e-4, name
        assert np.ptp(kernel) > 1e-2, name
    assert any(
        "begun with the weights of first" in note for note in read("second/recipe.json")["notes"]
    )
    assert "begun with the weights of first" in Path("second/report.html").read_text()

    # Graded without training: the budget is that of the weights.
    again = ["--epochs", "0", "--init-from", "second", "--out", "graded"]
    assert main(["dtu_light", *SMALL[:2], *SMALL[4:], *again]) == 0
    small = "1 epoch of 12 images of 32x32, float32"
    count = read("second/metrics.json")["images"]["train"]
    budgets = {run: read(f"{run}/metrics.json")["rows"][0]["budget"] for run in RUNS}
    assert budgets == {
        "first": small,
        "second": f"{small}, then 1 epoch of {count} images of 32x32, float32",
        "graded": f"{small}, then 1 epoch of {count} images of 32x32, float32; graded as they are",
    }

    # Cards say what their weights saw, and where to read on.
    told = {run: read(f"{run}/preset/preset.json")["about"]["Data and license"] for run in RUNS}
    see = "the weights of the run `{}`; see its card for their data and license."
    assert told["second"].startswith(f"It was trained on {count} images of `folder`. ")
    assert told["second"].endswith(" It began with " + see.format("first"))
    assert told["graded"] == "Not trained further: " + see.format("second")

    error = error_of("cnn", *SMALL, "--init-from", "first", "--out", "third")
    assert "first/networks/cnn" in error and "'cnn'" in error
    for option in ("--init-from", "--histogram", "--encoder-weights"):
        assert "gone" in error_of("dtu_color_weighted", *SMALL, option, "gone", "--out", "third")
    assert "gone" in error_of("dtu_perceptual", *SMALL, "--loss-weights", "gone", "--out", "third")
    unused = ["--loss-weights", "x.h5"], ["--encoder-weights", "x.pth"]
    for option in unused:
        assert "cnn has no use for it" in error_of("cnn", *SMALL, *option, "--out", "third")
    assert not Path("third").exists()  # the same name can be given again


@pytest.mark.long
def test_a_measured_histogram_weighs_the_loss_and_is_shown(monkeypatch):
    name = "dtu_color_weighted"
    other = Published({"psnr": 6.79}, "Another report")
    recipe = dataclasses.replace(RECIPES[name], published=(*RECIPES[name].published, other))
    monkeypatch.setitem(RECIPES, name, recipe)
    ab = np.random.default_rng(0).normal(0, 25, (4000, 2))
    measured = ChromaHistogram()
    measured.update(ab)
    measured.save(Path("measured.npz"))
    arguments = [name, *SMALL, "--out", "run"]
    assert main([*arguments, "--histogram", "measured.npz"]) == 0
    used = ChromaHistogram.load(Path("run/histogram.npz"))
    np.testing.assert_array_equal(used.counts, measured.counts)
    assert is_picture("run/histogram.png")
    assert "Colors of the training images" in Path("run/report.html").read_text()
    rows = [row for row in read("run/metrics.json")["rows"] if row["kind"] == "reported"]
    assert [row["source"] for row in rows] == [recipe.published[0].source, "Another report"]
    # Without ImageNet's weights the encoder is trained, and the record has seen it move.
    (note,) = read("run/recipe.json")["notes"]
    assert "random" in note and "changed in training" in note
    assert read("run/networks/resnet18/initial_weights.json")["encoder_moved"] is True


@pytest.mark.long
def test_an_autoencoder_learns_from_arrays_of_l_and_ab_on_superpixels(smooth):
    lab = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2Lab) for image in smooth(40, 24, 24)])
    np.save("l.npy", lab[..., 0])
    np.save("ab.npy", lab[..., 1:])
    options = ["--data", "npy", "--data-dir", ".", "--superpixels", "30", "--epochs", "1"]
    assert main(["uci_vae", *options, "--image-size", "16", "--out", "run"]) == 0
    metrics = read("run/metrics.json")
    assert [metrics["images"][split] for split in ("train", "validation", "graded")] == [18, 18, 4]
    rows = {row["system"]: row["values"] for row in metrics["rows"] if row["kind"] == "ours"}
    plain, sampled = rows["uci_vae"], rows["uci_vae/sampled"]
    assert 0 < plain["gray_luma_superpixels"]["mean"] <= 1
    assert plain["psnr"]["mean"] != sampled["psnr"]["mean"]
    assert read("run/recipe.json")["superpixels"]["n_segments"] == 30
    (reported,) = (row for row in metrics["rows"] if row["kind"] == "reported")
    assert not reported["same_images"]


@pytest.mark.long
def test_an_adversarial_run_shows_its_steps_and_samples_and_goes_on(capsys):
    small = ["--limit", "12", "--image-size", "16", "--batch-size", "4", "--out", "run"]
    assert main(["cgan", *small, "--epochs", "1"]) == 0
    assert is_picture("run/samples.png") and is_picture("run/networks/cgan/steps.png")
    values = read("run/metrics.json")["rows"][0]["values"]
    assert values["diversity"]["mean"] > 0
    assert values["diversity_fixed"]["mean"] == pytest.approx(0.0, abs=1e-4)
    page = Path("run/report.html").read_text()
    assert "Several colorizations of one picture" in page and "step by step" in page
    capsys.readouterr()
    assert main(["cgan", "--resume", "--out", "run", "--epochs", "2"]) == 0
    rows = Path("run/networks/cgan/steps.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [["1", "3"], ["2", "6"]]
    assert read("run/export.json")["largest_ab_difference"] < 1.0
