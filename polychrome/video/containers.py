"""Containers of films: told from pictures by their first bytes, and named in outputs."""

import os
from pathlib import Path
from typing import BinaryIO

# Brands of pictures in the container that MP4 has too.
_PICTURES = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"crx ")
_MATROSKA = b"\x1a\x45\xdf\xa3"
# First boxes of MP4 and QuickTime files.
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Those without which a film is not whole; after them a file may have anything.
_NEEDED = (b"moov", b"mdat", b"moof")
# The same of Matroska: Segment, Cluster, SimpleBlock, BlockGroup.
_NESTED = (b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75")
_ELEMENTS = (*_NESTED, b"\xa3", b"\xa0")

# Those that are read, for people.
CONTAINERS = "MP4, MOV, MKV or WebM"
# FFmpeg's names of the formats that can be written, by suffix.
FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}


def suffixes_of(container: str) -> tuple[str, ...]:
    """The suffixes that the output of a film may have, the usual one first.

    Args:
        container: of the film, see `container_of`.
    """
    own = {"mov": (".mp4", ".m4v", ".mov"), "webm": (".webm",), "matroska": ()}
    return (*own[container], ".mkv")


def container_of(path: str | os.PathLike[str]) -> str | None:
    """The container of a film by its content.

    Returns:
        "mov" (MP4, M4V, MOV), "webm", "matroska", or None for all else, and for what cannot be
        read, which others will say.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(64)
    except OSError:
        return None
    if head[:4] == _MATROSKA:
        return "webm" if b"webm" in head else "matroska"
    if head[4:8] in _BOXES and head[8:12] not in _PICTURES:
        return "mov"
    return None


def bytes_of(path: str | os.PathLike[str], container: str) -> int | None:
    """How many bytes a film should have by its outermost boxes or elements: more if it was cut off.

    Args:
        container: of the film, see `container_of`.

    Returns:
        None, if they do not say.
    """
    step = _box if container == "mov" else _element
    end, needed = 0, None
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while end < size:
            file.seek(end)
            found = step(file)
            if found is None:
                break
            length, is_needed = found
            end += length
            if is_needed:
                needed = end
    return needed


_Length = tuple[int, bool]


def _box(file: BinaryIO) -> _Length | None:
    """Bytes of the box that begins here, and whether a film needs it (ISO/IEC 14496-12, 4.2)."""
    head = file.read(16)
    length, kind = int.from_bytes(head[:4], "big"), head[4:8]
    if length == 1:
        length = int.from_bytes(head[8:16], "big")
    # 0: up to the end of the file.
    return (length, kind in _NEEDED) if len(head) >= 8 and length >= 8 else None


def _element(file: BinaryIO) -> _Length | None:
    """The same for an element of EBML (RFC 8794, 4 to 6)."""
    head = file.read(12)
    if len(head) < 5 or not head[0] >> 4 or not head[_width(head[0])]:
        return None
    name = head[: _width(head[0])]
    width = _width(head[len(name)])
    coded = head[len(name) : len(name) + width]
    length = int.from_bytes(coded, "big") & ((1 << 7 * width) - 1)
    if len(coded) < width:
        return None
    if length == (1 << 7 * width) - 1:  # Unknown, as in live films: on with what is in it.
        return (len(name) + width, False) if name in _NESTED else None
    return len(name) + width + length, name in _ELEMENTS


def _width(first: int) -> int:
    """Bytes of a number of EBML by its first one, which is not 0."""
    return 9 - first.bit_length()
