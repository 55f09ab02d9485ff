"""Runs on other data than the sample, in other precisions, and on data that can't be used."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import polychrome
from experiments.run import main

pytestmark = pytest.mark.usefixtures("own_folder", "same_precision")


def read(path: Path):
    return json.loads(path.read_text())


def write_tiny_imagenet(path: Path, images: np.ndarray) -> Path:
    """A zip laid out as the official one, with the same images in every split."""
    with zipfile.ZipFile(path, "w") as archive:
        for index, image in enumerate(images):
            encoded = io.BytesIO()
            Image.fromarray(image).save(encoded, "JPEG")
            for name in (
                f"train/n0144/images/n0144_{index}.JPEG",
                f"val/images/val_{index}.JPEG",
                f"test/images/test_{index}.JPEG",
            ):
                archive.writestr(f"tiny-imagenet-200/{name}", encoded.getvalue())
    return path


@pytest.mark.long
def test_tiny_imagenet_from_its_zip_in_half_precision(own_folder, smooth, capsys):
    data = write_tiny_imagenet(own_folder / "tiny.zip", smooth(12, 64, 64))
    status = main(
        ["polychromify", "--data", "tiny_imagenet", "--data-dir", str(data), "--epochs", "1"]
        + ["--precision", "mixed_bfloat16", "--train-limit", "8", "--graded", "10", "--out", "run"]
    )
    assert status == 0
    printed = capsys.readouterr().out
    assert "SAMPLE" not in printed
    assert "not the official" in printed  # twelve photographs are not Tiny ImageNet
    metrics = read(Path("run/metrics.json"))
    assert [metrics["images"][key] for key in ("train", "validation", "graded")] == [8, 8, 10]
    ours = metrics["rows"][0]
    assert "mixed_bfloat16" in ours["budget"]
    assert 0 < ours["values"]["psnr"]["mean"] < 60
    assert read(Path("run/environment.json"))["dtype_policy"] == "mixed_bfloat16"
    assert np.isfinite(read(Path("run/networks/polychromify/state.json"))["best_value"])
    # Trained in half precision, answered in full.
    network = polychrome.load("run").network
    assert {layer.compute_dtype for layer in network._flatten_layers()} == {"float32"}
    assert "embedded sample" not in Path("run/report.html").read_text()


@pytest.mark.long
def test_a_folder_with_damaged_and_unusual_files(
    own_folder, photographs, damaged_files, unusual_files, capsys
):
    for name, folder in (
        ("summer", photographs),
        ("card", damaged_files),
        ("formats", unusual_files),
    ):
        shutil.copytree(folder, own_folder / "data" / name)
    # Graded on the validation split, as the report's model selection is.
    status = main(
        ["polychromify_v4", "--data", "folder", "--data-dir", "data", "--epochs", "1"]
        + ["--out", "run"]
    )
    assert status == 0
    images = read(Path("run/metrics.json"))["images"]
    skipped = [file for files in images["skipped"].values() for file in files]
    assert {file["name"]: file["reason"] for file in skipped} == {
        "card/empty.jpg": "empty file",
        "card/narrow.png": "3x64 pixels: smaller than 8 on a side",
        "card/one_pixel.png": "1x1 pixels: smaller than 8 on a side",
        "card/scan.tif": "not a JPEG, PNG, GIF, BMP or WebP file",
        "card/text.jpg": "not a JPEG, PNG, GIF, BMP or WebP file",
        "card/truncated.jpg": "broken or truncated image",
        "card/truncated.png": "broken or truncated image",
    }
    # Which split a file belongs to follows from its name.
    assert {split: len(files) for split, files in images["skipped"].items()} == {
        "train": 5,
        "validation": 1,
        "test": 1,
    }
    # Gray ones are graded, and not trained on.
    assert images["gray"] == 1
    assert images["left_out"] == {"train": ["formats/gray.png"], "validation": [], "test": []}
    assert images["split"] == "validation"
    assert images["graded"] == images["validation"] == 5
    with np.load("run/per_image.npz") as values:
        assert len(values["names"]) == images["graded"]
    (card,) = Path("run").glob("preset/README.md")
    assert (
        f"trained on {images['train']} images of `folder`; 1 gray one left out." in card.read_text()
    )
    page, printed = Path("run/report.html").read_text(), capsys.readouterr().out
    for file in skipped:
        assert f"skipped {file['name']}: {file['reason']}" in printed
        assert f"<code>{file['name']}</code>: {file['reason']}" in page
    assert f"Results on {images['graded']} validation images" in page


def truncated_zip(folder: Path) -> Path:
    path = write_tiny_imagenet(folder / "cut short.zip", np.zeros((4, 64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:-400])
    return path


def not_a_zip(folder: Path) -> Path:
    path = folder / "page.zip"
    path.write_text("<html>404</html>")
    return path


def other_zip(folder: Path) -> Path:
    path = folder / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no photographs")
    return path


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda folder: folder / "nowhere", "no Tiny ImageNet in"),
        (lambda folder: folder / "nowhere.zip", "no Tiny ImageNet in"),
        (truncated_zip, "cut short.zip: not a whole zip"),
        (not_a_zip, "page.zip: not a whole zip"),
        (other_zip, "other.zip: no photographs under train/"),
    ],
)
def test_a_zip_that_cannot_be_used(make, expected, own_folder, error_of):
    path = make(own_folder)
    message = error_of(
        "cnn", "--data", "tiny_imagenet", "--data-dir", path, "--out", own_folder / "run"
    )
    assert expected in message
    assert not (own_folder / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--data", "imagenet"],
            "'imagenet'; there are: sample, tiny_imagenet, folder",
        ),
        (["--data", "imagenet"], "(see --data)"),
        (["--data-dir", "photos"], "the embedded sample takes no files"),
        (["--data-dir", "photos"], "(see --data-dir, --data)"),
        (["--download"], "the embedded sample needs no download"),
        (["--download"], "(see --download, --data)"),
        (["--data", "tiny_imagenet", "--data-dir", "empty"], "(see --data-dir, --download)"),
        (["--data", "folder"], "(see --data-dir)"),
        (["--data", "folder", "--data-dir", "nowhere"], "nowhere: No such file"),
        (["--data", "folder", "--data-dir", "file"], "file: not a folder"),
        (["--data", "folder", "--data-dir", "empty"], "no photographs in it"),
        (["--data", "folder", "--data-dir", "damaged"], "files is a usable image"),
        (["--out", "file/run"], "cannot write file/run/recipe.json: Not a directory"),
        (["--out", "file"], "--out file: exists already"),
        (["--saved-models", "file/models"], "file/models: Not a directory (see --saved-models)"),
        (["--patch", "16"], "a patch of 16 pixels: cnn has no PatchGAN"),
        (["--patch", "16"], "(see --patch)"),
        (["--compactness", "2"], "cnn does not train on superpixels; the systems named uci_ do"),
        (["--compactness", "2"], "(see --compactness)"),
        (["--weights", "file"], "nobody published weights of cnn"),
        (["--weights", "file"], "(see --weights, --init-from)"),
        (["--epochs", "0"], "(see --epochs, --weights, --init-from)"),
        (["--init-from", "empty"], "no finished epoch of a network 'cnn'"),
        (["--init-from", "empty"], "(see --init-from)"),
        (["--histogram", "file"], "file: cnn has no use for it; leave it out (see --histogram)"),
        (["--encoder-weights", "file"], "(see --encoder-weights)"),
        (["--saved-models", "file"], "(see --saved-models)"),
        (["--resident"], "run with KERAS_BACKEND=jax (see --resident)"),
    ],
)
def test_options_that_cannot_be_met(arguments, expected, own_folder, damaged_files, error_of):
    (own_folder / "file").write_text("in the way")
    (own_folder / "empty").mkdir()
    shutil.copytree(damaged_files, own_folder / "damaged")
    assert expected in error_of("cnn", *arguments)
    assert (own_folder / "file").read_text() == "in the way"
    assert not list(own_folder.rglob("networks"))  # it failed before any training
