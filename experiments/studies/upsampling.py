"""Whether chroma that is brought up along edges of lightness is nearer the truth than bilinear."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from experiments.grading.scores import Scores
from experiments.studies.edges import STRONG, color_steps, sharpness
from experiments.studies.photographs import colored
from polychrome.color.difference import delta_e_2000
from polychrome.color.spaces import rgb_to_lab
from polychrome.inference.full_size import join, seen_lightness
from polychrome.inference.seen import antialiased
from polychrome.inference.types import UPSAMPLINGS, Prediction

# Pixels on both sides of a strong edge that count as near it.
BAND = 3
# From lightness at the network's size, L* `[1, h, w, 1]`, and the photograph, `[H, W, 3]`, to ab.
Small = Callable[[np.ndarray, np.ndarray], np.ndarray]


def measure_upsampling(
    photographs: np.ndarray, seen: int, predict: Callable[[np.ndarray], Prediction]
) -> dict[str, Any]:
    """Errors of both ways from the network's size to full size, near strong edges and elsewhere.

    Brought up are the true chroma, scaled down with antialiasing, and the predicted one. What comes
    out of `polychrome.inference.full_size.join` is compared with the photograph by CIEDE2000; L* is
    the true one. A pixel is near an edge if within `BAND` pixels L* changes by `STRONG` over two.

    Args:
        photographs: uint8 `[n, side, side, 3]`, side above `seen`; gray ones do not count.
        seen: side at which the network sees them.
        predict: as `polychrome.Colorizer.predict`.

    Returns:
        JSON values: "images", the share of pixels "near_edges", and for "truth" and "prediction"
        each way's mean "near_edges", "elsewhere", and "sharpness" at edges
        (`experiments.studies.edges`), besides the mean "difference" of guided and bilinear and the
        number of images where guided is "better". Means are over images, with intervals.
    """
    photos = colored(photographs)
    small: dict[str, Small] = {
        "truth": lambda lightness, lab: antialiased(lab[..., 1:], *lightness.shape[1:3]),
        "prediction": lambda lightness, _: np.asarray(predict(lightness).ab[0]),
    }
    errors: dict[str, dict[str, list]] = {kind: {way: [] for way in UPSAMPLINGS} for kind in small}
    steps: dict[str, dict[str, list]] = {kind: {way: [] for way in UPSAMPLINGS} for kind in small}
    near_edges = []
    for photo in tqdm(photos, desc="upsample", unit="image", leave=False):
        lab = np.asarray(rgb_to_lab(photo))
        near = near_strong_edges(lab[..., 0])
        near_edges.append(near.mean())
        lightness = seen_lightness(photo, seen)
        # As floats, so that both ways are free of rounding.
        full = np.float32(photo) / np.float32(255.0)
        for kind, ab_of in small.items():
            ab = ab_of(lightness, lab)
            for way in UPSAMPLINGS:
                joined = join(full, ab, upsampling=way, lightness=lightness[0, ..., 0])
                found = np.asarray(rgb_to_lab(joined))
                error = delta_e_2000(found, lab)
                errors[kind][way].append([_mean(error[near]), _mean(error[~near])])
                steps[kind][way].append(color_steps(lab[None, ..., :1], found[None, ..., 1:])[0])
    return {
        "images": len(photos),
        "near_edges": float(np.mean(near_edges)),
        **{kind: _summary(errors[kind], steps[kind]) for kind in small},
    }


def near_strong_edges(lightness: np.ndarray) -> np.ndarray:
    """Pixels within `BAND` of a strong edge, along rows or columns: bool `[H, W]`.

    Args:
        lightness: L* 0...100, `[H, W]`.
    """
    strong = np.zeros(lightness.shape, np.uint8)
    strong[:, 1:-1] |= np.abs(lightness[:, 2:] - lightness[:, :-2]) >= STRONG
    strong[1:-1] |= np.abs(lightness[2:] - lightness[:-2]) >= STRONG
    side = 2 * BAND + 1
    return cv2.dilate(strong, np.ones((side, side), np.uint8)) > 0


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else np.nan


def _summary(errors: dict[str, list], steps: dict[str, list]) -> dict[str, Any]:
    places = ("near_edges", "elsewhere")
    per_image = {
        way: dict(zip(places, np.float32(rows).T, strict=True)) for way, rows in errors.items()
    }
    scores = Scores(per_image)
    table = scores.table()
    found: dict[str, Any] = {
        way: {**table[way], "sharpness": sharpness(np.stack(steps[way]))} for way in UPSAMPLINGS
    }
    for key in ("difference", "better"):
        found[key] = {}
    for place in places:
        guided, bilinear = (per_image[way][place] for way in UPSAMPLINGS)
        found["difference"][place] = scores.difference("guided", "bilinear", place)
        found["better"][place] = int((guided < bilinear).sum())
    return found
