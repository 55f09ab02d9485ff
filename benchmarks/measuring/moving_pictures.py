"""Gray films to time: a camera over photographs, with grain, cuts and a sound track."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

RATE = 25
SHOT = 4  # seconds
# Pixels of a film of so many rows: 16:9, and a square for long ones.
SIZES = {128: (128, 128), 240: (426, 240), 480: (854, 480), 720: (1280, 720)}
_PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")


def write_gray_film(path: Path, height: int, frames: int) -> None:
    """Write an MP4 file of H.264 and AAC.

    Args:
        path: of the file.
        height: one of `SIZES`.
        frames: how many, of 25 a second.
    """
    with av.open(str(path), "w") as target:
        video = target.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height = SIZES[height]
        video.pix_fmt = "yuv420p"
        audio = target.add_stream("aac", rate=48000)
        audio.layout = "mono"
        for index, gray in enumerate(gray_frames(height, frames)):
            frame = av.VideoFrame.from_ndarray(gray, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            target.mux(video.encode(frame))
            tone = 3000 * np.sin(np.arange(48000 // RATE) * (0.03 + 0.01 * (index % 7)))
            sound = av.AudioFrame.from_ndarray(tone[None].astype(np.int16), "s16", "mono")
            sound.sample_rate, sound.pts = 48000, index * (48000 // RATE)
            target.mux(audio.encode(sound))
        target.mux(video.encode(None))
        target.mux(audio.encode(None))


def gray_frames(height: int, frames: int) -> Iterator[np.ndarray]:
    """The frames of the film, uint8 `[height, width]`: pans that change every `SHOT` seconds."""
    width = SIZES[height][0]
    rng = np.random.default_rng(0)
    # Grain is drawn once: it moves by chance.
    grain = rng.normal(0.0, 4.0, (height + 64, width + 64)).astype(np.float32)
    wide: np.ndarray | None = None
    for index in range(frames):
        shot, place = divmod(index, SHOT * RATE)
        if place == 0 or wide is None:
            photograph = getattr(data, _PHOTOGRAPHS[shot % len(_PHOTOGRAPHS)])()
            enlarged = (round(width * 1.4), round(width * 1.4 * 0.75))
            wide = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY)
            wide = cv2.resize(wide, enlarged, interpolation=cv2.INTER_CUBIC)
            drift = rng.uniform(-1.0, 1.0, 2)
        room = np.array([wide.shape[0] - height, wide.shape[1] - width])
        y, x = (room * (0.5 + 0.5 * drift * (place / (SHOT * RATE)))).astype(int)
        top, left = rng.integers(0, 64, 2)
        part = wide[y : y + height, x : x + width] + grain[top:, left:][:height, :width]
        yield np.clip(np.round(part), 0, 255).astype(np.uint8)
