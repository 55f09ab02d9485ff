"""Colors of one frame that travel through its shot along the motion, both ways.

Each frame remembers where its pixels were in the frame that the colors were given on: places are
followed from frame to frame, and colors are taken from there once, so that they do not blur on the
way. A pixel whose motion is lost, at the border or behind something, has no colors from then on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from polychrome.video.motion import Flow, carried

# Motion is lost where its trust, averaged over so many pixels a side, is below this share: single
# pixels of grain say nothing.
LOST, AROUND = 0.5, 5
# Difference of L* to the place that colors come from at which they count 1/e: it grows where places
# drift off their things.
DRIFTED = 12.0


class Colors(NamedTuple):
    """Colors for some pixels of a frame.

    Attributes:
        ab: float32 `[h, w, 2]`, a* and b*, times `share`.
        share: float32 `[h, w, 1]`, how far they replace others: 0, not at all, to 1.
    """

    ab: np.ndarray
    share: np.ndarray

    def onto(self, ab: np.ndarray) -> np.ndarray:
        """A frame's chroma `[h, w, 2]` with these colors."""
        return self.ab + (1.0 - self.share) * ab

    def over(self, others: "Colors") -> "Colors":
        """These colors, and the others where these leave something."""
        rest = 1.0 - self.share
        return Colors(self.ab + rest * others.ab, self.share + rest * others.share)


class Frames(Protocol):
    """One array for each frame, by its index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> np.ndarray: ...


class Track:
    """Follows colors from the frame that they are given on, from neighbor to neighbor.

    Args:
        colors: of that frame.
        lightness: its L*, float32 `[h, w]`.
    """

    def __init__(self, colors: Colors, lightness: np.ndarray):
        self._colors = np.concatenate(colors, axis=-1)
        self._origin = self._last = lightness
        rows, columns = np.indices(lightness.shape, np.float32)
        self._grid = np.stack([columns, rows], axis=-1)
        # Of each pixel: how far it has come since, x and y, and whether its motion is known.
        self._way = np.zeros((*lightness.shape, 3), np.float32)
        self._way[..., 2] = 1.0
        self._flow = Flow()

    def step(self, lightness: np.ndarray) -> Colors:
        """The colors of the next frame in this direction.

        Args:
            lightness: its L*, float32 `[h, w]`.
        """
        motion = self._flow.motion(lightness, self._last)
        self._last = lightness
        way = carried(self._way, motion)
        way[..., :2] += motion.places - self._grid
        way[..., 2] *= cv2.blur(motion.trust, (AROUND, AROUND)) >= LOST
        self._way = way
        places = self._grid + way[..., :2]
        known = way[..., 2] * self._alike(lightness, places, way[..., 2] > 0.5)
        found = _taken(self._colors, places) * known[..., None]
        return Colors(found[..., :2], found[..., 2:])

    def _alike(self, lightness: np.ndarray, places: np.ndarray, known: np.ndarray) -> np.ndarray:
        """How much pixels look like those that their colors come from, 0 to 1."""
        difference = lightness - _taken(self._origin, places)
        if known.any():  # A scene that gets darker is no drift.
            difference = difference - np.median(difference[known])
        return np.exp(-np.square(difference / DRIFTED))


def travel(
    lightness: Frames,
    given: Mapping[int, Colors],
    keep: Callable[[int, Colors], object],
    kept: Callable[[int], Colors],
) -> None:
    """Carry colors of some frames of a shot to all of its frames.

    Between two frames with colors of their own, where both reach a pixel, those of the nearer one
    count more.

    Args:
        lightness: L* of all frames of the shot, each float32 `[h, w]`; may read them from a file.
        given: colors by index of their frame; at least one.
        keep: takes the colors of a frame, by its index; twice for some.
        kept: gives back what `keep` took last.
    """
    count, first, last = len(lightness), min(given), max(given)
    for index, earlier in _followed(range(first, count), lightness, given):
        own = given.get(index)
        keep(index, earlier if own is None else own.over(earlier))
    following = last
    for index, later in _followed(range(last, -1, -1), lightness, given):
        if index in given:
            following = index
            keep(index, kept(index).over(later))
        elif index < first:
            keep(index, later)
        else:
            preceding = max(each for each in given if each < index)
            share = (index - preceding) / (following - preceding)
            keep(index, _between(kept(index), later, share))


def _followed(
    indices: Iterable[int], lightness: Frames, given: Mapping[int, Colors]
) -> Iterator[tuple[int, Colors]]:
    """Frames in this order, the first one with colors of its own, and what comes to each."""
    track: Track | None = None
    for index in indices:
        level = lightness[index]
        coming = _nothing(level) if track is None else track.step(level)
        yield index, coming
        if index in given:
            track = Track(given[index].over(coming), level)


def _between(earlier: Colors, later: Colors, share: float) -> Colors:
    """Both colors, the later ones above the earlier to this share."""
    pairs = zip(earlier.over(later), later.over(earlier), strict=True)
    return Colors(*((1.0 - share) * one + share * other for one, other in pairs))


def _nothing(lightness: np.ndarray) -> Colors:
    height, width = lightness.shape
    return Colors(*(np.zeros((height, width, count), np.float32) for count in (2, 1)))


def _taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values `[h, w]` or `[h, w, C]` at places `[h, w, 2]`."""
    return cv2.remap(values, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
