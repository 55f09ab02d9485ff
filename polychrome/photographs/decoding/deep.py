"""Colors of 16 bits and floats, for which Pillow has no modes."""

import io
import logging
import os
import struct
import threading
import zlib
from typing import Any, BinaryIO

import numpy as np

from polychrome.photographs.decoding.containers import png_chunks
from polychrome.photographs.tiff import Field, Tiff

_ORIENTATION, _BITS, _PHOTOMETRIC, _SAMPLES, _PLANAR = 0x0112, 0x0102, 0x0106, 0x0115, 0x011C
_EXTRA, _FORMAT = 0x0152, 0x0153
_PREMULTIPLIED, _ALPHA = 1, 2
_RGB = 2
_DECODED = (np.uint16, np.float32, np.float64)


def is_deep_png(header: bytes) -> bool:
    """Whether a PNG has 16 bits and more than one channel, by its first 26 bytes."""
    return header[24] == 16 and header[25] in (2, 4, 6)


def is_deep_tiff(tiff: Tiff, fields: dict[int, Field]) -> bool:
    """Whether Pillow has no mode for a page: deep colors, deep gray with alpha, rare floats."""
    bits = tiff.numbers(fields.get(_BITS)) or (1,)
    samples = tiff.number(fields.get(_SAMPLES), 1)
    photometric = tiff.number(fields.get(_PHOTOMETRIC), 1)
    several = photometric == _RGB or (photometric in (0, 1) and samples > 1)
    rare_float = tiff.number(fields.get(_FORMAT), 1) == 3 and bits[0] != 32
    return (several and bits[0] >= 16) or rare_float


def decode_png(encoded: bytes, transparent: tuple[int, ...] | None) -> list[np.ndarray]:
    """Channels of a PNG of 16 bits.

    Args:
        encoded: the file; `png_pixels` made it.
        transparent: the color that stands for transparency.

    Returns:
        gray `[H, W]` or RGB `[H, W, 3]`, and alpha `[H, W]` if it has any; uint16.
    """
    _check_complete(encoded)
    pixels = _by_opencv(np.frombuffer(encoded, np.uint8))
    if pixels.ndim == 3 and encoded[25] == 4:
        return [np.ascontiguousarray(pixels[..., 0]), np.ascontiguousarray(pixels[..., -1])]
    if transparent is not None:
        return [pixels, alpha_except(pixels, transparent)]
    if pixels.shape[-1] == 4:
        return [np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])]
    return [pixels]


def alpha_except(pixels: np.ndarray, transparent: tuple[int, ...]) -> np.ndarray:
    """Alpha `[H, W]` that is 0 at one gray level or color, and full elsewhere."""
    same = pixels == np.array(transparent if pixels.ndim == 3 else transparent[0])
    is_transparent = same.all(axis=-1) if pixels.ndim == 3 else same
    most = np.iinfo(pixels.dtype).max
    return np.where(is_transparent, 0, most).astype(pixels.dtype)


def decode_tiff(file: BinaryIO, tiff: Tiff, at: int, fields: dict[int, Field]) -> list[np.ndarray]:
    """Channels of a page of a TIFF file, not turned upright.

    Args:
        file: the file.
        tiff: its directories.
        at: where the page's directory is.
        fields: what it says.

    Returns:
        gray `[H, W]` or RGB `[H, W, 3]`, and alpha `[H, W]` if it has any; uint16 or float.
    """
    encoded = bytearray(file.seek(0, os.SEEK_END))
    file.seek(0)
    file.readinto(encoded)  # type: ignore[attr-defined]
    # OpenCV reads the first page, and would turn it upright.
    start = struct.pack(tiff.order + ("Q" if tiff.is_big else "I"), at)
    where = 8 if tiff.is_big else 4
    encoded[where : where + len(start)] = start
    if turn := fields.get(_ORIENTATION):
        # The value follows the tag, the type and the count.
        value = turn.at + (12 if tiff.is_big else 8)
        encoded[value : value + len(turn.data)] = np.array(
            1, f"{tiff.order}u{len(turn.data)}"
        ).tobytes()
    samples = tiff.number(fields.get(_SAMPLES), 1)
    bits = tiff.number(fields.get(_BITS), 1)
    floats = tiff.number(fields.get(_FORMAT), 1) == 3
    usual = tiff.number(fields.get(_PLANAR), 1) == 1 and samples in (1, 3, 4)
    if usual and bits in ((32, 64) if floats else (16,)):
        pixels = _by_opencv(np.frombuffer(encoded, np.uint8))
    else:
        pixels = _by_tifffile(encoded, samples)
    color, *alpha = _separated(pixels, tiff.numbers(fields.get(_EXTRA)))
    return [of_full_range(color, tiff, fields), *alpha]


def of_full_range(levels: np.ndarray, tiff: Tiff, fields: dict[int, Field]) -> np.ndarray:
    """Levels of a page in which 0 is black, and white is the largest number that there is."""
    if tiff.number(fields.get(_BITS), 1) == 12 and levels.dtype == np.uint16:
        # Four more bits that repeat the highest: what decoders give who know 12 bits.
        levels = (levels << 4) | (levels >> 8)
    if tiff.number(fields.get(_PHOTOMETRIC), 1) == 0:
        levels = (1 if levels.dtype.kind == "f" else np.iinfo(levels.dtype).max) - levels
    return levels


def _separated(pixels: np.ndarray, extra: tuple[int, ...]) -> list[np.ndarray]:
    """Colors and alpha of `[H, W, samples]`, whose last `extra` are no colors."""
    if pixels.ndim == 2:
        return [pixels]
    colors = 3 if pixels.shape[-1] >= 3 else 1
    color = np.ascontiguousarray(pixels[..., :3] if colors == 3 else pixels[..., 0])
    # Many files of four samples don't say what the fourth is; Pillow takes it for alpha, too.
    kind = extra[0] if extra else _ALPHA
    if pixels.shape[-1] == colors or kind not in (_ALPHA, _PREMULTIPLIED):
        return [color]
    alpha = np.ascontiguousarray(pixels[..., colors])
    if kind == _PREMULTIPLIED:
        most = 1.0 if alpha.dtype.kind == "f" else float(np.iinfo(alpha.dtype).max)
        below = np.maximum(alpha if colors == 1 else alpha[..., None], 1 if most > 1 else 1e-6)
        straight = np.minimum(color * (most / below), most)
        color = (np.round(straight) if most > 1 else straight).astype(color.dtype)
    return [color, alpha]


def _by_opencv(encoded: np.ndarray) -> np.ndarray:
    """`[H, W]`, or `[H, W, C]` in the order RGB."""
    import cv2

    with _QUIET:
        pixels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype not in _DECODED:
        raise ValueError("its numbers of 16 bits or more cannot be decoded")
    if pixels.ndim == 3 and pixels.shape[-1] >= 3:
        rows = max(1, (1 << 20) // pixels.shape[1])
        for top in range(0, len(pixels), rows):
            strip = pixels[top : top + rows]
            strip[..., :3] = strip[..., 2::-1].copy()
    return pixels


class _Quiet:
    """Without the decoders' own messages about damaged files, until the last thread is done."""

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._logger, self._before = logging.getLogger("tifffile"), (0, False)

    def __enter__(self) -> None:
        from cv2.utils import logging as opencv

        with self._lock:
            if not self._inside:
                self._before = opencv.getLogLevel(), self._logger.disabled
                opencv.setLogLevel(opencv.LOG_LEVEL_SILENT)
                self._logger.disabled = True
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        from cv2.utils import logging as opencv

        with self._lock:
            self._inside -= 1
            if not self._inside:
                level, self._logger.disabled = self._before
                opencv.setLogLevel(level)


_QUIET = _Quiet()


def _by_tifffile(encoded: bytearray, samples: int) -> np.ndarray:
    """`[H, W, C]` of what OpenCV takes for something else: separate planes, gray with alpha."""
    import tifffile

    with _QUIET, tifffile.TiffFile(io.BytesIO(encoded)) as file:
        page: Any = file.pages[0]
        for start, size in zip(page.dataoffsets, page.databytecounts, strict=True):
            # What is missing would become zeros.
            if not 0 < start <= start + size <= len(encoded) or not size:
                raise ValueError("the file is truncated")
        pixels = np.asarray(page.asarray())
        if "S" in page.axes and page.axes.index("S") == 0:
            pixels = np.moveaxis(pixels, 0, -1)
    if pixels.shape[:2] != (page.imagelength, page.imagewidth):
        raise ValueError(f"samples laid out as {page.axes}")
    if pixels.dtype not in (*_DECODED, np.float16):
        raise ValueError("its numbers of 16 bits or more cannot be decoded")
    return np.ascontiguousarray(pixels)


def _check_complete(encoded: bytes) -> None:
    """Refuse a PNG whose pixels end early or are damaged: OpenCV gives what there is.

    Raises:
        ValueError: the file is truncated or damaged.
    """
    view = memoryview(encoded)
    stream, inflated, kinds = zlib.decompressobj(), 0, set()
    for kind, at, length in png_chunks(io.BytesIO(encoded)):
        data = view[at - 4 : at + length]
        if zlib.crc32(data).to_bytes(4, "big") != view[at + length : at + length + 4]:
            raise ValueError("damaged: a checksum is wrong")
        kinds.add(kind)
        rest = bytes(data[4:]) if kind == b"IDAT" else b""
        while rest and not stream.eof:
            inflated += len(stream.decompress(rest, 1 << 24))
            rest = stream.unconsumed_tail
    width, height = struct.unpack(">II", encoded[16:24])
    channels = {2: 3, 4: 2, 6: 4}[encoded[25]]
    if not stream.eof or b"IEND" not in kinds or inflated < width * height * channels * 2:
        raise ValueError("the file is truncated")
