"""Where the results go, and which of them are left to make."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from polychrome.cli.inputs import COMPARE, SUFFIXES, Failure, Input
from polychrome.cli.names import listed, printable
from polychrome.cli.parsing import UsageError
from polychrome.errors import InputError

# Suffixes of formats that are written under their usual ones.
_RARE = {".jpe": ".jpg", ".jfif": ".jpg", ".apng": ".png"}


class Task(NamedTuple):
    """One picture to make.

    Attributes:
        source: file of the input.
        page: of the file, from 1 on; None: its only one.
        output: file to write; None: it is there already.
        compare: file for the picture beside the gray one; None: not wanted, or there already.
        format: of both: "jpeg", "png", "tiff" or "webp".
    """

    source: Path
    page: int | None
    output: Path | None
    compare: Path | None
    format: str


class Plan(NamedTuple):
    """What a run is to do.

    Attributes:
        tasks: in the order of the inputs.
        failures: inputs whose outputs cannot be written, and why.
        finished: how many pictures have their outputs already.
        outputs: how many inputs are outputs of others, made by an earlier run.
    """

    tasks: list[Task]
    failures: list[Failure]
    finished: int
    outputs: int


class Naming(NamedTuple):
    """How outputs are named.

    Attributes:
        formats: those that can be written, and the suffixes of their files.
        out: folder of the outputs, or the file of the only one; None: beside the inputs.
        is_file: whether `out` is a file.
        format: one for all; None: that of the input, and PNG where it cannot be written.
        suffix: end of the stems.
        compare: whether pictures beside the gray ones are wanted.
    """

    formats: Mapping[str, Sequence[str]]
    out: Path | None = None
    is_file: bool = False
    format: str | None = None
    suffix: str = ".color"
    compare: bool = False

    def task(self, source: Input, page: int | None) -> Task:
        """The whole task for a page of an input."""
        if self.is_file and self.out is not None:
            output = self.out
            compare = output.with_name(f"{output.stem}{COMPARE}{output.suffix}")
            made = format_of(output.suffix, self.formats)
        else:
            given = source.path.suffix
            made = self.format or format_of(given, self.formats)
            ending = given if given.lower() in self.formats[made] else self.formats[made][0]
            stem = source.path.stem if page is None else f"{source.path.stem}.page{page}"
            place = source.path if self.out is None else self.out / source.place
            output = place.with_name(f"{stem}{self.suffix}{ending}")
            compare = place.with_name(f"{stem}{COMPARE}{ending}")
        return Task(source.path, page, output, compare if self.compare else None, made)


def format_of(suffix: str, formats: Mapping[str, Sequence[str]], unknown: str = "png") -> str:
    """The format of files with a suffix, in any case."""
    suffix = _RARE.get(suffix.lower(), suffix)
    return next((name for name, known in formats.items() if suffix.lower() in known), unknown)


def names_a_file(out: str, arguments: Sequence[str], formats: Mapping[str, Sequence[str]]) -> bool:
    """Whether `--output` names the file of the only output, not a folder.

    Raises:
        UsageError: it names a file, but cannot be one.
    """
    path = Path(out)
    if path.is_dir() or out.endswith(("/", os.sep)):
        return False
    if path.suffix.lower() not in SUFFIXES:
        if os.path.lexists(path):
            raise UsageError(f"-o {printable(out)}: is a file, should be a folder")
        return False
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        raise UsageError(
            f"-o {printable(out)}: names one picture, but the inputs may be several; name a folder"
        )
    if not format_of(path.suffix, formats, unknown=""):
        known = ", ".join(suffixes[0] for suffixes in formats.values())
        raise UsageError(f"-o {printable(out)}: cannot be written, should end in one of {known}")
    return True


def plan(
    inputs: Sequence[Input],
    naming: Naming,
    pages: Callable[[Path], Sequence[int | None]],
    overwrite: bool = False,
) -> Plan:
    """Decide what to write for each input.

    No output replaces an input, and of two inputs with the same output neither is colorized: which
    of them a finished output shows could not be told later.

    Args:
        inputs: files that exist. Those given twice count once.
        naming: of the outputs.
        pages: those of a file to colorize, `[None]` for its only one; may raise `InputError`.
        overwrite: whether finished outputs are made again.
    """
    places = _Places()
    first: dict[str, Input] = {}
    for source in inputs:
        first.setdefault(places.of(source.path), source)
    failures: dict[Path, str] = {}
    tasks: list[Task] = []
    for source in first.values():
        try:
            tasks += [naming.task(source, page) for page in pages(source.path)]
        except InputError as error:
            failures[source.path] = str(error)
    for task in tasks:
        for place in {places.of(path) for path in (task.output, task.compare) if path}:
            places.owners.setdefault(place, []).append(task.source)
    ends = (naming.suffix, COMPARE) if naming.suffix else ()
    # A shell's `*` also finds what an earlier run wrote.
    earlier = {
        place
        for place, source in first.items()
        if source.named and source.path.stem.endswith(ends) and place in places.owners
    }
    taken = {identity for source in first.values() if (identity := _identity(source.path))}
    kept = set() if overwrite else earlier
    todo, finished = [], 0
    for task in tasks:
        if places.of(task.source) in earlier:
            continue
        if reason := _refusal(task, places, taken, kept):
            failures.setdefault(task.source, reason)
            continue
        left = task if overwrite else _unfinished(task)
        if left.output or left.compare:
            todo.append(left)
        else:
            finished += 1
    failed = [source.path for source in first.values() if source.path in failures]
    return Plan(todo, [Failure(path, failures[path]) for path in failed], finished, len(earlier))


class _Places:
    """Files by their names in their real folders: two of the same place are one.

    Attributes:
        owners: the inputs whose outputs have a place.
    """

    def __init__(self) -> None:
        self.owners: dict[str, list[Path]] = {}
        self._folders: dict[Path, str] = {}

    def of(self, path: Path) -> str:
        folder = self._folders.get(path.parent)
        if folder is None:
            folder = self._folders[path.parent] = os.path.realpath(path.parent)
        return os.path.join(folder, path.name)


def _refusal(
    task: Task, places: _Places, taken: set[tuple[int, int]], kept: set[str]
) -> str | None:
    """Why the outputs of a task may not be written.

    Args:
        taken: identities of all inputs.
        kept: places of inputs that are outputs of an earlier run, and stay.
    """
    for path in (task.output, task.compare):
        if path is None:
            continue
        place = places.of(path)
        others = [other for other in places.owners[place] if other != task.source]
        if others:
            return (
                f"its output {printable(path)} would be that of {listed(others)} too; colorize "
                "them into different folders"
            )
        if path.is_dir():
            return f"its output {printable(path)} is a folder"
        if place not in kept and _identity(path) in taken:
            return (
                f"its output {printable(path)} is an input too, which is never replaced; use "
                "another --suffix or folder"
            )
    return None


def _unfinished(task: Task) -> Task:
    """The task without the files that are there."""
    output, compare = (
        None if path is None or path.exists() else path for path in (task.output, task.compare)
    )
    return task._replace(output=output, compare=compare)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
