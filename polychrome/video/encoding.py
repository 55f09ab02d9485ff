"""Encoding colored frames: a part of a film as a file of its own."""

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from polychrome.video.film import Film
from polychrome.video.library import pyav, writing

# No B-frames: packets then come in the order of their frames, and those of parts can be joined.
# Parts end where an encoder would begin anew anyway.
_H264 = ("libx264", {"preset": "veryfast", "crf": "18", "bf": "0"})
_VP9 = (
    "libvpx-vp9",
    {
        **{"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "crf": "24", "b:v": "0"},
        **{"lag-in-frames": "0", "auto-alt-ref": "0"},
    },
)


class Written(NamedTuple):
    """What a part holds: the timestamps of its first and last frame, and how many there are."""

    first: int
    last: int
    frames: int


def codec_of(film: Film) -> tuple[str, dict[str, str]]:
    """The encoder for a film's container, and its options: VP9 for WebM, otherwise H.264."""
    return _VP9 if film.container == "webm" else _H264


def pixel_format(film: Film) -> str:
    """FFmpeg's name of the format that a film is written in: YUV 4:2:0 of 8 or 10 bits.

    Sides of odd length have no 4:2:0 in H.264; they get 4:4:4. Where the encoder is built for 8
    bits alone, as VP9's in PyAV's wheels, these are written.
    """
    sampling = "yuv444p" if film.width % 2 or film.height % 2 else "yuv420p"
    deep = f"{sampling}10le"
    return deep if film.bits > 8 and deep in _formats_of(codec_of(film)[0]) else sampling


@functools.cache
def _formats_of(encoder: str) -> frozenset[str]:
    """FFmpeg's names of the formats that an encoder takes."""
    import av

    return frozenset(each.name for each in av.Codec(encoder, "w").video_formats or ())


def write_part(path: Path, frames: Iterable[Any], film: Film) -> Written:
    """Encode neighboring frames of a film into an MP4 file.

    Its timestamps are those of the frames, less the first one's.

    Args:
        path: of the file.
        frames: at least one; as `polychrome.video.coloring.Colored` has them.

    Raises:
        InputError: the encoder refuses them.
    """
    av = pyav(path)
    name, options = codec_of(film)
    first = last = None
    count = 0
    durations: dict[int, int] = {}
    with writing(path), av.open(str(path), "w", format="mp4") as target:
        stream = target.add_stream(name, rate=film.rate, options=options)
        context = stream.codec_context
        context.width, context.height = film.width, film.height
        context.pix_fmt = pixel_format(film)
        context.time_base = stream.time_base = film.time_base
        context.color_primaries, context.color_trc = film.tags.primaries, film.tags.transfer
        context.colorspace, context.color_range = film.tags.matrix, film.tags.range
        context.thread_type = "AUTO"
        if film.aspect is not None:
            context.sample_aspect_ratio = film.aspect

        def write(packets: Iterable[Any]) -> None:
            for packet in packets:
                packet.duration = durations.pop(packet.pts, packet.duration)
                target.mux(packet)

        for frame in frames:
            last = frame.pts
            first = last if first is None else first
            count += 1
            frame.pts -= first
            durations[frame.pts] = frame.duration
            write(stream.encode(frame))
        write(stream.encode(None))
    assert first is not None and last is not None
    return Written(first, last, count)
