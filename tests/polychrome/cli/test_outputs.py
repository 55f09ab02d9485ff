"""Where outputs go, and which are never written."""

import os
from pathlib import Path

import pytest

from polychrome.cli.inputs import find_inputs
from polychrome.cli.outputs import Naming, names_a_file, plan
from polychrome.cli.parsing import UsageError
from polychrome.errors import InputError

FORMATS = {
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "tiff": (".tiff", ".tif"),
    "webp": (".webp",),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def make(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)


def planned(*arguments, overwrite=False, pages=lambda path: [None], **naming):
    return plan(find_inputs(arguments).inputs, Naming(FORMATS, **naming), pages, overwrite)


def outputs(made):
    assert made.failures == []
    return [str(task.output) for task in made.tasks]


def reasons(made):
    return {str(path): reason for path, reason in made.failures}


def test_outputs_lie_beside_their_inputs_and_keep_their_suffixes():
    make("a.JPG", "in/b.jpeg", "c.tif", "d.gif", "e", "f.jfif")
    made = planned("a.JPG", "in", "c.tif", "d.gif", "e", "f.jfif")
    assert outputs(made) == [
        "a.color.JPG",
        "in/b.color.jpeg",
        "c.color.tif",
        "d.color.png",
        "e.color.png",
        "f.color.jpg",
    ]
    assert [task.format for task in made.tasks] == "jpeg jpeg tiff png png jpeg".split()


def test_a_folder_of_outputs_keeps_the_structure():
    make("in/a.jpg", "in/deep/b.png", "c.jpg")
    made = planned("in", "c.jpg", out=Path("out"), suffix="", format="tiff")
    assert outputs(made) == ["out/a.tiff", "out/deep/b.tiff", "out/c.tiff"]
    assert {task.format for task in made.tasks} == {"tiff"}


def test_a_suffix_is_kept_where_it_means_the_format_asked_for():
    make("a.jpeg", "b.tif", "c.png")
    made = planned("a.jpeg", "b.tif", "c.png", format="jpeg", suffix="_new")
    assert outputs(made) == ["a_new.jpeg", "b_new.jpg", "c_new.jpg"]


def test_a_file_as_output_names_the_comparison_too():
    make("a.jpg")
    (task,) = planned("a.jpg", out=Path("x/y.webp"), is_file=True, compare=True).tasks
    assert (task.output, task.compare) == (Path("x/y.webp"), Path("x/y.compare.webp"))
    assert task.format == "webp"


def test_pages_have_their_own_outputs():
    make("a.tif", "b.tif")
    made = planned("a.tif", "b.tif", pages=lambda path: [2, 3] if path.stem == "a" else [None])
    assert outputs(made) == ["a.page2.color.tif", "a.page3.color.tif", "b.color.tif"]


def test_a_file_whose_pages_cannot_be_counted_fails_alone():
    make("a.tif", "b.tif")

    def pages(path):
        if path.stem == "a":
            raise InputError("a.tif: is cut off")
        return [None]

    made = planned("a.tif", "b.tif", pages=pages)
    assert reasons(made) == {"a.tif": "a.tif: is cut off"} and len(made.tasks) == 1


def test_finished_outputs_are_skipped_unless_they_are_to_be_overwritten():
    make("a.jpg", "a.color.jpg", "b.jpg")
    made = planned("a.jpg", "b.jpg")
    assert outputs(made) == ["b.color.jpg"] and made.finished == 1
    made = planned("a.jpg", "b.jpg", overwrite=True)
    assert outputs(made) == ["a.color.jpg", "b.color.jpg"] and made.finished == 0


def test_of_picture_and_comparison_only_the_missing_one_is_made():
    make("a.jpg", "a.color.jpg", "b.jpg", "b.compare.jpg")
    a, b = planned("a.jpg", "b.jpg", compare=True).tasks
    assert (a.output, a.compare) == (None, Path("a.compare.jpg"))
    assert (b.output, b.compare) == (Path("b.color.jpg"), None)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("way", ["no suffix", "hard link", "symbolic link"])
def test_an_output_that_is_an_input_is_refused(overwrite, way):
    make("in/a.jpg")
    if way == "hard link":
        os.link("in/a.jpg", "in/a.color.jpg")
    elif way == "symbolic link":
        os.symlink("a.jpg", "in/a.color.jpg")
    suffix = "" if way == "no suffix" else ".color"
    made = planned("in/a.jpg", overwrite=overwrite, suffix=suffix)
    (reason,) = reasons(made).values()
    assert "is an input too" in reason and made.tasks == [] and made.finished == 0


def test_an_output_that_is_another_input_through_a_linked_folder_is_refused():
    make("in/a.png", "in/a.jpg")
    os.symlink("in", "out")
    made = planned("in", out=Path("out"), suffix="", format="png", overwrite=True)
    assert set(reasons(made)) == {"in/a.jpg", "in/a.png"} and made.tasks == []


def test_two_inputs_with_one_output_are_both_refused_by_name():
    make("a.png", "a.bmp", "x/b.jpg", "y/b.jpg", "c.jpg")
    made = planned("a.png", "a.bmp", "c.jpg")
    assert [task.source for task in made.tasks] == [Path("c.jpg")]
    assert "a.color.png would be that of a.bmp too" in reasons(made)["a.png"]
    assert "a.color.png would be that of a.png too" in reasons(made)["a.bmp"]
    made = planned("x", "y", out=Path("out"))
    assert set(reasons(made)) == {"x/b.jpg", "y/b.jpg"} and made.tasks == []


def test_an_input_given_twice_is_made_once():
    make("in/a.jpg")
    os.symlink("in", "link")
    again = ["in/a.jpg", "in", "link", str(Path("in/a.jpg").resolve()), "in/../in/a.jpg"]
    assert outputs(planned(*again)) == ["in/a.color.jpg"]


def test_outputs_that_a_pattern_of_the_shell_found_are_not_colorized_again():
    make("a.jpg", "a.color.jpg", "b.jpg")
    every = ["a.color.jpg", str(Path("a.jpg").resolve()), "b.jpg"]
    made = planned(*every)
    assert outputs(made) == ["b.color.jpg"] and (made.finished, made.outputs) == (1, 1)
    # It may be a photograph of this name after all, so it is not replaced.
    made = planned(*every, overwrite=True)
    assert len(made.tasks) == 1 and "is an input too" in made.failures[0].reason
    assert outputs(planned("a.color.jpg")) == ["a.color.color.jpg"]


def test_a_folder_in_the_place_of_an_output_is_a_failure():
    make("a.jpg", "a.color.jpg/x")
    assert reasons(planned("a.jpg")) == {"a.jpg": "its output a.color.jpg is a folder"}


@pytest.mark.parametrize(
    "out, arguments, is_file",
    [
        ("out", ["a.jpg"], False),
        ("new.jpg", ["a.jpg"], True),
        ("new.jpg/", ["a.jpg"], False),
        ("folder.jpg", ["a.jpg", "b.jpg"], False),
        ("v1.2", ["a.jpg"], False),
    ],
)
def test_what_names_a_file(out, arguments, is_file):
    make("a.jpg", "b.jpg", "folder.jpg/x")
    assert names_a_file(out, arguments, FORMATS) is is_file


@pytest.mark.parametrize(
    "out, arguments, message",
    [
        ("new.jpg", ["a.jpg", "b.jpg"], "names one picture, but the inputs may be several"),
        ("new.jpg", ["in"], "names one picture"),
        ("new.gif", ["a.jpg"], r"should end in one of \.jpg, \.png, \.tiff, \.webp"),
        ("notes", ["a.jpg"], "is a file, should be a folder"),
    ],
)
def test_an_output_that_cannot_be_one_is_refused(out, arguments, message):
    make("a.jpg", "b.jpg", "in/x", "notes")
    with pytest.raises(UsageError, match=message):
        names_a_file(out, arguments, FORMATS)


def test_a_finished_output_that_another_picture_beside_would_have_is_doubtful():
    make("a.png", "a.bmp", "a.color.png", "b.png", "b.jpg", "b.color.png", "in/c.png", "in/c.gif")
    make("out/c.color.png", "out/d.color.png", "d.png", "d.bmp")
    assert planned("a.png").doubtful == [Path("a.png")]
    assert planned("a.bmp").doubtful == [Path("a.bmp")]
    # JPEG becomes JPEG, and what names a file says what it means.
    assert planned("b.png").doubtful == []
    assert planned("b.png", format="png").doubtful == [Path("b.png")]
    assert planned("in/c.png", out=Path("out")).doubtful == [Path("in/c.png")]
    assert planned("d.png", out=Path("out/d.color.png"), is_file=True).doubtful == []
    assert planned("a.png", overwrite=True).doubtful == []


def test_without_a_suffix_a_second_run_goes_on_beside_the_originals():
    make("in/a.jpg", "in/b.jpg")
    nameless = {"suffix": "", "format": "png"}
    assert outputs(planned("in", **nameless)) == ["in/a.png", "in/b.png"]
    make("in/a.png")
    made = planned("in", **nameless)
    assert outputs(made) == ["in/b.png"] and (made.finished, made.outputs) == (1, 1)
    assert made.doubtful == []
    # Should it be a photograph of this name after all, it is not replaced.
    made = planned("in", **nameless, overwrite=True)
    assert set(reasons(made)) == {"in/a.jpg", "in/a.png"}
    assert [task.source for task in made.tasks] == [Path("in/b.jpg")]
