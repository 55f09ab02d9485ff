"""How commands fail: one line on standard error and a status, no traceback."""

import sys
from collections.abc import Callable

from polychrome.errors import InputError

INTERRUPTED = 130


def status_of(work: Callable[[], None]) -> int:
    """Do the work of a command, and give its exit status.

    Returns:
        0 done, 1 failed, 130 interrupted; 2, wrong usage, is what `argparse` exits with.
    """
    try:
        work()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a full disk, a folder that vanished: nothing of ours to trace
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    return 0
