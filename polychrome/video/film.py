"""What a film is, found out before a frame of it is colorized."""

import array
import dataclasses
import math
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from polychrome.errors import InputError
from polychrome.video.containers import CONTAINERS, bytes_of, container_of
from polychrome.video.library import pyav, reading
from polychrome.video.orientation import Orientation, orientation_of

# Transfer curves of high dynamic range, which is not that of photographs: PQ and HLG.
_HDR = {16: "PQ", 18: "HLG"}
_MATRICES = (1, 4, 5, 6, 7, 9)  # those that FFmpeg converts to RGB, of H.273
_BT709, _SMPTE170M = 1, 6
_UNSPECIFIED = (0, 2)
_LIMITED = 1
# A film may end so much before its header says, in seconds: encoders round, and fill up.
_SLACK = 0.3


@dataclasses.dataclass(frozen=True)
class Tags:
    """Color tags as H.273 numbers them; where the film has none of a kind, 2.

    Attributes:
        primaries, transfer: as in the film.
        matrix: as in the film; if it has none, that of BT.709 from 720 rows on and of SMPTE 170M
            below, as players take it.
        range: 1 (limited) or 2 (full).
    """

    primaries: int
    transfer: int
    matrix: int
    range: int


@dataclasses.dataclass(frozen=True)
class Film:
    """A film, or the part of it between two times.

    Attributes:
        path: of the file.
        container: see `polychrome.video.containers.container_of`.
        index: of the video stream.
        width, height: of the frames as stored.
        bits: of a level, 8 or more.
        time_base: unit of `first`, `end` and the timestamps of frames, seconds.
        origin: the film's beginning, in seconds on the clock of the timestamps.
        rate: frames a second, on average.
        aspect: of a pixel, width to height; None: the film does not say.
        tags: of color.
        display: matrix by which players turn and mirror the frames, 9 numbers; None: they don't.
        orientation: by the matrix, what makes the frames upright.
        first, end: timestamps; frames from the first one on and before the end belong to it, with
            sound and subtitles of that time. None: it ends where the file does.
        stamps: timestamps of its frames, ascending, by the packets of the video stream.
        is_trimmed: whether it is a part; its first frame then gets the time 0.
        left_out: what the output cannot keep, streams above all, as short phrases.
        colored: whether its first frame has color.
        unfit: indices of streams that are left out because of the output's container, see
            `polychrome.video.joining.fitting`.
    """

    path: Path
    container: str
    index: int
    width: int
    height: int
    bits: int
    time_base: Fraction
    origin: Fraction
    rate: Fraction
    aspect: Fraction | None
    tags: Tags
    display: tuple[int, ...] | None
    orientation: Orientation
    first: int
    end: int | None
    stamps: Sequence[int] = dataclasses.field(repr=False)
    is_trimmed: bool
    left_out: tuple[str, ...]
    colored: bool
    unfit: frozenset[int] = frozenset()

    @property
    def frames(self) -> int:
        """How many belong to it."""
        return len(self.stamps)

    @property
    def upright(self) -> tuple[int, int]:
        """Height and width of its frames, turned upright."""
        return (
            (self.width, self.height) if self.orientation.turns % 2 else (self.height, self.width)
        )

    def stamp_at(self, time: float) -> int:
        """The timestamp of the frame that is shown at a time.

        Args:
            time: in seconds from the film's beginning.

        Raises:
            InputError: there is none, or it does not belong to the film.
        """
        stamp = round((Fraction(time) + self.origin) / self.time_base)
        place = bisect_right(self.stamps, stamp) - 1
        last = self.stamps[-1] + math.ceil(1 / self.rate / self.time_base)
        if place < 0 or stamp >= last:
            limits = (float(each * self.time_base - self.origin) for each in (self.stamps[0], last))
            first, end = limits
            raise InputError(
                f"{self.path}: a hint is for {time:g} seconds, should be for {first:.2f} to "
                f"{end:.2f}"
            )
        return self.stamps[place]


def probe(path: Path, start: float | None = None, end: float | None = None) -> Film:
    """Read through a film without decoding more than its first frame.

    Args:
        path: of an MP4, MOV, MKV or WebM file.
        start, end: in seconds from the film's beginning; None: from the first frame, to the last.

    Raises:
        InputError: it is no film, or broken, truncated, encrypted, or of high dynamic range, or no
            frame lies between the times.
    """
    av = pyav(path)
    container = container_of(path)
    if container is None:
        raise InputError(f"{path}: is no film, should be {CONTAINERS}")
    size, whole = path.stat().st_size, bytes_of(path, container)
    if whole is not None and whole > size:
        raise InputError(f"{path}: is truncated: it has {size:,} of {whole:,} bytes")
    with reading(path), av.open(str(path), metadata_errors="replace") as source:
        stream = _video_of(path, source)
        # MP4 has the titles of chapters as a stream of so many samples, which comes with them.
        titles = len(source.chapters()) if container == "mov" else 0
        left_out = tuple(_left_out(stream, source.streams, titles))
        frame, stamps, last = _walk(path, source, stream)
        if any(part.is_alpha for part in frame.format.components):
            left_out += ("transparency",)
        base, origin = stream.time_base, Fraction(source.start_time or 0, av.time_base)
        if source.duration and last - origin < Fraction(source.duration, av.time_base) - _SLACK:
            raise InputError(
                f"{path}: is truncated: it ends after {float(last - origin):.1f} of "
                f"{source.duration / av.time_base:.1f} seconds"
            )
        # The container's; without one, that of the packets.
        index, aspect = stream.index, stream.sample_aspect_ratio
        rate = stream.average_rate or stream.guessed_rate
    if frame.color_trc in _HDR:
        raise InputError(
            f"{path}: has high dynamic range ({_HDR[frame.color_trc]}); convert it to BT.709 first"
        )
    ends = [
        None if time is None else round((Fraction(time) + origin) / base) for time in (start, end)
    ]
    first, final = min(stamps) if ends[0] is None else ends[0], ends[1]
    own = array.array(
        "q",
        sorted(stamp for stamp in stamps if first <= stamp and (final is None or stamp < final)),
    )
    if not own:
        seconds = float(max(stamps) * base + 1 / (rate or 25) - origin)
        raise InputError(
            f"{path}: no frame lies between the times, it is {seconds:.2f} seconds long",
            ["start", "end"],
        )
    matrix = _display_of(frame)
    return Film(
        path=path,
        container=container,
        index=index,
        width=frame.width,
        height=frame.height,
        bits=max(8, *(part.bits for part in frame.format.components)),
        time_base=base,
        origin=origin,
        rate=rate or Fraction(25),
        aspect=aspect or None,
        tags=_tags_of(frame),
        display=matrix,
        orientation=orientation_of(matrix),
        first=first,
        end=final,
        stamps=own,
        is_trimmed=start is not None or end is not None,
        left_out=left_out,
        colored=_has_color(frame),
    )


def _video_of(path: Path, source: Any) -> Any:
    """The video stream that is shown.

    Raises:
        InputError: there is none, or it is encrypted or of an unknown codec.
    """
    shown = [stream for stream in source.streams.video if not _is_cover(stream)]
    if not shown:
        sounds = ", only sound" if source.streams.audio else ""
        raise InputError(f"{path}: has no video{sounds}")
    best = source.streams.best("video")
    stream = best if best in shown else shown[0]
    # So MP4 says it, and so FFmpeg of tracks of Matroska.
    keys = any("enc_key_id" in each.metadata for each in source.streams)
    if keys or stream.codec_tag.startswith("enc"):
        raise InputError(f"{path}: is encrypted; decrypt it first")
    if stream.codec_context is None:
        raise InputError(f"{path}: its video has a codec that FFmpeg does not decode")
    return stream


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _left_out(chosen: Any, streams: Iterable[Any], titles: int) -> Iterable[str]:
    for stream in streams:
        if titles and stream.type == "data" and stream.frames == titles:
            continue
        if stream.type == "video" and stream.index != chosen.index:
            yield "cover picture" if _is_cover(stream) else "further video"
        elif stream.type in ("audio", "subtitle") and stream.codec_context is None:
            yield f"{stream.type} of an unknown codec"
        elif stream.type in ("data", "attachment", "unknown"):
            yield f"{stream.type} stream"


def _walk(path: Path, source: Any, stream: Any) -> "tuple[Any, array.array[int], Fraction]":
    """The first frame, the timestamps of all, and when the last packet of any stream ends."""
    frame, stamps, last = None, array.array("q"), Fraction(0)
    for packet in source.demux():
        is_ours = packet.stream.index == stream.index
        if packet.has_sidedata("encryption_info"):
            raise InputError(f"{path}: is encrypted; decrypt it first")
        if packet.is_corrupt:
            raise InputError(f"{path}: is truncated, or damaged: a packet is not whole")
        if is_ours and frame is None:
            frame = next(iter(packet.decode()), None)
        if packet.pts is None or packet.size == 0:  # the one at the end
            continue
        last = max(last, (packet.pts + (packet.duration or 0)) * packet.time_base)
        if is_ours and not packet.is_discard:
            stamps.append(packet.pts)
    if frame is None or not stamps:
        raise InputError(f"{path}: has no frame that can be decoded")
    return frame, stamps, last


def _display_of(frame: Any) -> tuple[int, ...] | None:
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return None if matrix is None else struct.unpack("=9i", bytes(matrix))


def _tags_of(frame: Any) -> Tags:
    """The color tags, filled in where none would let players guess otherwise."""
    matrix = frame.colorspace
    if matrix not in _MATRICES:
        matrix = _BT709 if frame.height >= 720 else _SMPTE170M
    full = frame.color_range == 2 or frame.format.name.startswith("yuvj")
    primaries, transfer = (
        2 if tag in _UNSPECIFIED else tag for tag in (frame.color_primaries, frame.color_trc)
    )
    return Tags(primaries, transfer, matrix, 2 if full else _LIMITED)


def _has_color(frame: Any) -> bool:
    """Whether levels of red, green and blue differ visibly, at a small size."""
    import numpy as np

    small = frame.reformat(width=64, height=64, format="rgb24").to_ndarray().astype(int)
    return bool(np.percentile(np.ptp(small, axis=-1), 95) > 24)
