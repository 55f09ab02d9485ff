"""Arrays that all systems of a bake-off are graded against, made once and kept in its folder."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np

from polychrome.files import replacing


def made_once(
    path: Path,
    images: int,
    make: Callable[[], np.ndarray],
    mmap_mode: Literal["r"] | None = None,
) -> np.ndarray:
    """An array with a row for each image, from its file; made again where that can't be used.

    The file holds nothing that can't be made again, so one that was cut short should not fail
    the grading of every further system.

    Args:
        path: its `.npy` file.
        images: its rows; a file with other rows is of other images.
        make: computes it.
        mmap_mode: as for `numpy.load`; with "r" it is not read into memory.

    Returns:
        `[images, ...]`, as in the file.

    Raises:
        InputError: the file can't be written.
    """
    found = _read(path, mmap_mode)
    if found is None or found.shape[:1] != (images,):
        with replacing(path) as temporary:
            np.save(temporary, make())
        found = np.load(path, mmap_mode=mmap_mode)
    return found


def _read(path: Path, mmap_mode: Literal["r"] | None) -> np.ndarray | None:
    try:
        found = np.load(path, mmap_mode=mmap_mode)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    return found if isinstance(found, np.ndarray) else None
