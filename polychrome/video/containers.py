"""Containers of films: told from pictures by their first bytes, and named in outputs."""

import os
from pathlib import Path

# Brands of pictures in the container that MP4 has too.
_PICTURES = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"crx ")
_MATROSKA = b"\x1a\x45\xdf\xa3"
# First boxes of MP4 and QuickTime files.
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")

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
