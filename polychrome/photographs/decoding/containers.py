"""What a file holds besides its pixels, found by walking its parts.

Read here and not by Pillow, which refuses a whole picture for one large or damaged text.
"""

import dataclasses
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from polychrome.photographs.tiff import read_at

# More than any of these that was seen, and little enough to hold in memory.
LARGEST = 8 << 20
_XMP_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")


@dataclasses.dataclass
class Contents:
    """Parts of a file, as stored; None where it has none.

    Attributes:
        exif: may begin with "Exif\\0\\0".
        xmp: packet.
        iptc: IIM records.
        profile: ICC.
        dpi: horizontal and vertical, of the stored picture.
        has_adobe: whether a JPEG has Adobe's marker: its CMYK is inverted then.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    profile: bytes | None = None
    dpi: tuple[float, float] | None = None
    has_adobe: bool = False


def jpeg_contents(file: BinaryIO) -> Contents:
    """The contents of a JPEG file, from its segments before the first scan."""
    found = Contents()
    profile: dict[int, bytes] = {}
    resources = b""
    for marker, data in _jpeg_segments(file):
        if marker == 0xE0 and data.startswith(b"JFIF\0") and len(data) >= 12:
            unit, x, y = struct.unpack(">BHH", data[7:12])
            scale = {1: 1.0, 2: 2.54}.get(unit)
            found.dpi = (x * scale, y * scale) if scale else None
        elif marker == 0xE1 and data.startswith(b"Exif\0\0"):
            found.exif = found.exif or data
        elif marker == 0xE1 and data.startswith(_XMP_JPEG):
            found.xmp = found.xmp or data[len(_XMP_JPEG) :]
        elif marker == 0xE2 and data.startswith(b"ICC_PROFILE\0") and len(data) > 14:
            profile.setdefault(data[12], data[14:])
        elif marker == 0xED and data.startswith(b"Photoshop 3.0\0"):
            resources += data[14:]
        elif marker == 0xEE and data.startswith(b"Adobe"):
            found.has_adobe = True
    found.profile = b"".join(data for _, data in sorted(profile.items())) or None
    found.iptc = iptc_in(resources)
    return found


def _jpeg_segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    at, total = 2, 0
    while total < 4 * LARGEST:
        head = read_at(file, at, 4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        if head[1] in (0xFF, 0x01) or 0xD0 <= head[1] <= 0xD8:  # fill bytes, or without a length
            at += 1 if head[1] == 0xFF else 2
            continue
        length = int.from_bytes(head[2:], "big")
        if head[1] in (0xDA, 0xD9) or length < 2:
            return
        if 0xE0 <= head[1] <= 0xEF:
            yield head[1], read_at(file, at + 4, length - 2)
            total += length
        at += 2 + length


def iptc_in(resources: bytes) -> bytes | None:
    """IIM records in a block of Photoshop's resources."""
    at = 0
    while resources[at : at + 4] == b"8BIM":
        kind = int.from_bytes(resources[at + 4 : at + 6], "big")
        name = 1 + resources[at + 6] if at + 6 < len(resources) else 1
        at += 6 + name + name % 2
        size = int.from_bytes(resources[at : at + 4], "big")
        if kind == 0x0404:
            return resources[at + 4 : at + 4 + size] or None
        at += 4 + size + size % 2
    return None


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The type, position of the data and length of each chunk that is there in whole."""
    at = 8
    while len(head := read_at(file, at, 8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not read_at(file, at + 11 + length, 1):
            return
        yield kind, at + 8, length
        if kind == b"IEND":
            return
        at += 12 + length


def png_pixels(file: BinaryIO) -> bytes:
    """A PNG file without chunks that are not about its pixels.

    Of transparency it keeps that of a palette: the decoders disagree on colors that stand for it.

    Raises:
        ValueError: the file ends early; Pillow would not miss its last chunk.
    """
    parts = [b"\x89PNG\r\n\x1a\n"]
    wanted: tuple[bytes, ...] = _CRITICAL + _ANIMATION
    if read_at(file, 25, 1) == b"\x03":
        wanted += (b"tRNS",)
    for kind, at, length in png_chunks(file):
        if kind in wanted:
            parts.append(read_at(file, at - 8, length + 12))
    if not parts[-1][4:].startswith(b"IEND"):
        raise ValueError("the file is truncated")
    return b"".join(parts)


def png_transparent_level(file: BinaryIO) -> tuple[int, ...] | None:
    """The gray level or RGB color that stands for transparency in a PNG without alpha."""
    count = {0: 1, 2: 3}.get((read_at(file, 25, 1) or b"\xff")[0])
    for kind, at, length in png_chunks(file):
        if kind == b"IDAT":
            break
        if kind == b"tRNS" and count and length == 2 * count:
            return struct.unpack(f">{count}H", read_at(file, at, length))
    return None


def png_contents(file: BinaryIO) -> Contents:
    """The contents of a PNG file."""
    found = Contents()
    for kind, at, length in png_chunks(file):
        if length > LARGEST or kind in (b"IDAT", b"fdAT"):
            continue
        if kind == b"eXIf":
            found.exif = read_at(file, at, length)
        elif kind == b"iCCP":
            _, _, packed = read_at(file, at, length).partition(b"\0")
            found.profile = _inflated(packed[1:])
        elif kind == b"pHYs" and length == 9:
            x, y, unit = struct.unpack(">IIB", read_at(file, at, length))
            found.dpi = (x * 0.0254, y * 0.0254) if unit == 1 else None
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            _png_text(found, kind, read_at(file, at, length))
    return found


def _png_text(found: Contents, kind: bytes, data: bytes) -> None:
    key, _, text = data.partition(b"\0")
    if kind == b"iTXt":
        if key == b"XML:com.adobe.xmp" and len(text) > 2:
            packet = text[2:].split(b"\0", 2)[-1]
            found.xmp = _inflated(packet) if text[0] else packet
        return
    match = re.fullmatch(rb"Raw profile type (exif|APP1|iptc|xmp)", key)
    if not match:
        return
    # ImageMagick's: a name, a length, and the bytes in hexadecimal.
    lines = (_inflated(text[1:]) or b"" if kind == b"zTXt" else text).split(b"\n", 3)
    try:
        raw = bytes.fromhex(lines[-1].decode("ascii"))
    except ValueError:
        return
    if raw.startswith(b"Exif\0\0"):
        found.exif = found.exif or raw
    elif match[1] == b"iptc":
        found.iptc = raw if raw[:1] == b"\x1c" else iptc_in(raw.removeprefix(b"Photoshop 3.0\0"))
    elif match[1] == b"xmp":
        found.xmp = found.xmp or raw


def _inflated(packed: bytes) -> bytes | None:
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(packed, LARGEST)
    except zlib.error:
        return None
    return data if stream.eof else None


def webp_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The type, position of the data and length of each chunk."""
    at = 12
    while len(head := read_at(file, at, 8)) == 8:
        length = int.from_bytes(head[4:], "little")
        yield head[:4], at + 8, length
        at += 8 + length + length % 2


def webp_contents(file: BinaryIO) -> Contents:
    """The contents of a WebP file."""
    found = Contents()
    for kind, at, length in webp_chunks(file):
        if length > LARGEST:
            continue
        if kind == b"EXIF":
            found.exif = read_at(file, at, length)
        elif kind == b"XMP ":
            found.xmp = read_at(file, at, length)
        elif kind == b"ICCP":
            found.profile = read_at(file, at, length)
    return found


def webp_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height of a WebP file's canvas."""
    head = read_at(file, 12, 18)
    if head[:4] == b"VP8X":
        return (
            1 + int.from_bytes(head[12:15], "little"),
            1 + int.from_bytes(head[15:18], "little"),
        )
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if head[:4] == b"VP8 ":
        width, height = struct.unpack("<HH", head[14:18])
        return width & 0x3FFF, height & 0x3FFF
    return None
