"""Command that sets held-out photographs apart that other training images have too.

    python -m tf_data.photographs.seen PHOTOS FOLDER

A network that begins with weights from elsewhere has seen those training images in color. Of each
held-out set in the collection PHOTOS, the photographs that are in FOLDER too, whole or as a central
square, go to a set of their own, held_out/SET_seen, so that gradings by set show them apart.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import replacing
from tf_data.gray import thumbnail_of
from tf_data.photographs.collect import write_rows
from tf_data.photographs.near_duplicates import is_near
from tf_data.photographs.prepare import LeftOut, decode, perceptual_hash
from tf_data.sources.collection import PHOTOS, is_collection
from tf_data.sources.folder import is_photograph

SEEN = "_seen"
# Unreadable images that are named.
_NAMED = 5


class Seen(NamedTuple):
    """What was found.

    Attributes:
        counts: by held-out set, how many are among the other images, of how many.
        images: number of the other images.
        unreadable: those of them that could not be compared.
    """

    counts: dict[str, tuple[int, int]]
    images: int
    unreadable: list[Path]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parser = argparse.ArgumentParser(
        prog="python -m tf_data.photographs.seen",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("photos", type=Path, metavar="PHOTOS", help="collection of python -m tf_data.photographs")
    add("folder", type=Path, metavar="FOLDER", help="images that a network was trained on")
    parsed = parser.parse_args(arguments)

    def work() -> None:
        found = set_apart(parsed.photos, parsed.folder)
        for name, (count, of) in found.counts.items():
            print(f"{name}: {count:,} of {of:,} photographs are in {parsed.folder}")
        if found.unreadable:
            print(
                f"not compared: {len(found.unreadable):,} of {found.images:,} images in "
                f"{parsed.folder}, which cannot be read ({_names(found.unreadable)})"
            )

    return status_of(work)


def set_apart(photos: Path, folder: Path) -> Seen:
    """Move held-out photographs that are among other images to sets of their own.

    Two are taken for one photograph if their 64-bit pHashes differ in at most 6 bits. Stopped, it
    can be called again.

    Args:
        photos: a collection.
        folder: of the other images, searched with its subfolders.

    Raises:
        InputError: no collection, or a held-out photograph is gone; or no images in the folder, or
            none that can be read.
    """
    if not is_collection(photos):
        raise InputError(f"{photos}: no collection, should be one of python -m tf_data.photographs")
    with (photos / PHOTOS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    paths = sorted(path for path in folder.rglob("*") if is_photograph(path.name))
    if not paths:
        raise InputError(f"{folder}: no images in it, should be what a network was trained on")
    hashes = [_hash(path) for path in tqdm(paths, "hash", unit="image")]
    unreadable = [path for path, each in zip(paths, hashes, strict=True) if each is None]
    if len(unreadable) == len(paths):
        raise InputError(
            f"{folder}: none of the {len(paths):,} images can be read ({_names(unreadable)}); "
            "should be what a network was trained on"
        )
    others = np.array([each for each in hashes if each is not None], np.uint64)
    counts: dict[str, Counter] = {}
    moved = {}
    for row in tqdm([row for row in rows if row["split"] == "held_out"], "look up", unit="photo"):
        name = row["set"].removesuffix(SEEN)
        apart = {"set": name + SEEN, "file": f"held_out/{name}{SEEN}/{Path(row['file']).name}"}
        path, target = photos / row["file"], photos / apart["file"]
        if not path.exists():  # it was moved when this was stopped
            path = target
        square = _hash(path, square=True)
        if square is None:
            raise InputError(
                f"{photos / row['file']}: is gone or damaged; collect photographs anew"
            )
        # The whole photograph's hash is known since it was collected.
        is_seen = is_near(int(row["hash"], 16), others) or is_near(square, others)
        counts.setdefault(name, Counter()).update(seen=is_seen, all=1)
        if is_seen:
            moved[path] = target
            row |= apart
    for path, target in moved.items():
        target.parent.mkdir(exist_ok=True)
        os.replace(path, target)
    with replacing(photos / PHOTOS) as temporary:
        write_rows(temporary, sorted(rows, key=lambda row: row["file"]))
    found = {name: (count["seen"], count["all"]) for name, count in counts.items()}
    return Seen(found, len(paths), unreadable)


def _hash(path: Path, square: bool = False) -> int | None:
    """That of an image, as in a collection, or of its central square; None if it is unreadable."""
    try:
        _, image = decode(path.read_bytes())
    except (OSError, LeftOut):
        return None
    if square:
        side = min(image.size)
        left, top = ((length - side) // 2 for length in image.size)
        image = image.crop((left, top, left + side, top + side))
    return int(perceptual_hash(thumbnail_of(image)), 16)


def _names(paths: Sequence[Path]) -> str:
    """Some of them, on a line."""
    return ", ".join(map(str, paths[:_NAMED])) + (", ..." if len(paths) > _NAMED else "")


if __name__ == "__main__":
    sys.exit(main())
