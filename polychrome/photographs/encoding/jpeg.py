"""JPEG: OpenCV compresses, and the segments with metadata are put before its own."""

import struct
from typing import BinaryIO

import numpy as np

from polychrome.photographs.photograph import Metadata

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PROFILE = b"ICC_PROFILE\0\1\1"  # first part of one
_PHOTOSHOP = b"Photoshop 3.0\0"
_IPTC_RESOURCE = b"8BIM\4\4\0\0"  # kind 0x0404, without a name
_SEGMENT = 65533  # bytes after a segment's length
XMP_LIMIT = _SEGMENT - len(_XMP)


def write_jpeg(
    file: BinaryIO, pixels: np.ndarray, metadata: Metadata, profile: bytes | None, quality: int
) -> list[str]:
    """Write a baseline JPEG with full chroma resolution (4:4:4).

    Args:
        file: open for writing.
        pixels: uint8 `[H, W, 3]`.
        metadata: goes into APP1 (EXIF, XMP) and APP13 (IPTC).
        profile: ICC, under 64 KB.
        quality: 1...100.

    Returns:
        What does not fit in its segment.
    """
    import cv2

    options = [
        (cv2.IMWRITE_JPEG_QUALITY, quality),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    ]
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".jpg", bgr, [number for option in options for number in option])
    if not done:
        raise OSError("OpenCV could not encode it")
    data = encoded.data
    # Ours takes the place of OpenCV's JFIF segment.
    body = data[4 + _number(data, 4) :] if bytes(data[2:4]) == b"\xff\xe0" else data[2:]
    losses = []
    file.write(b"\xff\xd8" + _segment(0xE0, b"JFIF\0\1\1" + _density(metadata.dpi) + b"\0\0"))
    for name, marker, content in (
        ("EXIF", 0xE1, metadata.exif and _EXIF + metadata.exif),
        ("XMP", 0xE1, metadata.xmp and _XMP + metadata.xmp),
        ("IPTC", 0xED, metadata.iptc and _PHOTOSHOP + _resource(metadata.iptc)),
        ("profile", 0xE2, profile and _PROFILE + profile),
    ):
        if content and len(content) > _SEGMENT:
            losses.append(f"{name} of more than 64 KB")
        elif content:
            file.write(_segment(marker, content))
    file.write(body)
    return losses


def _number(data: memoryview, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _density(dpi: tuple[float, float] | None) -> bytes:
    if dpi is None:
        return struct.pack(">BHH", 0, 1, 1)
    return struct.pack(">BHH", 1, *(min(max(round(value), 1), 65535) for value in dpi))


def _resource(iptc: bytes) -> bytes:
    return _IPTC_RESOURCE + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)
