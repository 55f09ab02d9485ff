"""Photographs to colorize by command."""

from pathlib import Path

import pytest
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
