"""Hints in predictions: the correction that they ask for, at a resolution of its own."""

import numpy as np

from polychrome.errors import InputError
from polychrome.hints.marks import Marks, marks_of
from polychrome.hints.types import Hint, Hints, Strokes
from polychrome.inference.full_size import Layer
from polychrome.inference.seen import antialiased, lightness_at
from polychrome.inference.types import Prediction
from polychrome.inference.upsampling import guided_band, lines

# Pixels of the copy of a picture on which corrections are spread, a tenth of a second: 128 on the
# shorter side of a usual photograph. Larger pictures get the correction along edges from there.
GRID_PIXELS = 128 * 144


def of_frames(hints: Hints, count: int) -> list[list[Hint | Strokes]]:
    """The hints of each frame of a batch, without its number.

    Args:
        hints: for all frames.
        count: of the frames.

    Raises:
        InputError: a hint of a frame that is not there, or of none though there are several, or one
            with a time.
    """
    found: list[list[Hint | Strokes]] = [[] for _ in range(count)]
    for hint in hints:
        if hint.time is not None:
            raise InputError(f"a hint is for {hint.time:g} seconds into a film; pictures have none")
        if hint.frame is None and count > 1:
            raise InputError(f"a hint is for no frame; set frame to 0 to {count - 1}")
        frame = hint.frame or 0
        if not 0 <= frame < count:
            raise InputError(f"a hint is for frame {frame}, should be 0 to {count - 1}")
        found[frame].append(hint._replace(frame=None))
    return found


def grid_of(height: int, width: int, pixels: int = GRID_PIXELS) -> tuple[int, int]:
    """Height and width of the picture scaled down to so many pixels."""
    scale = min(1.0, (pixels / (height * width)) ** 0.5)
    # Strips keep at least one row or column, so that the other side has to be shorter.
    rows = max(1, round(height * scale))
    columns = max(1, min(round(width * scale), pixels // rows))
    return max(1, min(rows, pixels // columns)), columns


def correction_layer(
    pixels: np.ndarray, seen: Layer, spread: np.ndarray | None, hints: Hints
) -> Layer:
    """What hints add to the colors of a picture.

    Args:
        pixels: of the picture, see `polychrome.inference.full_size.join`.
        seen: the colors, and what the network saw.
        spread: float32 `[h, w]`, of the prediction; None: it has none.
        hints: in pixels of the picture.

    Returns:
        Layer: of `grid_of` pixels.

    Raises:
        InputError: see `marks_of`.
    """
    size = pixels.shape[:2]
    marks = marks_of(hints, size, grid_of(*size))
    lightness = lightness_at(pixels, *marks.marked.shape)
    return Layer(_spread(lightness, seen, spread, marks), lightness)


def hinted(prediction: Prediction, lightness: np.ndarray, hints: Hints) -> Prediction:
    """A prediction for true lightness, corrected by hints in its pixels; the spread stays.

    Args:
        prediction: for a batch.
        lightness: float32 `[B, H, W, 1]`, L*.
        hints: see `of_frames`.

    Raises:
        InputError: see `of_frames` and `marks_of`.
    """
    ab = np.array(prediction.ab)
    vivid_ab = None if prediction.vivid_ab is None else np.array(prediction.vivid_ab)
    for frame, own in enumerate(of_frames(hints, len(lightness))):
        if not own:
            continue
        level = np.ascontiguousarray(lightness[frame, ..., 0])
        spread = None if prediction.spread is None else prediction.spread[frame, ..., 0]
        grid = grid_of(*level.shape)
        small = antialiased(level, *grid)
        marks = marks_of(own, level.shape, grid)
        for colors in (ab, vivid_ab):
            if colors is not None:
                found = _spread(small, Layer(colors[frame], level), spread, marks)
                colors[frame] += _brought_to(Layer(found, small), level)
    return prediction._replace(ab=ab, vivid_ab=vivid_ab)


def colors_of_hints(
    seen: Layer,
    spread: np.ndarray | None,
    hints: Hints,
    size: tuple[int, int],
    painted: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """What hints make of the colors of a frame, so that it can be said of other frames too.

    Args:
        seen: the colors of the frame `[h, w, 2]`, and its lightness.
        spread: float32 `[h, w]`, of the prediction; None: it has none.
        hints: in pixels of the frame at full size; at least one.
        size: height and width of that.
        painted: float32 `[h, w, 2]`, the colors with hints of a network that takes them.

    Returns:
        `ab`, float32 `[h, w, 2]`, and `share`, float32 `[h, w, 1]` in 0...1: colors `old` become
        `ab + (1 - share) * old`.

    Raises:
        InputError: see `marks_of`.
    """
    from polychrome.hints.spreading import correction_and_share

    assert seen.lightness is not None
    marks = marks_of(hints, size, grid_of(*seen.lightness.shape))
    grid = marks.marked.shape
    small = antialiased(seen.lightness, *grid)
    own = None if spread is None else antialiased(spread, *grid)
    change, share = correction_and_share(small, antialiased(seen.ab, *grid), marks, own)
    both = np.repeat(share, 2, axis=-1)
    share = np.clip(_brought_to(Layer(both, small), seen.lightness)[..., :1], 0.0, 1.0)
    if painted is None:
        change = _brought_to(Layer(change, small), seen.lightness)
    else:
        change = painted - seen.ab
    return share * seen.ab + change, share


def _spread(
    lightness: np.ndarray, seen: Layer, spread: np.ndarray | None, marks: Marks
) -> np.ndarray:
    # SciPy's solvers take a fifth of a second to import, which pictures without hints don't need.
    from polychrome.hints.spreading import correction

    ab = _brought_to(seen, lightness)
    if spread is not None:
        spread = antialiased(spread, *lightness.shape)
    return correction(lightness, ab, marks, spread)


def _brought_to(layer: Layer, lightness: np.ndarray) -> np.ndarray:
    """The colors of a layer at the size of `lightness`, along its edges if that is larger."""
    (height, width), (rows, columns) = lightness.shape, layer.ab.shape[:2]
    if layer.lightness is None or not (rows < height and columns < width):
        return antialiased(layer.ab, height, width)
    guide = lines(np.ascontiguousarray(layer.lightness), np.ascontiguousarray(layer.ab))
    return np.stack(guided_band(guide, lightness, 0, height, (height, width)), axis=-1)
