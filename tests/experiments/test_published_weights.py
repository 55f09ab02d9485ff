"""Weights that authors published, graded, reported and exported through the command."""

import hashlib
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from pytorch_writer import write_pytorch

import polychrome
from experiments.run import main
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.siggraph17 import build_siggraph17
from polychrome.weights.published import torch_variables

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")

# What the authors' last layer multiplies by: ECCV16's centers of bins, which are no probabilities.
POSITIVE = ("model_out.weight",)


def write_released(path: Path, network: keras.Model) -> dict[str, np.ndarray]:
    """Random numbers, small enough to stay finite, in the layout of the authors' file."""
    rng = np.random.default_rng(0)
    state = {}
    for key, (variable, axes) in torch_variables(network).items():
        shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))]
        positive = "running_var" in key or key in POSITIVE
        values = rng.normal(0, 0.05, shape)
        state[key] = (np.abs(values) + 0.5 if positive else values).astype("float32")
    write_pytorch(path, state)
    return state


def read(path):
    return json.loads(Path(path).read_text())


def layer_of(network: keras.Model, name: str) -> keras.Layer:
    (found,) = (each for each in network._flatten_layers() if each.name == name)
    return found


def pictures(exported: Path, images: list[bytes]) -> list[np.ndarray]:
    served = tf.saved_model.load(str(exported)).signatures["serving_default"]
    colorized = served(image_bytes=tf.constant(images))["colorized_bytes"].numpy()
    return [tf.io.decode_png(each).numpy() for each in colorized]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "label", "build", "size", "file"),
    [
        (
            "eccv16",
            "ECCV16",
            lambda: as_released(build_eccv16()),
            16,
            "colorization_release_v2-9b330a0b.pth",
        ),
        pytest.param(
            "siggraph17",
            "SIGGRAPH17",
            build_siggraph17,
            64,
            "siggraph17-df00044c.pth",
            marks=pytest.mark.long,
        ),
    ],
)
def test_published_weights_are_graded_and_exported_at_both_sizes(
    name, label, build, size, file, own_folder, photographs, capsys
):
    path = own_folder / "released.pth"
    state = write_released(path, build())
    data = ["--data", "folder", "--data-dir", str(photographs), "--limit", "2"]
    sized = [*data, "--image-size", str(size), "--superpixels", "9", "--out", "run"]
    assert main([name, "--weights", str(path), "--epochs", "0", *sized]) == 0

    metrics = read("run/metrics.json")
    ours = [row for row in metrics["rows"] if row["kind"] == "ours"]
    assert [row["label"] for row in ours] == [label, f"{label}, fed at 256x256"]
    assert {row["budget"] for row in ours} == {"weights in the authors' format"}
    assert ours[0]["values"]["psnr"]["mean"] != ours[1]["values"]["psnr"]["mean"]
    # UCI's grading of Zhang et al.'s network, beside what its report publishes of it.
    keys = ("max_channel_superpixels", "gray_luma_superpixels")
    for row in ours:
        assert all(0 <= row["values"][key]["mean"] <= 1 for key in keys)
    uci = [row for row in metrics["rows"] if row["source"] == "UCI report, section 3.5"]
    published = [[row["values"][key]["mean"] for key in keys] for row in uci]
    assert published == ([[0.91, 0.89]] if name == "eccv16" else [])
    assert "predicted from the photograph" in metrics["metrics"][keys[0]]["meaning"]
    printed = capsys.readouterr().out
    assert ("reported: UCI report, section 3.5" in printed) == (name == "eccv16")
    page = Path("run/report.html").read_text()
    assert f"{label}, fed at 256x256" in page
    (folder,) = Path("run/networks").iterdir()
    record = read(folder / "initial_weights.json")
    assert record["weights_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()

    exported = [Path("saved_models") / name / "1", Path("saved_models") / f"{name}_256" / "1"]
    assert printed.splitlines()[-2:] == [f"exported model  {version}" for version in exported]
    for row, preset, version, side in zip(
        ours, ("preset", "preset_256"), exported, (size, 256), strict=True
    ):
        colorizer = polychrome.load(Path("run") / preset)
        card = colorizer.card
        assert card["image_size"] == side
        assert card["grades"] == row["values"]
        assert card["license"] == "BSD-2-Clause"
        assert card["source"]["weights_sha256"] == record["weights_sha256"]
        assert card["source"]["published_at"].endswith(file)
        assert read(version / "assets.extra" / "preset.json")["image_size"] == side
        # The preset decodes as the authors do: by what the file holds, to the last layer.
        for layer in ("model3.2", "model_out" if name == "eccv16" else "model_out.0"):
            kernel = layer_of(colorizer.network, layer).kernel
            wanted = state[f"{layer}.weight"].transpose(2, 3, 1, 0)
            np.testing.assert_array_equal(kernel, wanted)
    images = [image.read_bytes() for image in sorted(photographs.rglob("*.png"))[:1]]
    (small,), (large,) = (pictures(version, images) for version in exported)
    assert small.shape == large.shape
    assert (small != large).any()

    assert main([name, "--resume", "--out", "run"]) == 0  # neither is exported again
    for version in exported:
        assert [each.name for each in version.parent.iterdir()] == ["1"]
