"""The frames of a film in color: each at full size as a photograph is, with chroma that stays."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from polychrome.hints.types import Hints
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.full_size import join
from polychrome.inference.types import dialed
from polychrome.video.ahead import ahead
from polychrome.video.encoding import pixel_format
from polychrome.video.film import Film
from polychrome.video.frames import Frame, encodable, read_frames
from polychrome.video.hinted.shots import traveled
from polychrome.video.hinted.traveling import Colors
from polychrome.video.shots import Seen, seen
from polychrome.video.steady import CHUNK, Chunk, Predicted, State, steady

# Frames that the network sees at a time; chunks hold whole batches, so that a run that goes on
# after one has the same batches as a run without interruption.
BATCH = 8
assert CHUNK % BATCH == 0


class Settings(NamedTuple):
    """How frames are colorized; see `polychrome.Colorizer.colorize`.

    Attributes:
        is_steady: whether chroma is averaged along the motion; otherwise frame by frame.
    """

    vivid: float = 0.0
    saturation: float = 1.0
    upsampling: str = "guided"
    is_steady: bool = True


class Colored(NamedTuple):
    """Neighboring frames of one shot, in color.

    Attributes:
        frames: of FFmpeg, with timestamps and durations in the film's time base.
        state: to go on with after them; None: the shot ends.
    """

    frames: Sequence[Any]
    state: State | None


@contextlib.contextmanager
def colored(
    film: Film,
    colorizer: Colorizer,
    settings: Settings,
    after: int | None = None,
    state: State | None = None,
    hints: Mapping[int, Hints] | None = None,
    folder: Path | None = None,
) -> Iterator[Iterator[Colored]]:
    """Colorize a film, decoding, network, motion and colors at work at the same time.

    Args:
        after: timestamp of the last frame that is done already; None: from the first on.
        state: what came with that frame.
        hints: see `polychrome.video.hinted.shots.by_frame`; None: none.
        folder: for a temporary file, with hints; None: where the system has them.

    Raises:
        InputError: the film is damaged.
    """
    size = colorizer.card["image_size"]
    with contextlib.ExitStack() as threads:
        enter = threads.enter_context
        enter(_one_opencv_thread())
        # Before any thread starts: hints need a look ahead of at most a shot.
        given = enter(traveled(film, colorizer, settings, hints, folder)) if hints else None
        looked = enter(ahead(seen(read_frames(film, after), size, film.orientation, state), 4))
        made = enter(ahead(predicted(looked, colorizer, settings), 2))
        chunks = steady(made, state) if settings.is_steady else _one_by_one(made)
        if given is not None:
            chunks = _hinted(chunks, given)
        pool = enter(ThreadPoolExecutor(min(8, os.cpu_count() or 1)))
        yield enter(ahead(_joined(chunks, film, settings, pool), 1))


@contextlib.contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """OpenCV within single threads, of which there are enough.

    Its optical flow depends on the number of threads, and with several there are as many as other
    work leaves: the same film would get other colors from run to run.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def predicted(
    frames: Iterable[Seen], colorizer: Colorizer, settings: Settings
) -> Iterator[Predicted]:
    """The network's chroma of each frame, in batches within a shot."""
    batch: list[Seen] = []

    def run() -> Iterator[Predicted]:
        lightness = np.stack([each.lightness for each in batch])[..., None]
        made = dialed(colorizer.predict(lightness), settings.vivid, settings.saturation)
        for each, ab in zip(batch, np.asarray(made, np.float32), strict=True):
            yield Predicted(each.frame, each.lightness, ab, each.starts_shot)
        batch.clear()

    for frame in frames:
        if batch and (frame.starts_shot or len(batch) == BATCH):
            yield from run()
        batch.append(frame)
    if batch:
        yield from run()


def _one_by_one(frames: Iterable[Predicted]) -> Iterator[Chunk]:
    """Chunks as of `steady`, with each frame's own chroma; every one ends a shot."""
    for frame in frames:
        yield Chunk([(frame.item, frame.lightness)], [frame.ab], None)


def _hinted(chunks: Iterable[Chunk], given: Callable[[int], Colors | None]) -> Iterator[Chunk]:
    """Chunks with what hints say of their frames; shots without any stay as they are."""
    for chunk in chunks:
        ab = []
        for (frame, _), own in zip(chunk.items, chunk.ab, strict=True):
            colors = given(frame.stamp)
            ab.append(own if colors is None else colors.onto(own))
        yield chunk._replace(ab=ab)


def _joined(
    chunks: Iterable[Chunk], film: Film, settings: Settings, pool: ThreadPoolExecutor
) -> Iterator[Colored]:
    format = pixel_format(film)

    def work(item: tuple[Frame, np.ndarray], ab: np.ndarray) -> Any:
        frame, lightness = item
        rgb = join(
            frame.pixels,
            film.orientation.stored(ab),
            upsampling=settings.upsampling,
            lightness=film.orientation.stored(lightness),
        )
        made = encodable(rgb, film.tags, format)
        made.pts, made.time_base, made.duration = frame.stamp, film.time_base, frame.duration
        return made

    for chunk in chunks:
        yield Colored(list(pool.map(work, chunk.items, chunk.ab)), chunk.state)
