"""What files, folders and patterns stand for."""

import os
from pathlib import Path

import pytest

from polychrome.cli.inputs import find_inputs


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """The working folder, with a function that makes files in it."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).touch()

    return make


def places(found):
    """Path and place of each input."""
    assert found.failures == []
    return [(str(path), str(place)) for path, place, _ in found.inputs]


def names(found):
    return [str(path) for path, _, _ in found.inputs]


def test_folders_give_pictures_at_any_depth_and_their_places_below(tree):
    tree("in/b.JPG", "in/deep/er/a.tif", "in/notes.txt", "in/Thumbs.db", "other.png")
    assert places(find_inputs(["in", "other.png"])) == [
        ("in/b.JPG", "b.JPG"),
        ("in/deep/er/a.tif", "deep/er/a.tif"),
        ("other.png", "other.png"),
    ]


def test_hidden_files_and_earlier_outputs_are_left_out_of_folders(tree):
    tree("in/a.jpg", "in/a.color.jpg", "in/a.compare.jpg", "in/.a.jpg", "in/.cache/b.jpg")
    tree("in/.writing-1234abcd-77-abcdefgh.color.jpg")
    found = find_inputs(["in"])
    assert names(found) == ["in/a.jpg"] and found.outputs == 2
    # By name they are taken.
    named = ["in/.a.jpg", "in/a.color.jpg"]
    assert names(find_inputs(named)) == named


def test_another_suffix_makes_outputs_of_those_beside_their_originals_alone(tree):
    tree("a.png", "a_new.png", "a.page2_new.png", "brand_new.png", "_new.png")
    found = find_inputs(["."], suffix="_new")
    assert names(found) == ["_new.png", "a.png", "brand_new.png"] and found.outputs == 2


def test_unusual_names(tree):
    odd = ["-o.jpg", "a b.jpg", "line\nfeed.jpg", "Ünïcode 日本.jpg", os.fsdecode(b"\xe9.jpg")]
    tree(*odd)
    assert sorted(names(find_inputs(["."]))) == sorted(odd)
    assert names(find_inputs(odd)) == odd


def test_a_folder_that_links_to_itself_ends_and_real_folders_keep_their_names(tree):
    tree("in/real/a.jpg", "aside/b.jpg")
    os.symlink(".", "in/again")
    os.symlink("..", "in/real/up")
    os.symlink("real", "in/a_link")
    os.symlink("../aside", "in/outside")
    os.symlink("loop", "in/loop")
    expected = [("in/outside/b.jpg", "outside/b.jpg"), ("in/real/a.jpg", "real/a.jpg")]
    assert places(find_inputs(["in"])) == expected
    assert places(find_inputs(["in/**/*.jpg"])) == expected


def test_the_folder_of_the_outputs_is_not_searched_within_an_input(tree):
    tree("in/a.jpg", "in/out/b.jpg")
    assert names(find_inputs(["in"], apart=Path("in/out"))) == ["in/a.jpg"]
    assert names(find_inputs(["in/*"], apart=Path("in/out"))) == ["in/a.jpg"]
    assert names(find_inputs(["in"], apart=Path("in"))) == ["in/a.jpg", "in/out/b.jpg"]


@pytest.mark.parametrize(
    "pattern, expected",
    [
        ("in/*.jpg", [("in/a.jpg", "a.jpg")]),
        ("in/*/*.jpg", [("in/x/a.jpg", "x/a.jpg"), ("in/y/b.jpg", "y/b.jpg")]),
        ("in/**/a.*", [("in/a.jpg", "a.jpg"), ("in/x/a.jpg", "x/a.jpg")]),
        ("**/[xy]/*.jpg", [("in/x/a.jpg", "in/x/a.jpg"), ("in/y/b.jpg", "in/y/b.jpg")]),
        ("in/?", [("in/x/a.jpg", "x/a.jpg"), ("in/y/b.jpg", "y/b.jpg")]),
        ("in/x/**", [("in/x/a.jpg", "a.jpg")]),
    ],
)
def test_patterns(tree, pattern, expected):
    tree("in/a.jpg", "in/x/a.jpg", "in/y/b.jpg", "in/x/a.color.jpg", "in/.h/a.jpg", "in/a.txt")
    assert places(find_inputs([pattern])) == expected
    absolute = find_inputs([str(Path.cwd() / pattern)])
    assert [place for _, place in places(absolute)] == [place for _, place in expected]


def test_a_name_with_brackets_is_a_file_if_it_exists(tree):
    tree("scan[1].jpg", "scan1.jpg")
    assert names(find_inputs(["scan[1].jpg"])) == ["scan[1].jpg"]
    assert names(find_inputs(["scan[12].jpg"])) == ["scan1.jpg"]


def test_what_is_no_file_is_a_failure_with_a_reason(tree):
    tree("in/a.jpg")
    os.mkfifo("pipe.jpg")
    os.mkfifo("in/pipe.jpg")
    os.symlink("nowhere", "in/gone.jpg")
    found = find_inputs(["missing.jpg", "", "*.nef", "in/**/*.nef", "pipe.jpg", "in"])
    assert names(found) == ["in/a.jpg"]
    assert {str(path): reason for path, reason in found.failures} == {
        "missing.jpg": "no such file or folder",
        ".": "is an empty name",
        "*.nef": "matches no pictures or films",
        "in/**/*.nef": "matches no pictures or films",
        "pipe.jpg": "is a pipe or a device, should be a file",
        "in/pipe.jpg": "is a pipe or a device, should be a file",
        "in/gone.jpg": "No such file or directory",
    }
