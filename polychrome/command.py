"""Command-line failures: one line on standard error and an exit status, no traceback."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping

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


def reason_of(
    error: InputError | OSError | MemoryError, options: Mapping[str, str] | None = None
) -> str:
    """What went wrong, in one line for a person.

    Args:
        error: of the input, or of the machine.
        options: the command's, by what `InputError.settings` calls them, to be named at the end.
    """
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    options = options or {}
    named = [options[setting] for setting in error.settings if setting in options]
    return f"{error} (see {', '.join(named)})" if named else str(error)


def status_of(work: Callable[[], None]) -> int:
    """Run a command and return its exit status.

    Returns:
        0 for success, 1 for failure, 130 if interrupted. `argparse` exits with 2 for wrong usage.
    """
    try:
        work()
    # An OSError is a full disk or a folder that vanished: not our bug, no traceback.
    except (InputError, OSError) as error:
        say(f"error: {reason_of(error)}")
        return 1
    except KeyboardInterrupt:
        say("\nstopped")
        return INTERRUPTED
    return 0
