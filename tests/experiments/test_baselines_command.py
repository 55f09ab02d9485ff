"""The command that grades the trivial baselines alone, end to end."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from experiments.baselines import main
from tf_data.sources.source import open_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory, smooth):
    """A data set of 40 pictures, all of the size that they are graded at."""
    place = tmp_path_factory.mktemp("pictures")
    for index, image in enumerate(smooth(40, 16, 16)):
        Image.fromarray(image).save(place / f"{index:02d}.png")
    return place


def test_it_grades_the_three_on_the_test_images(folder, own_folder, capsys):
    arguments = ["folder", "--data-dir", str(folder), "--image-size", "16", "--out", "record"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    record = json.loads((own_folder / "record" / "metrics.json").read_text())
    assert record["command"] == "python -m experiments.baselines " + " ".join(arguments)
    assert "git_commit" in json.loads((own_folder / "record" / "environment.json").read_text())

    splits = open_source("folder", folder).splits
    train, test = (
        np.stack([np.asarray(Image.open(folder / name)) for name in splits[split].names])
        for split in ("train", "test")
    )
    mean = rgb2lab(train)[..., 1:].mean(axis=(0, 1, 2))
    found = record["baselines"]
    np.testing.assert_allclose(found["mean_ab"], mean, atol=1e-2)
    assert found["images"] == found["factor_images"] == record["images"]["train"] == len(train)
    colors = {"do_nothing": 0.0, "mean_color": 1.0, "best_constant": found["factor"]}
    for (kind, factor), row in zip(colors.items(), record["rows"], strict=True):
        lab = rgb2lab(test)
        lab[..., 1:] = mean * factor
        error = np.square(lab2rgb(lab) - test / 255).mean(axis=(1, 2, 3))
        assert row["kind"] == kind
        psnr = row["values"]["psnr"]["mean"]
        assert psnr == pytest.approx(np.mean(-10 * np.log10(error)), abs=1e-2)
        assert row["label"] in printed and f"{psnr:.2f} [" in printed
    assert record["verdict"] in printed
    best = max(record["rows"], key=lambda row: row["values"]["psnr"]["mean"])
    assert f"with {best['values']['psnr']['mean']:.2f} dB." in record["verdict"]

    assert main(arguments) == 1
    assert "--out record: exists already" in capsys.readouterr().err


def test_superpixels_add_the_gradings_of_uci(folder, own_folder):
    options = ["--image-size", "16", "--limit", "3", "--split", "validation", "--superpixels"]
    assert main(["folder", "--data-dir", str(folder), *options]) == 0
    (run,) = (own_folder / "runs").iterdir()
    assert run.name.startswith("baselines-folder-")
    record = json.loads((run / "metrics.json").read_text())
    assert record["images"]["split"] == "validation" and record["images"]["graded"] == 3
    constant = record["rows"][-1]
    assert constant["kind"] == "best_constant"
    assert 0 <= constant["values"]["max_channel_superpixels"]["mean"] <= 1
