"""Errors from below, and the options that the command adds to them."""

import ast
import re
from pathlib import Path

import pytest

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.parser import run_parser
from polychrome.errors import InputError
from polychrome.training.callbacks import TrainingDiverged

ROOT = Path(__file__).resolve().parents[3]


def raised(error, *arguments):
    with pytest.raises(InputError) as caught, option_hints(*arguments):
        raise error
    assert caught.value is error  # of its own kind, raised where it was
    return str(caught.value)


def test_options_are_added_to_what_went_wrong():
    assert raised(InputError("no files", ("data_dir",))) == "no files (see --data-dir)"
    both = InputError("nothing there", ("data_dir", "download"))
    assert raised(both) == "nothing there (see --data-dir, --download)"
    diverged = TrainingDiverged("NaN", ("precision", "weather"))
    assert raised(diverged) == "NaN (see --precision)"


def test_an_error_that_no_option_mends_stays_as_it_is():
    assert raised(InputError("x.zip: no zip")) == "x.zip: no zip"
    assert raised(InputError("x.zip: no zip", ["weather"])) == "x.zip: no zip"


def test_a_command_may_call_a_setting_otherwise():
    error = InputError("no data set 'x'", ("source",))
    assert raised(error, {"source": "SOURCE"}) == "no data set 'x' (see SOURCE)"


def test_hints_are_given_once():
    error = InputError("no files", ("data_dir",))
    with pytest.raises(InputError), option_hints():
        raised(error)
        raise error
    assert str(error) == "no files (see --data-dir)"


def test_the_options_are_those_of_the_command():
    known = {flag for action in run_parser()._actions for flag in action.option_strings}
    assert set(RUN_OPTIONS.values()) <= known


def modules():
    for package in ("polychrome", "tf_data"):
        for path in (ROOT / package).rglob("*.py"):
            if ROOT / "polychrome" / "cli" not in path.parents:  # a command with its own options
                yield path
    # Recipes tell the commands that train them, and `recipe.py` holds the usual one.
    for package in ("grading", "report", "stages", "studies"):
        yield from (ROOT / "experiments" / package).rglob("*.py")
    yield ROOT / "experiments" / "plan.py"


def below_commands():
    for path in sorted(modules()):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if "main" not in functions:  # a command knows its own options
            yield path, tree


def ours(text: str) -> set[str]:
    """Options of the command in a text; other programs, such as git, have their own."""
    known = {flag for action in run_parser()._actions for flag in action.option_strings}
    return known & set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text))


def test_lower_layers_name_no_options():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in below_commands()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if ours(node.value)
    ]
    assert not found
