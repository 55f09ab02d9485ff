"""Tiny ImageNet: 200 classes, 64x64, 100,000 + 10,000 + 10,000 photographs, official splits.

Le and Yang, "Tiny ImageNet Visual Recognition Challenge", Stanford CS231n, 2015. Read from the
official zip or from the unpacked tree.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

from polychrome.download import download as fetch
from polychrome.errors import InputError
from tf_data.sources.archives import Archive, Folder, Member, Zip, split_of
from tf_data.sources.split import SPLITS, Source

URL = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
SIZE = 248_100_043
IMAGE_SIZE = 64
MD5 = "90528d7ca1a48142e341f4ef8d21d0de"

ENVIRONMENT = "POLYCHROME_DATA"
CACHE = Path("~/.cache/polychrome")

_ZIP_NAME = "tiny-imagenet-200.zip"
_OFFICIAL = (100_000, 10_000, 10_000)
_LAYOUT = {"train": "train/*/images", "validation": "val/images", "test": "test/images"}
_IMAGE = re.compile(r"(?P<root>(?:.*/)?)(?P<split>train/[^/]+|val|test)/images/[^/]+\.(?i:jpe?g)")
_ANNOTATIONS = re.compile(r"(?:.*/)?val/val_annotations\.txt")
_SPLIT_OF_FOLDER = {"train": "train", "val": "validation", "test": "test"}


def open_tiny_imagenet(data_dir: Path | None = None, download: bool = False) -> Source:
    """Find Tiny ImageNet, or download it if allowed.

    Only one place is searched: `data_dir` or, if None, $POLYCHROME_DATA or, if not set,
    ~/.cache/polychrome. It is the zip, a folder with the zip (tiny-imagenet*.zip), the unpacked
    tree, or its parent folder. The zip is preferred over a tree, which may be only partly unpacked.
    Downloads go to the same place.

    Raises:
        InputError: nothing is there, there are several zips, or the zip or tree is incomplete.
    """
    place, origin = _place(data_dir)
    archive = _find(place)
    if archive is None and download:
        target = place if place.suffix.lower() == ".zip" else place / _ZIP_NAME
        archive = Zip(fetch(URL, target, size=SIZE, md5=MD5))
    if archive is None:
        raise InputError(
            f"no Tiny ImageNet in {place} ({origin}): neither tiny-imagenet*.zip nor an unpacked "
            f"tiny-imagenet-200. Give its place, also by {ENVIRONMENT}=PATH, or allow the "
            "download (248 MB)",
            ("data_dir", "download"),
        )
    members = archive.members()
    groups = _group(archive, members)
    counts = tuple(len(groups[split]) for split in SPLITS)
    notice = ""
    if counts != _OFFICIAL:
        notice = (
            f"{archive.path} holds {_sum(counts)} photographs, not the official "
            f"{_sum(_OFFICIAL)} of Tiny ImageNet: figures can't be compared with any report's."
        )
    classes, labels = _labels(groups, _annotations(archive, members))
    splits = {split: split_of(archive, groups[split], labels[split]) for split in SPLITS}
    return Source(
        name="tiny_imagenet", splits=splits, notice=notice, classes=classes, image_size=IMAGE_SIZE
    )


def _place(data_dir: Path | None) -> tuple[Path, str]:
    """Where to look, and the setting that says so."""
    if data_dir is not None:
        return Path(data_dir).expanduser(), "as given"
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT]).expanduser(), f"given by {ENVIRONMENT}"
    return CACHE.expanduser(), "the default place"


def _find(place: Path) -> Archive | None:
    """The zip or tree at `place`, or None."""
    if not os.path.isdir(place):
        return Zip(place) if os.path.lexists(place) else None
    if _is_tree(place):
        return Folder(place)
    try:
        names = sorted(name for name in os.listdir(place) if name.startswith("tiny-imagenet"))
    except OSError as error:
        raise InputError(f"{place}: the folder can't be listed ({error.strerror})") from error
    zips = [name for name in names if name.lower().endswith(".zip")]
    if _ZIP_NAME in zips:
        return Zip(place / _ZIP_NAME)
    if len(zips) > 1:
        raise InputError(
            f"{place}: several zips ({', '.join(zips)}); give one of them", ("data_dir",)
        )
    if zips:
        return Zip(place / zips[0])
    trees = [name for name in names if _is_tree(place / name)]
    return Folder(place / trees[0]) if trees else None


def _is_tree(path: Path) -> bool:
    """Whether it looks like the unpacked data, even if incomplete."""
    return os.path.isdir(path / "train") or os.path.isdir(path / "val")


def _group(archive: Archive, members: list[Member]) -> dict[str, list[Member]]:
    """Photographs by split, sorted by name. Raises `InputError` for another layout."""
    groups: dict[str, list[Member]] = {split: [] for split in SPLITS}
    roots = set()
    for member in members:
        if match := _IMAGE.fullmatch(member.name):
            roots.add(match["root"])
            split = _SPLIT_OF_FOLDER[match["split"].split("/")[0]]
            # The same name for the zip and the tree.
            groups[split].append(replace(member, name=member.name.removeprefix(match["root"])))
    missing = [_LAYOUT[split] for split in SPLITS if not groups[split]]
    if missing:
        raise InputError(
            f"{archive.path}: no photographs under {' or '.join(missing)}, as in Tiny ImageNet; "
            f"an incomplete copy? The official zip ({SIZE:,} bytes) is at {URL}"
        )
    if len(roots) > 1:
        raise InputError(
            f"{archive.path}: holds {len(roots)} data sets ({', '.join(sorted(roots))}); "
            "Tiny ImageNet is one"
        )
    return groups


def _annotations(archive: Archive, members: list[Member]) -> dict[str, str]:
    """WordNet ids of validation photographs by file name; empty if the list is missing.

    Raises `InputError` if it can't be read.
    """
    annotations: dict[str, str] = {}
    for member in members:
        if _ANNOTATIONS.fullmatch(member.name):
            try:
                text = archive.read(member).decode(errors="replace")
            except OSError as error:
                raise InputError(f"{archive.path}: {member.name} can't be read") from error
            # File, WordNet id, and the four sides of a box, separated by tabs.
            lines = (line.split("\t") for line in text.splitlines())
            annotations |= {fields[0]: fields[1] for fields in lines if len(fields) > 1}
    return annotations


def _labels(
    groups: dict[str, list[Member]], annotations: dict[str, str]
) -> tuple[tuple[str, ...], dict[str, tuple[int, ...] | None]]:
    """WordNet ids of the classes, and labels by split. Test labels are not published."""
    ids = {
        "train": [member.name.split("/")[1] for member in groups["train"]],
        "validation": [annotations.get(Path(m.name).name) for m in groups["validation"]],
    }
    classes = tuple(sorted(set(ids["train"])))
    number = {name: index for index, name in enumerate(classes)}
    labels: dict[str, tuple[int, ...] | None] = {"test": None}
    for split, names in ids.items():
        known = number.keys() >= set(names)
        labels[split] = tuple(number[name] for name in names) if known else None
    return classes, labels


def _sum(counts: tuple[int, ...]) -> str:
    return " + ".join(f"{count:,}" for count in counts)
