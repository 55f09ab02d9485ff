"""How much colors flicker in clips of known motion, frame by frame and steadied."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops
from tqdm import tqdm

from experiments.grading.scores import Scores
from experiments.studies.moving import MOTIONS, Clip, clip_of, color_consistency, warping_error
from experiments.studies.photographs import colored, psnr
from polychrome.color.spaces import rgb_to_lab, to_float
from polychrome.inference.full_size import gray_of, join, seen_lightness
from polychrome.inference.types import Prediction
from polychrome.metrics.perceptual import colorfulness
from polychrome.video.steady import Predicted, steady

FRAMES = 32
ROWS = ("gray", "truth", "frame by frame", "steady")
FIGURES = ("flicker", "cdc", "psnr", "colorfulness")


def measure_flicker(
    photographs: np.ndarray,
    seen: int,
    predict: Callable[[np.ndarray], Prediction],
    grain: float = 0.0,
    seed: int = 0,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Flicker, likeness to the truth and colorfulness of clips made of photographs.

    Of each photograph three clips are made, one for each of `MOTIONS`; frames have three quarters
    of its side. All rows have the lightness of the gray clip, so the truth has its grain too.

    Args:
        photographs: uint8 `[n, side, side, 3]`; gray ones do not count.
        seen: side at which the network sees frames.
        predict: as `polychrome.Colorizer.predict`.
        grain: standard deviation of Gaussian grain, new in each frame, in levels of 255.
        seed: of directions and grain.

    Returns:
        JSON values: "clips", and for each of `ROWS` "flicker"
        (`experiments.studies.moving.warping_error`), "cdc", "psnr" in dB (not of the truth) and
        "colorfulness", means over clips with intervals. And the clip that flickers most frame by
        frame, in each of `ROWS`: uint8 `[n, side, side, 3]`.
    """
    rng = np.random.default_rng(seed)
    photos = colored(photographs)
    found: dict[str, list[list[float]]] = {row: [] for row in ROWS}
    side = photographs.shape[1] * 3 // 4
    worst: dict[str, np.ndarray] = {}
    most = -1.0
    for photo in tqdm(photos, desc="flicker", unit="photograph", leave=False):
        for motion in MOTIONS:
            clip = clip_of(photo, motion, side, FRAMES, rng.uniform(0, 2 * np.pi))
            gray = np.stack([gray_of(frame) for frame in clip.frames]).astype(np.float32)
            gray += rng.normal(0.0, grain, gray.shape) if grain else 0.0
            levels = np.clip(np.round(gray), 0, 255).astype(np.uint8)
            ways = _ways(clip, levels, seen, predict)
            for row, frames in ways.items():
                found[row].append(_figures(frames, ways["truth"], clip))
            if (own := found["frame by frame"][-1][0]) > most:
                most, worst = own, ways
    per_clip = {
        row: dict(zip(FIGURES, np.float32(values).T, strict=True)) for row, values in found.items()
    }
    table = Scores(per_clip).table()
    del table["truth"]["psnr"]
    return {"clips": len(found["truth"]), **table}, worst


def steadied(lightness: Sequence[np.ndarray], ab: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Chroma of the frames of a shot, averaged along the motion.

    Args:
        lightness: L* of each frame, float32 `[h, w]`.
        ab: its own chroma, float32 `[h, w, 2]`.
    """
    frames = (
        Predicted(None, level, own, index == 0)
        for index, (level, own) in enumerate(zip(lightness, ab, strict=True))
    )
    return [kept for chunk in steady(frames) for kept in chunk.ab]


def side_by_side(ways: dict[str, np.ndarray], count: int = 5) -> np.ndarray:
    """Frames of a clip, from left to right in time; frame by frame above, steady below.

    Returns:
        uint8 `[2 * side, count * side, 3]`.
    """
    rows = []
    for row in ("frame by frame", "steady"):
        frames = ways[row]
        places = np.linspace(0, len(frames) - 1, count).round().astype(int)
        rows.append(np.concatenate(list(frames[places]), axis=1))
    return np.concatenate(rows, axis=0)


def _ways(
    clip: Clip, gray: np.ndarray, seen: int, predict: Callable[[np.ndarray], Prediction]
) -> dict[str, np.ndarray]:
    """The clip in each way: uint8 `[n, side, side, 3]`."""
    lightness = [seen_lightness(frame, seen) for frame in gray]
    own = [np.asarray(predict(each).ab[0]) for each in lightness]
    small = [each[0, ..., 0] for each in lightness]
    kept = steadied(small, own)

    def joined(chroma: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack(
            [
                join(frame, ab, lightness=each if ab.shape[:2] == each.shape else None)
                for frame, ab, each in zip(gray, chroma, small, strict=True)
            ]
        )

    true = [np.asarray(rgb_to_lab(frame))[..., 1:] for frame in clip.frames]
    none = [np.zeros_like(ab) for ab in own]
    return dict(zip(ROWS, map(joined, (none, true, own, kept)), strict=True))


def _figures(frames: np.ndarray, truth: np.ndarray, clip: Clip) -> list[float]:
    """In the order of `FIGURES`."""
    ab = [np.asarray(rgb_to_lab(frame))[..., 1:] for frame in frames]
    return [
        warping_error(ab, clip),
        color_consistency(frames),
        float(psnr(truth, frames).mean()),
        float(ops.convert_to_numpy(colorfulness(to_float(frames))).mean()),
    ]
