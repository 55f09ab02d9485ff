"""Numbers on command lines, as types for `argparse`."""

import argparse
import math
from collections.abc import Callable


def whole(low: int, high: int, what: str) -> Callable[[str], int]:
    """A type for whole numbers from `low` to `high`, in decimal digits.

    Args:
        low, high: the bounds, both allowed.
        what: what should stand there, for the error.
    """

    def parse(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} should be {what}")
        return int(text)

    return parse


def number(low: float, high: float, what: str, *, within: bool = False) -> Callable[[str], float]:
    """A type for numbers from `low` to `high`.

    Args:
        low, high: the bounds; allowed themselves, unless `within`.
        what: what should stand there, for the error.
        within: whether numbers lie between the bounds.
    """

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan  # which no bounds allow
        if not (low < value < high if within else low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text!r} should be {what}")
        return value

    return parse


positive = whole(1, 2**31 - 1, "a whole number from 1 on")
natural = whole(0, 2**31 - 1, "a whole number from 0 on")


def several(text: str) -> tuple[int, ...]:
    """A type for whole numbers from 1 on with commas between them."""
    return tuple(positive(part) for part in text.split(","))


# Pixels on the side of an image that can hold a picture.
image_side = whole(8, 2**31 - 1, "a whole number from 8 on")
