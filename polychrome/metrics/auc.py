"""Area under the curve of pixels by error: raw accuracy of Zhang et al., and rebalanced.

For each threshold t from 0 to 150, the share of pixels whose predicted a* and b* are within t of
the true ones, by Euclidean distance; the area under that curve, divided by 150. Source: Zhang,
Isola and Efros, "Colorful Image Colorization", 2016, section 3.1 and Table 1, "AuC", there in
percent; the curve is that of Deshpande, Rock and Forsyth, "Learning Large-Scale Automatic Image
Colorization", 2015. With thresholds as fine as can be, the area is the mean over all pixels of
`1 - min(distance, 150) / 150`: no pixel has to be counted at each of them. The paper does not give
its step; whole units and trapezoids differ by less than 0.004.
"""

import numpy as np
from keras import ops

from polychrome.color.bins import BINS, nearest_bin, prior_of
from polychrome.metrics.base import SetMetric
from polychrome.tensors import Tensor

LARGEST = 150.0  # threshold, in units of a* and b*


def pixel_accuracy(true_ab: Tensor, predicted_ab: Tensor) -> Tensor:
    """The share of the thresholds that lie beyond each pixel's error.

    Args:
        true_ab, predicted_ab: `[B, H, W, 2]`, a* and b*.

    Returns:
        float32 `[B, H, W]`, 0...1: 1 where the prediction is true, 0 from a distance of 150 on.
    """
    away = ops.cast(true_ab, "float32") - ops.cast(predicted_ab, "float32")
    distance = ops.sqrt(ops.sum(ops.square(away), axis=-1))
    return 1.0 - ops.minimum(distance, LARGEST) / LARGEST


def _mean_accuracy(true_ab: Tensor, predicted_ab: Tensor) -> Tensor:
    """`[B]`: images of one store have one size, so that their mean is that of all pixels."""
    return ops.mean(pixel_accuracy(true_ab, predicted_ab), axis=(1, 2))


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values, dtype=np.float64))


def accuracy_by_bin(true_ab: Tensor, predicted_ab: Tensor) -> Tensor:
    """Sums over the pixels of each true color, by the 313 bins.

    Args:
        true_ab, predicted_ab: `[B, H, W, 2]`, a* and b*.

    Returns:
        float32 `[B, 313, 2]`: of `pixel_accuracy`, and the number of pixels.
    """
    accuracy = pixel_accuracy(true_ab, predicted_ab)
    images, bins = accuracy.shape[0], len(BINS)
    pixels = ops.reshape(nearest_bin(true_ab), (images, -1))
    places = ops.reshape(pixels + bins * ops.arange(images, dtype="int32")[:, None], (-1,))
    flat = ops.reshape(accuracy, (-1,))
    sums = [
        ops.segment_sum(values, places, num_segments=images * bins)
        for values in (flat, ops.ones_like(flat))
    ]
    return ops.reshape(ops.stack(sums, axis=-1), (images, bins, 2))


def rebalanced(by_bin: np.ndarray) -> float:
    """Mean accuracy of pixels that weigh the inverse of their true color's probability.

    Equation 4 of Zhang et al. with λ = 0. Their probabilities are of ImageNet's training images,
    here those of the graded images themselves, smoothed in the same way (`prior_of`).

    Args:
        by_bin: `[n, 313, 2]`, of `accuracy_by_bin` for n images.

    Returns:
        0...1.
    """
    sums = np.asarray(by_bin, np.float64).sum(axis=0)
    accuracy, pixels = sums[:, 0], sums[:, 1]
    seen = pixels > 0
    weights = 1.0 / prior_of(pixels)[seen]
    return float(np.sum(weights * accuracy[seen]) / np.sum(weights * pixels[seen]))


AUC = SetMetric(
    key="auc",
    label="AuC",
    better="higher",
    meaning="Area under the curve of pixels within 0 to 150 of the true a* and b*, over 150.",
    observe=_mean_accuracy,
    compute=_mean,
)
AUC_REBALANCED = SetMetric(
    key="auc_rebalanced",
    label="AuC, rebalanced",
    better="higher",
    meaning="The same with pixels weighted by the inverse probability of their true color.",
    observe=accuracy_by_bin,
    compute=rebalanced,
)
