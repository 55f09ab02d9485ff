"""Several colorizations of the same picture, for systems that have more than one answer."""

from pathlib import Path

import numpy as np
from keras import ops

from experiments.recipe import Sampler
from experiments.report.drawing import draw_grid
from polychrome.color.scaling import Scaling
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.metrics.diversity import diversity
from tf_data.store import Store

_SHOWN, _MEASURED, _SAMPLES = 6, 100, 5

DESCRIBED = {
    "diversity": {
        "label": "Diversity",
        "better": None,
        "meaning": f"Mean ab distance between pairs of {_SAMPLES} colorizations of one image, over "
        f"{_MEASURED} images.",
    },
    "diversity_fixed": {
        "label": "Diversity, noise held fixed",
        "better": None,
        "meaning": "The same with one noise for all: what does not come from the noise.",
    },
}


def draw_samples(
    sampler: Sampler, store: Store, scaling: Scaling, seed: int, folder: Path
) -> tuple[dict, dict]:
    """Write `samples.png`, pictures under several noises and twice under one; measure diversity.

    Returns:
        Values for the system's row, by metric key, and the metrics' descriptions.
    """
    images = store.examples(_MEASURED)
    lightness, _ = (ops.convert_to_numpy(part) for part in scaling.split(images))
    lab = ops.convert_to_numpy(rgb_to_lab(images))

    def ab(row: int, count: int) -> np.ndarray:
        given = lightness[row : row + 1]
        return ops.convert_to_numpy(
            scaling.to_ab(np.repeat(given, count, 0), sampler(given, count, seed))
        )

    drawn = np.stack([ab(row, _SAMPLES) for row in range(len(images))], axis=1)
    again = np.stack([ab(row, 1) for row in range(len(images))], axis=1)
    fixed = np.concatenate([drawn[:1], again])

    rows = np.linspace(0, len(images) - 1, min(_SHOWN, len(images))).round().astype(int)

    def picture(chroma: np.ndarray) -> np.ndarray:
        whole = np.concatenate([lab[rows, ..., :1], chroma[rows]], axis=-1)
        return ops.convert_to_numpy(to_uint8(lab_to_rgb(whole)))

    columns = {f"noise {index + 1}": picture(one) for index, one in enumerate(drawn)}
    columns |= {"noise 1 again": picture(again[0]), "truth": images[rows]}
    draw_grid(columns, folder / "samples.png")
    values = {"diversity": _mean(drawn), "diversity_fixed": _mean(fixed)}
    return values, DESCRIBED


def _mean(colorizations: np.ndarray) -> dict[str, float | None]:
    per_image = ops.convert_to_numpy(diversity(colorizations))
    return {"mean": float(per_image.mean()), "low": None, "high": None}
