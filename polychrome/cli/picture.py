"""One picture: read, colorize, write."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from polychrome.cli.outputs import Task
from polychrome.errors import InputError
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.full_size import join
from polychrome.photographs.opening import open_photograph
from polychrome.photographs.photograph import Photograph
from polychrome.photographs.saving import save_photograph


class Settings(NamedTuple):
    """How pictures are colorized and written.

    Attributes:
        vivid, saturation, upsampling: see `Colorizer.colorize_photograph`.
        quality: of JPEG and WebP, 1 to 100.
        disclosed: whether files say that color was added.
        max_pixels: of the largest picture that is read.
    """

    vivid: float = 0.0
    saturation: float = 1.0
    upsampling: str = "guided"
    quality: int = 95
    disclosed: bool = True
    max_pixels: float = 200e6


class Outcome(NamedTuple):
    """What became of a task.

    Attributes:
        task: the one.
        failure: why nothing was written; None if it was.
        recolored: whether the picture had color before.
        losses: what the file could not keep, as short phrases.
    """

    task: Task
    failure: str | None = None
    recolored: bool = False
    losses: tuple[str, ...] = ()


def colorize_file(
    task: Task, colorizer: Colorizer, settings: Settings, check: Callable[[], None]
) -> Outcome:
    """Make the files of a task.

    Args:
        check: called between the steps; what it raises ends the work, and leaves no partial file.

    Raises:
        InputError, OSError: the picture cannot be read or written.
    """
    for path in (task.output, task.compare):
        if path is not None:
            _check_folder(path)
    photograph = open_photograph(task.source, page=task.page, max_pixels=settings.max_pixels)
    check()
    rgb = colorizer.colorize_photograph(
        photograph,
        vivid=settings.vivid,
        saturation=settings.saturation,
        upsampling=settings.upsampling,
    )
    check()
    disclosure = colorizer.card["name"] if settings.disclosed else None
    losses: list[str] = []

    def save(path: Path, rgb: np.ndarray, photograph: Photograph) -> None:
        check()
        losses.extend(
            save_photograph(
                path,
                rgb,
                photograph,
                format=task.format,
                quality=settings.quality,
                disclosure=disclosure,
            )
        )

    if task.compare is not None:
        save(task.compare, *_compared(rgb, photograph))
    if task.output is not None:
        save(task.output, rgb, photograph)
    return Outcome(task, recolored=photograph.colored, losses=tuple(dict.fromkeys(losses)))


def _check_folder(path: Path) -> None:
    """Refuse a file whose folder takes none, before the work of making it.

    Raises:
        InputError: nothing can be written there.
    """
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"cannot write {path}: {folder} takes no new files; choose a folder with -o"
        )


def _compared(rgb: np.ndarray, photograph: Photograph) -> tuple[np.ndarray, Photograph]:
    """Gray at the left and color at the right, with the alpha of both."""
    gray = photograph.pixels
    if gray.ndim == 3:
        # Without chroma, this is the gray of the same lightness; channels may differ by rounding.
        gray = join(gray, np.zeros((1, 1, 2), np.float32), upsampling="bilinear")[..., 1]
    gray = np.repeat(gray[..., None], 3, axis=-1)
    alpha = photograph.alpha
    if alpha is not None:
        alpha = np.concatenate([alpha, alpha], axis=1)
    return np.concatenate([gray, rgb], axis=1), dataclasses.replace(photograph, alpha=alpha)
