"""Files in a zip or a folder, with one interface: `members()` and `read(member)`."""

import os
import stat
import threading
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from polychrome.errors import InputError
from tf_data.sources.split import Split, fingerprint


@dataclass(frozen=True)
class Member:
    """One file.

    Attributes:
        name: printable path inside the archive, with "/" on every system.
        size: bytes, uncompressed.
        stamp: changes with the content: the CRC-32 in a zip, the modification time in a folder.
        handle: how the archive itself finds the file.
    """

    name: str
    size: int
    stamp: int
    handle: str | zipfile.ZipInfo


class Archive(Protocol):
    """A read-only collection of files."""

    path: Path

    def members(self) -> list[Member]:
        """All files except hidden ones (".name", "__MACOSX"), sorted by name."""

    def read(self, member: Member) -> bytes:
        """The content of one file; thread-safe. Raises `OSError`."""


class Zip:
    """The files of a zip, read without unpacking it.

    Raises `InputError` if the file can't be opened or isn't a complete zip.
    """

    def __init__(self, path: Path):
        self.path = path
        # One handle for all threads: another would parse the table of contents again (a second and
        # 100 MB for 120,000 members). ZipFile counts its readers without a lock.
        self._lock = threading.Lock()
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise InputError(f"{path}: can't be read ({_reason(error)})") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise InputError(
                f"{path}: not a whole zip ({error}); a download that was cut short? Fetch it again"
            ) from error

    def members(self) -> list[Member]:
        infos = (self._zip.getinfo(name) for name in set(self._zip.namelist()))
        found = [
            Member(_printable(info.filename), info.file_size, info.CRC, info)
            for info in infos
            if not info.is_dir() and not any(map(_hidden, info.filename.split("/")))
        ]
        return sorted(found, key=lambda member: member.name)

    def read(self, member: Member) -> bytes:
        try:
            with self._lock:
                return self._zip.read(member.handle)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            # RuntimeError: encrypted, or a compression method missing from this Python.
            raise OSError(f"{self.path}: {member.name} is damaged ({error})") from error


class Folder:
    """The files below a folder.

    Links to folders are followed, but each real folder is read once, so cycles end and no
    photograph appears twice; the folder's own path wins over links to it. A broken link is a member
    that fails when read.
    """

    def __init__(self, path: Path):
        self.path = path

    def members(self) -> list[Member]:
        """All files, sorted by name. Raises `InputError` if a folder can't be listed."""
        found: list[Member] = []
        seen: set[tuple[int, int]] = set()
        waiting = [("", str(self.path))]
        while waiting:
            links: list[tuple[str, str]] = []
            for prefix, folder in sorted(waiting):
                _walk(prefix, folder, seen, found, links)
            waiting = links
        return sorted(found, key=lambda member: member.name)

    def read(self, member: Member) -> bytes:
        # Unbuffered: for small files the buffer costs more than the read.
        with open(member.handle, "rb", buffering=0) as file:
            return file.read()


def split_of(
    archive: Archive,
    members: list[Member],
    labels: tuple[int, ...] | None = None,
    *,
    upright: bool = False,
) -> Split:
    """The given members in the given order."""
    members = list(members)
    return Split(
        names=tuple(member.name for member in members),
        read=lambda index: archive.read(members[index]),
        fingerprint=fingerprint((member.name, member.size, member.stamp) for member in members),
        labels=labels,
        upright=upright,
    )


def _walk(
    prefix: str,
    folder: str,
    seen: set[tuple[int, int]],
    found: list[Member],
    links: list[tuple[str, str]],
) -> None:
    """Add the files below `folder` to `found`, and linked folders on the way to `links`."""
    stack = [(prefix, folder)]
    while stack:
        prefix, folder = stack.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if not _hidden(entry.name)]
        except OSError as error:
            raise InputError(
                f"{_printable(folder)}: the folder can't be listed ({_reason(error)})"
            ) from error
        for entry in entries:
            name = prefix + entry.name
            # For links in a loop os.path.isdir returns False, while DirEntry.is_dir raises.
            if entry.is_symlink() and os.path.isdir(entry.path):
                links.append((name + "/", entry.path))
            elif entry.is_dir(follow_symlinks=False):
                stack.append((name + "/", entry.path))
            else:
                try:
                    status = entry.stat()
                except OSError:
                    found.append(Member(_printable(name), 0, 0, entry.path))
                    continue
                if stat.S_ISREG(status.st_mode):  # reading a pipe would wait forever
                    found.append(
                        Member(_printable(name), status.st_size, status.st_mtime_ns, entry.path)
                    )


def _hidden(part: str) -> bool:
    return part.startswith(".") or part == "__MACOSX"


def _printable(name: str) -> str:
    """Make a file name printable: names are bytes and may not be UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
