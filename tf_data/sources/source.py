"""The registry of data sets: one line each, so that a new one is a file and a line."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from polychrome.errors import InputError
from tf_data.sources.class_folders import open_imagenet_folder, open_linnaeus5
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
    """Opens a data set by its name.

    Where a report used a part of a data set, the plain name stands for as much as the report used,
    and NAME/all for everything.

    Args:
        name: a key of `SOURCES`.
        data_dir: where the data lie; see each source.
        download: whether a source may fetch what isn't there.

    Raises:
        InputError: unknown name, a setting that this source has no use for, or data that are
            missing or broken. Of its `settings`, "source" is the name.
    """
    if name not in SOURCES:
        raise InputError(f"no data set {name!r}; there are: {', '.join(SOURCES)}", ("source",))
    return SOURCES[name](data_dir, download)


# A setting that a source has no use for is refused: ignored, a `data_dir` alone would train on the
# sample while its owner believes that it trained on what lies there.
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
    return open_folder(data_dir)


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
