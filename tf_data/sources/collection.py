"""A folder that `tf_data.photographs` collected, with splits of its own.

ROOT/train/SET/*.jpg    ROOT/validation/SET/*.jpg    ROOT/held_out/SET/*.jpg    ROOT/photos.csv
"""

import csv
from pathlib import Path

from polychrome.errors import InputError
from tf_data.sources.archives import Folder, split_of
from tf_data.sources.split import Source, Split, subset

PHOTOS = "photos.csv"
COLUMNS = (
    *("split", "set", "file", "repository", "commit", "path"),
    *("license", "width", "height", "hash"),
)
# Folder to split: what is held out is what a run is graded on.
FOLDERS = {"train": "train", "validation": "validation", "held_out": "test"}


def is_collection(root: Path) -> bool:
    """Whether a folder holds the `photos.csv` of a collection."""
    try:
        with (root / PHOTOS).open(encoding="utf-8", newline="") as file:
            return tuple(next(csv.reader(file), ())) == COLUMNS
    except (OSError, UnicodeDecodeError):
        return False


def open_collection(root: Path) -> Source:
    """The photographs of a collection in its own splits; `held_out` is the test split.

    They were turned upright when they were collected.

    Raises:
        InputError: a split without a photograph.
    """
    archive = Folder(root)
    groups: dict[str, list] = {split: [] for split in FOLDERS.values()}
    for member in archive.members():
        folder, _, rest = member.name.partition("/")
        if folder in FOLDERS and rest:
            groups[FOLDERS[folder]].append(member)
    for folder, split in FOLDERS.items():
        if not groups[split]:
            raise InputError(
                f"{root / folder}: no photographs; a collection with {PHOTOS} has some to train "
                "on, to validate on, and held out",
                ("data_dir",),
            )
    held_out = sorted({member.name.split("/")[1] for member in groups["test"]})
    return Source(
        name="folder",
        splits={split: split_of(archive, members) for split, members in groups.items()},
        notice=f"{root}: a collection; the test images are sets held out whole, "
        f"{', '.join(held_out)}.",
    )


def set_of(name: str) -> str:
    """The set of an item, whose name is split/SET/file; empty if it has none."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else ""


def of_set(split: Split, name: str) -> Split:
    """The photographs of one set.

    Raises:
        InputError: there is no such set; "set" is among its `settings`.
    """
    sets = [set_of(each) for each in split.names]
    if name not in sets:
        known = ", ".join(sorted(set(sets) - {""})) or "none"
        raise InputError(f"no photograph is of the set {name!r}; there are: {known}", ("set",))
    return subset(split, [row for row, each in enumerate(sets) if each == name], f"set {name}")
