"""The command line itself: what it offers, what it refuses, which run it goes on with."""

import dataclasses
import json
import os
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from experiments.command_line.options import Options
from experiments.command_line.parser import resolve, run_parser
from experiments.recipes import RECIPES
from experiments.run import main
from polychrome.errors import InputError
from polychrome.models import patchgan
from tf_data import store
from tf_data.superpixels import segmentation

ROOT = Path(__file__).resolve().parents[3]
AB = RECIPES["polychromify_ab"]


def begin(folder: Path, recipe: str = "polychromify_ab", **options) -> Path:
    """What a run that was begun leaves for `--resume` to read."""
    folder.mkdir(parents=True)
    record = {"name": recipe, "options": dataclasses.asdict(Options(**options))}
    (folder / "recipe.json").write_text(json.dumps(record))
    return folder


def resolved(*arguments) -> tuple[Options, Path]:
    return resolve(run_parser().parse_args([AB.name, *map(str, arguments)]), AB)


def test_help_does_not_wait_for_tensorflow():
    program = (
        "import sys\n"
        "from experiments.run import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        "    assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert "--resume" in done.stdout


def test_choices_are_those_of_the_modules_that_take_them():
    """Copies, because these modules import Keras."""
    actions = {action.dest: action for action in run_parser()._actions}
    for setting, known in (
        ("patch", patchgan.PATCHES),
        ("superpixel_method", segmentation.METHODS),
        ("resize", typing.get_args(store.Fit)),
    ):
        assert tuple(actions[setting].choices) == tuple(known), setting
    assert f"({patchgan.PATCH})" in actions["patch"].help
    assert f"({segmentation.Superpixels.uci(256).compactness:g})" in actions["compactness"].help


def test_every_option_can_be_given_and_is_explained():
    actions = {action.dest: action for action in run_parser()._actions}
    assert {field.name for field in dataclasses.fields(Options)} <= set(actions)
    for action in actions.values():
        assert action.help, action.dest
    described = run_parser().format_help()
    for source in ("sample", "tiny_imagenet", "folder"):
        assert source in described


def test_list_names_and_explains_every_system(capsys):
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(RECIPES)
    assert all(recipe.summary in line for recipe, line in zip(RECIPES.values(), lines, strict=True))


def test_an_unknown_system_is_answered_with_those_there_are(own_folder, error_of):
    message = error_of("polychromify_abc")
    assert "'polychromify_abc'" in message
    assert all(name in message for name in RECIPES)
    assert list(own_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "name a system"),
        (["cnn", "--limit", "0"], "'0' should be a whole number from 1 on"),
        (["cnn", "--epochs", "two"], "'two' should be a whole number from 0 on"),
        (["cnn", "--batch-size", "-4"], "--batch-size"),
        (["cnn", "--seed", "1.5"], "'1.5' should be a whole number from 0 on"),
        (["cnn", "--seed", "99999999999"], "'99999999999' should be"),
        (["cnn", "--precision", "float8"], "mixed_bfloat16"),
        (["cnn", "--epoches", "1"], "--epoches"),
    ],
)
def test_wrong_usage(arguments, expected, own_folder, capsys):
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert expected in capsys.readouterr().err.splitlines()[-1]
    assert list(own_folder.iterdir()) == []


def test_options_are_what_was_given_and_defaults(own_folder):
    options, folder = resolved("--limit", 7, "--precision", "mixed_bfloat16", "--deterministic")
    assert options == Options(limit=7, precision="mixed_bfloat16", deterministic=True)
    assert folder.parent == Path("runs")
    assert folder.name.startswith("polychromify_ab-2")


def test_a_folder_that_holds_something_is_not_overwritten(own_folder):
    begin(own_folder / "run")
    with pytest.raises(InputError, match="--out run: exists already; add --resume"):
        resolved("--out", "run")
    (own_folder / "empty").mkdir()
    assert resolved("--out", "empty")[1] == Path("empty")


def test_resume_takes_the_options_of_the_run(own_folder):
    begin(own_folder / "run", limit=5, epochs=3, seed=4)
    assert resolved("--resume", "--out", "run") == (Options(limit=5, epochs=3, seed=4), Path("run"))
    again = resolved("--resume", "--out", "run", "--epochs", 9, "--seed", 4, "--data-dir", "moved")
    assert again[0] == Options(limit=5, epochs=9, seed=4, data_dir="moved")
    assert resolved("--resume", "--out", "run", "--frechet")[0].frechet


@pytest.mark.parametrize(
    "changed",
    [
        ("--limit", "6"),
        ("--train-limit", "6"),
        ("--graded", "6"),
        ("--seed", "2"),
        ("--batch-size", "8"),
        ("--data", "folder"),
        ("--precision", "mixed_bfloat16"),
    ],
)
def test_resume_refuses_what_would_make_another_run(changed, own_folder):
    begin(own_folder / "run", limit=5)
    with pytest.raises(InputError, match=f"{changed[0]} {changed[1]}: the run in run was begun"):
        resolved("--resume", "--out", "run", *changed)


def test_resume_without_a_folder_takes_the_newest_run_of_that_system(own_folder):
    for stamp in ("20250101-120000", "20250301-080000", "20250228-235959"):
        begin(own_folder / "runs" / f"polychromify_ab-{stamp}")
    begin(own_folder / "runs" / "polychromify-20260101-000000", "polychromify")
    (own_folder / "runs" / "polychromify_ab-20270101-000000").mkdir()  # died before its first file
    assert resolved("--resume")[1] == Path("runs/polychromify_ab-20250301-080000")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["cnn", "--resume"], "no run of cnn in runs/; name one with --out DIR"),
        (["cnn", "--resume", "--out", "nowhere"], "nowhere holds no run"),
        (["cnn", "--resume", "--out", "run"], "run is a run of polychromify_ab, not of cnn"),
        (["polychromify_ab", "--resume", "--out", "damaged"], "recipe.json is not JSON"),
    ],
)
def test_nothing_to_resume(arguments, expected, own_folder, error_of):
    begin(own_folder / "run")
    (begin(own_folder / "damaged") / "recipe.json").write_text("{")
    assert expected in error_of(*arguments)
    assert {path.name for path in own_folder.iterdir()} == {"run", "damaged"}
