"""Commands that start several runs: what they pass on to `experiments.run`, and what they set."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.options import Options
from experiments.command_line.parser import resolve, run_parser
from polychrome.errors import InputError

if TYPE_CHECKING:  # A recipe imports Keras, which takes seconds; --help should not.
    from experiments.recipe import Recipe

# Options of `experiments.run` that such a command sets for each run.
SET_BY_SERIES = ("--seed", "--epochs", "--out", "--resume", "--saved-models", "--list")


def split_at_dashes(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """A command's own arguments, and those after "--", which are passed to each run."""
    arguments = list(arguments)
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def check_passed(passed: Sequence[str], ours: Sequence[str] = SET_BY_SERIES) -> None:
    """Fail if an option that is passed on is one that the command sets, or a system is named.

    Wrong usage of `experiments.run` ends the program, as there.

    Raises:
        InputError: it is.
    """
    for option in passed:
        if option.partition("=")[0] in ours:
            raise InputError(f"{option}: is set by this command; leave it out")
    named = run_parser().parse_args(list(passed)).recipe
    if named is not None:
        raise InputError(f'{named}: systems are named before the "--"; after it come options alone')


def options_of(
    recipe: "Recipe", folder: Path, seed: int, passed: Sequence[str]
) -> tuple[Options, bool]:
    """Options of one run of a series, which goes on if it was begun.

    Args:
        recipe: to train.
        folder: of the run.
        seed: of data order, weights, and dropout.
        passed: options of `experiments.run`.

    Returns:
        The options, and whether data may be downloaded.

    Raises:
        InputError: see `resolve`.
    """
    given = ["--seed", str(seed), "--out", str(folder)]
    given += ["--resume"] if (folder / "recipe.json").exists() else []
    parsed = run_parser().parse_args([recipe.name, *given, *passed])
    options, _ = resolve(parsed, recipe)
    return options, parsed.download
