"""Hints on the command line for a frame of a film."""

import argparse
import os
from typing import TYPE_CHECKING

from polychrome.cli.names import printable
from polychrome.cli.parsing import UsageError
from polychrome.errors import InputError

if TYPE_CHECKING:
    from polychrome.hints.types import Hints


def check_hints_of_films(options: argparse.Namespace, films: int, pictures: bool) -> None:
    """Refuse hints that don't say which film or frame they are for.

    Beside pictures, a folder of hints is for those, by their names; other hints are refused.

    Args:
        options: of the command, which has at least one film.
        films: how many.
        pictures: whether there are pictures too.

    Raises:
        UsageError: hints beside pictures, or a time; a time without hints; hints for several films,
            or without a time; a folder of hints.
    """
    timed, given = options.hint_time is not None, options.hint or options.hints
    if timed and pictures:
        raise UsageError("--hint-time: is for a film alone; leave the pictures out")
    if timed and not given:
        raise UsageError("--hint-time: says the frame of --hint or --hints; add one of them")
    if not given:
        return
    option = "--hint" if options.hint else "--hints"
    if pictures:
        if options.hint or not os.path.isdir(options.hints):
            raise UsageError(
                f"{option}: is for a picture or a film, not for both; colorize them one by one"
            )
        return
    if films > 1:
        raise UsageError(f"{option}: is for one film, not for {films:,}")
    if options.hint and not timed:
        raise UsageError(
            "--hint: in a film it needs the time of its frame; add --hint-time, such as 1:02.5"
        )
    if options.hints and os.path.isdir(options.hints):
        raise UsageError(
            f"--hints {printable(options.hints)}: is a folder; for a film, name a file"
        )


def hints_of_film(options: argparse.Namespace, size: tuple[int, int]) -> "Hints":
    """The hints for the only film of a command, with their times.

    Args:
        size: height and width of its upright frames.

    Raises:
        InputError: the file of --hints cannot be read, is for another size, or has a hint without a
            time when there is no --hint-time.
    """
    from polychrome.hints.reading import read_hints

    read = read_hints(options.hints, size, options.max_pixels) if options.hints else ()
    hints = [*read, *options.hint]
    if options.hint_time is not None:
        return [
            hint if hint.time is not None else hint._replace(time=options.hint_time)
            for hint in hints
        ]
    if any(hint.time is None for hint in hints):
        raise InputError(
            f"{options.hints}: has a hint without a time, which films need; add --hint-time"
        )
    return hints
