"""One set of exit statuses for all commands."""

import errno
import importlib

import pytest

from polychrome.command import INTERRUPTED, reason_of, status_of
from polychrome.errors import InputError


def work_that(error):
    def work():
        if error is not None:
            raise error

    return work


@pytest.mark.parametrize(
    "error, status, line",
    [
        (None, 0, ""),
        (InputError("photo.jpg is empty"), 1, "error: photo.jpg is empty\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "run/curves.png"),
            1,
            "error: run/curves.png: No space left on device\n",
        ),
        (KeyboardInterrupt(), INTERRUPTED, "\nstopped\n"),
    ],
)
def test_statuses(capsys, error, status, line):
    assert status_of(work_that(error)) == status
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(
    "error, reason",
    [
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (InputError("no such page", ["page"]), "no such page (see --page)"),
        (InputError("is empty", ["quality"]), "is empty"),
    ],
)
def test_reasons_name_the_options_of_the_command(error, reason):
    assert reason_of(error, {"page": "--page"}) == reason


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        status_of(work_that(ZeroDivisionError()))


COMMANDS = {
    "polychrome.cli": ["colorize", "photo.jpg", "--model", "gone"],
    "polychrome.weights.convert": ["convert", "gone.pth"],
    "experiments.run": ["no_such_system"],
    "experiments.grade": ["gone.png", "gone.png"],
    "experiments.histogram": ["folder", "--data-dir", "gone"],
    "experiments.baselines": ["folder", "--data-dir", "gone"],
    "experiments.tables.results": ["gone"],
    "experiments.trained": ["export", "gone"],
    "experiments.compare": ["curves", "gone", "gone", "--out", "curves.png"],
    "benchmarks.superpixels": ["--bsds", "gone.zip"],
    "benchmarks.pipeline": ["--data-dir", "gone"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_fails_with_1_and_refuses_wrong_usage_with_2(
    tmp_path, monkeypatch, capsys, name
):
    monkeypatch.chdir(tmp_path)
    command = importlib.import_module(name)
    assert command.main(COMMANDS[name]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    with pytest.raises(SystemExit) as stopped:
        command.main(["--no-such-option"])
    assert stopped.value.code == 2
