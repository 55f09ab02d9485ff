"""EXIF: orientation, and what of it still holds for upright pixels in sRGB.

It is a TIFF structure, in either byte order. Nothing here raises an error for damaged data.
"""

import io
import re
import struct

from polychrome.photographs.tiff import SIZES, Field, Tiff, built

LARGEST = 1 << 20
_ORIENTATION = 0x0112
_EXIF, _GPS, _INTEROPERABILITY = 0x8769, 0x8825, 0xA005
_COLOR_SPACE, _DESCRIPTION = 0xA001, 0x010E
_SRGB, _SHORT = 1, 3
_RESOLUTION = {0x011A, 0x011B, 0x0128}
# What a TIFF file's first directory says of the picture rather than of how its pixels are stored:
# document name, description, maker, model, page name, software, date, artist, computer, copyright,
# ratings, and Windows' title, comment, author, keywords and subject.
_DESCRIPTIVE = _RESOLUTION | {
    *(0x010D, 0x010E, 0x010F, 0x0110, 0x011D, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298),
    *(0x4746, 0x4749, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
}
# Descriptions that programs write of the array: tifffile, now and formerly, ImageJ, and OME's XML.
# They would contradict the result, which has color.
_OF_THE_ARRAY = re.compile(
    rb"""\s*(\{.{0,2000}"shape":\s*\[|shape=\(|ImageJ=|(<\?xml.{0,2000})?<OME\b)""", re.DOTALL
)


def orientation_of(exif: bytes | None) -> int:
    """The orientation, 1...8; 1, upright, if there is none."""
    tiff = Tiff(io.BytesIO((exif or b"").removeprefix(b"Exif\0\0")))
    return orientation_in(tiff, tiff.first())


def orientation_in(tiff: Tiff, fields: dict[int, Field]) -> int:
    """The orientation that a directory gives, 1...8."""
    value = tiff.number(fields.get(_ORIENTATION), 1)
    return value if 1 <= value <= 8 else 1


def upright(exif: bytes, *, converted: bool = False) -> bytes | None:
    """EXIF that holds for the upright picture, else the same bytes: nothing in it moves.

    The orientation becomes 1. The thumbnail is dropped: it is not upright, and shows the picture
    without its new color.

    Args:
        exif: TIFF structure, with or without "Exif\\0\\0" before it.
        converted: whether the pixels were converted to sRGB; then the color space becomes sRGB.

    Returns:
        TIFF structure; None if it cannot be read, or has more than 1 MiB.
    """
    structure = bytearray(exif.removeprefix(b"Exif\0\0"))
    tiff = Tiff(io.BytesIO(structure))
    linked = list(tiff.directories())[:2]
    if not linked or tiff.is_big or len(structure) > LARGEST:
        return None
    fields = tiff.directory(linked[0])
    if not fields:
        return None
    if _ORIENTATION in fields:
        _set_short(structure, tiff, fields[_ORIENTATION], _ORIENTATION, 1)
    if converted and (at := tiff.number(fields.get(_EXIF), 0)):
        if color_space := tiff.directory(at).get(_COLOR_SPACE):
            _set_short(structure, tiff, color_space, _COLOR_SPACE, _SRGB)
    link = tiff.link(linked[0])
    structure[link : link + 4] = bytes(4)[: max(0, len(structure) - link)]
    return _without_end(structure, tiff, linked)


def from_directory(tiff: Tiff, fields: dict[int, Field]) -> bytes | None:
    """EXIF of a page of a TIFF file: its descriptive fields, and its EXIF and GPS directories.

    A description is kept unless a program wrote it of the array.

    Args:
        tiff: the file.
        fields: the page's directory.

    Returns:
        TIFF structure without an orientation; None if there is nothing, or more than 1 MiB.
    """
    first: dict[int, Field | int] = {
        tag: field for tag, field in fields.items() if tag in _DESCRIPTIVE and field.kind in SIZES
    }
    description = fields.get(_DESCRIPTION)
    if description and _OF_THE_ARRAY.match(description.data):
        first.pop(_DESCRIPTION, None)
    directories = [first]

    def follow(parent: dict[int, Field | int], fields: dict[int, Field], tag: int) -> None:
        at = tiff.number(fields.get(tag), 0)
        found = tiff.directory(at) if at else {}
        kept = {key: field for key, field in found.items() if field.kind in SIZES}
        if not kept:
            parent.pop(tag, None)
            return
        parent[tag] = len(directories)
        copied: dict[int, Field | int] = dict(kept)
        directories.append(copied)
        if tag == _EXIF:
            follow(copied, kept, _INTEROPERABILITY)

    follow(first, fields, _EXIF)
    follow(first, fields, _GPS)
    if first.keys() <= _RESOLUTION:
        return None
    structure = built(tiff.order, directories)
    return structure if len(structure) <= LARGEST else None


def _set_short(structure: bytearray, tiff: Tiff, field: Field, tag: int, value: int) -> None:
    """Replace a field's entry by one number of 16 bits."""
    entry = struct.pack(tiff.order + "HHIHH", tag, _SHORT, 1, value, 0)
    structure[field.at : field.at + 12] = entry


def _without_end(structure: bytearray, tiff: Tiff, linked: list[int]) -> bytes:
    """The structure without its thumbnail's bytes if, as usual, they are its last."""
    if len(linked) == 2:
        fields = tiff.directory(linked[1])
        start = tiff.number(fields.get(0x0201), 0)
        end = start + tiff.number(fields.get(0x0202), 0)
        behind = max(tiff.link(at) + 4 for at in linked)
        if behind <= start < end and len(structure) - 16 <= end <= len(structure):
            return bytes(structure[:start])
    return bytes(structure)
