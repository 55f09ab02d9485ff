"""What goes into a colorizer beside the image, and what comes out."""

from typing import Any, NamedTuple


class Prediction(NamedTuple):
    """What a colorizer predicts for a batch, at the size of the lightness it was given.

    Attributes:
        ab: float32 `[B, H, W, 2]`, a* and b*.
        vivid_ab: likewise, the other end of the dial `ab + vivid * (vivid_ab - ab)`; None for a
            model without a dial.
        spread: float32 `[B, H, W, 1]`, the expected absolute error in ab units; None for a model
            that does not predict it.
    """

    ab: Any
    vivid_ab: Any = None
    spread: Any = None


class Hint(NamedTuple):
    """A color that a person gives; the same keys in JSON.

    Attributes:
        x, y: column and row, in pixels of the upright original; in `Colorizer.predict`, of the
            lightness given.
        rgb: three levels, 0...255.
        radius: of the disk that it colors, in pixels.
        frame: index in the batch, or of a film's frame; None stands for the only one.
    """

    x: int
    y: int
    rgb: tuple[int, int, int]
    radius: int = 3
    frame: int | None = None


class Question(NamedTuple):
    """A place whose color a model would like to be told.

    Attributes:
        region: bool `[H, W]`, the pixels that the answer would color.
        colors: likely colors, each three levels, 0...255.
        gain: expected fall of the absolute error in ab units, summed over the region.
    """

    region: Any
    colors: tuple[tuple[int, int, int], ...]
    gain: float
