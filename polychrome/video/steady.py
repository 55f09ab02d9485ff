"""Colors that stay: chroma averaged along the motion, both ways within a shot.

Each frame's prediction counts once. Those of its neighbors are carried to it frame by frame, and
count `KEPT` for each step, times the trust of the motion. The average over earlier frames is
carried on through the whole shot; that over later ones is formed backward over at least `AHEAD`
frames, so that memory does not grow with the shot.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from polychrome.video.motion import Flow, Motion, carried

# What of a frame's weight its neighbor has left: 0.9 for ten frames is a third.
KEPT = 0.9
# Frames that are finished at a time, and those after them that count as well.
CHUNK, AHEAD = 16, 12


class Predicted(NamedTuple):
    """A frame as the network sees it, and the chroma that it gave.

    Attributes:
        item: anything, handed on.
        lightness: L*, float32 `[h, w]`.
        ab: float32 `[h, w, 2]`.
        starts_shot: whether it follows a cut.
    """

    item: Any
    lightness: np.ndarray
    ab: np.ndarray
    starts_shot: bool


class State(NamedTuple):
    """What a shot goes on with.

    Attributes:
        lightness: L* of the last frame, float32 `[h, w]`.
        average: float32 `[h, w, 3]`, weighted sums of a*, b* and 1 over the frames so far.
    """

    lightness: np.ndarray
    average: np.ndarray


class Chunk(NamedTuple):
    """Neighboring frames of one shot.

    Attributes:
        items: what came with each, and its lightness.
        ab: their chroma, each float32 `[h, w, 2]`.
        state: for the next chunk; None: the shot ends.
    """

    items: Sequence[tuple[Any, np.ndarray]]
    ab: Sequence[np.ndarray]
    state: State | None


def steady(frames: Iterable[Predicted], state: State | None = None) -> Iterator[Chunk]:
    """Average chroma along the motion.

    Args:
        frames: at least the first one starts a shot, unless there is a state.
        state: that of the chunk before, to go on within a shot; the result is the same as if the
            frames before it had come too.
    """
    flow = Flow()
    waiting: list[_Waiting] = []
    for frame in frames:
        before = waiting[-1].frame.lightness if waiting else (state and state.lightness)
        if frame.starts_shot:
            if waiting:
                yield _finished(waiting, len(waiting), state)[0]._replace(state=None)
            waiting, state, before = [], None, None
        if before is None:
            waiting.append(_Waiting(frame))
            continue
        waiting.append(_Waiting(frame, flow.motion(frame.lightness, before)))
        if len(waiting) > 1:
            waiting[-2].to_next = flow.motion(before, frame.lightness)
        if len(waiting) == CHUNK + AHEAD:
            chunk, waiting = _finished(waiting, CHUNK, state)
            state = chunk.state
            yield chunk
    if waiting:
        yield _finished(waiting, len(waiting), state)[0]._replace(state=None)


class _Waiting:
    """A frame with the motions to those beside it that are of its shot."""

    def __init__(self, frame: Predicted, to_previous: Motion | None = None):
        self.frame, self.to_previous = frame, to_previous
        self.to_next: Motion | None = None
        self.own = np.concatenate([frame.ab, np.ones_like(frame.ab[..., :1])], axis=-1)


def _finished(
    waiting: list[_Waiting], count: int, state: State | None
) -> tuple[Chunk, list[_Waiting]]:
    """The first frames as a chunk, and the others."""
    later, following = [], None
    for each in reversed(waiting):
        following = each.own + _share(following, each.to_next)
        later.append(following)
    later.reverse()
    average = None if state is None else state.average
    ab = []
    for each, after in zip(waiting[:count], later, strict=False):
        average = each.own + _share(average, each.to_previous)
        both = average + after - each.own  # its own prediction is in both
        ab.append(both[..., :2] / both[..., 2:])
    done, left = waiting[:count], waiting[count:]
    assert average is not None
    kept = State(done[-1].frame.lightness, average)
    items = [(each.frame.item, each.frame.lightness) for each in done]
    return Chunk(items, ab, kept), left


def _share(average: np.ndarray | None, motion: Motion | None) -> np.ndarray | float:
    """What a neighbor's average adds to that of a frame."""
    if average is None or motion is None:
        return 0.0
    return carried(average, motion) * (KEPT * motion.trust)[..., None]
