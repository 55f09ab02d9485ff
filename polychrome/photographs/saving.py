"""Writes a colorized photograph, with what its file said besides pixels."""

import dataclasses
import functools
import io
import math
from pathlib import Path
from typing import BinaryIO

import numpy as np

from polychrome.errors import InputError
from polychrome.files import replacing
from polychrome.photographs import exif, xmp
from polychrome.photographs.encoding.jpeg import XMP_LIMIT, write_jpeg
from polychrome.photographs.encoding.png import write_png
from polychrome.photographs.encoding.tiff import LIMIT, write_tiff
from polychrome.photographs.photograph import Metadata, Photograph
from polychrome.photographs.tiff import Tiff

# Format -> suffixes of its files, the usual one first.
FORMATS: dict[str, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "tiff": (".tiff", ".tif"),
    "webp": (".webp",),
}
# Pixels a side that the encoders take: libjpeg stops shortly before JPEG's 65,535, and libpng far
# before PNG's 2³¹ - 1.
_SIDES = {"jpeg": 65_500, "png": 1_000_000, "tiff": 2**31 - 1, "webp": 16_383}
_DEEP = ("png", "tiff")
_RESOLUTION = 282  # EXIF's tag
_ROWS = 256  # converted at a time


def save_photograph(
    path: str | Path,
    rgb: np.ndarray,
    photograph: Photograph,
    *,
    format: str | None = None,
    quality: int = 95,
    disclosure: str | None = None,
) -> tuple[str, ...]:
    """Write a photograph in color, whole or not at all.

    PNG and TIFF hold `rgb` to the bit, in 8 or 16 bits; float becomes 16 bits there. JPEG (4:4:4)
    and WebP have 8 bits and lose some of them, as `quality` says. EXIF, XMP, IPTC, resolution, and
    transparency go along where the format can hold them; EXIF's thumbnail does not, since it shows
    no color. If the photograph's file had a color profile, the result has one of sRGB.

    Args:
        path: of the file; one that exists is replaced.
        rgb: `[H, W, 3]` in sRGB: uint8, uint16, or float32 in [0, 1].
        photograph: that `rgb` was made of: gives transparency and metadata.
        format: "jpeg", "png", "tiff" or "webp", or a suffix of theirs without its period; by
            default the one of the path's suffix, and without a suffix the photograph's.
        quality: of JPEG and WebP, 1...100.
        disclosure: name of the network, for XMP to say that it added color (IPTC's
            `DigitalSourceType` and `AISystemUsed`). None: XMP stays as it is.

    Returns:
        What the format could not keep, in short phrases such as "16 bits to 8".

    Raises:
        InputError: the photograph is too large for the format, an argument is not usable, or the
            file cannot be written.
    """
    path = Path(path)
    name = _format_of(path, photograph, format)
    if not 1 <= quality <= 100:
        raise InputError(f"quality must be from 1 to 100, not {quality}", ["quality"])
    rgb = _native(rgb)
    alpha = None if photograph.alpha is None else _native(photograph.alpha)
    _check(path, rgb, alpha, name)
    losses = []
    bits = 16 if rgb.dtype != np.uint8 and name in _DEEP else 8
    if rgb.dtype != f"uint{bits}":
        kind = "16 bits" if rgb.dtype == np.uint16 else "float"
        losses.append(f"{kind} to {bits}" + (" bits" if kind == "float" else ""))
    if name == "jpeg" and alpha is not None and (alpha != _white(alpha)).any():
        losses.append("transparency")
    rgb = _in_bits(rgb, bits)
    alpha = None if alpha is None or name == "jpeg" else _in_bits(alpha, bits)
    metadata, missing = _metadata_for(photograph.metadata, name, disclosure)
    losses += missing
    profile = _srgb_profile() if metadata.had_profile else None
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            if name == "jpeg":
                losses += write_jpeg(file, rgb, metadata, profile, quality)
            elif name == "png":
                losses += write_png(file, rgb, alpha, metadata, profile)
            elif name == "tiff":
                losses += write_tiff(file, rgb, alpha, metadata, profile)
            else:
                losses += _write_webp(file, rgb, alpha, metadata, profile, quality)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    return tuple(losses)


def _format_named(name: str) -> str:
    for format, suffixes in FORMATS.items():
        if name == format or f".{name}" in suffixes:
            return format
    raise InputError(f"unknown format {name!r}; one of {', '.join(FORMATS)}", ["format"])


def _format_of(path: Path, photograph: Photograph, format: str | None) -> str:
    if format is not None or not path.suffix:
        return _format_named(format or photograph.format)
    for name, suffixes in FORMATS.items():
        if path.suffix.lower() in suffixes:
            return name
    known = ", ".join(suffix for suffixes in FORMATS.values() for suffix in suffixes)
    raise InputError(f"{path}: cannot write this format; suffixes of those that can be: {known}")


def _check(path: Path, rgb: np.ndarray, alpha: np.ndarray | None, name: str) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise InputError(f"{path}: pixels must be [H, W, 3], not {list(rgb.shape)}")
    if rgb.dtype not in (np.uint8, np.uint16, np.float32):
        raise InputError(f"{path}: pixels must be uint8, uint16, or float32, not {rgb.dtype}")
    if alpha is not None and alpha.shape != rgb.shape[:2]:
        raise InputError(
            f"{path}: transparency is {list(alpha.shape)}, but pixels are {list(rgb.shape[:2])}"
        )
    height, width = rgb.shape[:2]
    if max(height, width) > _SIDES[name]:
        others = [other for other, side in _SIDES.items() if max(height, width) <= side]
        raise InputError(
            f"{path}: {width} x {height} is too large for {name}, which has at most "
            f"{_SIDES[name]} pixels a side; write {' or '.join(others)}"
        )
    channels = 3 if alpha is None else 4
    if name == "tiff" and height * width * channels * min(rgb.itemsize, 2) > LIMIT - (1 << 26):
        raise InputError(
            f"{path}: {width} x {height} is too large for tiff, which has 4 GB; use png"
        )


def _native(array: np.ndarray) -> np.ndarray:
    """In the machine's order of bytes."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _white(array: np.ndarray) -> int:
    return 1 if array.dtype == np.float32 else int(np.iinfo(array.dtype).max)


def _in_bits(array: np.ndarray, bits: int) -> np.ndarray:
    """Rounded to uint8 or uint16, contiguous."""
    dtype = np.dtype(f"uint{bits}")
    if array.dtype == dtype:
        return np.ascontiguousarray(array, dtype)
    result = np.empty(array.shape, dtype)
    for top in range(0, len(array), _ROWS):
        part = array[top : top + _ROWS]
        if part.dtype == np.float32:
            # These two, unlike np.clip, make NaN a number.
            part = np.rint(np.fmin(np.fmax(part, 0), 1).astype(float) * (2**bits - 1))
        elif bits == 8:
            # 257 is odd, so that nothing lies halfway between two steps.
            part = np.rint(part * np.float32(1 / 257))
        else:
            part = part.astype(np.uint16) * 257
        result[top : top + _ROWS] = part
    return result


def _metadata_for(
    metadata: Metadata, name: str, disclosure: str | None
) -> tuple[Metadata, list[str]]:
    """What to write, and what is lost before the format has its say."""
    losses = []
    packet = xmp.upright(metadata.xmp) if metadata.xmp else None
    if disclosure is not None:
        packet, kept = xmp.disclosed(packet, disclosure)
        if not kept:
            losses.append("broken XMP")
        if name == "jpeg" and len(packet) > XMP_LIMIT:
            # What the network did must be said; the rest would be dropped in any case.
            packet, _ = xmp.disclosed(None, disclosure)
            losses.append("XMP of more than 64 KB")
    dpi = metadata.dpi
    if dpi and not all(math.isfinite(value) and 0.01 <= value <= 1e6 for value in dpi):
        dpi = None
    # Without the thumbnail, which would show the photograph before it had color.
    block = metadata.exif and (exif.upright(metadata.exif) or metadata.exif)
    return dataclasses.replace(metadata, exif=block, xmp=packet, dpi=dpi), losses


@functools.cache
def _srgb_profile() -> bytes:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same in all files: not made today, but when sRGB became a standard.
    date = np.array([1999, 10, 18, 0, 0, 0], ">u2").tobytes()
    return profile[:24] + date + profile[36:]


def _write_webp(
    file: BinaryIO,
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    metadata: Metadata,
    profile: bytes | None,
    quality: int,
) -> list[str]:
    from PIL import Image

    image = Image.fromarray(pixels if alpha is None else np.dstack([pixels, alpha]))
    # Pillow writes a file in one piece, and its own errors name no reason.
    buffer = io.BytesIO()
    try:
        image.save(
            buffer,
            "WEBP",
            quality=quality,
            exact=True,
            exif=metadata.exif or b"",
            xmp=metadata.xmp or b"",
            icc_profile=profile or b"",
        )
    except ValueError as error:
        raise OSError(f"libwebp could not encode it: {error}") from error
    file.write(buffer.getbuffer())
    losses = ["IPTC"] if metadata.iptc else []
    says_resolution = _RESOLUTION in Tiff(io.BytesIO(metadata.exif or b"")).first()
    return losses + (["resolution"] if metadata.dpi and not says_resolution else [])
