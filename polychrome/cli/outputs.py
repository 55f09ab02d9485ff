"""Where the results go, and which of them are left to make."""

import collections
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from polychrome.cli.inputs import COMPARE, SUFFIXES, Failure, Input
from polychrome.cli.names import listed, printable
from polychrome.cli.parsing import UsageError
from polychrome.errors import InputError
from polychrome.video.containers import FORMATS as FILMS

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
        place: see `Input`.
    """

    source: Path
    page: int | None
    output: Path | None
    compare: Path | None
    format: str
    place: Path = Path()


class Plan(NamedTuple):
    """What a run is to do.

    Attributes:
        tasks: in the order of the inputs.
        failures: inputs whose outputs cannot be written, and why.
        finished: how many pictures have their outputs already.
        outputs: how many inputs are outputs of others, made by an earlier run.
        doubtful: those of the finished whose outputs another picture beside them would have too.
    """

    tasks: list[Task]
    failures: list[Failure]
    finished: int
    outputs: int
    doubtful: list[Path]


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
        wanted = compare if self.compare else None
        return Task(source.path, page, output, wanted, made, source.place)


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
    if os.path.isdir(path) or out.endswith(("/", os.sep)):
        return False
    if path.suffix.lower() not in SUFFIXES:
        if os.path.lexists(path) and path.suffix.lower() not in FILMS:
            raise UsageError(f"-o {printable(out)}: is a file, should be a folder")
        return False
    if len(arguments) != 1 or not os.path.isfile(arguments[0]):
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
    places.assign(tasks)
    earlier = _earlier(first, places, naming, overwrite)
    tasks = [task for task in tasks if places.of(task.source) not in earlier]
    places.assign(tasks)
    taken = {identity for source in first.values() if (identity := _identity(source.path))}
    kept = set() if overwrite else earlier
    todo, finished, doubtful = [], 0, []
    for task in tasks:
        if reason := _refusal(task, places, taken, kept):
            failures.setdefault(task.source, reason)
            continue
        left = task if overwrite else _unfinished(task)
        if left.output or left.compare:
            todo.append(left)
        else:
            finished += 1
            if _rivals(first[places.of(task.source)], task, naming, places):
                doubtful.append(task.source)
    failed = [source.path for source in first.values() if source.path in failures]
    refused = [Failure(path, failures[path]) for path in failed]
    return Plan(todo, refused, finished, len(earlier), doubtful)


class _Places:
    """Files by their names in their real folders: two of the same place are one.

    Attributes:
        owners: the inputs whose outputs have a place.
    """

    def __init__(self) -> None:
        self.owners: dict[str, list[Path]] = {}
        self._folders: dict[Path, str] = {}
        self._pictures: dict[Path, dict[str, list[Path]]] = {}

    def assign(self, tasks: Iterable[Task]) -> None:
        """Make the sources of these tasks the owners, and no others."""
        self.owners = {}
        for task in tasks:
            for place in {self.of(path) for path in (task.output, task.compare) if path}:
                self.owners.setdefault(place, []).append(task.source)

    def same_stem(self, path: Path) -> list[Path]:
        """Other pictures beside a file whose names differ from its own by their suffixes."""
        folder = path.parent
        if folder not in self._pictures:
            found = self._pictures[folder] = collections.defaultdict(list)
            with contextlib.suppress(OSError):
                for name in map(Path, sorted(os.listdir(folder))):
                    if name.suffix.lower() in SUFFIXES:
                        found[name.stem].append(folder / name)
        return [other for other in self._pictures[folder].get(path.stem, []) if other != path]

    def of(self, path: Path) -> str:
        folder = self._folders.get(path.parent)
        if folder is None:
            folder = self._folders[path.parent] = os.path.realpath(path.parent)
        return os.path.join(folder, path.name)


def _earlier(
    first: Mapping[str, Input], places: _Places, naming: Naming, overwrite: bool
) -> set[str]:
    """Places of inputs that are outputs of an earlier run."""
    if naming.suffix:
        # A shell's `*` also finds what an earlier run wrote.
        ends = (naming.suffix, COMPARE)
        return {
            place
            for place, source in first.items()
            if source.named and source.path.stem.endswith(ends) and place in places.owners
        }
    # Beside their originals, all outputs are found. Each would be its own output too. Should it
    # be a photograph after all, it is safe: nothing is overwritten.
    return {
        place
        for place, source in first.items()
        if not overwrite and len({source.path, *places.owners.get(place, [])}) > 1
        if source.path in places.owners.get(place, [])
    }


def _rivals(source: Input, task: Task, naming: Naming, places: _Places) -> list[Path]:
    """Pictures beside the source, given or not, that would have the output of its task."""
    whole = naming.task(source, task.page)
    if naming.is_file or whole.output is None:
        return []
    rivals = (
        Input(path, source.place.with_name(path.name)) for path in places.same_stem(source.path)
    )
    return [
        rival.path
        for rival in rivals
        if rival.path != whole.output and naming.task(rival, task.page).output == whole.output
    ]


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
        if os.path.isdir(path):
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
        None if path is None or os.path.exists(path) else path
        for path in (task.output, task.compare)
    )
    return task._replace(output=output, compare=compare)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
