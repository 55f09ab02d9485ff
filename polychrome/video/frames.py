"""Frames of a film in memory, and back as FFmpeg encodes them."""

import functools
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

import numpy as np

from polychrome.errors import InputError
from polychrome.video.film import Film, Tags
from polychrome.video.library import pyav, reading

# Formats whose first plane is luma, one level after another.
_LUMA_FIRST = ("yuv4", "yuvj4", "nv12", "nv21", "nv16", "nv24", "gray")
# swscale: bilinear, with exact rounding and chroma computed from all pixels.
_EXACT = 0x2 | 0x40000 | 0x2000 | 0x4000


class Frame(NamedTuple):
    """A frame to colorize.

    Attributes:
        pixels: as stored, not turned upright: gray `[H, W]`, or `[H, W, 3]` for films that are
            stored as RGB; uint8, or uint16 for films of more than 8 bits; 0 is black and the
            greatest level white, whatever the range of the film.
        stamp: when it is shown, in the film's time base.
        duration: how long, if the film says, otherwise 0.
    """

    pixels: np.ndarray
    stamp: int
    duration: int


def read_frames(film: Film, after: int | None = None) -> Generator[Frame, None, None]:
    """The frames of a film, decoded one by one, in the order of their timestamps.

    Args:
        after: timestamp of the last frame to leave out; None: from the film's first on.

    Raises:
        InputError: the film is damaged.
    """
    av = pyav(film.path)
    first = film.first if after is None else after + 1
    with reading(film.path), av.open(str(film.path), metadata_errors="replace") as source:
        stream = source.streams[film.index]
        stream.thread_type = "AUTO"
        last = first - 1
        for frame in _from(source, stream, first):
            if frame.pts is None:
                raise InputError(f"{film.path}: is damaged: a frame has no time")
            if film.end is not None and frame.pts >= film.end:
                break
            if frame.pts < first:
                continue
            if frame.pts <= last:
                raise InputError(f"{film.path}: is damaged: times of its frames go back")
            if (frame.width, frame.height) != (film.width, film.height):
                raise InputError(
                    f"{film.path}: its frames change size, from {film.width}x{film.height} to "
                    f"{frame.width}x{frame.height}; convert them to one size first"
                )
            last = frame.pts
            yield Frame(_pixels_of(frame, film), frame.pts, frame.duration or 0)


def _from(source: Any, stream: Any, first: int) -> Iterator[Any]:
    """Decoded frames from the one at a time on, or from some before it."""
    if first > (stream.start_time or 0):
        # Containers seek to where decoding can begin, but with open groups of pictures frames
        # shown just before that place need some from before it.
        for seconds in (0, 10):
            source.seek(first - round(seconds / stream.time_base), stream=stream)
            frames = source.decode(stream)
            head = next(frames, None)
            if head is not None and head.pts is not None and head.pts <= first:
                yield head
                yield from frames
                return
        source.seek(stream.start_time or 0, stream=stream)
    yield from source.decode(stream)


def _pixels_of(frame: Any, film: Film) -> np.ndarray:
    format = frame.format
    bits = format.components[0].bits
    if format.name.startswith(_LUMA_FIRST) and not format.name.endswith("be"):
        plane = frame.planes[0]
        dtype = np.dtype(np.uint8 if bits == 8 else np.uint16)
        rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)[:, : plane.width]
        is_full = film.tags.range == 2 or (
            format.name.startswith("gray") and frame.color_range != 1
        )
        return _full_range(bits, is_full)[rows]
    return frame.reformat(format="rgb24" if film.bits == 8 else "rgb48le").to_ndarray()


@functools.cache
def _full_range(bits: int, is_full: bool) -> np.ndarray:
    """Levels as stored to levels from black to white: uint8 for 8 bits, otherwise uint16."""
    levels, step = np.arange(2**bits, dtype=np.float64), 2 ** (bits - 8)
    scaled = levels / (2**bits - 1) if is_full else (levels - 16 * step) / (219 * step)
    white = 255 if bits == 8 else 65535
    table = np.round(np.clip(scaled, 0.0, 1.0) * white)
    return table.astype(np.uint8 if bits == 8 else np.uint16)


def encodable(rgb: np.ndarray, tags: Tags, format: str) -> Any:
    """An RGB picture as a frame of FFmpeg.

    Args:
        rgb: `[H, W, 3]`, uint8 or uint16.
        tags: of the film; they say which YUV is meant.
        format: FFmpeg's name of a YUV format.
    """
    import av

    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24" if rgb.dtype == np.uint8 else "rgb48le")
    made = frame.reformat(
        format=format,
        src_color_range=2,
        dst_color_range=tags.range,
        dst_colorspace=tags.matrix,
        interpolation=_EXACT,
    )
    made.color_primaries, made.color_trc = tags.primaries, tags.transfer
    made.colorspace, made.color_range = tags.matrix, tags.range
    return made
