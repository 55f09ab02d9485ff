"""Perceptual metrics: structure, color difference, colorfulness."""

import keras
import numpy as np
from keras import ops

from polychrome.color.difference import delta_e_2000
from polychrome.color.spaces import rgb_to_lab
from polychrome.metrics.base import ImageMetric
from polychrome.tensors import Tensor

_register = keras.saving.register_keras_serializable(package="polychrome")


def _gaussian(size: int, sigma: float) -> list[float]:
    """Weights of a centered Gaussian window of `size` samples, summing to 1."""
    position = np.arange(size) - (size - 1) / 2.0
    weights = np.exp(-0.5 * (position / sigma) ** 2)
    return (weights / weights.sum()).tolist()


def _window_size(length: int | None, filter_size: int) -> int:
    return filter_size if length is None else min(filter_size, length)


def _blur(images: Tensor, filter_size: int, sigma: float) -> Tensor:
    """Gaussian mean over each full window: `[B, H, W, C]` to `[B, H-10, W-10, C]` for size 11.

    Rows, then columns, as shifted sums. GPUs round the inputs of convolutions to TF32 by default,
    which is too coarse for the small variances of smooth regions.
    """
    height, width = images.shape[1:3]
    weights = _gaussian(_window_size(height, filter_size), sigma)
    rows = ops.shape(images)[1] - len(weights) + 1
    images = sum(weight * images[:, i : i + rows] for i, weight in enumerate(weights))
    weights = _gaussian(_window_size(width, filter_size), sigma)
    columns = ops.shape(images)[2] - len(weights) + 1
    return sum(weight * images[:, :, i : i + columns] for i, weight in enumerate(weights))


def structural_similarity(
    images1: Tensor,
    images2: Tensor,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """Mean SSIM of pairs of images.

    Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment", IEEE TIP 13(4), 2004. As in
    `tf.image.ssim`: biased covariances, full windows only, mean over windows, then over channels.
    scikit-image's defaults differ (a uniform window of 7).

    Along an axis shorter than `filter_size` the window shrinks to the axis, so that even a single
    pixel has a value (`tf.image.ssim` rejects such images); these values are not comparable with
    those of larger images. In a graph, such an axis must have a static size.

    Args:
        images1: float `[B, H, W, C]` of dynamic range `max_val`.
        images2: as `images1`; the measure is symmetric.

    Returns:
        float32 `[B]` in [-1, 1]; 1 for equal images.
    """
    x, y = ops.cast(images1, "float32"), ops.cast(images2, "float32")
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    planes = ops.concatenate([x, y, x * y, x * x + y * y], axis=-1)
    blurred = _blur(planes, filter_size, filter_sigma)
    mean_x, mean_y, mean_product, mean_squares = ops.split(blurred, 4, axis=-1)
    product, squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    luminance = (2.0 * product + c1) / (squares + c1)
    contrast = (2.0 * (mean_product - product) + c2) / (mean_squares - squares + c2)
    return ops.mean(luminance * contrast, axis=(1, 2, 3))


@_register
class SSIM(ImageMetric):
    """Structural similarity on RGB: -1...1, 1 for equal images, higher is better.

    Source: Wang et al. 2004 as `tf.image.ssim(filter_size=11, filter_sigma=1.5)`, as in the Padova
    report. Trap: scikit-image's defaults differ. Images smaller than 11 pixels use a smaller window
    (see `structural_similarity`).
    """

    key = "ssim"
    label = "SSIM"
    better = "higher"
    meaning = "Structural similarity on RGB, Gaussian window of 11 pixels, mean over images."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return structural_similarity(truth, prediction)


@_register
class CIEDE2000(ImageMetric):
    """Mean CIEDE2000 difference over pixels: 0 for equal images, about 1 if just visible.

    Source: Sharma et al. 2005 (see `delta_e_2000`), on CIELAB under D65. Trap: many papers also use
    ΔE for the Euclidean distance in Lab, which is usually larger.
    """

    key = "ciede2000"
    label = "CIEDE2000"
    better = "lower"
    meaning = "Perceived color difference, mean over pixels; about 1 is just visible."
    takes_bytes = True  # for which `rgb_to_lab` has a table

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return ops.mean(delta_e_2000(rgb_to_lab(truth), rgb_to_lab(prediction)), axis=(1, 2))


def colorfulness(rgb: Tensor) -> Tensor:
    """Hasler and Suesstrunk's colorfulness (see `Colorfulness`), with finite gradients.

    Args:
        rgb: `[B, H, W, 3]` in [0, 1].

    Returns:
        `[B]`, 0 or more.
    """
    rgb = rgb * 255.0
    red, green, blue = (rgb[..., i] for i in range(3))
    opponents = ops.stack([red - green, (red + green) / 2.0 - blue], axis=-1)
    mean = ops.mean(opponents, axis=(1, 2))
    variance = ops.var(opponents, axis=(1, 2))
    return _root(ops.sum(variance, -1)) + 0.3 * _root(ops.sum(ops.square(mean), -1))


def _root(square: Tensor) -> Tensor:
    # The root has no gradient at 0, which gray images have.
    return ops.sqrt(ops.maximum(square, 1e-12))


@_register
class Colorfulness(ImageMetric):
    """Colorfulness of the prediction: 0 for gray, 15 slight, 45 average, 109 extreme.

    `sigma + 0.3 mu` of the opponents R-G and (R+G)/2-B in levels of 0...255. Source: Hasler and
    Süsstrunk, "Measuring colourfulness in natural images", 2003. Trap: the opponents are signed;
    several published repositories take absolute values, which moves the mean by several percent.
    Neither high nor low is better; the truth is not used.
    """

    key = "colorfulness"
    label = "Colorfulness"
    better = None
    meaning = "How colorful the prediction is (Hasler and Süsstrunk, signed opponents)."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return colorfulness(prediction)


@_register
class ColorfulnessDifference(ImageMetric):
    """`Colorfulness` of the prediction minus that of the truth: 0 is best, below 0 is too dull.

    Trap: signed, so that dull and garish images cancel in the mean.
    """

    key = "colorfulness_difference"
    label = "Colorfulness difference"
    better = None
    meaning = "Colorfulness of the prediction minus that of the truth; negative is too dull."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return colorfulness(prediction) - colorfulness(truth)
