"""Input images as arrays, and results in the form of the input."""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from polychrome.errors import InputError
from polychrome.photographs.decoding.pixels import decode
from polychrome.photographs.decoding.profiles import Profile
from polychrome.photographs.opening import open_photograph

_READABLE = "should be [height, width] or [height, width, 3]"


@dataclasses.dataclass(frozen=True)
class Picture:
    """An image to colorize.

    Attributes:
        pixels: gray `[H, W]` or `[H, W, 3]`; uint8, uint16, or float32 in [0, 1].
        restored: converts RGB `[H, W, 3]` of that type back to the form of the input.
    """

    pixels: np.ndarray
    restored: Callable[[np.ndarray], Any]


def read(image: Any) -> Picture:
    """A path, a PIL image or an array as a picture; see `polychrome.Colorizer.colorize`.

    Raises:
        InputError: it cannot be read or has another shape, type, or range.
    """
    if isinstance(image, (str, os.PathLike)):
        return _from_file(Path(image))
    if isinstance(image, Image.Image):
        return _from_pil(image)
    if isinstance(image, np.ndarray):
        return _from_array(image)
    raise InputError(
        f"an image of type {type(image).__name__}, should be a path, a PIL image or a NumPy array"
    )


def _from_file(path: Path) -> Picture:
    photograph = open_photograph(path)
    return _from_pixels(photograph.pixels, photograph.alpha)


def _from_pil(image: Image.Image) -> Picture:
    upright = ImageOps.exif_transpose(image)
    profile, icc = None, upright.info.get("icc_profile")
    if icc:
        with contextlib.suppress(ValueError):  # damaged: as if there were none
            profile = Profile(icc)
    return _from_pixels(*decode(upright, profile))


def _from_pixels(pixels: np.ndarray, alpha: np.ndarray | None) -> Picture:
    def restored(rgb: np.ndarray) -> Any:
        if rgb.dtype != np.uint8:
            return rgb
        made = Image.fromarray(rgb)
        if alpha is not None:
            made.putalpha(Image.fromarray(alpha))
        return made

    return Picture(pixels, restored)


def _from_array(array: np.ndarray) -> Picture:
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)) or 0 in array.shape:
        raise InputError(f"the array has the shape {array.shape}, {_READABLE}")
    dtype = array.dtype
    if dtype.newbyteorder("=") in (np.uint8, np.uint16):
        # In the machine's order of bytes; files of TIFF may have given another.
        native = array.astype(dtype.newbyteorder("="), copy=False)
        return Picture(native, lambda rgb: rgb.astype(dtype, copy=False))
    if np.issubdtype(dtype, np.floating):
        if not (array.min() >= 0.0 and array.max() <= 1.0):  # also rejects NaN
            raise InputError("the array has values outside of 0...1; divide by the largest level")
        return Picture(array.astype(np.float32, copy=False), lambda rgb: rgb.astype(dtype))
    raise InputError(f"the array is of {dtype}, should be uint8, uint16 or float in 0...1")
