"""Hints on the command line: for the only picture, or a file for each in a folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from polychrome.cli.inputs import ASK
from polychrome.cli.names import printable
from polychrome.cli.outputs import Task
from polychrome.cli.parsing import UsageError
from polychrome.errors import InputError
from polychrome.hints.reading import read_hints
from polychrome.hints.types import Hint, Hints

# Ends of the names of files in a folder of hints, behind a picture's stem; the first found counts.
ENDS = (".png", ".json", f"{ASK}.json", ".tif", ".tiff", ".webp")


class Given(NamedTuple):
    """The hints of a command.

    Attributes:
        dots: of --hint.
        path: of --hints; None: not given.
        is_folder: whether that is a folder.
    """

    dots: tuple[Hint, ...] = ()
    path: Path | None = None
    is_folder: bool = False

    def of(self, task: Task, size: tuple[int, int], max_pixels: float) -> Hints:
        """The hints of a picture; in a folder, a file without an answer gives none.

        Args:
            size: its height and width.
            max_pixels: see `read_hints`.

        Raises:
            InputError: see `read_hints`.
        """
        file = self.file_of(task)
        if file is None:
            return self.dots
        return [*read_hints(file, size, max_pixels, optional=self.is_folder), *self.dots]

    def file_of(self, task: Task) -> Path | None:
        """The file with hints of a picture, if there is one."""
        if self.path is None or not self.is_folder:
            return self.path
        stem = task.place.stem if task.page is None else f"{task.place.stem}.page{task.page}"
        files = (self.path / task.place.parent / (stem + end) for end in ENDS)
        # In a folder with both, a picture is no hint for itself.
        return next(
            (file for file in files if file.is_file() and not file.samefile(task.source)), None
        )


def given(dots: Sequence[Hint], path: str | None) -> Given:
    """The hints of options.

    Raises:
        InputError: there is no such file or folder.
    """
    if path is None:
        return Given(tuple(dots))
    if not os.path.exists(path):
        raise InputError(f"--hints {printable(path)}: no such file or folder")
    return Given(tuple(dots), Path(path), os.path.isdir(path))


def check_given(hints: Given, tasks: Sequence[Task]) -> None:
    """Refuse hints of one picture for several, and folders that have none for any.

    Raises:
        UsageError: hints of one picture for several.
        InputError: no picture has a file in the folder.
    """
    if len(tasks) > 1 and (hints.dots or (hints.path is not None and not hints.is_folder)):
        option = "--hint" if hints.dots else "--hints"
        raise UsageError(
            f"{option}: is for one picture, not for {len(tasks):,}; --hints takes a folder too"
        )
    if tasks and hints.is_folder and not any(hints.file_of(task) for task in tasks):
        raise InputError(
            f"--hints {printable(str(hints.path))}: has no hints for any of the pictures, such as "
            f"{printable(tasks[0].place.stem)}.png or .json"
        )
