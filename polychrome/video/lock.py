"""A file that one process holds at a time, also if the one before was killed."""

import contextlib
import errno
import os
import sys
from pathlib import Path

# What systems say of a file that another process holds.
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class Lock:
    """A lock that this process holds until `release`; the system lets go of it at its end.

    On file systems without locks nobody is kept out.

    Args:
        path: of the file, in a folder that exists.

    Raises:
        BlockingIOError: another one holds it.
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path):
        self._path = path
        while True:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                _take(self._handle)
            except OSError as error:
                if error.errno in _HELD:
                    os.close(self._handle)
                    raise BlockingIOError(errno.EAGAIN, "is held", str(path)) from error
            # Between opening and locking, who held it may have removed the file.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._handle), os.stat(path)):
                    return
            os.close(self._handle)

    def release(self) -> None:
        """Remove the file, and let go of it."""
        if sys.platform == "win32":  # There files that are open cannot be removed.
            os.close(self._handle)
            with contextlib.suppress(OSError):
                self._path.unlink()
        else:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)


def _take(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
