"""The command that measures colors, end to end."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage.color import rgb2lab

from experiments.histogram import main
from polychrome.color.histogram import ChromaHistogram


@pytest.fixture(scope="module")
def folder(tmp_path_factory, smooth):
    """A data set of 40 pictures, all of the size that they are measured at."""
    place = tmp_path_factory.mktemp("pictures")
    for index, image in enumerate(smooth(40, 16, 16)):
        Image.fromarray(image).save(place / f"{index:02d}.png")
    return place


def test_it_counts_the_training_images_and_draws(folder, own_folder, capsys):
    arguments = ["folder", "--data-dir", str(folder), "--image-size", "16", "--out", "measured"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    histogram = ChromaHistogram.load(own_folder / "measured" / "histogram.npz")
    from tf_data.sources.source import open_source

    names = open_source("folder", folder).splits["train"].names
    images = [np.asarray(Image.open(folder / name)) for name in names]
    assert histogram.counts.sum() == len(images) * 256
    expected = ChromaHistogram()
    expected.update(rgb2lab(np.stack(images))[..., 1:])
    # A color that lies on an edge to within rounding may count beside it.
    assert np.abs(histogram.counts - expected.counts).sum() <= 4
    assert f"{len(images)} training images" in printed and "histogram.png" in printed

    picture = tf.io.decode_png((own_folder / "measured" / "histogram.png").read_bytes()).numpy()
    assert min(picture.shape[:2]) >= 400
    assert len(np.unique(picture.reshape(-1, picture.shape[-1]), axis=0)) > 50


def test_the_same_images_at_a_limit_and_the_default_folder(folder, own_folder):
    arguments = ["folder", "--data-dir", str(folder), "--image-size", "16", "--limit", "3"]
    assert main(arguments) == 0
    (run,) = (own_folder / "runs").iterdir()
    assert run.name.startswith("histogram-folder-")
    assert ChromaHistogram.load(run / "histogram.npz").counts.sum() == 3 * 256


def test_a_slash_in_the_name_of_a_data_set_makes_no_folder(smooth, own_folder):
    for split, images in (("train", smooth(40, 16, 16)), ("test", smooth(1, 16, 16))):
        photographs = own_folder / "linnaeus5" / split / "berry"
        photographs.mkdir(parents=True)
        for index, image in enumerate(images, 1):
            Image.fromarray(image).save(photographs / f"{index}_256.jpg")
    arguments = ["linnaeus5/berry", "--data-dir", "linnaeus5", "--image-size", "16"]
    assert main([*arguments, "--limit", "3"]) == 0
    (run,) = (own_folder / "runs").iterdir()
    assert run.name.startswith("histogram-linnaeus5-berry-")
    assert (run / "histogram.npz").exists()


def test_failures_are_one_line(folder, own_folder, capsys):
    (own_folder / "kept").mkdir()
    (own_folder / "kept" / "file").write_text("")
    for arguments, message in (
        (["nowhere"], "no data set 'nowhere'; there are: sample, "),
        (["nowhere"], "(see SOURCE)"),
        (["folder"], "folder: which one? Give a folder of photographs (see --data-dir)"),
        (["folder", "--data-dir", str(folder), "--out", "kept"], "--out kept: exists already"),
    ):
        assert main(arguments) == 1
        error = capsys.readouterr().err
        assert error.startswith("error: ") and message in error and error.count("\n") == 1


@pytest.mark.parametrize("value", ["0", "7", "many"])
def test_wrong_numbers_are_refused(value, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["sample", "--image-size", value])
    assert stopped.value.code == 2
    assert "--image-size" in capsys.readouterr().err
