"""A parser whose errors are one line, and the types of its options."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from polychrome.cli.names import printable
from polychrome.errors import InputError

if TYPE_CHECKING:  # NumPy takes longer to import than --help should.
    from polychrome.hints.types import Hint


class UsageError(InputError):
    """Options that contradict each other, or the inputs: the command exits with 2."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage; exits with 2.

    Options may stand between names of files.
    """

    _intermixed = False
    _given: Sequence[str] = ()  # that is parsed, for hints

    def error(self, message: str) -> NoReturn:
        names = [name for name in self._given if name[:1] == "-" and os.path.lexists(name)]
        hint = f"for the file {names[0]} write ./{names[0]}" if names else ""
        hint = printable(hint) or f"{self.prog} --help shows the options"
        self.exit(2, f"error: {printable(message)} ({hint})\n")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        if not self._intermixed:
            self._given = list(sys.argv[1:] if args is None else args)
        # argparse cannot intermix where there are subcommands, but in a subcommand itself it can;
        # doing so, it calls this method again.
        if self._subparsers is not None or self._intermixed:
            return super().parse_known_args(args, namespace)
        args = list(self._given)
        if "--" in args:  # which it loses on the way; the rest are names
            end = args.index("--")
            args[end:] = [_apart_from_options(name) for name in args[end + 1 :]]
        self._intermixed = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixed = False


def _apart_from_options(name: str) -> str:
    return os.path.join(os.curdir, name) if name.startswith("-") else name


def fraction(text: str) -> float:
    """A number from 0 to 1."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number from 0 to 1")
    return value


def factor(text: str) -> float:
    """A number from 0 on."""
    value = _number(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number, 0 or more")
    return value


def pixels(text: str) -> float:
    """A number of pixels: "200e6"."""
    value = _number(text)
    if not 1 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number of pixels, as 200e6")
    return value


def percent(text: str) -> int:
    """A whole number from 1 to 100."""
    value = _whole(text)
    if not 1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number from 1 to 100")
    return value


def page(text: str) -> int | str:
    """A number of a page, or "all"."""
    if text == "all":
        return text
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} should be a page's number from 1 on, or all")
    return value


def time(text: str) -> float:
    """A time in a film, in seconds: "83.5", "1:23.5" or "0:01:23.5"."""
    parts = text.split(":")
    numbers = [_number(part) for part in parts]
    if (
        len(parts) > 3
        or not all(0 <= number < math.inf for number in numbers)
        or not all(part.isdecimal() for part in parts[:-1])
    ):
        raise argparse.ArgumentTypeError(f"{text!r} should be a time: seconds, or 1:02:03.5")
    if any(number >= 60 for number in numbers[1:]):
        raise argparse.ArgumentTypeError(
            f"{text!r} should be a time; seconds and minutes behind a colon are below 60"
        )
    return sum(number * 60**place for place, number in enumerate(reversed(numbers)))


def hint(text: str) -> "Hint":
    """A color at a place: "120,80,#b04030"."""
    from polychrome.hints.reading import parse_hint

    try:
        return parse_hint(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def count(text: str) -> int:
    """A whole number from 1 to 99."""
    value = _whole(text)
    if not 1 <= value <= 99:
        raise argparse.ArgumentTypeError(f"{text!r} should be a whole number from 1 to 99")
    return value


def suffix(text: str) -> str:
    """The end of a file's stem."""
    if "\0" in text or "/" in text or os.sep in text:
        raise argparse.ArgumentTypeError(f"{text!r} should be a part of a name, as .color")
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _whole(text: str) -> int:
    """0 for what is no whole number, or a huge one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
