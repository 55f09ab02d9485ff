"""TIFF of 8 and 16 bits with everything that the photograph's EXIF block says.

The block is itself a TIFF structure. It is put at the start of the file, so that all its offsets
hold, also those within maker notes, which no one else can move. The pixels follow, and then a new
first directory: the block's entries as they are, and ours.
"""

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from polychrome.photographs.photograph import Metadata
from polychrome.photographs.tiff import Tiff

_BYTE, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 1, 3, 4, 5, 7
_STRIP = 1 << 19  # bytes before compression
LIMIT = 2**32 - 1  # offsets have 32 bits

# What entries of other files say of how their pixels are stored, of their color, and of what the
# photograph's metadata has apart. DNG's tags would have the result taken for a raw file.
_STRUCTURE = frozenset(
    [254, 255, *range(256, 260), 262, 263, 266, 273, 274, *range(277, 282), 284, *range(290, 294)]
    + [297, 301, *range(317, 348), 351, *range(400, 436), *range(512, 533), 559, 700]
    + [33421, 33422, 33723, 34377, 34675, 37724, *range(50706, 51200)]
)
_POINTERS = (34665, 34853, 40965)  # to the directories of EXIF, GPS, and interoperability


def write_tiff(
    file: BinaryIO,
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    metadata: Metadata,
    profile: bytes | None,
) -> list[str]:
    """Write a TIFF of the pixels' depth.

    8 bits are compressed by Deflate on differences of neighbors; 16 bits are not: most of them are
    noise, and take long to compress a little.

    Args:
        file: open for writing, and seekable.
        pixels: uint8 or uint16 `[H, W, 3]`.
        alpha: `[H, W]` of the same type: unassociated.
        metadata: EXIF's entries join the first directory.
        profile: ICC.

    Returns:
        What is lost: EXIF that is no TIFF structure.
    """
    block, losses = metadata.exif or b"", []
    exif = Tiff(io.BytesIO(block))
    fields = {} if exif.is_big else exif.first()
    if block and not fields:
        losses.append("broken EXIF")
    order = exif.order if fields else "<"
    tags = _Tags(order)
    file.write(_start(order, block if fields else b""))
    _write_pixels(file, pixels, alpha, tags)
    _describe(tags, metadata, profile)
    for tag, field in fields.items():
        is_lost = tag in _POINTERS and not 8 <= exif.number(field, 0) <= len(block) - 6
        if tag not in _STRUCTURE and not is_lost:
            tags.keep(tag, block[field.at : field.at + 12])
    start = file.tell() + file.tell() % 2
    file.write(bytes(start - file.tell()) + tags.directory(start))
    file.seek(4)
    file.write(struct.pack(f"{order}I", start))
    return losses


def _start(order: str, block: bytes) -> bytes:
    """What comes before the pixels, with a place for the offset of the first directory."""
    block = block or (b"II*\0" if order == "<" else b"MM\0*") + bytes(4)
    return block + bytes(len(block) % 2)


def _write_pixels(
    file: BinaryIO, pixels: np.ndarray, alpha: np.ndarray | None, tags: "_Tags"
) -> None:
    height, width = pixels.shape[:2]
    channels, depth = 3 if alpha is None else 4, pixels.itemsize
    rows = max(1, _STRIP // (width * channels * depth))
    compress = depth == 1

    def strip(top: int) -> bytes:
        part = pixels[top : top + rows]
        if alpha is not None:
            part = np.dstack([part, alpha[top : top + rows]])
        if not compress:
            return part.astype(f"{tags.order}u{depth}").tobytes()
        differences = part.copy()
        differences[:, 1:] -= part[:, :-1]
        return zlib.compress(differences.data, 1)

    offsets, sizes = [], []
    for data in _in_threads(strip, range(0, height, rows)):
        offsets.append(file.tell())
        sizes.append(len(data))
        file.write(data + bytes(len(data) % 2))
    tags.add(256, _LONG, [width])
    tags.add(257, _LONG, [height])
    tags.add(258, _SHORT, [8 * depth] * channels)
    tags.add(259, _SHORT, [8 if compress else 1])
    tags.add(262, _SHORT, [2])  # RGB
    tags.add(273, _LONG, offsets)
    tags.add(274, _SHORT, [1])  # upright
    tags.add(277, _SHORT, [channels])
    tags.add(278, _LONG, [rows])
    tags.add(279, _LONG, sizes)
    tags.add(284, _SHORT, [1])  # channels side by side
    if compress:
        tags.add(317, _SHORT, [2])  # differences of neighbors
    if alpha is not None:
        tags.add(338, _SHORT, [2])  # unassociated


def _in_threads(function: Callable[[int], bytes], items: range) -> Iterator[bytes]:
    """Results in order, of which few wait in memory at a time."""
    workers = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(workers) as executor:
        step = 8 * workers
        for start in range(0, len(items), step):
            yield from executor.map(function, items[start : start + step])


def _describe(tags: "_Tags", metadata: Metadata, profile: bytes | None) -> None:
    if metadata.dpi:
        for tag, value in zip((282, 283), metadata.dpi, strict=True):
            fraction = Fraction(value).limit_denominator(10_000)
            tags.add(tag, _RATIONAL, [fraction.numerator, fraction.denominator])
        tags.add(296, _SHORT, [2])  # an inch
    for tag, kind, content in (
        (700, _BYTE, metadata.xmp),
        (33723, _UNDEFINED, metadata.iptc),
        (34675, _UNDEFINED, profile),
    ):
        if content:
            tags.add(tag, kind, content)


class _Tags:
    """Entries of a directory to be written.

    Args:
        order: of bytes, as `struct` writes it.
    """

    def __init__(self, order: str):
        self.order = order
        self._entries: dict[int, tuple[int, int, bytes]] = {}
        self._kept: dict[int, bytes] = {}

    def add(self, tag: int, kind: int, values: list[int] | bytes) -> None:
        """Add numbers or bytes; a rational number has two."""
        codes = {_SHORT: "H", _LONG: "I", _RATIONAL: "I"}
        if isinstance(values, list):
            data = struct.pack(f"{self.order}{len(values)}{codes[kind]}", *values)
        else:
            data = values
        count = len(values) // 2 if kind == _RATIONAL else len(values)
        self._entries[tag] = (kind, count, data)

    def keep(self, tag: int, entry: bytes) -> None:
        """Add an entry whose value is in the file already, unless its tag has been added."""
        if tag not in self._entries:
            self._kept[tag] = entry

    def directory(self, at: int) -> bytes:
        """The directory for this offset, and after it the long values."""
        count = len(self._entries) + len(self._kept)
        place = at + 2 + 12 * count + 4
        values = b""
        lines = []
        for tag in sorted(self._entries.keys() | self._kept.keys()):
            if tag in self._kept:
                lines.append(self._kept[tag])
                continue
            kind, number, data = self._entries[tag]
            if len(data) > 4:
                value = struct.pack(f"{self.order}I", place + len(values))
                values += data + bytes(len(data) % 2)
            else:
                value = data.ljust(4, b"\0")
            lines.append(struct.pack(f"{self.order}HHI4s", tag, kind, number, value))
        return struct.pack(f"{self.order}H", count) + b"".join(lines) + bytes(4) + values
