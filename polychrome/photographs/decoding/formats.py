"""Formats of files: which one a file has, its pages and sizes, and how it is decoded."""

import importlib
import io
from typing import BinaryIO

import numpy as np
from PIL import Image, features

from polychrome.errors import InputError
from polychrome.photographs.decoding import deep
from polychrome.photographs.decoding.containers import (
    Contents,
    png_pixels,
    png_transparent_level,
    webp_chunks,
    webp_size,
)
from polychrome.photographs.decoding.pixels import (
    Pixels,
    converted,
    decode,
    in_range,
    turned,
    whole_numbers,
)
from polychrome.photographs.decoding.profiles import Profile
from polychrome.photographs.exif import orientation_in, orientation_of
from polychrome.photographs.metadata import contents_of, tiff_contents
from polychrome.photographs.tiff import Tiff, read_at

SAVED = ("jpeg", "png", "tiff", "webp")
_READABLE = "JPEG, PNG, TIFF, WebP, GIF, BMP or AVIF"
_STARTS = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"II\x2a\0": "tiff",
    b"MM\0\x2a": "tiff",
    b"II\x2b\0": "tiff",
    b"MM\0\x2b": "tiff",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
}
# Pillow's classes are called, not Image.open: that one tries all formats, and refuses more pixels
# than a limit which holds for the whole process.
_PLUGINS = {
    "jpeg": ("polychrome.photographs.decoding.plugins", "JpegFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "tiff": ("polychrome.photographs.decoding.plugins", "TiffFile"),
    "webp": ("polychrome.photographs.decoding.plugins", "WebPFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
_NEEDED = {"webp": "webp", "avif": "avif"}
_WIDTH, _HEIGHT, _SUBFILE, _FORMAT = 0x0100, 0x0101, 0x00FE, 0x0153
_UNSIGNED = 1
_REDUCED_OR_MASK = 0b101


class Source:
    """A file of one format.

    Args:
        file: whole, open.
        kind: a key of `_PLUGINS`.

    Attributes:
        kind: of Args.
        noun: what its parts are called, "page" or "frame".
        pages: how many there are.
        size: width and height of the chosen one; known before anything is decoded.
    """

    noun = "frame"

    def __init__(self, file: BinaryIO, kind: str):
        self.kind = kind
        self._file = file
        self._image: Image.Image | None = None
        self.pages = self._count()
        self.size = self._declared_size()

    def select(self, page: int) -> None:
        """Choose a page, from 1; it is not decoded yet."""
        if page > 1:
            self._pillow().seek(page - 1)
            self.size = self._pillow().size

    def contents(self) -> Contents:
        """What it holds besides pixels."""
        found = contents_of(self._file, self.kind)
        if self.kind == "avif":
            info = self._pillow().info
            found.exif, found.xmp = info.get("exif"), info.get("xmp")
            found.profile = info.get("icc_profile")
        elif self.kind == "bmp":
            found.dpi = self._pillow().info.get("dpi")
        return found

    def orientation(self, contents: Contents) -> int:
        """How the decoded pixels are to be turned, 1...8."""
        return orientation_of(contents.exif)

    def pixels(self, profile: Profile | None, contents: Contents) -> Pixels:
        """Gray or RGB in sRGB, and alpha, upright."""
        orientation = self.orientation(contents)
        pixels, alpha = self._decoded(profile, contents)
        self._image = None  # its memory is needed
        return turned(pixels, orientation), None if alpha is None else turned(alpha, orientation)

    def _decoded(self, profile: Profile | None, contents: Contents) -> Pixels:
        head = read_at(self._file, 0, 26)
        transparent = png_transparent_level(self._file) if self.kind == "png" else None
        if self.kind == "png" and deep.is_deep_png(head) and self.pages == 1:
            return _deep_pixels(deep.decode_png(png_pixels(self._file), transparent), profile)
        if transparent is None:
            inverted = self.kind == "jpeg" and not contents.has_adobe
            return decode(self._pillow(), profile, inverted=inverted)
        stored, _ = decode(self._pillow(), None)
        scale = {1: 255, 2: 85, 4: 17}.get(head[24], 1)
        alpha = deep.alpha_except(stored, tuple(level * scale for level in transparent))
        return decode(self._pillow(), profile)[0], alpha

    def _count(self) -> int:
        if self.kind in ("jpeg", "bmp"):
            return 1
        if self.kind == "webp":
            return max(1, sum(kind == b"ANMF" for kind, _, _ in webp_chunks(self._file)))
        return int(getattr(self._pillow(), "n_frames", 1))

    def _declared_size(self) -> tuple[int, int]:
        # Pillow's decoder of WebP takes memory for all pixels when it is made.
        size = webp_size(self._file) if self.kind == "webp" else self._pillow().size
        if size is None:
            raise ValueError("the header has no size")
        return size

    def _pillow(self) -> Image.Image:
        if self._image is None:
            module, name = _PLUGINS[self.kind]
            file = self._file
            if self.kind == "png":
                file = io.BytesIO(png_pixels(file))
            file.seek(0)
            self._image = getattr(importlib.import_module(module), name)(file)
        return self._image


class TiffSource(Source):
    """A TIFF file; copies in lower resolution, and masks, are no pages of it."""

    noun = "page"

    def __init__(self, file: BinaryIO, kind: str):
        self._tiff = Tiff(file)
        self._pages = []
        for index, at in enumerate(self._tiff.directories()):
            fields = self._tiff.directory(at)
            if not self._tiff.number(fields.get(_SUBFILE), 0) & _REDUCED_OR_MASK:
                self._pages.append((index, at))
        if not self._pages:
            raise ValueError("it has no pages")
        super().__init__(file, kind)

    def select(self, page: int) -> None:
        """Choose a page, from 1."""
        self._index, self._at = self._pages[page - 1]
        self._fields = self._tiff.directory(self._at)
        self.size = self._declared_size()

    def contents(self) -> Contents:
        """What the page holds besides pixels."""
        return tiff_contents(self._tiff, self._fields)

    def orientation(self, contents: Contents) -> int:
        """How the decoded pixels are to be turned, 1...8."""
        return orientation_in(self._tiff, self._fields)

    def _decoded(self, profile: Profile | None, contents: Contents) -> Pixels:
        if deep.is_deep_tiff(self._tiff, self._fields):
            channels = deep.decode_tiff(self._file, self._tiff, self._at, self._fields)
            return _deep_pixels(channels, profile)
        image = self._pillow()
        image.seek(self._index)
        # Pillow's is that of the upright page until it is decoded.
        if sorted(image.size) != sorted(self.size):
            raise ValueError("damaged: its size is not what its header says")
        if image.mode == "I":
            image.load()
            levels = np.asarray(image)
            if self._tiff.number(self._fields.get(_FORMAT), _UNSIGNED) == _UNSIGNED:
                levels = levels.view(np.uint32)  # Pillow has no mode for them
            return converted(whole_numbers(levels), profile), None
        if image.mode in ("F", "I;16", "I;16B", "I;16N"):
            levels = deep.of_full_range(decode(image, None)[0], self._tiff, self._fields)
            return converted(levels, profile), None
        return decode(image, profile)

    def _count(self) -> int:
        return len(self._pages)

    def _declared_size(self) -> tuple[int, int]:
        fields = getattr(self, "_fields", None) or self._tiff.directory(self._pages[0][1])
        width, height = (self._tiff.number(fields.get(tag), 0) for tag in (_WIDTH, _HEIGHT))
        return width, height


def source_of(file: BinaryIO) -> Source:
    """The file as a source of pages.

    Raises:
        InputError: it is of no format that is read.
        Exception: it is damaged.
    """
    head = read_at(file, 0, 32, partial=True)
    if not head:
        raise InputError("the file is empty")
    kind = next((kind for start, kind in _STARTS.items() if head.startswith(start)), "")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        kind = "webp"
    elif head[4:8] == b"ftyp":
        kind = _kind_of_boxes(file)
    if not kind:
        raise InputError(
            f"not a picture of a format that is read, should be {_READABLE}", settings=["content"]
        )
    if kind in _NEEDED and not features.check(_NEEDED[kind]):
        raise InputError(f"this Pillow reads no {kind}; convert the file to PNG or TIFF")
    return TiffSource(file, kind) if kind == "tiff" else Source(file, kind)


def _kind_of_boxes(file: BinaryIO) -> str:
    """The kind of a file that consists of ISO's boxes, by the brands in the first one."""
    length = int.from_bytes(read_at(file, 0, 4), "big")
    data = read_at(file, 8, min(max(length - 8, 0), 256), partial=True)
    brands = [data[:4], *(data[place : place + 4] for place in range(8, len(data), 4))]
    if any(brand in (b"avif", b"avis") for brand in brands):
        return "avif"
    if any(
        brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
        for brand in brands
    ):
        raise InputError("HEIC is not supported; convert it to JPEG, PNG or TIFF")
    return ""


def _deep_pixels(channels: list[np.ndarray], profile: Profile | None) -> Pixels:
    if channels[0].dtype.kind == "f":
        channels = [in_range(channel) for channel in channels]
    return converted(channels[0], profile), channels[1] if len(channels) > 1 else None
