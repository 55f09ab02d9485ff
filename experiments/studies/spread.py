"""Whether a predicted spread knows where a prediction is wrong."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from keras import ops
from scipy.integrate import trapezoid
from scipy.ndimage import uniform_filter
from scipy.stats import spearmanr
from tqdm import tqdm

from polychrome.color.spaces import rgb_to_lab, to_float
from polychrome.compiling import compiled
from polychrome.inference.types import Prediction
from polychrome.metrics.pixel import ColoredPSNR
from tf_data.pipeline import image_batches
from tf_data.store import Store

# Shares of the pixels that are left out.
LEFT_OUT = tuple(np.round(np.linspace(0.0, 0.95, 20), 2).tolist())
# Of the window in which the contrast of lightness is measured, in pixels.
WINDOW = 7
_BATCH = 32


class Ranked(NamedTuple):
    """How well something ranks the pixels of each image by the true error.

    Attributes:
        spearman: float64 `[N]`, rank correlation with the error; 0 where one of them is constant.
        left: float64 `[N, len(LEFT_OUT)]`, mean error of the pixels that are left when so many with
            the highest rank are left out, over that of all pixels; 1 if the rank knows nothing.
    """

    spearman: np.ndarray
    left: np.ndarray

    @property
    def area(self) -> np.ndarray:
        """Area under the sparsification curve of each image, `[N]`; less is better."""
        return trapezoid(self.left, LEFT_OUT, axis=1)


class SpreadGrades(NamedTuple):
    """The predicted spread, its rival, and the error itself, on the images with color."""

    spread: Ranked
    contrast: Ranked
    error: Ranked


def grade_spread(predict: Callable[[np.ndarray], Prediction], store: Store) -> SpreadGrades:
    """Rank the pixels of each image that is not gray.

    The error is the Euclidean distance in (a*, b*). The rival is the standard deviation of L* in a
    window of 7 pixels: where there is detail, anything is hard to color. Sparsification curves as
    in Ilg et al. 2018, "Uncertainty estimates and multi-hypotheses networks for optical flow".

    Args:
        predict: L* 0...100, float32 `[B, H, W, 1]`, to a prediction with a spread.
        store: the test images.

    Raises:
        ValueError: the prediction has no spread.
    """
    found: dict[str, list[tuple[float, np.ndarray]]] = {key: [] for key in SpreadGrades._fields}
    for lightness, ab, prediction in _predicted(predict, store):
        if prediction.spread is None:
            raise ValueError("the prediction has no spread")
        errors = np.linalg.norm(ab - prediction.ab, axis=-1)
        for image, error in enumerate(errors):
            ranks = {
                "spread": prediction.spread[image, ..., 0],
                "contrast": local_contrast(lightness[image, ..., 0]),
                "error": error,
            }
            for key, rank in ranks.items():
                found[key].append(_ranked(rank.ravel(), error.ravel()))
    return SpreadGrades(
        **{
            key: Ranked(np.array([r for r, _ in each]), np.array([left for _, left in each]))
            for key, each in found.items()
        }
    )


def local_contrast(lightness: np.ndarray) -> np.ndarray:
    """Standard deviation of lightness `[H, W]` in a window around each pixel, same units."""
    wide = lightness.astype(np.float64)
    mean, squares = (uniform_filter(each, WINDOW) for each in (wide, wide**2))
    return np.sqrt(np.maximum(squares - mean**2, 0.0))


def _ranked(rank: np.ndarray, error: np.ndarray) -> tuple[float, np.ndarray]:
    flat = np.ptp(rank) == 0 or np.ptp(error) == 0
    spearman = 0.0 if flat else float(spearmanr(rank, error).statistic)
    by_rank = error[np.argsort(rank, kind="stable")].astype(np.float64)
    mean_of_first = np.cumsum(by_rank) / np.arange(1, len(error) + 1)
    kept = np.array([max(1, round((1 - share) * len(error))) for share in LEFT_OUT])
    return spearman, mean_of_first[kept - 1] / max(mean_of_first[-1], 1e-9)


def _predicted(
    predict: Callable[[np.ndarray], Prediction], store: Store
) -> Iterator[tuple[np.ndarray, np.ndarray, Prediction]]:
    """Lightness, true chroma and prediction of batches of the images that are not gray."""
    to_lab, colored = compiled(rgb_to_lab), ColoredPSNR()
    for images in tqdm(
        image_batches(store, _BATCH).as_numpy_iterator(),
        total=-(-len(store) // _BATCH),
        desc="spread",
        unit="batch",
        leave=False,
    ):
        truth = to_float(images)
        counted = np.isfinite(ops.convert_to_numpy(colored.per_image(truth, truth)))
        if counted.any():
            lab = np.asarray(ops.convert_to_numpy(to_lab(images)))[counted]
            yield lab[..., :1], lab[..., 1:], predict(lab[..., :1])
