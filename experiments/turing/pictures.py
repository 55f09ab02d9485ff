"""Pictures as a study shows them: resized alike, as PNG files of equal size and make-up.

Of two pictures of a photograph, files must not tell which is the real one. How well pixels compress
would, also through what is added to make files equally long. So nothing is compressed: the files of
a photograph have the same bytes but for their pixels and the checksums of these.
"""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from polychrome.errors import InputError
from polychrome.photographs.opening import open_photograph

LARGE_ENOUGH = 200  # pixels of the longer side; smaller photographs are enlarged


def read_shown(path: Path, side: int) -> tuple[np.ndarray, bool]:
    """Read a photograph at the size at which it is shown.

    Args:
        path: a file of any format, depth, and orientation.
        side: the longer side in pixels; smaller photographs keep their size.

    Returns:
        uint8 `[H, W, 3]`, sRGB, and whether it is colored.

    Raises:
        InputError: it cannot be read.
    """
    photograph = open_photograph(path)
    pixels = as_rgb(photograph.pixels)
    scale = min(1.0, side / max(pixels.shape[:2]))
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    return resized(pixels, height, width), photograph.colored


def read_finished(path: Path, height: int, width: int) -> np.ndarray:
    """Read another program's result for a photograph that is shown at the given size.

    Returns:
        uint8 `[height, width, 3]`, sRGB.

    Raises:
        InputError: it cannot be read, has another shape, or is smaller.
    """
    pixels = as_rgb(open_photograph(path).pixels)
    has_height, has_width = pixels.shape[:2]
    if has_height < height or has_width < width:
        raise InputError(
            f"{path}: {has_width} x {has_height} pixels, should be {width} x {height} or more; "
            "a smaller --side would do too"
        )
    if abs(has_height / has_width - height / width) * width > 1.5:
        raise InputError(
            f"{path}: {has_width} x {has_height} pixels, should have the shape of its photograph, "
            f"{width} x {height}"
        )
    return resized(pixels, height, width)


def as_rgb(pixels: np.ndarray) -> np.ndarray:
    """Gray `[H, W]` or RGB of uint8, uint16, or float in [0, 1] as uint8 `[H, W, 3]`."""
    if pixels.dtype == np.uint16:
        pixels = np.round(pixels / 257.0).astype(np.uint8)
    elif pixels.dtype != np.uint8:
        pixels = np.round(np.clip(pixels, 0.0, 1.0) * 255.0).astype(np.uint8)
    return np.stack([pixels] * 3, axis=-1) if pixels.ndim == 2 else pixels


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize uint8 `[h, w, 3]` to `[height, width, 3]` by averaging areas."""
    import cv2

    if pixels.shape[:2] == (height, width):
        return pixels
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def enlargement(height: int, width: int, side: int) -> int:
    """How often pixels of a small photograph are repeated: up to `LARGE_ENOUGH` pixels or more.

    A browser shows 64 pixels as a stamp of less than two centimeters, of which colors are hard to
    tell. Repeated pixels add nothing that could tell which picture is real.

    Args:
        height, width: at which the photograph was read.
        side: the longer side in pixels that is not exceeded.

    Returns:
        1 or more, for both sides.
    """
    longer = max(height, width)
    return max(1, min(-(-LARGE_ENOUGH // longer), side // longer))


def encode_alike(pictures: Sequence[np.ndarray], enlarged: int = 1) -> list[bytes]:
    """Encode pictures of one photograph as PNG files that differ in nothing but their pixels.

    Args:
        pictures: each uint8 `[H, W, 3]`, all of the same shape.
        enlarged: how often each row and column of all of them is repeated.

    Returns:
        PNG files of the chunks IHDR, IDAT, and IEND, without compression: about
        3 * H * W * enlarged^2 bytes.
    """
    if len({picture.shape for picture in pictures}) != 1:
        raise ValueError("pictures of one photograph differ in shape")
    return [_png(picture.repeat(enlarged, 0).repeat(enlarged, 1)) for picture in pictures]


def _png(picture: np.ndarray) -> bytes:
    # Pillow chooses filters by the pixels, and OpenCV before 4.12 too, even at their level 0.
    height, width = picture.shape[:2]
    rows = np.zeros([height, 1 + 3 * width], np.uint8)  # each begins with its filter: 0, none
    rows[:, 1:] = picture.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    file = b"\x89PNG\r\n\x1a\n"
    data = zlib.compress(rows.tobytes(), 0)
    for kind, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        file += struct.pack(">I", len(content)) + kind + content + checksum
    return file
