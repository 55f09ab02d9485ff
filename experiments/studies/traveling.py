"""What hints on one frame are worth in the frames before and after it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from experiments.grading.scores import Scores
from experiments.studies.flicker import steadied
from experiments.studies.hints import true_hint
from experiments.studies.moving import MOTIONS, Clip, clip_of
from experiments.studies.photographs import colored, psnr
from polychrome.color.spaces import rgb_to_lab
from polychrome.hints.types import Hint
from polychrome.inference.full_size import Layer, gray_of, join, seen_lightness
from polychrome.inference.hinted import colors_of_hints
from polychrome.inference.types import Prediction
from polychrome.video.hinted.traveling import Colors, travel

# Frames from the one with hints to the frames that are graded, before and after it.
DISTANCES = (0, 1, 2, 4, 8, 16, 32)
FRAMES = 2 * max(DISTANCES) + 1
HINTS = 10
FIGURES = ("plain", "hinted", "gain", "plain_ab", "hinted_ab", "reached")


def measure_traveling(
    photographs: np.ndarray,
    seen: int,
    predict: Callable[[np.ndarray], Prediction],
    seed: int = 0,
) -> dict[str, Any]:
    """Likeness to the truth of clips with true hints on their middle frame, and without.

    Of each photograph three clips are made, one for each of `MOTIONS`; frames have three quarters
    of its side. Hints are the truth at `HINTS` random places.

    Args:
        photographs: uint8 `[n, side, side, 3]`; gray ones do not count.
        seen: side at which the network sees frames.
        predict: as `polychrome.Colorizer.predict`, without hints.
        seed: of directions and places.

    Returns:
        JSON values: "clips", "hints", and "distance": by number of frames, means over clips with
        intervals of "plain" and "hinted", the PSNR in dB without and with hints; "gain", their
        difference; "plain_ab" and "hinted_ab", the mean distance from the true color in the ab
        plane; and "reached", the part of the hints' share in colors that is left.
    """
    rng = np.random.default_rng(seed)
    photos = colored(photographs)
    found: dict[int, list[np.ndarray]] = {distance: [] for distance in DISTANCES}
    side = photographs.shape[1] * 3 // 4
    for photo in tqdm(photos, desc="traveling", unit="photograph", leave=False):
        for motion in MOTIONS:
            clip = clip_of(photo, motion, side, FRAMES, rng.uniform(0, 2 * np.pi))
            for distance, figures in _of_clip(clip, seen, predict, rng).items():
                found[distance].append(figures)
    per_clip = {
        str(distance): dict(zip(FIGURES, np.float32(rows).T, strict=True))
        for distance, rows in found.items()
    }
    table = Scores(per_clip).table()
    return {"clips": len(found[0]), "hints": HINTS, "distance": table}


def carried_hints(
    lightness: Sequence[np.ndarray],
    predictions: Sequence[Prediction],
    index: int,
    hints: Sequence[Hint],
    size: tuple[int, int],
) -> list[Colors]:
    """The colors that hints on one frame of a shot give to all of its frames.

    Args:
        lightness: L* of each frame as the network sees it, `[h, w]`.
        predictions: of each frame, alone.
        index: of the frame with hints.
        hints: in pixels of a frame.
        size: height and width of a frame.
    """
    prediction = predictions[index]
    spread = None if prediction.spread is None else np.asarray(prediction.spread[0, ..., 0])
    layer = Layer(np.asarray(prediction.ab[0]), lightness[index])
    given = {index: Colors(*colors_of_hints(layer, spread, hints, size))}
    carried: dict[int, Colors] = {}
    travel(lightness, given, carried.__setitem__, carried.__getitem__)
    return [carried[place] for place in range(len(lightness))]


def _of_clip(
    clip: Clip, seen: int, predict: Callable[[np.ndarray], Prediction], rng: np.random.Generator
) -> dict[int, np.ndarray]:
    """By distance: figures in the order of `FIGURES`, means of the frames before and after."""
    gray = [gray_of(frame) for frame in clip.frames]
    lightness = [seen_lightness(frame, seen)[0, ..., 0] for frame in gray]
    predictions = [predict(level[None, ..., None]) for level in lightness]
    middle = FRAMES // 2
    side = clip.frames.shape[1]
    places = rng.integers(0, side, (HINTS, 2))
    hints = [true_hint(clip.frames[middle], int(x), int(y)) for x, y in places]
    kept = steadied(lightness, [np.asarray(each.ab[0]) for each in predictions])
    colors = carried_hints(lightness, predictions, middle, hints, (side, side))
    whole = float(colors[middle].share.mean())

    def figures(index: int) -> list[float]:
        truth, made = clip.frames[index], []
        for ab in (kept[index], colors[index].onto(kept[index])):
            rgb = join(gray[index], ab, lightness=lightness[index])
            made += [(float(psnr(truth[None], rgb[None])[0]), _distance(rgb, truth))]
        (plain, plain_ab), (hinted, hinted_ab) = made
        left = float(colors[index].share.mean()) / whole
        return [plain, hinted, hinted - plain, plain_ab, hinted_ab, left]

    return {
        distance: np.mean([figures(i) for i in {middle - distance, middle + distance}], axis=0)
        for distance in DISTANCES
    }


def _distance(rgb: np.ndarray, truth: np.ndarray) -> float:
    """Mean in the ab plane."""
    one, other = (np.asarray(rgb_to_lab(each))[..., 1:] for each in (rgb, truth))
    return float(np.linalg.norm(one - other, axis=-1).mean())
