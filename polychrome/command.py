"""Command-line failures: one line on standard error and an exit status, no traceback."""

import contextlib
import os
import sys
from collections.abc import Callable

from polychrome.errors import InputError

INTERRUPTED = 130


def open_standard_streams() -> None:
    """Give a process that was started without some of its standard streams empty ones.

    Otherwise the next file that it opens would get their number, and what libraries print.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)


def say(text: str) -> None:
    """Print to standard error, whether or not anybody can read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        # What is left in its buffer would fail again at the end, with another exit status.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def status_of(work: Callable[[], None]) -> int:
    """Run a command and return its exit status.

    Returns:
        0 for success, 1 for failure, 130 if interrupted. `argparse` exits with 2 for wrong usage.
    """
    try:
        work()
    except InputError as error:
        say(f"error: {error}")
        return 1
    except OSError as error:  # a full disk or a folder that vanished: not our bug, no traceback
        place = f"{error.filename}: " if error.filename else ""
        say(f"error: {place}{error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        say("\nstopped")
        return INTERRUPTED
    return 0
