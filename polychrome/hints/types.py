"""A hint, painted strokes, and a question."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Hint(NamedTuple):
    """A color given by the user; JSON has the same keys.

    Attributes:
        x, y: column and row, in pixels of the upright original or, in `Colorizer.predict`, of the
            lightness; in the picture, from 0 on.
        rgb: three levels, 0...255. Gray means that there is no color here.
        radius: of the colored disk, in pixels.
        frame: index in the batch; None means the only one.
        time: of the frame of a film that the hint is on, in seconds; None: it is on a picture.
    """

    x: int
    y: int
    rgb: tuple[int, int, int]
    radius: int = 3
    frame: int | None = None
    time: float | None = None


class Strokes(NamedTuple):
    """Colors painted on a transparent picture of the same size.

    Attributes:
        rgb: uint8 `[H, W, 3]`. Gray means that there is no color here.
        alpha: uint8 `[H, W]`; what is at least half opaque counts.
        name: for messages: where it comes from.
        frame, time: see `Hint`.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    name: str = "strokes"
    frame: int | None = None
    time: float | None = None


# What colorizers take. Of two that meet at a pixel, the later counts.
Hints = Sequence[Hint | Strokes]


class Question(NamedTuple):
    """A place whose color the model asks for.

    Attributes:
        region: bool `[H, W]`, the pixels that an answer would color.
        colors: likely colors, each three levels, 0...255.
        gain: expected decrease of the squared error in (a*, b*), averaged over the picture, if the
            predicted spread is right and the questions before are answered.
        x, y: where a hint would help most, in pixels of the upright original.
    """

    region: Any
    colors: tuple[tuple[int, int, int], ...]
    gain: float
    x: int
    y: int
