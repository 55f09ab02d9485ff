"""PyAV, imported on first use, and its errors as ours."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from polychrome.errors import InputError


def pyav(path: str | os.PathLike[str]) -> Any:
    """The module `av`.

    Args:
        path: of the film that needs it.

    Raises:
        InputError: it is not installed.
    """
    try:
        import av
        import av.logging
    except ImportError as error:
        raise InputError(
            f"{path}: films need PyAV, whose wheels bring x264 and x265 (GPL); "
            "pip install 'polychrome[video]'"
        ) from error
    # What it has to say comes as errors; its log would cross the progress bar.
    av.logging.set_level(None)
    return av


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of FFmpeg in the block into one line about a film; those of the disk stay.

    Raises:
        InputError: FFmpeg could not read it.
    """
    av = pyav(path)
    try:
        yield
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: damaged, or no film that FFmpeg reads ({reason})") from error


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """The same for a film that is written.

    Raises:
        InputError: FFmpeg could not write it.
    """
    av = pyav(path)
    try:
        yield
    except (av.error.FFmpegError, ValueError) as error:
        if isinstance(error, (InputError, OSError)):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot write {path}: {reason}") from error
