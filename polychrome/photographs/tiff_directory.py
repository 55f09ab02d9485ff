"""The first directory of a TIFF structure, as files of TIFF have it and EXIF blocks."""

import dataclasses
import struct
from typing import Literal

# Bytes of one value of each type.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_POINTERS = (34665, 34853, 40965)  # to the directories of EXIF, GPS, and interoperability
_THUMBNAIL, _THUMBNAIL_SIZE = 513, 514


@dataclasses.dataclass(frozen=True)
class Entry:
    """One tag: `value` are its four bytes in the directory, which hold an offset if it is long."""

    tag: int
    type: int
    count: int
    value: bytes

    @property
    def size(self) -> int:
        """Bytes of all values."""
        return SIZES[self.type] * self.count


@dataclasses.dataclass(frozen=True)
class Directory:
    """Entries whose values lie within the structure.

    Attributes:
        order: of bytes, as `struct` writes it.
        entries: in the order of the structure.
        end: behind the entries, where the offset of the next directory is.
        next: offset of the next directory, 0 without one.
    """

    order: Literal["<", ">"]
    entries: tuple[Entry, ...]
    end: int
    next: int

    def offset(self, tag: int) -> int:
        """The first value of a tag as a long number; 0 if the tag is missing."""
        for entry in self.entries:
            if entry.tag == tag and entry.type in (4, 13):
                return int(struct.unpack(f"{self.order}I", entry.value)[0])
        return 0


def read_directory(data: bytes, at: int | None = None) -> Directory | None:
    """Read the directory at an offset, by default the first one; None if there is none.

    Entries of unknown types and those that point outside the data are left out.
    """
    orders: dict[bytes, Literal["<", ">"]] = {b"II*\0": "<", b"MM\0*": ">"}
    order = orders.get(data[:4])
    if order is None or len(data) < 8:
        return None
    if at is None:
        at = struct.unpack_from(f"{order}I", data, 4)[0]
    if not 8 <= at <= len(data) - 6:
        return None
    (count,) = struct.unpack_from(f"{order}H", data, at)
    end = at + 2 + 12 * count
    if end + 4 > len(data):
        return None
    entries = []
    for place in range(at + 2, end, 12):
        entry = Entry(*struct.unpack_from(f"{order}HHI4s", data, place))
        if entry.type not in SIZES:
            continue
        (offset,) = struct.unpack(f"{order}I", entry.value)
        if entry.size > 4 and offset + entry.size > len(data):
            continue
        if entry.tag in _POINTERS and not 8 <= offset <= len(data) - 6:
            continue
        entries.append(entry)
    (following,) = struct.unpack_from(f"{order}I", data, end)
    return Directory(order, tuple(entries), end, following)


def without_thumbnail(exif: bytes) -> bytes:
    """An EXIF block without its thumbnail, which would show the photograph before it had color.

    Its directory is unhooked, and its bytes are cut off if they are the last ones, so that no
    offset changes and maker notes stay readable.
    """
    directory = read_directory(exif)
    if directory is None or not directory.next:
        return exif
    following = read_directory(exif, directory.next)
    end = directory.end
    if following is not None:
        start, size = (following.offset(tag) for tag in (_THUMBNAIL, _THUMBNAIL_SIZE))
        is_last = start >= following.end + 4 and len(exif) - start - size in (0, 1)
        if is_last and start >= end + 4 and exif[start : start + 2] == b"\xff\xd8":
            exif = exif[:start]
    return exif[:end] + bytes(4) + exif[end + 4 :]
