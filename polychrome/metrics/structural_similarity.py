"""Structural similarity (SSIM) with a Gaussian window, as `tf.image.ssim` computes it."""

import numpy as np
from keras import ops


def _gaussian(size: int, sigma: float) -> list[float]:
    """Weights of a centered Gaussian window of `size` samples; their sum is 1."""
    position = np.arange(size) - (size - 1) / 2.0
    weights = np.exp(-0.5 * (position / sigma) ** 2)
    return (weights / weights.sum()).tolist()


def _window_size(length: int | None, filter_size: int) -> int:
    return filter_size if length is None else min(filter_size, length)


def _blur(images, filter_size: int, sigma: float):
    """Gaussian mean over each window that fits: `[B, H, W, C]` to `[B, H-10, W-10, C]` for 11.

    Rows, then columns. Shifted sums, not a convolution: GPUs round the inputs of those to TF32 by
    default, which the small variances of smooth regions don't survive.
    """
    height, width = images.shape[1:3]
    weights = _gaussian(_window_size(height, filter_size), sigma)
    rows = ops.shape(images)[1] - len(weights) + 1
    images = sum(weight * images[:, i : i + rows] for i, weight in enumerate(weights))
    weights = _gaussian(_window_size(width, filter_size), sigma)
    columns = ops.shape(images)[2] - len(weights) + 1
    return sum(weight * images[:, :, i : i + columns] for i, weight in enumerate(weights))


def structural_similarity(
    images1,
    images2,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
):
    """Mean SSIM of pairs of images.

    Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment", IEEE TIP 13(4), 2004. As in
    `tf.image.ssim`: biased covariances, only windows that lie inside the image, mean over windows,
    then over channels. scikit-image's defaults differ (a uniform window of 7).

    Along an axis shorter than `filter_size` the window shrinks to the axis (`tf.image.ssim` refuses
    such images), which keeps one definition down to a single pixel; values for such images are not
    comparable with those of larger ones. In a graph, such an axis must have a static size.

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
