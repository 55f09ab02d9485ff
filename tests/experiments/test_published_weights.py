"""Weights that authors published, graded, reported and exported through the command."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from pytorch_writer import write_pytorch

import polychrome
from experiments.run import main
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.weights.published import torch_variables

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")


def test_published_weights_of_eccv16_are_graded_at_both_sizes(own_folder, photographs):
    """Random numbers, small enough to stay finite, in the layout of the authors' file."""
    rng = np.random.default_rng(0)
    state = {}
    for key, (variable, axes) in torch_variables(as_released(build_eccv16())).items():
        shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))]
        positive = "running_var" in key or key == "model_out.weight"
        values = rng.normal(0, 0.05, shape)
        state[key] = (np.abs(values) + 0.5 if positive else values).astype("float32")
    path = write_pytorch(own_folder / "released.pth", state)
    data = ["--data", "folder", "--data-dir", str(photographs), "--limit", "2"]
    size = ["--image-size", "16"]
    assert (
        main(["eccv16", "--weights", str(path), "--epochs", "0", *data, *size, "--out", "run"]) == 0
    )

    metrics = json.loads(Path("run/metrics.json").read_text())
    ours = [row for row in metrics["rows"] if row["kind"] == "ours"]
    assert [row["label"] for row in ours] == ["ECCV16", "ECCV16, fed at 256x256"]
    assert {row["budget"] for row in ours} == {"weights in the authors' format"}
    assert ours[0]["values"]["psnr"]["mean"] != ours[1]["values"]["psnr"]["mean"]
    record = json.loads(Path("run/networks/eccv16/initial_weights.json").read_text())
    assert record["weights_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()

    card = polychrome.load("run").card
    assert card["license"] == "BSD-2-Clause"
    assert card["source"]["weights_sha256"] == record["weights_sha256"]
    assert card["source"]["published_at"].endswith("colorization_release_v2-9b330a0b.pth")

    # The preset decodes as the authors do: by the file's own centers of bins.
    network = polychrome.load("run").network
    kernel = network.get_layer("model3.2").kernel
    np.testing.assert_array_equal(kernel, state["model3.2.weight"].transpose(2, 3, 1, 0))
    centers = network.get_layer("model_out").kernel
    np.testing.assert_array_equal(centers, state["model_out.weight"].transpose(2, 3, 1, 0))
    assert (Path("saved_models") / "eccv16" / "1" / "saved_model.pb").exists()
