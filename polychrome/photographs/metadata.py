"""Metadata of a file in the forms that all formats can carry."""

import io
import math
import re
from typing import BinaryIO

from polychrome.photographs import exif, xmp
from polychrome.photographs.decoding.containers import (
    Contents,
    iptc_in,
    jpeg_contents,
    png_contents,
    webp_contents,
)
from polychrome.photographs.photograph import Metadata
from polychrome.photographs.tiff import Field, Tiff

_LARGEST_XMP = 4 << 20
_LARGEST_IPTC = 1 << 20
_XMP, _IPTC, _RESOURCES, _PROFILE = 700, 33723, 34377, 34675
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 282, 283, 296

_READERS = {"jpeg": jpeg_contents, "png": png_contents, "webp": webp_contents}


def contents_of(file: BinaryIO, kind: str) -> Contents:
    """What a file of this format holds besides its pixels; nothing for other formats."""
    return _READERS[kind](file) if kind in _READERS else Contents()


def tiff_contents(tiff: Tiff, fields: dict[int, Field]) -> Contents:
    """What a page of a TIFF file holds besides its pixels."""

    def data(tag: int) -> bytes | None:
        return fields[tag].data if tag in fields else None

    iptc = data(_IPTC)
    if iptc is not None and iptc[:1] != b"\x1c" and fields[_IPTC].kind == 4:
        # Many writers give it as numbers of 32 bits, some in the wrong order of bytes.
        whole = iptc[: len(iptc) // 4 * 4]
        iptc = b"".join(whole[place : place + 4][::-1] for place in range(0, len(whole), 4))
    resources = data(_RESOURCES)
    return Contents(
        exif=exif.from_directory(tiff, fields),
        xmp=data(_XMP),
        iptc=iptc or (iptc_in(resources) if resources else None),
        profile=data(_PROFILE),
        dpi=_resolution(tiff, fields),
    )


def metadata_of(contents: Contents, *, turned: bool, had_profile: bool) -> Metadata:
    """Metadata that holds for the upright picture in sRGB.

    Args:
        contents: of the file.
        turned: whether the picture lay on its side.
        had_profile: whether the file's profile was used.
    """
    upright = exif.upright(contents.exif, converted=had_profile) if contents.exif else None
    dpi = contents.dpi or _exif_resolution(contents.exif)
    if dpi is not None and not all(math.isfinite(d) and 1.0 <= d <= 1e5 for d in dpi):
        dpi = None
    if dpi is not None and turned:
        dpi = dpi[1], dpi[0]
    iptc = contents.iptc
    if iptc is not None and (iptc[:1] != b"\x1c" or len(iptc) > _LARGEST_IPTC):
        iptc = None
    return Metadata(upright, upright_xmp(contents.xmp), iptc, dpi, had_profile)


def upright_xmp(packet: bytes | None) -> bytes | None:
    """XMP as UTF-8, with the orientation 1 and without thumbnails, which show the picture gray.

    Returns:
        None for what is no XMP, or has more than 4 MiB.
    """
    if packet is None or len(packet) > _LARGEST_XMP:
        return None
    try:
        text = packet.decode(_encoding(packet)).lstrip("\ufeff").rstrip("\0")
    except UnicodeDecodeError:
        return None
    if not re.search(r"<(\w+:)?(xmpmeta|RDF|xapmeta)\b", text):
        return None
    return xmp.upright(_without(text, "xmp:Thumbnails").encode())


def _without(text: str, name: str) -> str:
    """The text without the elements of this name."""
    while (start := text.find(f"<{name}>")) >= 0:
        end = text.find(f"</{name}>", start)
        if end < 0:
            return text
        text = text[:start] + text[end + len(name) + 3 :]
    return text


def _encoding(packet: bytes) -> str:
    if packet[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(packet[:2], "utf-8")


def _resolution(tiff: Tiff, fields: dict[int, Field]) -> tuple[float, float] | None:
    x, y = tiff.fraction(fields.get(_X_RESOLUTION)), tiff.fraction(fields.get(_Y_RESOLUTION))
    scale = {2: 1.0, 3: 2.54}.get(tiff.number(fields.get(_UNIT), 2))
    return (x * scale, y * scale) if x and y and scale else None


def _exif_resolution(structure: bytes | None) -> tuple[float, float] | None:
    tiff = Tiff(io.BytesIO((structure or b"").removeprefix(b"Exif\0\0")))
    return _resolution(tiff, tiff.first())
