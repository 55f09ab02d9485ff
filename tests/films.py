"""Films made for tests with PyAV, what is in them, and a colorizer that takes no time."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np


def moving(pictures, count, size=(48, 64), step=1):
    """Gray frames uint8 `[n, h, w]` that pan over pictures `[n, H, W]`, `count` frames each."""
    height, width = size
    frames = []
    for picture in pictures:
        frames += [
            picture[i * step : i * step + height, i * step :][:, :width] for i in range(count)
        ]
    return np.stack(frames)


@contextlib.contextmanager
def scheduling_kept() -> Iterator[None]:
    """Undo what SVT-AV1 does to a thread of root that encodes: real time, before all others."""
    if not hasattr(os, "sched_getscheduler"):  # not Linux
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def write_film(
    path,
    frames,
    *,
    stamps=None,
    time_base=Fraction(1, 12800),
    codec="libx264",
    pixel_format="yuv420p",
    sound=True,
    subtitles=None,
    rotation=0,
    matrix=None,
    tags=(),
    container_options=None,
    options=None,
):
    """Write gray `[n, h, w]` or RGB `[n, h, w, 3]` frames as a film of 25 frames a second.

    Args:
        stamps: times of the frames in the time base; None: evenly.
        sound: whether a track of noise goes with it.
        subtitles: codec of a track with one subtitle each 0.2 seconds.
        tags: names and numbers of color tags.
    """
    step = round(Fraction(1, 25) / time_base)
    stamps = [index * step for index in range(len(frames))] if stamps is None else stamps
    with (
        scheduling_kept(),
        av.open(str(path), "w", container_options=container_options or {}) as target,
    ):
        video = target.add_stream(codec, rate=25, options=options or {"crf": "10"})
        context = video.codec_context
        context.height, context.width = frames.shape[1:3]
        context.pix_fmt = pixel_format
        context.time_base = video.time_base = time_base
        for name, value in tags:
            setattr(context, name, value)
        if matrix is not None:
            video.set_display_matrix(matrix)
        if rotation:
            video.set_display_rotation(rotation)
        audio = text = None
        if sound:
            audio = target.add_stream("libopus" if codec == "libvpx-vp9" else "aac", rate=48000)
            audio.layout = "mono"
        if subtitles:
            text = target.add_mux_stream(subtitles)
            text.time_base = Fraction(1, 1000)
        for stamp, pixels in zip(stamps, frames, strict=True):
            form = "gray" if pixels.ndim == 2 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=form)
            frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = stamp, time_base
            target.mux(video.encode(frame))
        target.mux(video.encode(None))
        seconds = float((stamps[-1] + step) * time_base)
        if audio is not None:
            noise = np.random.default_rng(0)
            for index in range(int(seconds * 50)):
                sample = noise.integers(-3000, 3000, (1, 960)).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(sample, format="s16", layout="mono")
                frame.sample_rate, frame.pts = 48000, index * 960
                target.mux(audio.encode(frame))
            target.mux(audio.encode(None))
        if text is not None:
            for index in range(int(seconds * 5)):
                said = f"line {index}".encode()
                body = len(said).to_bytes(2, "big") + said if subtitles == "mov_text" else said
                packet = av.Packet(body)
                packet.stream, packet.time_base = text, Fraction(1, 1000)
                packet.pts = packet.dts = index * 200
                packet.duration = 150
                target.mux(packet)
    return Path(path)


class Content(NamedTuple):
    """What a film holds: frames, their seconds, facts, and packets by kind of stream."""

    rgb: np.ndarray
    gray: np.ndarray
    times: list
    facts: dict
    packets: dict


def content(path):
    """Read a film to its end."""
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        frames = list(source.decode(stream))
        first = frames[0]
        facts = {
            "rotation": first.rotation,
            "tags": (first.color_primaries, first.color_trc, first.colorspace, first.color_range),
            "bits": first.format.components[0].bits,
            "codec": stream.codec_context.name,
            "time_base": stream.time_base,
            "aspect": stream.codec_context.sample_aspect_ratio,
            "metadata": dict(source.metadata),
            "languages": [each.metadata.get("language") for each in source.streams],
        }
        rgb = np.stack([frame.to_ndarray(format="rgb24") for frame in frames])
        gray = np.stack([frame.reformat(format="gray").to_ndarray() for frame in frames])
        times = [frame.pts * frame.time_base for frame in frames]
    packets = {}
    with av.open(str(path)) as source:
        copied = [each for each in source.streams if each.type != "video"]
        for packet in source.demux(copied) if copied else ():
            if packet.size:
                found = packets.setdefault(packet.stream.type, [])
                found.append((bytes(packet), packet.pts * packet.time_base, packet.duration))
    return Content(rgb, gray, times, facts, packets)


def light_preset(folder, image_size=16):
    """A preset whose ONNX file colors by lightness: a* is L* - 50, b* a third of L*."""
    from onnx import TensorProto, helper

    shape = ["batch", "height", "width", 1]
    ends = [
        helper.make_tensor_value_info("lightness", TensorProto.FLOAT, shape),
        helper.make_tensor_value_info("ab", TensorProto.FLOAT, [*shape[:3], 2]),
    ]
    fixed = [
        helper.make_tensor("factor", TensorProto.FLOAT, [2], [1.0, 1 / 3]),
        helper.make_tensor("offset", TensorProto.FLOAT, [2], [-50.0, 0.0]),
    ]
    steps = [
        helper.make_node("Mul", ["lightness", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["ab"]),
    ]
    graph = helper.make_graph(steps, "light", ends[:1], ends[1:], fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder = Path(folder)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    card = {"format": 1, "name": "light", "image_size": image_size, "outputs": ["ab"]}
    (folder / "preset.json").write_text(json.dumps(card | {"sha256": {"model.onnx": digest}}))
    return folder
