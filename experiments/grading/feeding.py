"""Feeding the network images at the size that it was made for, whatever size is graded."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from experiments.grading.protocol import Colorizer
from polychrome.inference.types import Prediction


def fed_at(predict: Callable[[np.ndarray], Prediction], size: int) -> Colorizer:
    """The faithful answer of a colorizer that sees the shorter side at `size` pixels.

    As `polychrome.Colorizer.colorize` does with photographs, the image is resized with
    antialiasing, and the chroma back bilinearly. Here that is done to L*, not to 8-bit RGB.

    Args:
        predict: L* 0...100, float32 `[B, h, w, 1]`, to a prediction.
        size: in pixels.

    Returns:
        L* 0...100, float32 `[B, H, W, 1]`, to a*, b*, float32 `[B, H, W, 2]`.
    """

    def colorize(lightness: np.ndarray) -> np.ndarray:
        sides = lightness.shape[1:3]
        if min(sides) == size:
            return np.asarray(predict(lightness).ab)
        fed = [max(1, round(side * size / min(sides))) for side in sides]
        small = tf.image.resize(lightness, fed, method="bilinear", antialias=True)
        return tf.image.resize(predict(small.numpy()).ab, sides).numpy()

    return colorize
