"""The whole film, put together from packets: its colored parts, its own sound and subtitles."""

import dataclasses
import heapq
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from polychrome.video.containers import FORMATS
from polychrome.video.encoding import pixel_format
from polychrome.video.film import Film
from polychrome.video.library import pyav, reading, writing
from polychrome.video.parts import Part

# Of the container that was, and of its encoder.
_NOT_KEPT = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
# Between subtitles; FFmpeg writes its own.
_NO_TEXT = b"\0\0"


def join_parts(film: Film, parts: Sequence[Part], target: Path, disclosure: str | None) -> None:
    """Write the film without encoding anything again.

    Args:
        film: gives all but the video; see there for what is left out.
        parts: all of them, in order.
        target: file to write; its suffix, one of `FORMATS`, says the container.
        disclosure: what the metadata's comment says besides; None: nothing.

    Raises:
        InputError: the container takes none of what it should hold.
    """
    av = pyav(target)
    with (
        reading(film.path),
        av.open(str(film.path), metadata_errors="replace") as source,
        av.open(str(parts[0].path)) as model,
        writing(target),
        av.open(
            str(target),
            "w",
            format=FORMATS[target.suffix.lower()],
            container_options=_options(target, source.streams),
        ) as joined,
    ):
        kept = _kept(film, source)
        streams: dict[int, Any] = {}
        for stream in kept:
            is_video = stream.index == film.index
            template = model.streams.video[0] if is_video else stream
            made = joined.add_stream_from_template(template, opaque=True)
            made.time_base = stream.time_base
            made.metadata.update(stream.metadata)
            made.disposition = stream.disposition
            if is_video:
                made.codec_context.framerate = film.rate
            if is_video and film.display is not None:
                made.set_display_matrix(film.display)
            streams[stream.index] = made
        joined.metadata.update(_metadata(source.metadata, disclosure))
        shift = parts[0].written.first if film.is_trimmed else 0
        if chapters := _chapters(film, source, shift):
            joined.set_chapters(chapters)
        others = [stream for stream in kept if stream.index != film.index]
        ways = [_video_packets(film, parts, shift), _copied(film, source, others, shift)]
        for _, stream_index, packet in heapq.merge(*ways, key=lambda each: each[0]):
            packet.stream = streams[stream_index]
            joined.mux(packet)


def fitting(film: Film, output: Path) -> Film:
    """The film without subtitles that the output's container cannot take, and with what is lost.

    Raises:
        InputError: it cannot take the sound; better said before the work than after.
    """
    av = pyav(film.path)
    name = FORMATS[output.suffix.lower()]
    left_out, unfit = list(film.left_out), set(film.unfit)
    if film.bits > 8 and "10" not in pixel_format(film):
        left_out.append(f"{film.bits} bits, of which VP9's encoder here writes 8")
    with (
        reading(film.path),
        av.open(str(film.path), metadata_errors="replace") as source,
        writing(output),
        av.open(io.BytesIO(), "w", format=name) as nowhere,
    ):
        for stream in _kept(film, source):
            if stream.index == film.index:
                continue
            try:
                nowhere.add_stream_from_template(stream, opaque=True)
            except ValueError:
                if stream.type != "subtitle":
                    raise
                codec = stream.codec_context.name
                left_out.append(f"{codec} subtitles, which {output.suffix} cannot hold")
                unfit.add(stream.index)
    return dataclasses.replace(
        film, left_out=tuple(dict.fromkeys(left_out)), unfit=frozenset(unfit)
    )


def _kept(film: Film, source: Any) -> list[Any]:
    """The streams of a film that the output has too."""
    return [
        stream
        for stream in source.streams
        if stream.index == film.index
        or (
            stream.type in ("audio", "subtitle")
            and stream.codec_context is not None
            and stream.index not in film.unfit
        )
    ]


_Packets = Iterator[tuple[Fraction, int, Any]]


def _video_packets(film: Film, parts: Iterable[Part], shift: int) -> _Packets:
    """Seconds, index and packet of all colored frames, with the film's timestamps."""
    av = pyav(film.path)
    for part in parts:
        with av.open(str(part.path)) as source:
            stream = source.streams.video[0]
            for packet in source.demux(stream):
                if packet.pts is None or not packet.size:
                    continue
                unit = packet.time_base / film.time_base
                stamp = part.written.first - shift + round(packet.pts * unit)
                packet.pts = packet.dts = stamp
                packet.duration = round((packet.duration or 0) * unit)
                packet.time_base = film.time_base
                yield stamp * film.time_base, film.index, packet


def _copied(film: Film, source: Any, streams: Sequence[Any], shift: int) -> _Packets:
    """The same for the streams that are copied."""
    if not streams:
        return
    begin = shift * film.time_base
    end = None if film.end is None else film.end * film.time_base
    for packet in source.demux(streams):
        if packet.pts is None or not packet.size:
            continue
        if packet.stream.codec_context.name == "mov_text" and bytes(packet) == _NO_TEXT:
            continue
        base, index = packet.time_base, packet.stream.index
        if film.is_trimmed:
            if packet.stream.type == "subtitle":
                _clip(packet, math.ceil(begin / base))
            time = packet.pts * base
            if time < begin or (end is not None and time >= end):
                continue
            offset = round(begin / base)
            packet.pts -= offset
            if packet.dts is not None:
                packet.dts -= offset
        stamp = packet.pts if packet.dts is None else packet.dts
        yield stamp * base, index, packet


def _chapters(film: Film, source: Any, shift: int) -> list[Any]:
    """Chapters as PyAV has them; those of a part within it, with its times."""
    chapters: list[Any] = source.chapters()
    if not film.is_trimmed:
        return chapters
    kept = []
    for chapter in chapters:
        begin = round(shift * film.time_base / chapter["time_base"])
        start, end = max(chapter["start"], begin), chapter["end"]
        if film.end is not None:
            end = min(end, round(film.end * film.time_base / chapter["time_base"]))
        if start < end:
            kept.append({**chapter, "start": start - begin, "end": end - begin})
    return kept


def _clip(subtitle: Any, begin: int) -> None:
    """Let a subtitle that is on screen at a time, in its own time base, begin there."""
    end = subtitle.pts + (subtitle.duration or 0)
    if subtitle.pts < begin < end:
        subtitle.pts = subtitle.dts = begin
        subtitle.duration = end - begin


def _options(target: Path, streams: Iterable[Any]) -> dict[str, str]:
    """Of the container: in MP4 the beginning of a stream is rounded to milliseconds otherwise."""
    if target.suffix.lower() in (".mkv", ".webm"):
        return {}
    units = [stream.time_base.denominator for stream in streams if stream.time_base]
    common = math.lcm(*units)
    return {"movie_timescale": str(common if common < 2**31 else max(units))}


def _metadata(own: dict[str, str], disclosure: str | None) -> dict[str, str]:
    kept = {key: value for key, value in own.items() if key.lower() not in _NOT_KEPT}
    if disclosure is not None:
        name = next((key for key in kept if key.lower() == "comment"), "comment")
        kept[name] = "; ".join(filter(None, [kept.get(name), disclosure]))
    return kept
