"""The folder of a film's finished parts, from which an interrupted run goes on."""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from polychrome.errors import InputError
from polychrome.files import read_json, remove_leftovers, replacing, write_json
from polychrome.video.encoding import Written
from polychrome.video.lock import Lock
from polychrome.video.steady import State

_JOB, _LOCK = "job.json", "lock"
_OURS = re.compile(r"job\.json|lock|\d{6}\.(mp4|npz)|\.writing-.*")


class Part(NamedTuple):
    """A finished part.

    Attributes:
        path: an MP4 file, see `polychrome.video.encoding.write_part`.
        written: what is in it.
        state: what its shot goes on with; None: it ends with the shot.
    """

    path: Path
    written: Written
    state: State | None


class Parts:
    """The finished parts of one output, in the order of the film.

    A context, in which no other process works on them.

    Args:
        output: of the film; the folder is NAME.parts beside it.
        job: JSON values that say of what the parts are made, and how. Those of another job are
            removed.

    Raises:
        InputError: something else has the folder's name, another run works on the same output, or
            it cannot be written.
    """

    def __init__(self, output: Path, job: Mapping[str, Any]):
        self._folder = _folder_of(output)
        self._job = json.loads(json.dumps(job))
        if self._folder.exists() and not _is_ours(self._folder):
            raise InputError(f"{self._folder}: is in the way; move it, or choose another output")
        try:
            self._lock = _locked(self._folder)
        except BlockingIOError as error:
            raise InputError(
                f"{output}: another run is making it; wait for that, or choose another output"
            ) from error
        except OSError as error:
            raise InputError(f"cannot write {self._folder}: {error.strerror or error}") from error
        try:
            # It has no job if a run was killed while it began, or ended.
            made = self._folder / _JOB
            if not made.exists() or read_json(made) != self._job:
                self.remove()
            remove_leftovers(self._folder)
            self._finished = self._found()
        except BaseException:
            _release(self._folder, self._lock)
            raise

    def __enter__(self) -> "Parts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _release(self._folder, self._lock)

    @property
    def finished(self) -> Sequence[Part]:
        """All so far."""
        return self._finished

    def next_path(self) -> Path:
        """Where the next one goes; the folder is there then.

        Raises:
            InputError: the folder cannot be written.
        """
        if not (self._folder / _JOB).exists():
            write_json(self._folder / _JOB, self._job)
        return self._folder / f"{len(self._finished):06}.mp4"

    def add(self, written: Written, state: State | None) -> None:
        """Count the part at `next_path` as finished."""
        path = self.next_path()
        arrays: dict[str, Any] = {"written": np.array(written, np.int64)}
        if state is not None:
            arrays |= state._asdict()
        with replacing(path.with_suffix(".npz")) as temporary:
            np.savez(temporary, **arrays)
        self._finished.append(Part(path, written, state))

    def remove(self) -> None:
        """Remove all; the folder goes at the end of the context."""
        _clear(self._folder)

    def _found(self) -> list[Part]:
        found: list[Part] = []
        while (path := self._folder / f"{len(found):06}.npz").exists():
            with np.load(path, allow_pickle=False) as arrays:
                written = Written(*(int(number) for number in arrays["written"]))
                has_state = "average" in arrays
                state = State(arrays["lightness"], arrays["average"]) if has_state else None
            found.append(Part(path.with_suffix(".mp4"), written, state))
        return found


def remove_parts(output: Path) -> None:
    """Remove what a run left that was killed after its output was finished.

    What a run that is alive works on stays.
    """
    folder = _folder_of(output)
    if not _is_ours(folder):
        return
    with contextlib.suppress(OSError):
        lock = _locked(folder)
        try:
            _clear(folder)
        finally:
            _release(folder, lock)


def _locked(folder: Path) -> Lock:
    """The lock of a folder, which is made if there is none.

    Raises:
        BlockingIOError: another process has it.
        OSError: the folder cannot be written.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        # Who had it before may remove the folder.
        with contextlib.suppress(FileNotFoundError):
            return Lock(folder / _LOCK)


def _clear(folder: Path) -> None:
    """Remove all but the lock."""
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink()


def _release(folder: Path, lock: Lock) -> None:
    """Let go of a folder, and remove it if nothing is left there."""
    lock.release()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _folder_of(output: Path) -> Path:
    return output.with_name(f"{output.name}.parts")


def _is_ours(folder: Path) -> bool:
    """Whether a folder has nothing but what a run leaves there."""
    return folder.is_dir() and all(_OURS.fullmatch(path.name) for path in folder.iterdir())
