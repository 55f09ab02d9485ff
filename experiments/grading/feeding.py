"""Feeding the network images at the size that it was made for, whatever size is graded."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from experiments.grading.protocol import Colorizer
from polychrome.inference.types import Prediction
from polychrome.inference.upsampling import guided_band, lines


def fed_at(
    predict: Callable[[np.ndarray], Prediction], size: int, upsampling: str = "bilinear"
) -> Colorizer:
    """The faithful answer of a colorizer that sees the shorter side at `size` pixels.

    As in `polychrome.Colorizer.colorize`, the image is resized with antialiasing, and the chroma
    back as asked; its default is "guided". Here that is done to L*, not to 8-bit RGB.

    Args:
        predict: L* 0...100, float32 `[B, h, w, 1]`, to a prediction.
        size: in pixels.
        upsampling: of the chroma, "bilinear" or "guided"; see `polychrome.inference.upsampling`. In
            images smaller than `size` both are bilinear.

    Returns:
        L* 0...100, float32 `[B, H, W, 1]`, to a*, b*, float32 `[B, H, W, 2]`.
    """

    def colorize(lightness: np.ndarray) -> np.ndarray:
        sides = lightness.shape[1:3]
        if min(sides) == size:
            return np.asarray(predict(lightness).ab)
        fed = [max(1, round(side * size / min(sides))) for side in sides]
        small = tf.image.resize(lightness, fed, method="bilinear", antialias=True).numpy()
        ab = np.asarray(predict(small).ab, np.float32)
        if upsampling == "guided" and min(sides) > size:
            return np.stack([_guided(*each) for each in zip(lightness, small, ab, strict=True)])
        return tf.image.resize(ab, sides).numpy()

    return colorize


def _guided(lightness: np.ndarray, small: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Chroma of one image, brought up along the edges of its lightness."""
    height, width = lightness.shape[:2]
    guide = lines(np.ascontiguousarray(small[..., 0]), np.ascontiguousarray(ab))
    return np.stack(guided_band(guide, lightness[..., 0], 0, height, (height, width)), axis=-1)
