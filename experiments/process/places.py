"""Places on one machine, left out of records that others read."""

import re
from pathlib import PurePath
from typing import Any

# An absolute path, by itself or within a sentence or a command; no part of a URL or of another
# path. With blanks it is in quotes, as `shlex.join` writes it.
_ABSOLUTE = re.compile(r"""(?<=')/[^']+(?=')|(?<![\w.:/~*"'-])/[^\s"',;)]+""")


def without_places(record: Any) -> Any:
    """A JSON value with the last name of each absolute path in its strings in the path's place.

    `--data-dir /home/someone/tiny-imagenet-200` becomes `--data-dir tiny-imagenet-200`: what is
    above a folder says who ran it where, and nothing of the result.
    """
    if isinstance(record, dict):
        return {key: without_places(value) for key, value in record.items()}
    if isinstance(record, list):
        return [without_places(value) for value in record]
    if not isinstance(record, str):
        return record
    if PurePath(record).is_absolute():
        return PurePath(record).name
    return _ABSOLUTE.sub(lambda found: PurePath(found[0]).name, record)
