"""The registry of data sets: one line each, so that a new one is a file and a line."""

from collections.abc import Callable
from pathlib import Path

from polychrome.errors import InputError
from tf_data.folder import open_folder
from tf_data.sample import open_sample
from tf_data.split import SPLITS, Source, Split
from tf_data.tiny_imagenet import open_tiny_imagenet

__all__ = ["SOURCES", "SPLITS", "Opener", "Source", "Split", "open_source"]

# (data_dir, download) -> Source
Opener = Callable[[Path | None, bool], Source]


def open_source(name: str, data_dir: Path | None = None, download: bool = False) -> Source:
    """Opens a data set by its name: "sample", "tiny_imagenet" or "folder".

    Args:
        name: a key of `SOURCES`.
        data_dir: where the data lie; see each source.
        download: whether a source may fetch what isn't there.

    Raises:
        InputError: unknown name, an option that this source has no use for, or data that are
            missing or broken.
    """
    if name not in SOURCES:
        raise InputError(f"no data set {name!r}; --data takes one of: {', '.join(SOURCES)}")
    return SOURCES[name](data_dir, download)


# An option that a source has no use for is refused: ignored, `--data-dir PATH` alone would train
# on the sample while its owner believes that it trained on PATH.
def _sample(data_dir: Path | None, download: bool) -> Source:
    if data_dir is not None or download:
        option = "--download" if data_dir is None else "--data-dir"
        raise InputError(
            f"{option}: the embedded sample takes none; add --data tiny_imagenet"
            + ("" if data_dir is None else " or --data folder")
        )
    return open_sample()


def _folder(data_dir: Path | None, download: bool) -> Source:
    if download:
        raise InputError("--download: a folder of your own can't be downloaded; leave it out")
    if data_dir is None:
        raise InputError("--data folder: which one? Add --data-dir PATH, a folder of photographs")
    return open_folder(data_dir)


SOURCES: dict[str, Opener] = {
    "sample": _sample,
    "tiny_imagenet": open_tiny_imagenet,
    "folder": _folder,
}
