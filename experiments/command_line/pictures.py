"""The frame of a command that draws a page's pictures with one colorizer."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from polychrome.command import status_of

if TYPE_CHECKING:
    import polychrome


def draw_pictures(
    name: str,
    description: str,
    folder: str,
    write: "Callable[[polychrome.Colorizer, Path], Iterable[Path]]",
    arguments: Sequence[str] | None,
) -> int:
    """Run `python -m experiments.NAME`: load the colorizer, write, and print each path.

    Args:
        name: of the command.
        description: one sentence.
        folder: where the pictures belong.
        write: makes them in a folder, and returns their paths.
        arguments: None: of this process.

    Returns:
        The exit status: 0 (done), 1 (failed), or 130 (interrupted).
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{name}", description=description)
    add = parser.add_argument
    add("source", nargs="?", default="photo", metavar="PRESET", help="a colorizer (photo)")
    add("--out", type=Path, default=Path(folder), metavar="DIR", help=f"folder ({folder})")
    parsed = parser.parse_args(arguments)

    def work() -> None:
        import polychrome

        for path in write(polychrome.load(parsed.source), parsed.out):
            print(path)

    return status_of(work)
