"""Directories of TIFF: of the files, and of EXIF, which is laid out alike.

Nothing here raises an error for damaged data: what cannot be read is missing.
"""

import dataclasses
import struct
from collections.abc import Iterator
from typing import BinaryIO

# Bytes of one element of each type of field; BigTIFF has more. 129 is EXIF 3.0's text in UTF-8.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_SIZES_BIG = SIZES | {16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MOST_PAGES = 100_000
# Larger values are strips of pixels, or nonsense.
_LARGEST_FIELD = 8 << 20


@dataclasses.dataclass(frozen=True)
class Field:
    """A value as it is stored.

    Attributes:
        kind: the type's number, a key of `SIZES`.
        data: its elements in the byte order of the file.
        at: where its entry in the directory starts.
    """

    kind: int
    data: bytes
    at: int


class Tiff:
    """Reads directories.

    Args:
        file: seekable; starts with the byte order.

    Attributes:
        order: "<" or ">"; empty if this is no TIFF.
        is_big: whether it is a BigTIFF.
    """

    def __init__(self, file: BinaryIO):
        self._file = file
        head = read_at(file, 0, 16)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        magic = self._number(head[2:4])
        self.is_big = magic == 43
        if magic not in (42, 43):
            self.order = ""
        self._first = self._number(head[8:16] if self.is_big else head[4:8])

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def directories(self) -> Iterator[int]:
        """Positions of the linked directories; a link back ends the list."""
        at, seen = self._first, set[int]()
        while self.order and at and at not in seen and len(seen) < _MOST_PAGES:
            count = self._count(at)
            if not count or not self._link(at, count):
                return
            seen.add(at)
            yield at
            at = self._number(self._link(at, count))

    def directory(self, at: int) -> dict[int, Field]:
        """Fields by tag; those of unknown types, past the end, or too large are left out."""
        count = self._count(at) if self.order else 0
        start, size = at + self._width, 12 + 8 * self.is_big
        entries = read_at(self._file, start, count * size, partial=True)
        fields: dict[int, Field] = {}
        for place in range(0, len(entries) - size + 1, size):
            entry = entries[place : place + size]
            tag, kind = struct.unpack(self.order + "HH", entry[:4])
            inline = 8 if self.is_big else 4
            length = self._number(entry[4:-inline]) * self._sizes.get(kind, 0)
            if not 0 < length <= _LARGEST_FIELD:
                continue
            data = entry[-inline:][:length]
            if length > inline:
                data = read_at(self._file, self._number(entry[-inline:]), length)
            if len(data) == length:
                fields.setdefault(tag, Field(kind, data, start + place))
        return fields

    def first(self) -> dict[int, Field]:
        """Fields of the first directory; none without one."""
        at = next(self.directories(), 0)
        return self.directory(at) if at else {}

    def numbers(self, field: Field | None) -> tuple[int, ...]:
        """A field's whole numbers, none if it has another type."""
        if field is None or field.kind not in _NUMBERS:
            return ()
        count = len(field.data) // self._sizes[field.kind]
        return struct.unpack(f"{self.order}{count}{_NUMBERS[field.kind]}", field.data)

    def number(self, field: Field | None, default: int) -> int:
        """A field's first whole number."""
        return (*self.numbers(field), default)[0]

    def fraction(self, field: Field | None) -> float | None:
        """An unsigned rational number."""
        if field is None or field.kind != 5:
            return None
        above, below = struct.unpack(self.order + "II", field.data[:8])
        return above / below if below else None

    def link(self, at: int) -> int:
        """Where the link from one directory to the next is stored."""
        return at + self._width + self._count(at) * (12 + 8 * self.is_big)

    def _link(self, at: int, count: int) -> bytes:
        return read_at(self._file, self.link(at), 8 if self.is_big else 4)

    @property
    def _width(self) -> int:
        return 8 if self.is_big else 2

    @property
    def _sizes(self) -> dict[int, int]:
        return _SIZES_BIG if self.is_big else SIZES

    def _count(self, at: int) -> int:
        return min(self._number(read_at(self._file, at, self._width)), 65535)


def read_at(file: BinaryIO, at: int, size: int, partial: bool = False) -> bytes:
    """Bytes from a position; none if the file ends before, or what there is if `partial`."""
    if not 0 <= at < 1 << 62:
        return b""
    file.seek(at)
    data = file.read(size)
    return data if partial or len(data) == size else b""


def built(order: str, directories: list[dict[int, Field | int]]) -> bytes:
    """A TIFF structure of these directories, of which the first is linked from the header.

    Args:
        order: "<" or ">", that of the fields.
        directories: fields by tag. A number stands for the place in this list of the directory to
            which the tag points.
    """
    sizes = [2 + 12 * len(fields) + 4 for fields in directories]
    starts = [8 + sum(sizes[:place]) for place in range(len(sizes))]
    structure = bytearray(b"II" if order == "<" else b"MM")
    structure += struct.pack(order + "HI", 42, 8)
    values = bytearray()
    for fields in directories:
        structure += struct.pack(order + "H", len(fields))
        for tag, field in sorted(fields.items()):
            if isinstance(field, int):
                structure += struct.pack(order + "HHII", tag, 4, 1, starts[field])
                continue
            count = len(field.data) // SIZES[field.kind]
            structure += struct.pack(order + "HHI", tag, field.kind, count)
            if len(field.data) <= 4:
                structure += field.data.ljust(4, b"\0")
            else:
                structure += struct.pack(order + "I", 8 + sum(sizes) + len(values))
                values += field.data + b"\0" * (len(field.data) % 2)
        structure += bytes(4)
    return bytes(structure + values)
