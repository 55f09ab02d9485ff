"""Any folder of photographs, split by a stable hash of each file's relative path."""

import os
import stat
from dataclasses import replace
from pathlib import Path

from polychrome.errors import InputError
from tf_data.sources.archives import Folder, Member, split_of
from tf_data.sources.split import SPLITS, Source, position

DECODED = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"})
# Photographs in formats that can't be decoded are not ignored silently: they are items that fail to
# decode and are counted as skipped. Other files (.txt, .mp4) are not photographs.
NOT_DECODED = frozenset(
    {".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jp2"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2"}
)

_PLACE = ("data_dir",)
# Parts of the unit interval taken by each split: 80, 10, and 10 percent.
_INTERVALS = {"train": (0.0, 0.8), "validation": (0.8, 0.9), "test": (0.9, 1.0)}


def open_folder(data_dir: Path) -> Source:
    """All photographs below `data_dir`, upright: about 80 % training, 10 % validation, 10 % test.

    A file's split depends only on its relative path, not on where the folder is or what else is in
    it. One exception keeps small folders usable: an empty split borrows the file with the nearest
    hash from the largest split, and the notice says so. As the folder grows, borrowed files go
    back, and no other file ever moves. Gray photographs are neither trained nor validated on; which
    ones are gray is known when they are decoded.

    Raises:
        InputError: not a folder, not readable, or fewer than three photographs.
    """
    root = Path(data_dir).expanduser()
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)
    except OSError as error:
        raise InputError(
            f"{root}: {error.strerror}; give a folder of photographs", _PLACE
        ) from error
    if not is_folder:
        raise InputError(f"{root}: not a folder; give a folder of photographs", _PLACE)
    archive = Folder(root)
    members = [member for member in archive.members() if is_photograph(member.name)]
    if len(members) < len(SPLITS):
        raise InputError(
            f"{root}: {_count(len(members))} in it ({' '.join(sorted(DECODED))}); training, "
            "validation and test need at least one each, better hundreds"
        )
    groups, borrowed = _assign(members)
    notice = ""
    if borrowed:
        notice = f"{root}: only {_count(len(members))}, so " + "; ".join(borrowed) + "."
    splits = {split: split_of(archive, groups[split], upright=True) for split in SPLITS}
    splits |= {name: replace(splits[name], color_only=True) for name in ("train", "validation")}
    return Source(name="folder", splits=splits, notice=notice)


def is_photograph(name: str) -> bool:
    """Whether a file has a photograph's suffix, even of a format that can't be decoded here."""
    suffix = os.path.splitext(name)[1].lower()
    return suffix in DECODED or suffix in NOT_DECODED


def _assign(members: list[Member]) -> tuple[dict[str, list[Member]], list[str]]:
    """Members by split, and a sentence about each one borrowed by an empty split."""
    groups: dict[str, list[Member]] = {split: [] for split in SPLITS}
    for member in members:
        place = position(member.name)
        split = next(split for split, (_, end) in _INTERVALS.items() if place < end)
        groups[split].append(member)
    borrowed = []
    for split, (start, end) in _INTERVALS.items():
        if groups[split]:
            continue
        largest = max(SPLITS, key=lambda other: len(groups[other]))
        nearest = min(groups[largest], key=lambda member: _distance(member, start, end))
        groups[largest].remove(nearest)
        groups[split].append(nearest)
        borrowed.append(f"{split} borrows {nearest.name} from {largest}")
    return groups, borrowed


def _distance(member: Member, start: float, end: float) -> float:
    place = position(member.name)
    return max(start - place, place - end)


def _count(number: int) -> str:
    return f"{number or 'no'} photograph{'' if number == 1 else 's'}"
