"""Pictures as a study shows them: resized alike, as PNG files of equal size and make-up.

Of two pictures of a photograph, files must not tell which is the real one. The length of a PNG
depends on its pixels, so the compressed data of the shorter ones is made longer by empty blocks,
which every decoder skips. Then all files of a photograph have the same three chunks, equally long.
"""

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from polychrome.errors import InputError
from polychrome.photographs.opening import open_photograph

# Deflate (RFC 1951) lets empty blocks stand anywhere. At a byte boundary an empty stored block has
# five bytes. An empty block of fixed codes (10 bits) and a stored one together have six.
_FIVE = b"\x00\x00\x00\xff\xff"
_SIX = b"\x02\x00\x00\x00\xff\xff"
_SMALLEST = 20  # every larger sum is one of fives and sixes


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


def encode_alike(pictures: Sequence[np.ndarray]) -> list[bytes]:
    """Encode pictures of one photograph as PNG files that differ in nothing but their pixels.

    Args:
        pictures: each uint8 `[H, W, 3]`, all of the same shape.

    Returns:
        PNG files of the same length, of the chunks IHDR, IDAT, and IEND, each equally long.
    """
    if len({picture.shape for picture in pictures}) != 1:
        raise ValueError("pictures of one photograph differ in shape")
    rows = [_filtered(picture) for picture in pictures]
    compressed = [_deflated(each) for each in rows]
    length = max(map(len, compressed)) + _SMALLEST
    return [
        _png(picture, _lengthened(data, row, length))
        for picture, data, row in zip(pictures, compressed, rows, strict=True)
    ]


def _filtered(picture: np.ndarray) -> bytes:
    """The rows of a PNG before compression, with the filters that Pillow chooses."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png", compress_level=1)
    found = chunks(file.getvalue())
    return zlib.decompress(b"".join(data for kind, data in found if kind == "IDAT"))


def chunks(png: bytes) -> list[tuple[str, bytes]]:
    """The chunks of a PNG file: type and data of each."""
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind = png[place + 4 : place + 8].decode("ascii")
        found.append((kind, png[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def _deflated(rows: bytes) -> bytes:
    """A zlib stream up to a byte boundary, without its last block and its checksum."""
    compressor = zlib.compressobj(9)
    return compressor.compress(rows) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _lengthened(data: bytes, rows: bytes, length: int) -> bytes:
    """The stream with empty blocks up to `length`, then a last block and the checksum."""
    missing = length - len(data)
    sixes = missing % 5
    fives = (missing - 6 * sixes) // 5
    last = b"\x03\x00"  # final, fixed codes, empty
    return data + _FIVE * fives + _SIX * sixes + last + struct.pack(">I", zlib.adler32(rows))


def _png(picture: np.ndarray, data: bytes) -> bytes:
    height, width = picture.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    file = b"\x89PNG\r\n\x1a\n"
    for kind, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        file += struct.pack(">I", len(content)) + kind + content + checksum
    return file
