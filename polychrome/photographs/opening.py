"""Files as photographs: any format, depth, profile and orientation, or an error of one line."""

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from polychrome.errors import InputError
from polychrome.photographs.decoding.formats import SAVED, Source, source_of
from polychrome.photographs.decoding.profiles import Profile
from polychrome.photographs.decoding.toning import is_colored
from polychrome.photographs.metadata import metadata_of
from polychrome.photographs.photograph import Photograph

MAX_PIXELS = 200e6


def open_photograph(
    path: str | os.PathLike[str], *, page: int | None = None, max_pixels: float = MAX_PIXELS
) -> Photograph:
    """Read one picture of a file: upright, in sRGB, in as many bits as it has.

    JPEG, PNG, TIFF, WebP, GIF, BMP, and AVIF, which gives 8 bits. A JPEG that holds more pictures,
    as phones write (MPO), is its first; copies of a TIFF page in lower resolution and masks are no
    pages. Of CMYK with 16 bits, 8 are read. Metadata that cannot be read is left out. Only the
    orientation of TIFF's own tag and of EXIF counts, not that of XMP.

    A JPEG without its end marker is truncated, even if other programs show all of it: the decoder
    makes up rows that are missing, and does not tell.

    Args:
        path: a regular file.
        page: page or frame, from 1. None: the only one.
        max_pixels: the largest width times height, checked before anything is decoded.

    Raises:
        InputError: the file is missing, of another format, truncated, damaged or too large, has
            several pages and none is chosen, or lacks the chosen one.
    """
    with _opened(path) as source:
        source.select(_chosen(page, source))
        width, height = source.size
        if width < 1 or height < 1:
            raise InputError("it has no pixels")
        if width * height > max_pixels:
            raise InputError(
                f"{width} x {height} pixels, more than {max_pixels / 1e6:g} megapixels; "
                "allow more if that is wanted",
                settings=["max_pixels"],
            )
        return _read(source)


def pages_of(path: str | os.PathLike[str]) -> int:
    """How many pages or frames a file has; pixels are not decoded.

    Raises:
        InputError: as `open_photograph`.
    """
    with _opened(path) as source:
        return source.pages


def size_of(path: str | os.PathLike[str], *, page: int | None = None) -> tuple[int, int]:
    """Width and height of a page as it is stored, from the header.

    Args:
        path, page: as for `open_photograph`.

    Raises:
        InputError: as `open_photograph`.
    """
    with _opened(path) as source:
        source.select(_chosen(page, source))
        return source.size


def _chosen(page: int | None, source: Source) -> int:
    pages, noun = source.pages, source.noun
    if page is None and pages > 1:
        raise InputError(
            f"it has {pages} {noun}s; choose one with page, from 1 to {pages}", settings=["page"]
        )
    if page is not None and not 1 <= page <= pages:
        has = f"{pages} {noun}s" if pages != 1 else f"1 {noun}"
        raise InputError(f"page {page}, but it has {has}; count from 1", settings=["page"])
    return 1 if page is None else page


def _read(source: Source) -> Photograph:
    contents = source.contents()
    profile = None
    if contents.profile:
        with contextlib.suppress(ValueError):
            profile = Profile(contents.profile)
    turns = source.orientation(contents) >= 5
    size = source.size[::-1] if turns else source.size
    pixels, alpha = source.pixels(profile, contents)
    if pixels.shape[:2] != size[::-1]:
        raise InputError("damaged: its size is not what its header says")
    return Photograph(
        pixels,
        alpha,
        source.kind if source.kind in SAVED else "png",
        metadata_of(contents, turned=turns, had_profile=profile is not None),
        is_colored(pixels),
    )


@contextlib.contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Source]:
    """The file as a source; errors of all kinds become one line that begins with its name."""
    name = os.fsdecode(path)
    # A name may have line breaks, or bytes that no terminal can show.
    shown = name if name.isprintable() else repr(name)
    try:
        with _regular(name) as file:
            yield source_of(file)
    except InputError as error:
        raise InputError(f"{shown}: {error}", error.settings) from error
    except FileNotFoundError as error:
        raise InputError(f"{shown}: no such file") from error
    except Exception as error:  # A damaged file can fail anywhere in its decoder.
        system = error.strerror if isinstance(error, OSError) else None
        reason = next(iter((system or str(error)).splitlines()), "") or type(error).__name__
        reason = "".join(c if c.isprintable() else "?" for c in reason)[:200]
        raise InputError(f"{shown}: cannot be read ({reason})") from error


@contextlib.contextmanager
def _regular(name: str) -> Iterator[BinaryIO]:
    _check_regular(os.stat(name).st_mode)
    # Should a pipe take the file's place now, opening it must not wait for a writer.
    handle = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        _check_regular(os.fstat(handle).st_mode)
        yield file


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise InputError("a folder, should be a picture")
    if not stat.S_ISREG(mode):
        raise InputError("not a regular file, should be a picture")
