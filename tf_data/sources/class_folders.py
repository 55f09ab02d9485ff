"""Trees with one folder per class: Linnaeus 5, and data sets laid out like ImageNet.

    ROOT/train/CLASS/*.jpg    ROOT/val/CLASS/*.jpg    ROOT/test/CLASS/*.jpg

One of `val` and `test` may be missing. Photographs may also be directly in a split's folder, like
ImageNet's validation and test images after unpacking; such a split has no labels.
"""

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

from polychrome.errors import InputError
from tf_data.sources.archives import Archive, Folder, Member, Zip, split_of
from tf_data.sources.folder import is_photograph
from tf_data.sources.split import SPLITS, Source, position

LINNAEUS5 = "http://chaladze.com/l5"
# Photographs per class, training and test together (Linköping report, section 2.3.2).
LINNAEUS5_COUNT = 1_600

# The setting named in most errors here.
_PLACE = ("data_dir",)
_SPLIT_OF_FOLDER = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
# Start of the held-out photographs on the unit interval: the last tenth.
_HELD_OUT = 0.9

# Class (None: directly in the split's folder), and file.
_Item = tuple[str | None, Member]


def open_linnaeus5(
    data_dir: Path | None = None, download: bool = False, *, only: str | None = None
) -> Source:
    """Linnaeus 5: 1,600 photographs each of berry, bird, dog, flower and other.

    `train` and `test` as published, 1,200 and 400 per class. A tenth of `train`, chosen by a stable
    hash of the path, is held out for validation.

    Args:
        data_dir: the unpacked tree, its parent folder, or a zip of it.
        download: not supported; see `Raises`.
        only: one class; the Linköping report trains on "berry". None: all five.

    Raises:
        InputError: no `data_dir`, no data in this layout there, or `download` is set.
    """
    name = f"linnaeus5/{only or 'all'}"
    advice = f"get 'Linnaeus 5 256X256' at {LINNAEUS5}, unpack it and give its folder"
    groups, archive = _grouped(name, data_dir, download, advice)
    if only is not None:
        groups = {s: [item for item in items if item[0] == only] for s, items in groups.items()}
        if not groups["train"] or not groups["test"]:
            raise InputError(f"{archive.path}: no photographs of class {only!r}; {advice}", _PLACE)
    source = _source(name, groups, archive)
    count = sum(map(len, source.splits.values()))
    expected = LINNAEUS5_COUNT * (1 if only else 5)
    if count != expected:
        notice = (
            f"{archive.path}: {count:,} photographs of {name}, not the {expected:,} of Linnaeus 5: "
            "figures can't be compared with any report's."
        )
        source = replace(source, notice=notice)
    return source


def open_imagenet_folder(data_dir: Path | None = None, download: bool = False) -> Source:
    """Any tree in the layout above, such as ImageNet; photographs are turned upright.

    Without `test`, the photographs in `val` are the test split, as is common for ImageNet. If that
    leaves none for validation, a tenth of `train` is held out, chosen by a stable hash of the path.

    Args:
        data_dir: the tree, its parent folder, or a zip of it.
        download: not supported; see `Raises`.

    Raises:
        InputError: no `data_dir`, no data in this layout there, a class that is missing from
            `train`, or `download` is set.
    """
    name = "imagenet_folder"
    advice = (
        "give a folder that holds train/CLASS/*.jpg and val/ or test/ (ImageNet: "
        "https://image-net.org); for photographs without such folders there is the source 'folder'"
    )
    groups, archive = _grouped(name, data_dir, download, advice)
    return _source(name, groups, archive, upright=True)


def _grouped(
    name: str, data_dir: Path | None, download: bool, advice: str
) -> tuple[dict[str, list[_Item]], Archive]:
    """Photographs by split, sorted by path, and their archive."""
    if download:
        raise InputError(f"{name} can't be downloaded from here; {advice}", ("download", *_PLACE))
    if data_dir is None:
        raise InputError(f"{name}: where is it? {advice[0].upper()}{advice[1:]}", _PLACE)
    place = Path(data_dir).expanduser()
    if not os.path.lexists(place):
        raise InputError(f"{place}: no such file or folder; {advice}", _PLACE)
    archive = Folder(place) if place.is_dir() else Zip(place)
    groups: dict[str, list[_Item]] = {split: [] for split in SPLITS}
    roots = set()
    for member in archive.members():
        if is_photograph(member.name) and (found := _place(member.name)):
            root, split, category = found
            roots.add(root)
            # The same name, and so the same split, wherever in the tree `data_dir` points.
            short = replace(member, name=str(PurePosixPath(member.name).relative_to(root)))
            groups[split].append((category, short))
    if len(roots) > 1:
        raise InputError(
            f"{place}: holds {len(roots)} data sets ({', '.join(sorted(map(repr, roots)))}); give "
            "one of them",
            _PLACE,
        )
    if not groups["train"] or not (groups["validation"] or groups["test"]):
        raise InputError(
            f"{place}: no photographs under train/ and under val/ or test/; {advice}", _PLACE
        )
    return groups, archive


def _place(name: str) -> tuple[str, str, str | None] | None:
    """Root, split, and class of a path; None if the path has no split folder."""
    *folders, _ = name.split("/")
    for depth, folder in enumerate(folders):
        if split := _SPLIT_OF_FOLDER.get(folder.lower()):
            category = folders[depth + 1] if len(folders) > depth + 1 else None
            return "/".join(folders[:depth]), split, category
    return None


def _source(
    name: str, groups: dict[str, list[_Item]], archive: Archive, *, upright: bool = False
) -> Source:
    """Fill an empty split from the others, and number the classes."""
    classes = tuple(sorted({category for category, _ in groups["train"] if category is not None}))
    if not groups["test"]:
        groups = groups | {"test": groups["validation"], "validation": []}
    if not groups["validation"]:
        train, held_out = [], []
        for item in groups["train"]:
            (held_out if position(item[1].name) >= _HELD_OUT else train).append(item)
        if not train or not held_out:
            raise InputError(
                f"{archive.path}: {len(groups['train'])} photographs in train/ are too few to hold "
                "out a tenth for validation; add some, or a val folder"
            )
        groups = groups | {"train": train, "validation": held_out}
    number = {category: index for index, category in enumerate(classes)}
    splits = {}
    for split in SPLITS:
        categories = [category for category, _ in groups[split]]
        unknown = sorted(set(categories) - {None} - number.keys())
        if unknown:
            raise InputError(
                f"{archive.path}: {unknown[0]!r}, a class of the {split} split, isn't under train/"
            )
        # No labels if any photograph is outside of the class folders.
        labels = None if None in categories else tuple(number[name] for name in categories)
        members = [member for _, member in groups[split]]
        splits[split] = split_of(archive, members, labels, upright=upright)
    return Source(name=name, splits=splits, classes=classes)
