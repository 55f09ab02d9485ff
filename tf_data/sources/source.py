"""The registry of data sets; a new one is a file and a line here."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from polychrome.errors import InputError
from tf_data.sources.class_folders import open_imagenet_folder, open_linnaeus5
from tf_data.sources.collection import is_collection, open_collection
from tf_data.sources.embedded import open_embedded
from tf_data.sources.folder import open_folder
from tf_data.sources.npy import open_npy
from tf_data.sources.split import SPLITS, Source, Split
from tf_data.sources.tfds_source import (
    COCO_2017,
    LSUN_CLASSROOM,
    LSUN_DINING_ROOM,
    PLACES365_SMALL,
    open_prepared,
)
from tf_data.sources.tiny_imagenet import open_tiny_imagenet

__all__ = ["SOURCES", "SPLITS", "Opener", "Source", "Split", "open_source"]

# (data_dir, download) -> Source
Opener = Callable[[Path | None, bool], Source]


def open_source(name: str, data_dir: Path | None = None, download: bool = False) -> Source:
    """Open a data set by name.

    If a report used part of a data set, the plain name gives as much as the report used, and
    NAME/all everything.

    Args:
        name: a key of `SOURCES`.
        data_dir: where the data is; see each source.
        download: whether missing data may be downloaded.

    Raises:
        InputError: unknown name, a setting that this source does not use, or missing or broken
            data. In its `settings`, "source" is the name.
    """
    if name not in SOURCES:
        raise InputError(f"no data set {name!r}; there are: {', '.join(SOURCES)}", ("source",))
    return SOURCES[name](data_dir, download)


# Unused settings are rejected. Otherwise `data_dir` alone would train on the sample while the user
# believes it trained on the folder.
def _embedded(data_dir: Path | None, download: bool) -> Source:
    if data_dir is not None:
        raise InputError(
            "the embedded sample takes no files; tiny_imagenet and folder do",
            ("data_dir", "source"),
        )
    if download:
        raise InputError(
            "the embedded sample needs no download; tiny_imagenet does", ("download", "source")
        )
    return open_embedded()


def _folder(data_dir: Path | None, download: bool) -> Source:
    if download:
        raise InputError("a folder of your own can't be downloaded; leave it out", ("download",))
    if data_dir is None:
        raise InputError("folder: which one? Give a folder of photographs", ("data_dir",))
    root = Path(data_dir).expanduser()
    # Splitting it again would train on the sets that it holds out.
    return open_collection(root) if is_collection(root) else open_folder(data_dir)


SOURCES: dict[str, Opener] = {
    "sample": _embedded,
    "tiny_imagenet": open_tiny_imagenet,
    "folder": _folder,
    "imagenet_folder": open_imagenet_folder,
    "npy": open_npy,
    "linnaeus5/berry": partial(open_linnaeus5, only="berry"),
    "linnaeus5/all": open_linnaeus5,
    "places365_small": partial(open_prepared, PLACES365_SMALL),
    "places365_small/all": partial(open_prepared, PLACES365_SMALL, whole=True),
    "coco/2017": partial(open_prepared, COCO_2017),
    "coco/2017/all": partial(open_prepared, COCO_2017, whole=True),
    "lsun/dining_room": partial(open_prepared, LSUN_DINING_ROOM),
    "lsun/dining_room/all": partial(open_prepared, LSUN_DINING_ROOM, whole=True),
    "lsun/classroom": partial(open_prepared, LSUN_CLASSROOM),
    "lsun/classroom/all": partial(open_prepared, LSUN_CLASSROOM, whole=True),
}
