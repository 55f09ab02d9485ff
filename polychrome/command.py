"""Command-line failures: one line on standard error and an exit status, no traceback."""

import sys
from collections.abc import Callable

from polychrome.errors import InputError

INTERRUPTED = 130


def status_of(work: Callable[[], None]) -> int:
    """Run a command and return its exit status.

    Returns:
        0 for success, 1 for failure, 130 if interrupted. `argparse` exits with 2 for wrong usage.
    """
    try:
        work()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a full disk or a folder that vanished: not our bug, no traceback
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    return 0
