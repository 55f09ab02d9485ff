"""PNG: OpenCV compresses, and chunks with metadata are put before the pixels."""

import struct
import zlib
from typing import BinaryIO

import numpy as np

from polychrome.photographs.photograph import Metadata

_HEADER = 33  # bytes of the signature and the first chunk
_METERS = 0.0254  # of an inch


def write_png(
    file: BinaryIO,
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    metadata: Metadata,
    profile: bytes | None,
) -> list[str]:
    """Write a PNG of the pixels' depth. Without a profile it names sRGB in a chunk of 13 bytes.

    Args:
        file: open for writing.
        pixels: uint8 or uint16 `[H, W, 3]`.
        alpha: `[H, W]` of the same type.
        metadata: EXIF goes into eXIf, XMP into iTXt, dpi into pHYs, in whole pixels a meter.
        profile: ICC.

    Returns:
        What PNG cannot hold.
    """
    import cv2

    if alpha is None:
        image = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    else:
        image = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)
        image[..., 3] = alpha
    # OpenCV's own options are the fastest: zlib's level 1 on differences of neighbors.
    done, encoded = cv2.imencode(".png", image)
    if not done:
        raise OSError("OpenCV could not encode it")
    del image
    file.write(encoded[:_HEADER].data)
    if profile:
        file.write(_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(profile)))
    else:
        file.write(_chunk(b"sRGB", b"\0"))
    if metadata.dpi:
        meters = (min(max(round(value / _METERS), 1), 2**31 - 1) for value in metadata.dpi)
        file.write(_chunk(b"pHYs", struct.pack(">IIB", *meters, 1)))
    if metadata.exif:
        file.write(_chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        # Uncompressed, without a language or a translated keyword.
        file.write(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    file.write(encoded[_HEADER:].data)
    return ["IPTC"] if metadata.iptc else []


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
