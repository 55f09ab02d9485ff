"""Command that collects photographs from clones of public repositories.

python -m tf_data.photographs OUT --clones DIR
python -m tf_data.photographs --list
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from polychrome.command import status_of
from tf_data.photographs.sets import SETS, PhotoSet


def main(arguments: Sequence[str] | None = None, sets: Sequence[PhotoSet] = SETS) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m tf_data.photographs",
        description="Collect color photographs of at least 128 pixels, without near-duplicates, "
        "into OUT/train, OUT/validation and OUT/held_out. Stopped with Ctrl-C, the same command "
        "goes on after the last finished set.",
    )
    add = parser.add_argument
    add("out", type=Path, nargs="?", metavar="OUT", help="new folder")
    add("--clones", type=Path, metavar="DIR", help="holds a clone of each repository: OWNER/NAME")
    add("--side", type=int, default=288, metavar="N", help="largest shorter side in pixels (288)")
    add("--list", action="store_true", help="print repositories and commits, and do nothing")
    parsed = parser.parse_args(arguments)
    if parsed.list:
        for photo_set in sets:
            print(photo_set.repository, photo_set.commit)
        return 0
    if parsed.out is None or parsed.clones is None:
        parser.error("OUT and --clones are needed")
    return status_of(lambda: _collect(parsed, sets))


def _collect(parsed: argparse.Namespace, sets: Sequence[PhotoSet]) -> None:
    from tf_data.photographs.collect import collect  # late: --help should not wait for SciPy

    print(collect(parsed.out, parsed.clones, sets, parsed.side))
    print(parsed.out)


if __name__ == "__main__":
    sys.exit(main())
