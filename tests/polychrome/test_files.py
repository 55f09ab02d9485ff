"""Results are under their final names whole, or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from polychrome.errors import InputError
from polychrome.files import (
    read_json,
    remove_leftovers,
    replacing,
    replacing_folder,
    write_json,
    write_text,
)

ROOT = Path(__file__).resolve().parents[2]


def test_text_and_json_come_back(tmp_path):
    write_text(tmp_path / "deep" / "er" / "text.txt", "Linköping\n")
    assert (tmp_path / "deep" / "er" / "text.txt").read_text(encoding="utf-8") == "Linköping\n"
    value = {"name": "Linköping", "values": [1, 2.5, None, True]}
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value
    assert "Linköping" in (tmp_path / "value.json").read_text(encoding="utf-8")


def test_the_temporary_name_lies_beside_the_final_one_and_keeps_its_suffixes(tmp_path):
    with replacing(tmp_path / "epoch-1.weights.h5") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".weights.h5") and temporary.name.startswith(".")
        temporary.write_bytes(b"new")
        assert not (tmp_path / "epoch-1.weights.h5").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-1.weights.h5"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interruption_keeps_the_old_file_and_leaves_nothing_else(tmp_path, error):
    path = tmp_path / "result.json"
    write_text(path, "old")
    with pytest.raises(error), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_results_are_readable_by_others(tmp_path):
    write_text(tmp_path / "result.txt", "")
    assert stat.S_IMODE(os.stat(tmp_path / "result.txt").st_mode) == 0o644


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "result.json"
    with pytest.raises(InputError, match="cannot write .*result.json") as error:
        write_json(path, {})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [None, "", "{", b"\xff\xfe"])
def test_json_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "state.json"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError, match=r"state\.json") as error:
        read_json(path)
    assert "\n" not in str(error.value)


def test_a_folder_appears_whole_and_takes_the_place_of_an_older_one(tmp_path):
    folder = tmp_path / "deep" / "preset"
    for content in ("old", "new"):
        with replacing_folder(folder) as unpublished:
            assert unpublished.is_dir() and not list(unpublished.iterdir())
            (unpublished / content).write_text(content)
            assert not (folder / content).exists()
        assert [path.name for path in folder.iterdir()] == [content]
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interruption_keeps_the_old_folder_and_leaves_nothing_else(tmp_path, error):
    folder = tmp_path / "preset"
    folder.mkdir()
    (folder / "old").write_text("old")
    with pytest.raises(error), replacing_folder(folder) as unpublished:
        (unpublished / "half").write_text("half of the n")
        raise error
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_renaming_that_fails_moves_the_old_folder_back(tmp_path, monkeypatch, error):
    folder = tmp_path / "preset"
    folder.mkdir()
    (folder / "old").write_text("old")
    rename = Path.rename

    def failing(path, target):
        if path.name == "new":
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises((InputError, KeyboardInterrupt)), replacing_folder(folder):
        pass
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


def test_leftovers_of_killed_processes_are_removed_and_those_of_others_stay(tmp_path):
    program = (
        "import os, sys, pathlib, signal, polychrome.files as files\n"
        "with files.replacing(pathlib.Path(sys.argv[1]) / 'a.color.jpg') as temporary:\n"
        "    temporary.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=ROOT)
    (left,) = tmp_path.iterdir()
    assert left.read_bytes() == b"half" and left.name.endswith(".color.jpg")
    # Another machine's process of the same number, an unknown name, and a folder.
    machine = left.name.split("-")[1]
    others = {left.name.replace(machine, "00000000"), ".writing-12345678.jpg", "photo.jpg"}
    for name in others:
        (tmp_path / name).touch()
    folder = left.name.replace("color", "folder")
    (tmp_path / folder).mkdir()
    with replacing(tmp_path / "b.jpg") as own:
        remove_leftovers(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == others | {folder, own.name}
    remove_leftovers(tmp_path / "gone")


def test_a_long_name_with_many_dots_can_be_written(tmp_path):
    path = tmp_path / ("a. " * 80 + ".color.jpg")
    write_text(path, "whole")
    assert path.read_text() == "whole"
