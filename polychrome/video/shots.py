"""Frames as the network sees them, and cuts between shots."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from polychrome.inference.full_size import seen_lightness
from polychrome.video.frames import Frame
from polychrome.video.motion import Flow
from polychrome.video.orientation import Orientation

if TYPE_CHECKING:
    from polychrome.video.steady import State

# Cuts have both: a mean difference of L* that motion does not explain, and histograms of L* that
# differ, as the share of pixels that would have to change their bin. From one photograph of BSDS500
# to the next the first was never below 13 and the second never below 0.12; within clips made of
# them, with motion of 10 pixels a frame, at most 3.8 and 0.05.
RESIDUAL = 8.0
HISTOGRAMS = 0.1
_BINS = 32


class Seen(NamedTuple):
    """A frame with its L* as the network sees it, upright: float32 `[h, w]`."""

    frame: Frame
    lightness: np.ndarray
    starts_shot: bool


def seen(
    frames: Iterable[Frame], image_size: int, orientation: Orientation, state: "State | None" = None
) -> Iterator[Seen]:
    """Frames as the network sees them, with cuts.

    Args:
        image_size: of the network.
        orientation: what makes frames upright.
        state: that of a shot which the first frame belongs to; None: it starts one.
    """
    flow = Flow()
    before: tuple[np.ndarray, np.ndarray] | None = None
    starts = state is None
    for frame in frames:
        stored = seen_lightness(frame.pixels, image_size)[0, ..., 0]
        lightness = np.ascontiguousarray(orientation.upright(stored))
        counts = histogram(lightness)
        if before is not None:
            differ = difference(counts, before[1])
            # Most frames end here: motion takes time.
            starts = differ > HISTOGRAMS and is_cut(
                flow.motion(lightness, before[0]).residual, differ
            )
        before = lightness, counts
        yield Seen(frame, lightness, starts)


def histogram(lightness: np.ndarray) -> np.ndarray:
    """Shares of the pixels of a frame in bins of L*: float64, in all 1."""
    counts = np.bincount(
        np.clip(lightness * (_BINS / 100.0), 0, _BINS - 1).astype(np.intp).ravel(),
        minlength=_BINS,
    )
    return counts / lightness.size


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pixels of one histogram that is in other bins of the other one."""
    return float(np.abs(one - other).sum() / 2)


def is_cut(residual: float, histograms: float) -> bool:
    """Whether a shot begins.

    Args:
        residual: see `polychrome.video.motion.Motion`.
        histograms: `difference` of those of a frame and the one before.
    """
    return residual > RESIDUAL and histograms > HISTOGRAMS
