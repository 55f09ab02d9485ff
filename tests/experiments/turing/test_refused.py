"""Studies that can't be served or prepared, told in one line before anybody takes part."""

import hashlib
import resource
import shutil
import socket
import sqlite3

import httpx
import pytest
from study_server import serving

from experiments.turing.__main__ import main
from experiments.turing.preparation import check_whole
from experiments.turing.study import Study, database_of, picture_file
from polychrome.presets import shipped


def failed(capsys, *arguments):
    """The one line that a command ends with, after what it says of photographs left out."""
    assert main([str(argument) for argument in arguments]) == 1
    *before, error = capsys.readouterr().err.splitlines(keepends=True)
    assert error.startswith("error: ") and all(line.startswith("left out") for line in before)
    return error


def test_a_study_without_some_of_its_pictures_is_not_served(folder, capsys):
    opened = Study.open(folder)
    check_whole(opened)  # as it was prepared
    opened.close()
    gone = picture_file(folder, 3, 1)
    gone.unlink()
    # Twelve photographs, each real, by two baselines, and obviously wrong.
    said = f"{gone}: no such file (1 of 48 pictures are gone)"
    assert said in failed(capsys, "serve", folder, "--port", 0)


def test_a_study_is_served_only_where_somebody_can_be_asked(tmp_path, prepare_study, capsys):
    """Before anybody takes part, and without preparing it again."""
    nobody = prepare_study(tmp_path / "study", contact="")
    for given in ([], ["--contact", " "]):
        error = failed(capsys, "serve", nobody, "--port", 0, *given)
        assert f"{nobody}: names nobody" in error and "--contact" in error
    with serving(nobody, "--contact", "Bob") as (place, _, _):
        assert "Bob" in httpx.get(place, timeout=60).text


# Where a copy is put, no log of later answers may be left.
DAMAGED = (
    "study.sqlite is damaged: {}; stop the server, move study.sqlite, study.sqlite-wal and "
    "study.sqlite-shm away, and put a copy in place\n"
)


@pytest.mark.parametrize("pages", [0, 2, 6, 12])
@pytest.mark.parametrize(
    "command", [["serve", "--port", 0], ["summary"], ["summary", "--out", "out"], ["forget"]]
)
def test_a_damaged_database_is_told_in_one_line(
    folder, capsys, tmp_path, monkeypatch, command, pages
):
    """Of which so many pages, of 4,096 bytes, are left; what was not written is not begun."""
    monkeypatch.chdir(tmp_path)
    opened = Study.open(folder)
    token = opened.enroll()
    opened.close()
    path = folder / "study.sqlite"
    data = bytearray(path.read_bytes())
    data[4096 * pages :] = b"\x55" * (len(data) - 4096 * pages)
    path.write_bytes(bytes(data))
    name, *options = command
    error = failed(capsys, name, folder, *(options if name != "forget" else [token]))
    found = error.removeprefix(f"error: {folder}/study.sqlite is damaged: ").partition(";")[0]
    assert error == f"error: {folder}/" + DAMAGED.format(found)
    assert not (tmp_path / "out").exists()


def test_a_database_that_is_read_without_an_error_but_wrong_has_no_summary(folder, capsys):
    """The table of participants and its index differ, as after an older copy was put back."""
    opened = Study.open(folder)
    token = opened.enroll()
    opened.close()
    path = folder / "study.sqlite"
    hashed = hashlib.sha256(token.encode()).digest()
    data = path.read_bytes()
    assert data.count(hashed) == 2
    path.write_bytes(data.replace(hashed, bytes(32), 1))
    assert "study.sqlite is damaged: " in failed(capsys, "summary", folder)


def test_a_copy_beside_a_log_of_later_answers_is_refused_and_alone_it_is_read(
    folder, capsys, tmp_path
):
    """As docs/turing.md says how one is made and put back."""
    server = Study.open(folder)
    for _ in range(3):
        server.enroll()
    server.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    path, copy = database_of(folder), tmp_path / "copy.sqlite"
    one, other = sqlite3.connect(path), sqlite3.connect(copy)
    one.backup(other)
    one.close()
    other.close()
    for _ in range(60):
        server.enroll()
    server.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    for _ in range(9):
        server.enroll()
    log = path.with_name("study.sqlite-wal")
    later = log.read_bytes()
    server.close()
    shutil.copy(copy, path)
    log.write_bytes(later)
    assert failed(capsys, "summary", folder).endswith("and put a copy in place\n")
    for each in folder.glob("study.sqlite*"):
        each.rename(tmp_path / each.name)
    shutil.copy(copy, path)
    assert main(["summary", str(folder)]) == 0
    assert "of 3 who began" in capsys.readouterr().out


def test_a_simulated_study_that_does_not_fit_the_disk_is_told_in_one_line(tmp_path, capsys):
    place = tmp_path / "study"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, limits[1]))
    try:
        error = failed(capsys, "simulate", place, "--rate", "one=0.3", "--participants", 40)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.startswith(f"error: cannot read or write {place}/study.sqlite: ")


def test_where_nobody_can_listen_the_option_to_change_is_named(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = failed(capsys, "serve", folder, "--port", port)
        assert f"127.0.0.1, port {port}" in error and error.endswith("another with --port\n")
    for host in ("198.51.100.7", "no.such.name.invalid", "::2"):  # none of this machine
        error = failed(capsys, "serve", folder, "--host", host, "--port", 0)
        assert host in error and error.endswith("choose another with --host\n")


@pytest.mark.parametrize(("checks", "misses"), [(2, 2), (0, 5)])
def test_not_all_attention_checks_may_be_missed(tmp_path, pictures_folder, capsys, checks, misses):
    error = failed(
        capsys,
        *("prepare", tmp_path / "study", "--photographs", pictures_folder, "--baseline", "gray"),
        *("--pairs", 3, "--checks", checks, "--misses", misses),
    )
    assert f"--misses {misses}: with as many all of the {checks} attention checks" in error
    assert not (tmp_path / "study").exists()


def test_a_dial_beyond_its_end_is_named_with_its_option(tmp_path, pictures_folder, capsys):
    arguments = ("prepare", tmp_path / "study", "--photographs", pictures_folder)
    error = failed(capsys, *arguments, "--preset", "tiny@2", "--pairs", 3, "--checks", 0)
    assert "--preset tiny@2: the dial is 2, should be 0 to 1" in error


def test_no_system_has_the_name_of_the_attention_checks(tmp_path, pictures_folder, capsys):
    """Told before a photograph is read: without a line of one that is left out."""
    study, named = tmp_path / "study", tmp_path / "attention check"
    named.mkdir()
    for option, text in (("--folder", f"attention check={pictures_folder}"), ("--preset", named)):
        arguments = ("prepare", study, "--photographs", pictures_folder, option, text)
        assert main([str(each) for each in arguments]) == 1
        said = capsys.readouterr().err
        assert said.startswith(f"error: {option} {text}: the name 'attention check' is taken")
        assert said.count("\n") == 1
    for command in (["simulate", study], ["coverage", "--studies", "1"]):
        error = failed(capsys, *command, "--rate", "one=0.3", "--rate", "attention check=0.2")
        assert "--rate attention check=0.2: the name 'attention check' is taken" in error
    assert list(tmp_path.iterdir()) == [named]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("--preset runs/one/photo --preset runs/other/photo", "photo"),
        ("--preset a=photo@0.5 --preset a=photo", "a"),
        ("--preset gray=photo --baseline gray", "gray"),
        ("--baseline mean --baseline mean", "mean"),
    ],
)
def test_systems_of_one_name_are_told_before_a_photograph_is_read(
    tmp_path, pictures_folder, capsys, monkeypatch, options, name
):
    """Without a line of one that is left out; the advice can be followed."""
    monkeypatch.chdir(tmp_path)
    for run in ("one", "other"):
        shutil.copytree(shipped()["photo"], tmp_path / "runs" / run / "photo")
    study = tmp_path / "study"
    arguments = ["prepare", str(study), "--photographs", str(pictures_folder), *options.split()]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: two systems are named {name}; ") and said.count("\n") == 1
    assert "--preset NAME=SOURCE" in said and not study.exists()


@pytest.mark.parametrize("text", ["=photo", "name=", "="])
def test_a_name_of_a_preset_and_what_it_names_are_both_given(
    tmp_path, pictures_folder, capsys, text
):
    arguments = ("prepare", tmp_path / "study", "--photographs", pictures_folder, "--preset", text)
    assert f"--preset {text}: should be SOURCE or NAME=SOURCE" in failed(capsys, *arguments)


@pytest.mark.parametrize("text", ['{"simulated": true}', '{"cells": []}', "[]", '{"cells": [{}]}'])
def test_other_files_are_no_coverage(tmp_path, capsys, text):
    (tmp_path / "found.json").write_text(text)
    error = failed(capsys, "coverage-table", tmp_path / "found.json")
    assert "found.json: should be what coverage or coverage-grid wrote with --json" in error
