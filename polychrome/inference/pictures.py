"""Conversion of input images to arrays, and of results back to the form of the input."""

import dataclasses
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from polychrome.errors import InputError

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
        return _from_array(image, "the array")
    raise InputError(
        f"an image of type {type(image).__name__}, should be a path, a PIL image or a NumPy array"
    )


def _from_file(path: Path) -> Picture:
    try:
        with warnings.catch_warnings():
            # Pillow warns above 89 megapixels and refuses above twice as many.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                # MPO: a JPEG file followed by more pictures, as phones write.
                frames = getattr(image, "n_frames", 1)
                if frames > 1 and image.format != "MPO":
                    raise InputError(f"{frames} frames; give one of them as an image")
                if _has_16_bit_colors(image):
                    return _from_array(_decoded_16_bit(path, image), "the image")
                return _from_pil(image)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path}: not an image, or of a format that Pillow can't read") from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except Exception as error:  # A damaged file can fail anywhere in its decoder.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: cannot be read ({reason})") from error


def _from_pil(image: Image.Image) -> Picture:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        levels = np.asarray(upright)
        if levels.min() < 0 or levels.max() > 65535:
            raise InputError("whole numbers outside of 0...65535; give an array of float in 0...1")
        return _from_array(levels.astype(np.uint16), "the image")
    if upright.mode == "F":
        return _from_array(np.asarray(upright), "the image")
    alpha = None
    if upright.has_transparency_data:
        alpha = upright.convert("RGBA").getchannel("A")

    def restored(rgb: np.ndarray) -> Image.Image:
        made = Image.fromarray(rgb)
        if alpha is not None:
            made.putalpha(alpha)
        return made

    gray = upright.mode == "L"
    return Picture(np.asarray(upright if gray else upright.convert("RGB")), restored)


def _from_array(array: np.ndarray, name: str) -> Picture:
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)) or 0 in array.shape:
        raise InputError(f"{name} has the shape {array.shape}, {_READABLE}")
    dtype = array.dtype
    if dtype in (np.uint8, np.uint16):
        return Picture(array, lambda rgb: rgb)
    if np.issubdtype(dtype, np.floating):
        if not (array.min() >= 0.0 and array.max() <= 1.0):  # also rejects NaN
            raise InputError(f"{name} has values outside of 0...1; divide by the largest level")
        return Picture(array.astype(np.float32, copy=False), lambda rgb: rgb.astype(dtype))
    raise InputError(f"{name} is of {dtype}, should be uint8, uint16 or float in 0...1")


def _has_16_bit_colors(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow would halve the depth: it has no mode for 16-bit RGB."""
    if image.mode not in ("RGB", "RGBA", "LA", "RGBX", "RGBa"):
        return False
    # The raw mode, such as "RGB;16B", stands alone or among other decoder arguments.
    return any(";16" in str(tile.args) for tile in image.tile)


def _decoded_16_bit(path: Path, image: Image.Image) -> np.ndarray:
    """uint16 `[H, W, 3]`, upright, from a file that Pillow has opened; alpha is dropped."""
    import cv2

    encoded = np.frombuffer(path.read_bytes(), np.uint8)
    levels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if levels is None or levels.dtype != np.uint16:
        raise InputError("its 16 bits cannot be read; give an array of uint16")
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=-1)
    rgb = levels[..., 2::-1]
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation >= 5:
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)
