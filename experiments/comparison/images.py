"""The images that all rows of a bake-off have in common."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.command_line.parser import run_parser
from experiments.comparison.settings import Settings
from experiments.grading.lite0 import among_imagenet
from experiments.plan import least_limit
from polychrome.errors import InputError
from tf_data.sources.source import open_source
from tf_data.sources.split import Source
from tf_data.store import Store, load_store

# Of the picture wall: images, and the seed that chooses them.
WALL, WALL_SEED = 12, 1


class Images(NamedTuple):
    """What is graded.

    Attributes:
        graded: the images.
        labeled: images with classes of ImageNet; the same, if these have labels; None without any.
        places: of the data set's classes among ImageNet's 1,000.
        size: side in pixels.
    """

    graded: Store
    labeled: Store | None
    places: np.ndarray | None
    size: int


def open_common(settings: Settings) -> tuple[Source, int]:
    """The data set of a bake-off, and the side of its images in pixels.

    Raises:
        InputError: it can't be opened, or its images have no size of their own and none is given.
    """
    given = run_parser().parse_args(list(settings.passed))
    source = open_source(
        given.data or "sample", Path(given.data_dir) if given.data_dir else None, given.download
    )
    size = given.image_size or source.image_size
    if size is None:
        raise InputError(
            f"{source.name}: its images are of many sizes, and all systems should see one; give it",
            ("image_size",),
        )
    return source, size


def check_data(settings: Settings) -> None:
    """Fail now, rather than in each run, if the data or a file that is passed on is not there.

    Raises:
        InputError: it is not, or see `open_common`.
    """
    given = run_parser().parse_args(list(settings.passed))
    for name in ("encoder_weights", "loss_weights", "histogram"):
        path = getattr(given, name)
        if path is not None and not Path(path).exists():
            raise InputError(f"{path}: no such file", (name,))
    open_common(settings)


def load_images(settings: Settings) -> Images:
    """Decode what is graded.

    Raises:
        InputError: no image is usable, or none has color.
    """
    source, size = open_common(settings)
    limit = least_limit(settings.graded, run_parser().parse_args(list(settings.passed)).limit)
    split = source.splits[settings.split].with_gray()
    graded = load_store(split, size, label=settings.split, limit=limit)
    if graded.gray == len(graded):
        raise InputError(f"{source.name}: none of the {len(graded)} graded images has color")
    places = among_imagenet(source.classes)
    labeled = graded if graded.labels is not None else None
    if labeled is None and source.splits["validation"].labels is not None:
        labeled = load_store(source.splits["validation"], size, label="validation", limit=limit)
    return Images(graded, labeled if places is not None else None, places, size)


def load_training_images(settings: Settings) -> Store:
    """Decode the images that baselines look colors up in: those that systems train on."""
    source, size = open_common(settings)
    given = run_parser().parse_args(list(settings.passed))
    limit = least_limit(given.limit, given.train_limit)
    return load_store(source.splits["train"], size, label="train", limit=limit)


def wall_rows(colored: np.ndarray) -> np.ndarray:
    """Rows of the images on the wall, drawn from those with color by a fixed seed, ascending.

    Args:
        colored: bool `[n]`.
    """
    rows = np.flatnonzero(colored)
    chosen = np.random.default_rng(WALL_SEED).permutation(rows)[:WALL]
    return np.sort(chosen)
