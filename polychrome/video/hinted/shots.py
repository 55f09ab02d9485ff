"""Hints on frames of a film: which frames they are on, and the shots that they travel through."""

import contextlib
import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from polychrome.errors import InputError
from polychrome.hints.marks import marks_of
from polychrome.hints.types import Hint, Hints, Strokes
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.full_size import Layer
from polychrome.inference.hinted import colors_of_hints, of_frames
from polychrome.inference.types import dialed
from polychrome.video.film import Film
from polychrome.video.frames import read_frames
from polychrome.video.hinted.spool import Spool
from polychrome.video.hinted.traveling import Colors, travel
from polychrome.video.shots import Seen, seen

if TYPE_CHECKING:
    from polychrome.video.coloring import Settings

# Frames in which the cut before a hint is sought at a time.
_WINDOW = 240


def by_frame(film: Film, hints: Hints) -> dict[int, Sequence[Hint | Strokes]]:
    """The hints of each frame that has some, by its timestamp, without their times.

    Raises:
        InputError: a hint without a time, or with one at which no frame is colorized; one outside
            of the picture, or strokes of another size.
    """
    found: dict[int, list[Hint | Strokes]] = {}
    for hint in hints:
        if hint.time is None:
            raise InputError(f"{film.path}: a hint has no time, which says the frame that it is on")
        found.setdefault(film.stamp_at(hint.time), []).append(hint._replace(time=None))
    for own in found.values():
        marks_of(of_frames(own, 1)[0], film.upright, (1, 1))
    return dict(found)


def digest(hints: Hints) -> str:
    """Of all that hints say, in hexadecimal."""
    made = hashlib.sha256()
    for hint in hints:
        if isinstance(hint, Strokes):
            made.update(repr((hint.alpha.shape, hint.time)).encode())
            made.update(hint.rgb.tobytes() + hint.alpha.tobytes())
        else:
            made.update(repr(tuple(hint)).encode())
    return made.hexdigest()


@contextlib.contextmanager
def traveled(
    film: Film,
    colorizer: Colorizer,
    settings: "Settings",
    hints: Mapping[int, Hints],
    folder: Path | None,
) -> Iterator[Callable[[int], Colors | None]]:
    """Carry hints through their shots, before these are colorized; never across a cut.

    What the shots look like, and their colors, are in a temporary file: memory does not grow with
    their length.

    Args:
        film, colorizer, settings: see `polychrome.video.coloring.colored`.
        hints: see `by_frame`.
        folder: see there.

    Yields:
        A function of a frame's timestamp: its colors; None: no hint is in its shot.

    Raises:
        InputError: the film is damaged.
    """
    with contextlib.closing(Spool(folder)) as kept:

        def colors(stamp: int) -> Colors | None:
            if stamp not in kept:
                return None
            found = kept[stamp]
            return Colors(found[..., :2], found[..., 2:])

        left = sorted(hints)
        while left:
            last = _travel(film, colorizer, settings, hints, left[0], kept, folder)
            left = [stamp for stamp in left if stamp > last]
        yield colors


def _travel(
    film: Film,
    colorizer: Colorizer,
    settings: "Settings",
    hints: Mapping[int, Hints],
    stamp: int,
    kept: Spool,
    folder: Path | None,
) -> int:
    """Keep the colors of the shot around a frame; return the timestamp of its last frame."""
    size = colorizer.card["image_size"]
    start = _start_of_shot(film, stamp, size)
    stamps: list[int] = []
    given: dict[int, Colors] = {}
    with (
        contextlib.closing(Spool(folder)) as lightness,
        contextlib.closing(read_frames(film, start - 1)) as frames,
    ):
        for index, each in enumerate(seen(frames, size, film.orientation)):
            if index and each.starts_shot:
                break
            stamps.append(each.frame.stamp)
            lightness[index] = each.lightness
            if own := hints.get(each.frame.stamp):
                given[index] = _given(each, colorizer, settings, own, film.upright)
        if stamp not in stamps:
            raise InputError(f"{film.path}: is damaged: the frame of a hint cannot be decoded")

        def keep(index: int, colors: Colors) -> None:
            kept[stamps[index]] = np.concatenate(colors, axis=-1)

        def again(index: int) -> Colors:
            found = kept[stamps[index]]
            return Colors(found[..., :2], found[..., 2:])

        travel(lightness, given, keep, again)
    return stamps[-1]


def _start_of_shot(film: Film, stamp: int, image_size: int) -> int:
    """The timestamp of the first frame of the shot that a frame is in."""
    place = bisect_left(film.stamps, stamp)
    while True:
        first, start = max(0, place - _WINDOW), None
        with contextlib.closing(read_frames(film, film.stamps[first] - 1)) as frames:
            for index, each in enumerate(seen(frames, image_size, film.orientation)):
                if each.frame.stamp > film.stamps[place]:
                    break
                if index and each.starts_shot:
                    start = each.frame.stamp
        if start is not None:
            return start
        if first == 0:
            return film.stamps[0]
        place = first


def _given(
    frame: Seen, colorizer: Colorizer, settings: "Settings", hints: Hints, size: tuple[int, int]
) -> Colors:
    """The colors of the frame that hints are on."""
    lightness = frame.lightness[None, ..., None]
    prediction = colorizer.predict(lightness)
    painted = colorizer.painted(lightness, [marks_of(hints, size, frame.lightness.shape)])
    dial = settings.vivid, settings.saturation
    ab = dialed(prediction, *dial)[0]
    from_network = None if painted is None else dialed(painted, *dial)[0]
    spread = None if prediction.spread is None else prediction.spread[0, ..., 0]
    layer = Layer(ab, frame.lightness)
    return Colors(*colors_of_hints(layer, spread, hints, size, from_network))
