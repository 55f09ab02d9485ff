"""The pictures and films that a command line names: files, folders, and patterns."""

import collections
import contextlib
import fnmatch
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from polychrome.video.containers import FORMATS as FILMS

# What folders are searched for. Formats that turn out not to be readable fail with a reason, which
# is better than leaving them out in silence.
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .tif .tiff .webp .bmp .dib .gif .avif .heic .heif .jp2 .j2k "
    ".jxl .pbm .pgm .ppm .pnm .tga .pcx .sgi .ico .psd .dng".split()
)
# Ends of the stems of our outputs.
COLOR, COMPARE, ASK = ".color", ".compare", ".ask"

_PAGE = re.compile(r"\.page[0-9]+$")


class Input(NamedTuple):
    """A picture to colorize.

    Attributes:
        path: of the file.
        place: name, with folders, under the folder of the outputs.
        named: whether the command line names the very file.
    """

    path: Path
    place: Path
    named: bool = False


class Failure(NamedTuple):
    """An input that gave no output, and why."""

    path: Path
    reason: str


class Found(NamedTuple):
    """What was found.

    Attributes:
        inputs: in the order of the command line, folders in alphabetical order.
        failures: arguments that are nothing usable.
        outputs: how many outputs of earlier runs were left out.
        films: how many films in folders were left out.
    """

    inputs: list[Input]
    failures: list[Failure]
    outputs: int
    films: int = 0


def find_inputs(arguments: Sequence[str], suffix: str = COLOR, apart: Path | None = None) -> Found:
    """Find the pictures and films that arguments name.

    Folders are searched to any depth for names that end like pictures', and links to folders are
    followed, once each; patterns find names that end like films' too. Hidden files and folders and
    outputs of earlier runs are left out there, and in what patterns match.

    Args:
        arguments: files, folders, and patterns with `*`, `?`, `[...]` and `**`. One that exists is
            not taken for a pattern.
        suffix: end of the stems of this run's outputs.
        apart: folder of the outputs, not searched if it lies in one of the folders.
    """
    search = _Search(suffix, apart)
    for argument in arguments:
        search.add(argument)
    return Found(search.inputs, search.failures, search.outputs, search.films)


class _Search:
    def __init__(self, suffix: str, apart: Path | None):
        self.inputs: list[Input] = []
        self.failures: list[Failure] = []
        self.outputs = self.films = 0
        self._suffix = suffix
        self._apart = None
        if apart is not None:
            with contextlib.suppress(OSError):  # Writing there will say what is wrong.
                self._apart = _identity(apart)

    def add(self, argument: str) -> None:
        path = Path(argument)
        if argument and os.path.lexists(argument):
            if os.path.isdir(path):
                self._add_folder(path, Path())
            else:
                self._add_file(path, Path(path.name), named=True)
        elif glob.has_magic(argument):
            self._add_matches(argument)
        else:
            reason = "no such file or folder" if argument else "is an empty name"
            self.failures.append(Failure(path, reason))

    def _add_file(self, path: Path, place: Path, named: bool) -> None:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self.failures.append(Failure(path, error.strerror or str(error)))
            return
        if stat.S_ISREG(mode):
            self.inputs.append(Input(path, place, named))
        else:  # Opening a pipe would wait for somebody to write.
            self.failures.append(Failure(path, "is a pipe or a device, should be a file"))

    def _add_folder(self, folder: Path, place: Path) -> None:
        self._add_files(folder, place, self._files(folder))

    def _add_files(
        self, folder: Path, place: Path, files: Iterable[Path], films: bool = False
    ) -> None:
        """Add those with the names of pictures, and of films if they are wanted."""
        known = SUFFIXES.union(FILMS)
        media = sorted(file for file in files if file.suffix.lower() in known)
        moving = {file for file in media if file.suffix.lower() in FILMS}
        stems = [{file.with_suffix("") for file in group} for group in ({*media} - moving, moving)]
        for file in media:
            if self._is_output(file, stems[file in moving]):
                self.outputs += 1
            elif file in moving and not films:
                self.films += 1
            else:
                self._add_file(folder / file, place / file, named=False)

    def _is_output(self, file: Path, stems: set[Path]) -> bool:
        if file.stem.endswith((COLOR, COMPARE, ASK)):
            return True
        if not self._suffix or not file.stem.endswith(self._suffix):
            return False
        # Names of photographs may end like this as well; outputs lie beside their originals.
        stem = file.stem.removesuffix(self._suffix)
        return bool(stem) and not stems.isdisjoint(
            {file.with_name(stem), file.with_name(_PAGE.sub("", stem) or stem)}
        )

    def _files(self, root: Path) -> Iterator[Path]:
        """Files below a folder, relative to it, without hidden ones."""
        seen = set()
        # Links come last, so that a folder inside keeps its own name.
        folders, links = collections.deque([Path()]), collections.deque[Path]()
        while folders or links:
            folder = (folders or links).popleft()
            try:
                identity = _identity(root / folder)
                if identity in seen or (folder.parts and identity == self._apart):
                    continue
                seen.add(identity)
                entries = [entry for entry in os.scandir(root / folder) if entry.name[0] != "."]
            except OSError as error:
                self.failures.append(Failure(root / folder, error.strerror or str(error)))
                continue
            for entry in entries:
                if not _is_folder(entry):
                    yield folder / entry.name
                elif entry.is_symlink():
                    links.append(folder / entry.name)
                else:
                    folders.append(folder / entry.name)

    def _add_matches(self, pattern: str) -> None:
        parts = Path(pattern).parts
        fixed = next(index for index, part in enumerate(parts) if glob.has_magic(part))
        base, rest = Path(*parts[:fixed]), parts[fixed:]
        found = len(self.inputs) + len(self.failures) + self.outputs
        if "**" in rest:
            # glob would follow a link of a folder to itself forty times.
            files = self._files(base) if os.path.isdir(base) else iter(())
            matching = (file for file in files if _matches(file.parts, rest))
            self._add_files(base, Path(), matching, films=True)
        else:
            matched = [Path(name) for name in glob.glob(pattern)]
            folders = [path for path in matched if os.path.isdir(path)]
            plain = (path.relative_to(base) for path in matched if path not in folders)
            self._add_files(base, Path(), plain, films=True)
            for path in sorted(folders):
                if self._apart is None or _identity(path) != self._apart:
                    self._add_folder(path, path.relative_to(base))
        if found == len(self.inputs) + len(self.failures) + self.outputs:
            self.failures.append(Failure(Path(pattern), "matches no pictures or films"))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path matches a pattern in which `**` stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(parts)
        return any(_matches(parts[start:], pattern[1:]) for start in range(len(parts)))
    return (
        bool(parts)
        and fnmatch.fnmatchcase(parts[0], pattern[0])
        and _matches(parts[1:], pattern[1:])
    )
