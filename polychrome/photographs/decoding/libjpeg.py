"""What libjpeg says of damaged JPEG files, which it decodes all the same.

Pillow keeps that to itself. OpenCV's libjpeg prints it to standard error, which belongs to the
whole process; so a process of its own, this file, decodes the files once more, at an eighth of
their size.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

_DAMAGE = "Corrupt JPEG data: "
# Of the metadata, not of the picture.
_HARMLESS = "bad ICC marker"


class Libjpeg:
    """Asks libjpeg what it has to say; thread-safe, one file after the other.

    Its process starts with the first JPEG file. Whatever goes wrong with it, nothing is said.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ended = not sys.executable

    def complaint(self, path: str | os.PathLike[str]) -> str:
        """A few words about damage in a file; empty if there is none, or it is no JPEG file.

        Damage can go unnoticed, and what is noticed can be harmless: bytes too many, for example,
        that a camera wrote.
        """
        if not _is_jpeg(path):
            return ""
        with self._lock:
            try:
                return "" if self._ended else self._ask(os.path.abspath(path))
            except OSError:  # it could not be started, or was killed
                self._ended = True
                return ""

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()  # it only waits for another file
                # Closes its pipes, one of which may hold a question that it did not live to read.
                with contextlib.suppress(OSError), self._process:
                    self._process = None

    def _ask(self, path: str) -> str:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{json.dumps(path)}\n")
        process.stdin.flush()
        said = []
        while (line := process.stdout.readline()).strip():
            said.append(line.strip())
        self._ended = not line
        found = [line.removeprefix(_DAMAGE) for line in said if line.startswith(_DAMAGE)]
        return next((words for words in found if words != _HARMLESS), "")


def _is_jpeg(path: str | os.PathLike[str]) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(3) == b"\xff\xd8\xff"
    except OSError:  # which reading it will tell
        return False


def _answer() -> None:
    """Decode the files that standard input names, with an empty line after each."""
    import cv2
    import numpy as np
    from cv2.utils import logging

    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    for line in sys.stdin:
        # A file that cannot be decoded at all is refused elsewhere.
        with contextlib.suppress(OSError, MemoryError, cv2.error):
            encoded = np.frombuffer(Path(json.loads(line)).read_bytes(), np.uint8)
            cv2.imdecode(encoded, cv2.IMREAD_REDUCED_GRAYSCALE_8)
        print(flush=True)


if __name__ == "__main__":
    _answer()
