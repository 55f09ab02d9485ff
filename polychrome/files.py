"""Atomic writes: an interruption never leaves a partial file under its final name."""

import contextlib
import functools
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from polychrome.errors import InputError

# Temporary names tell whose they are, so that nobody removes what another one is writing.
_LEFTOVER = re.compile(r"\.writing-(?P<machine>[0-9a-f]{8})-(?P<process>[0-9]{1,9})-\w{8}(\..*)?")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name next to `path`; rename it to `path` if the block succeeds.

    The temporary name keeps the suffix of `path`, since many writers choose the format by it.
    Missing parent folders are created.

    Raises:
        InputError: the folder cannot be written to.
    """
    path = Path(path)
    # All but the last suffixes may be words of a long name.
    suffix = "".join(path.suffixes[-2:])
    own = f"{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
    # Named before it is there, so that no interruption finds it there and leaves it.
    temporary = path.parent / f".writing-{own}{suffix}"
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.touch(exist_ok=False)
            os.chmod(temporary, 0o644)  # whatever the process's mask: all may read results
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from error
        yield temporary
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # where it could not even be made
            temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files in a folder that `replacing` left there when its process was killed.

    Those of living processes and of other machines, which may share the folder, stay.
    """
    if os.name != "posix":  # Elsewhere asking for a process may end it.
        return
    try:
        entries = list(os.scandir(folder))
    except OSError:  # No folder has no leftovers; writing will say what is wrong with others.
        return
    for entry in entries:
        named = _LEFTOVER.fullmatch(entry.name)
        if (
            named is not None
            and named["machine"] == _machine()
            and not _is_alive(int(named["process"]))
            and entry.is_file(follow_symlinks=False)
        ):
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


@functools.cache
def _machine() -> str:
    """Where numbers of processes mean the same: eight digits for a host, or a container of it."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        space = ""
    return f"{zlib.crc32(os.fsencode(socket.gethostname() + space)):08x}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # It is another user's.
        return True
    return True


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder next to `folder`; rename it to `folder` if the block succeeds.

    An existing folder is moved aside first and removed afterward; if the rename fails, it is moved
    back. Only a kill at that moment leaves neither in place: both are then in `.writing-*` next to
    it.

    Raises:
        InputError: the folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".writing-"))
        try:
            new, old = temporary / "new", temporary / "old"
            new.mkdir()
            yield new
            if folder.exists():
                folder.rename(old)
            try:
                new.rename(folder)
            except BaseException:
                if old.exists():
                    old.rename(folder)
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to `path` atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON to `path` atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON; raise an `InputError` that names the file if it is unreadable or broken.

    A byte order mark, which some editors of Windows leave, does not matter.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        InputError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
