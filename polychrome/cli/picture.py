"""One picture: read, colorize, write."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from polychrome.cli.hints import Given
from polychrome.cli.outputs import Task
from polychrome.errors import InputError
from polychrome.files import replacing, write_json
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.full_size import gray_of
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
        hints: colors given on the command line.
        ask: how many questions to write instead of colors; 0: none.
    """

    vivid: float = 0.0
    saturation: float = 1.0
    upsampling: str = "guided"
    quality: int = 95
    disclosed: bool = True
    max_pixels: float = 200e6
    hints: Given = Given()
    ask: int = 0


class Outcome(NamedTuple):
    """What became of a task.

    Attributes:
        task: the one.
        failure: why nothing was written; None if it was.
        recolored: whether the picture had color before.
        losses: what the file could not keep, as short phrases.
        doubt: why the picture may be damaged, in a few words; empty if nothing speaks for it.
    """

    task: Task
    failure: str | None = None
    recolored: bool = False
    losses: tuple[str, ...] = ()
    doubt: str = ""


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
            check_folder(path)
    photograph = open_photograph(task.source, page=task.page, max_pixels=settings.max_pixels)
    check()
    if settings.ask:
        return _ask(task, colorizer, photograph, settings.ask, check)
    hints = settings.hints.of(task, photograph.pixels.shape[:2], settings.max_pixels)
    rgb = colorizer.colorize_photograph(
        photograph,
        vivid=settings.vivid,
        saturation=settings.saturation,
        hints=hints,
        upsampling=settings.upsampling,
    )
    check()
    gray = None if task.compare is None else gray_of(photograph.pixels)
    # Only its alpha and metadata are written; a comparison of 100 megapixels needs the memory.
    photograph = dataclasses.replace(photograph, pixels=np.empty((0, 0), np.uint8))
    disclosure = colorizer.card["name"] if settings.disclosed else None
    losses: tuple[str, ...] = ()

    def save(path: Path, rgb: np.ndarray, photograph: Photograph) -> tuple[str, ...]:
        check()
        return save_photograph(
            path,
            rgb,
            photograph,
            format=task.format,
            quality=settings.quality,
            disclosure=disclosure,
        )

    if task.output is not None:
        losses += save(task.output, rgb, photograph)
    if task.compare is not None and gray is not None:
        both, alpha = _beside(gray, rgb), photograph.alpha
        del gray, rgb
        if alpha is not None:
            alpha = np.concatenate([alpha, alpha], axis=1)
        losses += save(task.compare, both, dataclasses.replace(photograph, alpha=alpha))
    return Outcome(task, recolored=photograph.colored, losses=tuple(dict.fromkeys(losses)))


def _ask(
    task: Task,
    colorizer: Colorizer,
    photograph: Photograph,
    count: int,
    check: Callable[[], None],
) -> Outcome:
    """Write the questions about a photograph, as a picture and as JSON beside it."""
    from polychrome.hints.sheet import draw_questions, questions_json

    assert task.output is not None
    questions = colorizer.ask_photograph(photograph, count)
    sheet = draw_questions(gray_of(photograph.pixels), questions)
    check()
    # The picture comes last: where it is, the questions are finished.
    size = photograph.pixels.shape[:2]
    write_json(task.output.with_suffix(".json"), questions_json(questions, size, task.source.name))
    with replacing(task.output) as temporary:
        sheet.save(temporary, format="png")
    return Outcome(task)


def check_folder(path: Path) -> None:
    """Refuse a file whose folder takes none, before the work of making it.

    Raises:
        InputError: nothing can be written there.
    """
    folder = path.parent
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"cannot write {path}: {folder} takes no new files; choose a folder with -o"
        )


def _beside(gray: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """`[H, 2 * W, 3]`, gray at the left and color at the right."""
    height, width = gray.shape
    both = np.empty((height, 2 * width, 3), rgb.dtype)
    both[:, :width] = gray[..., None]
    both[:, width:] = rgb
    return both
