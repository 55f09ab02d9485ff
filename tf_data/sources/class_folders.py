"""Trees with a folder for each class: Linnaeus 5, and whatever is laid out as ImageNet.

    ROOT/train/CLASS/*.jpg    ROOT/val/CLASS/*.jpg    ROOT/test/CLASS/*.jpg

One of `val` and `test` may be missing, and photographs may lie in a split's folder directly, as
ImageNet's validation and test images do when they are unpacked; such a split has no labels.
"""

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

from polychrome.errors import InputError
from tf_data.sources.archives import Archive, Folder, Member, Zip, split_of
from tf_data.sources.folder import is_photograph
from tf_data.sources.split import SPLITS, Source, position

LINNAEUS5 = "http://chaladze.com/l5"
# Photographs of a class, in training and test together (Linköping report, section 2.3.2).
LINNAEUS5_COUNT = 1_600

# The setting that most errors here are about.
_PLACE = ("data_dir",)
_SPLIT_OF_FOLDER = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
# Where the photographs held out of a train folder begin on the unit interval: a tenth.
_HELD_OUT = 0.9

# Class (None: directly in the split's folder) and file.
_Item = tuple[str | None, Member]


def open_linnaeus5(
    data_dir: Path | None = None, download: bool = False, *, only: str | None = None
) -> Source:
    """Linnaeus 5: 1,600 photographs each of berry, bird, dog, flower and other.

    `train` and `test` as published, 1,200 and 400 a class; a tenth of `train`, by a stable hash of
    the path, is held out to validate on.

    Args:
        data_dir: the unpacked tree, the folder around it, or a zip of it.
        download: refused, see `Raises`.
        only: one class; the Linköping report trains on "berry". None: all five.

    Raises:
        InputError: no `data_dir`, nothing of this layout there, or a download is asked for.
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
    """A tree of one's own in the layout above, such as ImageNet's.

    Without `test`, the photographs of `val` are the test split, as in the literature on ImageNet.
    Where that leaves none to validate on, a tenth of `train` is held out, by a stable hash of the
    path.

    Args:
        data_dir: the tree, a folder around it, or a zip of it.
        download: refused, see `Raises`.

    Raises:
        InputError: no `data_dir`, nothing of this layout there, a class that `train` hasn't got,
            or a download is asked for.
    """
    name = "imagenet_folder"
    advice = (
        "give a folder that holds train/CLASS/*.jpg and val/ or test/ (ImageNet: "
        "https://image-net.org); for photographs without such folders there is the source 'folder'"
    )
    groups, archive = _grouped(name, data_dir, download, advice)
    return _source(name, groups, archive)


def _grouped(
    name: str, data_dir: Path | None, download: bool, advice: str
) -> tuple[dict[str, list[_Item]], Archive]:
    """split -> its photographs, sorted by path; and where they come from."""
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
            # The same name, hence the same split, wherever in the tree `data_dir` points.
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
    """Root, split and class of a path; None where no folder in it is that of a split."""
    *folders, _ = name.split("/")
    for depth, folder in enumerate(folders):
        if split := _SPLIT_OF_FOLDER.get(folder.lower()):
            category = folders[depth + 1] if len(folders) > depth + 1 else None
            return "/".join(folders[:depth]), split, category
    return None


def _source(name: str, groups: dict[str, list[_Item]], archive: Archive) -> Source:
    """Fills up an empty split from the others, and numbers the classes."""
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
        # None at all where a photograph lies outside of the classes' folders.
        labels = None if None in categories else tuple(number[name] for name in categories)
        splits[split] = split_of(archive, [member for _, member in groups[split]], labels)
    return Source(name=name, splits=splits, classes=classes)
