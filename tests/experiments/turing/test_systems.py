"""What baselines and folders give, in pixels."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage.color import rgb2lab

from experiments.turing import systems
from experiments.turing.pictures import read_shown
from experiments.turing.preparation import prepare, read_photographs
from experiments.turing.study import Settings
from polychrome.errors import InputError
from polychrome.presets import shipped


@pytest.fixture(scope="module")
def photos(pictures_folder):
    return read_photographs(pictures_folder, 64, None, 0)


def test_gray_photographs_are_left_out_and_a_limit_draws_by_seed(pictures_folder, photos, capsys):
    assert [photo.path.stem for photo in photos] == [f"photo-{n:02d}" for n in range(12)]
    drawn = [
        [photo.path.stem for photo in read_photographs(pictures_folder, 64, 5, seed)]
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2] and len(drawn[0]) == 5
    read_photographs(pictures_folder, 64, None, 0)
    assert "gray.png" in capsys.readouterr().err


def test_photographs_of_one_hue_are_left_out_and_named_as_such(tmp_path, capsys):
    """A true one that looks as toned as a cyanotype: the rocket's sky."""
    rocket = skimage.data.rocket()
    for name, picture in (("rocket", rocket), ("sky", rocket[:60, 360:])):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    assert [each.path.stem for each in read_photographs(tmp_path, 64, None, 0)] == ["rocket"]
    said = capsys.readouterr().err
    assert said == f"left out, since it is gray or of one hue, as toned: {tmp_path / 'sky.png'}\n"


@pytest.mark.parametrize("name", systems.BASELINES)
def test_baselines_keep_lightness(photos, name):
    made = systems.baseline(name, photos).colorize(photos[3])
    assert made.shape == photos[3].pixels.shape and made.dtype == np.uint8
    lightness = [rgb2lab(each)[..., 0] for each in (made, photos[3].pixels)]
    assert np.abs(lightness[0] - lightness[1]).max() < 1.0


def test_baselines_have_the_chroma_that_they_say(photos):
    truth = rgb2lab(photos[3].pixels)[..., 1:]

    def error(name: str) -> float:
        made = systems.baseline(name, photos).colorize(photos[3])
        return float(np.abs(rgb2lab(made)[..., 1:] - truth).mean())

    gray = systems.baseline("gray", photos).colorize(photos[3])
    assert np.ptp(gray, axis=-1).max() <= 1
    # The oracle loses little, another photograph's chroma is worse than none.
    assert error("quarter") < 0.5 * error("gray") < 0.5 * error("other")


def test_an_obviously_wrong_picture_is_loud_even_where_the_photograph_is_black():
    photo = systems.Photo(Path("black.png"), np.zeros((48, 64, 3), np.uint8))
    lab = rgb2lab(systems.obviously_wrong(photo))
    assert np.hypot(lab[..., 1], lab[..., 2]).min() > 25
    assert (lab[..., 1] > 20).mean() > 0.3 and (lab[..., 1] < -20).mean() > 0.3


def test_a_colorizer_sees_no_color_of_the_photograph(photos):
    """The preset gives the same for the photograph and for its gray version, up to rounding."""
    system = systems.preset("photo@0.5")
    assert system.name == "photo@0.5"
    made = system.colorize(photos[0])
    gray = systems.Photo(photos[0].path, systems.baseline("gray", photos).colorize(photos[0]))
    assert np.abs(system.colorize(gray).astype(int) - made).mean() < 1.0
    assert np.abs(made.astype(int) - photos[0].pixels).max() > 50


@pytest.mark.parametrize(
    ("text", "name", "source"),
    [
        ("photo", "photo", "photo"),
        ("photo@0.5", "photo@0.5", "photo@0.5"),
        ("mine=photo", "mine", "photo"),
        ("mine@home=photo@0.5", "mine@home", "photo@0.5"),
        ("mine=runs/rate=0.1/1", "mine", "runs/rate=0.1/1"),
        ("runs/rate=0.1/1@0.5", "1@0.5", "runs/rate=0.1/1@0.5"),
    ],
)
def test_a_preset_may_be_given_a_name(tmp_path, monkeypatch, text, name, source):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(shipped()["photo"], tmp_path / "runs" / "rate=0.1" / "1")
    system = systems.preset(text)
    assert (system.name, system.source) == (name, f"polychrome.load: {source}")


def test_finished_pictures_are_found_by_stem(tmp_path, photos):
    for photo in photos:
        Image.fromarray(255 - photo.pixels).save(tmp_path / f"{photo.path.stem}.color.png")
    made = systems.folder(f"other={tmp_path}").colorize(photos[2])
    np.testing.assert_array_equal(made, 255 - photos[2].pixels)
    # `polychrome colorize ALBUM -o FOLDER` leaves the album's subfolders there.
    below = tmp_path / "summer" / "photo-03.color.png"
    below.parent.mkdir()
    (tmp_path / below.name).rename(below)
    made = systems.folder(f"other={tmp_path}").colorize(photos[3])
    np.testing.assert_array_equal(made, 255 - photos[3].pixels)
    (tmp_path / f"{photos[2].path.stem}.color.png").unlink()
    with pytest.raises(InputError, match="no picture for photo-02"):
        systems.folder(f"other={tmp_path}").colorize(photos[2])
    Image.fromarray(photos[0].pixels).save(tmp_path / "photo-00.png")
    with pytest.raises(InputError, match="one photograph"):
        systems.folder(f"other={tmp_path}")


@pytest.mark.parametrize("text", ["name", "=x", "name=no/such/folder"])
def test_a_folder_has_a_name_and_exists(text):
    with pytest.raises(InputError, match="NAME=FOLDER"):
        systems.folder(text)


def test_real_pictures_are_the_photographs_and_a_failure_leaves_no_study(
    prepared, photos, tmp_path
):
    for number, photo in enumerate(photos):
        real = np.asarray(Image.open(prepared / "pictures" / f"{number:05d}" / "real.png"))
        np.testing.assert_array_equal(real, read_shown(photo.path, 64)[0])
    for path in (prepared, prepared / "admin-token.txt"):
        assert path.stat().st_mode & 0o077 == 0
    (tmp_path / "empty").mkdir()
    system = systems.folder(f"none={tmp_path / 'empty'}")
    with pytest.raises(InputError, match="no picture"):
        prepare(tmp_path / "study", photos, [system], Settings(seed=0, pairs=2, checks=1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


def test_small_photographs_are_colorized_small_and_shown_large(pictures_folder, tmp_path):
    photos = read_photographs(pictures_folder, 480, None, 0)
    assert {photo.pixels.shape for photo in photos} == {(48, 64, 3)}
    gray = systems.baseline("gray", photos)
    prepare(tmp_path / "study", photos, [gray], Settings(seed=0, pairs=2, checks=1))
    for number, photo in enumerate(photos):
        folder = tmp_path / "study" / "pictures" / f"{number:05d}"
        shown = {file.name: np.asarray(Image.open(file)) for file in folder.iterdir()}
        assert len({file.stat().st_size for file in folder.iterdir()}) == 1
        assert {each.shape for each in shown.values()} == {(192, 256, 3)} and len(shown) == 3
        np.testing.assert_array_equal(shown["real.png"][2::4, 1::4], photo.pixels)
        np.testing.assert_array_equal(shown["system-0.png"][::4, ::4], gray.colorize(photo))


def test_two_systems_of_one_name_and_too_few_photographs_are_refused(photos, tmp_path):
    gray = systems.baseline("gray", photos)
    with pytest.raises(InputError, match="two systems are named gray"):
        prepare(tmp_path / "study", photos, [gray, gray], Settings(seed=0, pairs=2))
    check = replace(gray, name="attention check")
    with pytest.raises(InputError, match="the name 'attention check' is taken"):
        prepare(tmp_path / "study", photos, [check], Settings(seed=0, pairs=2), pytest.fail)
    with pytest.raises(InputError, match="12 colored photographs for 20 pairs"):
        prepare(tmp_path / "study", photos, [gray], Settings(seed=0, pairs=15))
