"""Photographs and films to colorize by command."""

from pathlib import Path

import numpy as np
import pytest
from films import light_preset, moving, write_film
from PIL import Image

from polychrome.cli import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def draw(smooth):
    """A function that writes a photograph, gray unless asked for, and returns its path."""

    def write(name, size=(48, 40), seed=0, mode="L"):
        image = Image.fromarray(smooth(1, size[1], size[0], seed=seed)[0])
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        image.convert(mode).save(name)
        return Path(name)

    return write


@pytest.fixture
def run(capsys):
    """A function that runs the command in this process: exit status and lines of standard error."""

    def command(*arguments):
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            status = stopped.code
        printed = capsys.readouterr()
        assert printed.out == ""
        return status, printed.err.splitlines()

    return command


@pytest.fixture(scope="session")
def preset(tmp_path_factory):
    """The folder of a colorizer that takes no time."""
    return light_preset(tmp_path_factory.mktemp("presets") / "light")


@pytest.fixture(scope="session")
def films(tmp_path_factory, smooth):
    """A folder of `film.mp4`, four shots of 60 frames."""
    folder = tmp_path_factory.mktemp("films")
    pictures = smooth(4, 200, 200)[..., 1].astype(int)
    rough = np.random.default_rng(0).integers(-20, 20, pictures.shape)
    dark = np.arange(4)[:, None, None] * 40
    pictures = np.clip(pictures // 3 + rough + dark, 0, 255).astype(np.uint8)
    write_film(folder / "film.mp4", moving(pictures, 60))
    return folder
