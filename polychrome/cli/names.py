"""Names of files as text that is safe to print."""

import os
from collections.abc import Sequence


def printable(text: str | os.PathLike[str]) -> str:
    """One line without control characters: a newline becomes `\\n`, an undecodable byte `\\xff`.

    Letters of all languages and spaces stay as they are.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in os.fspath(text))


def _escaped(character: str) -> str:
    # Python gives bytes of a name that are no UTF-8 as these surrogates (PEP 383).
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def listed(names: Sequence[str | os.PathLike[str]], most: int = 3) -> str:
    """The first `most` names, printable, and how many more there are."""
    shown = ", ".join(printable(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def counted(number: int, noun: str) -> str:
    """`1 photograph`, `2 photographs`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
