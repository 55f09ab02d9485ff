"""Hints from text, from JSON, and from painted pictures."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from polychrome.errors import InputError
from polychrome.files import read_json
from polychrome.hints.marks import OPAQUE
from polychrome.hints.types import Hint, Hints, Strokes
from polychrome.photographs.opening import MAX_PIXELS, open_photograph

# Far beyond any picture; numbers of a thousand digits would take long to print.
_MOST = 10**9
_HINT = re.compile(r"\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*,\s*([^\s,]+)\s*")
_COLOR = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_KEYS = {"x", "y", "rgb", "radius", "frame", "time", "choice", "colors", "number"}


def parse_hint(text: str) -> Hint:
    """A hint from `x,y,#rrggbb`; `#rgb` is short for `#rrggbb`.

    Raises:
        InputError: anything else.
    """
    parts = _HINT.fullmatch(text)
    if parts is None:
        raise InputError(f"hint {text!r}: should be x,y,#rrggbb, as 120,80,#b04030")
    return Hint(int(parts[1]), int(parts[2]), parse_color(parts[3], f"hint {text!r}"))


def parse_color(text: str, place: str) -> tuple[int, int, int]:
    """Levels from `#rrggbb` or `#rgb`.

    Args:
        text: the color.
        place: beginning of the message.

    Raises:
        InputError: anything else.
    """
    digits = _COLOR.fullmatch(text)
    if digits is None:
        raise InputError(f"{place}: the color {text!r} should be #rrggbb, as #b04030")
    pairs = digits[1] if len(digits[1]) == 6 else "".join(2 * digit for digit in digits[1])
    red, green, blue = bytes.fromhex(pairs)
    return red, green, blue


def read_hints(
    path: str | os.PathLike[str],
    size: tuple[int, int] | None = None,
    max_pixels: float = MAX_PIXELS,
    *,
    optional: bool = False,
) -> Hints:
    """The hints of a file: JSON, by its suffix, or strokes on a transparent picture.

    JSON is a list of objects with the keys of `polychrome.Hint`, where `rgb` may be `"#rrggbb"`; or
    an object that has such a list as "hints", and "width" and "height" of the picture. What
    `polychrome colorize --ask` writes is read as well: questions whose "choice" (the number of one
    of the "colors") and "rgb" are both null are left out.

    Args:
        path: of the file.
        size: height and width of the picture, which the file must agree with; None: any.
        max_pixels: see `open_photograph`.
        optional: whether JSON may give no hint, as where no question is answered yet.

    Raises:
        InputError: the file is unreadable, is for a picture of another size, or gives no hint.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _from_json(path, size, optional)
    strokes = _strokes(path, max_pixels)
    if size is not None and strokes.alpha.shape != size:
        height, width = strokes.alpha.shape
        raise InputError(_wrong_size(path, (width, height), size))
    return [strokes]


def _strokes(path: Path, max_pixels: float) -> Strokes:
    picture = open_photograph(path, max_pixels=max_pixels)
    if picture.alpha is None:
        raise InputError(f"{path}: has no transparency; paint hints on a transparent picture")
    rgb, alpha = (_bytes(plane) for plane in (picture.pixels, picture.alpha))
    if not (alpha >= OPAQUE).any():
        raise InputError(f"{path}: is transparent all over; paint hints on it, opaquely")
    rgb = np.repeat(rgb[..., None], 3, axis=-1) if rgb.ndim == 2 else rgb
    return Strokes(rgb, alpha, str(path))


def _bytes(plane: np.ndarray) -> np.ndarray:
    if plane.dtype == np.uint8:
        return plane
    white = 1.0 if plane.dtype == np.float32 else np.iinfo(plane.dtype).max
    return np.round(plane * (255.0 / white)).astype(np.uint8)


def _from_json(path: Path, size: tuple[int, int] | None, optional: bool) -> list[Hint]:
    try:
        found = read_json(path)
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply to be hints") from error
    items = found
    if isinstance(found, dict):
        items = found.get("hints")
        given = (found.get("width"), found.get("height"))
        if size is not None and given != (None, None) and given != (size[1], size[0]):
            raise InputError(_wrong_size(path, given, size))
    if not isinstance(items, list):
        raise InputError(f'{path}: should be a list of hints, or an object with one as "hints"')
    hints = [_hint(item, f"{path}: hint {number}") for number, item in enumerate(items, start=1)]
    answered = [hint for hint in hints if hint is not None]
    if not answered and not optional:
        raise InputError(
            f'{path}: no question is answered; set "choice" to the number of a color, or "rgb"'
            if hints
            else f"{path}: has no hints"
        )
    return answered


def _wrong_size(path: Path, given: tuple[Any, Any], size: tuple[int, int]) -> str:
    return (
        f"{path}: for a picture of {given[0]!s:.12} x {given[1]!s:.12} pixels, should be "
        f"{size[1]} x {size[0]}"
    )


def _hint(item: Any, place: str) -> Hint | None:
    """A hint; None for a question without an answer."""
    if not isinstance(item, dict) or not {"x", "y"} <= item.keys():
        raise InputError(f'{place}: should be an object with "x", "y" and "rgb"')
    if unknown := sorted(item.keys() - _KEYS):
        known = ", ".join(f'"{key}"' for key in Hint._fields)
        raise InputError(f"{place}: no key is called {unknown[0]!r:.30}; there are {known}")
    rgb, choice = item.get("rgb"), item.get("choice")
    if rgb is None and choice is not None:
        colors = item.get("colors")
        if not isinstance(colors, list) or not _is_whole(choice, 1, len(colors)):
            count = len(colors) if isinstance(colors, list) else 0
            raise InputError(f"{place}: choice is {choice!r:.20}, should be 1 to {count}")
        rgb = colors[choice - 1]
    if rgb is None:
        if "choice" in item:
            return None
        raise InputError(f"{place}: rgb is missing")
    numbers = {"x": item["x"], "y": item["y"], "radius": item.get("radius", 3)}
    if (frame := item.get("frame")) is not None:
        numbers["frame"] = frame
    for key, value in numbers.items():
        # A place outside is refused by what knows the picture's size, which it can say.
        if not _is_whole(value, -_MOST if key in "xy" else 0, _MOST):
            of = "" if key in "xy" else f" from 0 to {_MOST:,}"
            raise InputError(f"{place}: {key} is {value!r:.20}, should be a whole number{of}")
    time = item.get("time")
    if time is not None and not _is_seconds(time):
        raise InputError(f"{place}: time is {time!r:.20}, should be a number of seconds")
    return Hint(rgb=_levels(rgb, place), time=time, **numbers)


def _levels(rgb: Any, place: str) -> tuple[int, int, int]:
    if isinstance(rgb, str):
        return parse_color(rgb, place)
    if isinstance(rgb, list) and len(rgb) == 3 and all(_is_whole(each, 0, 255) for each in rgb):
        return rgb[0], rgb[1], rgb[2]
    raise InputError(f"{place}: rgb is {rgb!r:.40}, should be #rrggbb or three numbers, 0 to 255")


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
