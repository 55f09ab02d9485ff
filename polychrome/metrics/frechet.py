"""Fréchet distance between the features of true and colorized images."""

from collections.abc import Callable

import numpy as np
from keras import ops

from polychrome.errors import InputError
from polychrome.metrics.base import SetMetric
from polychrome.tensors import Tensor


def frechet_distance(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Distance of the two Gaussians with the means and covariances of two sets of features.

    `|m1 - m2|² + trace(C1 + C2 - 2 (C1 C2)^½)` (Dowson and Landau 1982; Heusel et al., "GANs
    Trained by a Two Time-Scale Update Rule", 2017, equation 6). The covariances are those of
    samples, over n - 1. Trap: with few images the distance is too large, by about 1 / n, and
    figures of different n do not compare.

    Args:
        truth, prediction: `[n, features]` and `[m, features]`, at least two of each.

    Returns:
        In squared units of the features, 0 for equal sets.

    Raises:
        InputError: other shapes.
    """
    truth, prediction = (np.asarray(each, np.float64) for each in (truth, prediction))
    shapes = truth.shape, prediction.shape
    if truth.ndim != 2 or prediction.ndim != 2 or truth.shape[1] != prediction.shape[1]:
        raise InputError(f"features {shapes[0]} and {shapes[1]}: should be [n, f] and [m, f]")
    if min(len(truth), len(prediction)) < 2:
        raise InputError("Fréchet distance: needs two images at least, for a covariance")
    means = truth.mean(axis=0), prediction.mean(axis=0)
    roots = [
        (each - mean) / np.sqrt(len(each) - 1)
        for each, mean in zip((truth, prediction), means, strict=True)
    ]
    # trace (C1 C2)^½ is the sum of the singular values of R1 R2', where C = R' R. They are the
    # roots of the eigenvalues of S C2 S with S² = C1, whichever is the smaller matrix.
    if max(map(len, roots)) < truth.shape[1]:
        shared = np.linalg.norm(roots[0] @ roots[1].T, ord="nuc")
    else:
        values, vectors = np.linalg.eigh(roots[0].T @ roots[0])
        half = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        product = roots[1] @ half
        shared = np.sqrt(np.maximum(np.linalg.eigvalsh(product.T @ product), 0.0)).sum()
    spread = sum(np.square(root).sum() for root in roots)
    distance = np.square(means[0] - means[1]).sum() + spread - 2.0 * shared
    return float(max(distance, 0.0))  # equal sets may come out below by rounding


def frechet_metric(
    features: Callable[[Tensor], Tensor], *, key: str, label: str, meaning: str
) -> SetMetric:
    """The distance as a metric of true and colorized RGB images.

    Args:
        features: RGB `[B, H, W, 3]`, float in [0, 1], to `[B, features]`.
        key, label, meaning: see `SetMetric`.
    """

    def observe(truth: Tensor, prediction: Tensor) -> Tensor:
        return ops.stack([features(truth), features(prediction)], axis=1)

    def compute(observed: np.ndarray) -> float:
        return frechet_distance(observed[:, 0], observed[:, 1])

    return SetMetric(key, label, "lower", meaning, observe, compute)
