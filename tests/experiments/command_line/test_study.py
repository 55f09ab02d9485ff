"""What the commands that study one colorizer have in common."""

import importlib
import json
import shlex

import numpy as np
import pytest
from PIL import Image
from tiny_colorizers import IMAGE_SIZE, dialed_violet, preset_of

STUDIES = ("frontier", "robustness", "spread", "upsampling")


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    return str(preset_of(dialed_violet(), tmp_path_factory.mktemp("presets") / "dialed"))


def run(name: str, *arguments) -> int:
    return importlib.import_module(f"experiments.{name}").main(list(map(str, arguments)))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long) if name == "robustness" else name
        for name in STUDIES
    ],
)
def test_a_record_says_what_was_studied_and_how(name, preset, tmp_path, capsys):
    out, size = tmp_path / "out", 32
    arguments = [preset, "--limit", "3", "--image-size", str(size), "--out", str(out)]
    assert run(name, *arguments) == 0
    record = json.loads((out / f"{name}.json").read_text())
    assert shlex.split(record["command"]) == ["python", "-m", f"experiments.{name}", *arguments]
    described = {key: record[key] for key in ("name", "data", "image_size")}
    assert described == {"name": "dialed_violet", "data": "sample", "image_size": size}
    assert capsys.readouterr().out.splitlines()[-1] == str(out / f"{name}.json")


@pytest.mark.parametrize("name", ["frontier", "spread"])
def test_without_a_size_images_are_as_large_as_the_colorizer_sees_them(name, preset, tmp_path):
    assert run(name, preset, "--limit", "3", "--out", tmp_path) == 0
    assert json.loads((tmp_path / f"{name}.json").read_text())["image_size"] == IMAGE_SIZE


@pytest.mark.parametrize("name", STUDIES)
def test_gray_photographs_alone_say_nothing_of_color(name, preset, tmp_path, capsys):
    album = tmp_path / "album"
    album.mkdir()
    for index in range(20):
        gray = np.random.default_rng(index).integers(0, 256, (40, 40), np.uint8)
        Image.fromarray(gray).save(album / f"{index}.png")
    data = ["--data", "folder", "--data-dir", album, "--image-size", "32"]
    assert run(name, preset, *data, "--out", tmp_path / "out") == 1
    # Robustness measures baselines on training images, of which gray ones are left out.
    said = "18 are gray" if name == "robustness" else "test images has color"
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", STUDIES)
def test_only_options_that_the_command_has_are_advised(name, preset, tmp_path, capsys):
    nowhere = ["--data", "tiny_imagenet", "--data-dir", tmp_path / "nowhere"]
    assert run(name, preset, *nowhere, "--out", tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert "(see --data-dir)" in error and "--download" not in error


@pytest.mark.parametrize("name", STUDIES)
def test_a_folder_that_takes_no_files_is_refused_before_anything_is_read(name, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    for out in (tmp_path / "file", tmp_path / "file" / "inside", tmp_path / ("x" * 300)):
        assert run(name, "no_such_preset", "--data-dir", "nowhere", "--out", out) == 1
        error = capsys.readouterr().err
        assert (
            error.startswith(f"error: --out {out}: cannot be written (") and "preset" not in error
        )
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_study_that_fails_leaves_folders_as_they_were(tmp_path):
    (tmp_path / "mine").mkdir()
    for out in ("mine", "mine/new/folder", "other"):
        assert run("spread", "no_such_preset", "--out", tmp_path / out) == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]
