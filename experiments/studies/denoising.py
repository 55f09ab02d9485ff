"""Whether colors come nearer to those of a clean photograph if the network's copy is denoised."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from experiments.grading.scores import Scores
from experiments.studies.photographs import colored
from polychrome.color.spaces import rgb_to_lab
from polychrome.inference.seen import antialiased, seen_lightness
from polychrome.inference.types import Prediction

# Standard deviations of Gaussian grain at full size, in levels of 255. Film has 2 to 18 at middle
# gray: `tf_data.degradations.aging`.
GRAIN = (10.0, 20.0, 40.0)
# From levels uint8 `[h, w]` at the network's size, and the grain's standard deviation there.
Denoise = Callable[[np.ndarray, float], np.ndarray]


def non_local_means(levels: np.ndarray, grain: float) -> np.ndarray:
    """Non-local means with the strength that suits the grain; windows of 7 and 21 pixels."""
    return cv2.fastNlMeansDenoising(levels, h=max(grain, 1.0))


def bilateral(levels: np.ndarray, grain: float) -> np.ndarray:
    """A bilateral filter of 5 x 5 pixels, as wide in levels as two deviations of the grain."""
    return cv2.bilateralFilter(levels, 5, sigmaColor=2.0 * grain, sigmaSpace=1.5)


WAYS: dict[str, Denoise] = {
    "plain": lambda levels, grain: levels,
    "bilateral": bilateral,
    "non-local means": non_local_means,
}


def measure_denoising(
    photographs: np.ndarray, seen: int, predict: Callable[[np.ndarray], Prediction], seed: int = 0
) -> dict[str, Any]:
    """How far colors are from those of the clean photograph and from the truth, with grain.

    Grain is added to the gray photograph at full size. All ways see it scaled down, which averages
    most of it away; the denoising ones are told how strong the rest is.

    Args:
        photographs: uint8 `[n, side, side, 3]`, side above `seen`; gray ones do not count.
        seen: side at which the network sees them.
        predict: as `polychrome.Colorizer.predict`.
        seed: of the grain.

    Returns:
        JSON values: "images", and for each strength of grain, as text, and each way "from_clean"
        and "from_truth", mean absolute differences in ab units, means over images with intervals.
    """
    rng = np.random.default_rng(seed)
    photos = colored(photographs)
    rows: dict[float, dict[str, list]] = {each: {way: [] for way in WAYS} for each in GRAIN}
    for photo in tqdm(photos, desc="denoise", unit="image", leave=False):
        gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        lightness = seen_lightness(gray, seen)
        clean = np.asarray(predict(lightness).ab)
        truth = antialiased(np.asarray(rgb_to_lab(photo))[..., 1:], *lightness.shape[1:3])
        for strength, found in rows.items():
            grain = rng.normal(0.0, strength, gray.shape)
            grainy = np.clip(np.round(gray + grain), 0, 255).astype(np.uint8)
            levels = _levels_seen(grainy, lightness.shape[1:3])
            left = float(_scaled(grain, lightness.shape[1:3]).std())
            for way, denoise in WAYS.items():
                ab = np.asarray(predict(seen_lightness(denoise(levels, left), seen)).ab)
                found[way].append([np.abs(ab - other).mean() for other in (clean, truth)])
    return {
        "images": len(photos),
        **{f"{strength:g}": _summary(found) for strength, found in rows.items()},
    }


def _scaled(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    return antialiased(values[..., None].astype(np.float32), *size)[..., 0]


def _levels_seen(gray: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    return np.clip(np.round(_scaled(gray, size)), 0, 255).astype(np.uint8)


def _summary(found: dict[str, list]) -> dict[str, Any]:
    places = ("from_clean", "from_truth")
    per_image = {
        way: dict(zip(places, np.float32(rows).T, strict=True)) for way, rows in found.items()
    }
    return Scores(per_image).table()
