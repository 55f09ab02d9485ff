"""The UCI report's metrics: shares of pixels with the right largest channel or gray value.

Import the classes from `polychrome.metrics.pixel`, like all others.
"""

from typing import Any

import keras
from keras import ops

from polychrome.color.spaces import gray_luma, gray_mean
from polychrome.errors import InputError
from polychrome.metrics.base import LEVEL_TOLERANCE, ImageMetric
from polychrome.tensors import Tensor


def _largest_channel(rgb: Tensor) -> Tensor:
    """0, 1, or 2 for each pixel: R or G if it exceeds both others, otherwise B."""
    red, green, blue = (ops.round(rgb[..., i] * 255.0) for i in range(3))
    is_red = ops.logical_and(red > green, red > blue)
    is_green = ops.logical_and(green > red, green > blue)
    return ops.where(is_red, 0, ops.where(is_green, 1, 2))


@keras.saving.register_keras_serializable(package="polychrome")
class MaxChannelAccuracy(ImageMetric):
    """Share of pixels whose largest RGB channel is the true one: 0...1, higher is better.

    Source: UCI report, section 3.4, and its code for ties: R or G wins only if strictly greater
    than both others, otherwise B, so gray counts as blue. Trap: 8-bit levels are compared, as in
    saved images; without rounding, the largest channel of a gray prediction would be float noise.
    The report's code counts from 1 instead of 0 per channel, which matters only for rare channels.

    Args:
        channel: None for all pixels, or "red", "green", or "blue" for the pixels where that is the
            true largest channel; images without such pixels don't count.

    Raises:
        InputError: unknown channel.
    """

    key = "max_channel"
    label = "Max channel"
    better = "higher"
    meaning = "Share of pixels whose largest RGB channel is the true one."
    CHANNELS = ("red", "green", "blue")

    def __init__(self, channel: str | None = None, name: str | None = None, dtype: Any = None):
        if channel is not None:
            if channel not in self.CHANNELS:
                raise InputError(f"channel is {channel!r}, should be None or in {self.CHANNELS}")
            self.key = f"max_channel_{channel}"
            self.label = f"Max channel, {channel}"
            self.meaning = f"Share of the truly {channel} pixels that the prediction has {channel}."
        super().__init__(name=name, dtype=dtype)
        self.channel = channel

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        true_channel = _largest_channel(truth)
        hits = ops.cast(true_channel == _largest_channel(prediction), "float32")
        if self.channel is None:
            return ops.mean(hits, axis=(1, 2))
        # An image without such pixels gives 0 / 0, which is NaN and does not count.
        of_channel = ops.cast(true_channel == self.CHANNELS.index(self.channel), "float32")
        return ops.sum(hits * of_channel, axis=(1, 2)) / ops.sum(of_channel, axis=(1, 2))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "channel": self.channel}


@keras.saving.register_keras_serializable(package="polychrome")
class BacktrackedGrayAccuracy(ImageMetric):
    """Share of pixels with a gray value within a threshold of the truth: 0...1, higher is better.

    Source: UCI report, section 3.4. Trap: this measures lightness, not color, so doing nothing
    scores high. The report's inequality includes both bounds; its code excludes them.

    Args:
        formula: "mean", (R + G + B) / 3, or "luma", .30 R + .59 G + .11 B (the report's OpenCV).
        threshold: in levels of 0...255.
        inclusive: whether a difference of exactly the threshold counts.

    Raises:
        InputError: unknown formula.
    """

    key = "gray"
    better = "higher"
    FORMULAS = {"mean": gray_mean, "luma": gray_luma}

    def __init__(
        self,
        formula: str = "mean",
        threshold: float = 20,
        inclusive: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ):
        if formula not in self.FORMULAS:
            raise InputError(f"formula is {formula!r}, should be one of {tuple(self.FORMULAS)}")
        self.key = f"gray_{formula}" if inclusive else f"gray_{formula}_exclusive"
        bound = "at most" if inclusive else "less than"
        within = "within" if inclusive else "within less than"
        self.label = f"Gray {within} {threshold:g}, {formula}"
        self.meaning = f"Share of pixels whose gray is off by {bound} {threshold:g} of 255 levels."
        super().__init__(name=name, dtype=dtype)
        self.formula, self.threshold, self.inclusive = formula, threshold, inclusive

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        gray = self.FORMULAS[self.formula]
        difference = ops.abs(gray(prediction) - gray(truth)) * 255.0
        bound = self.threshold + (LEVEL_TOLERANCE if self.inclusive else -LEVEL_TOLERANCE)
        return ops.mean(ops.cast(difference < bound, "float32"), axis=(1, 2, 3))

    def get_config(self) -> dict[str, Any]:
        settings = {key: getattr(self, key) for key in ("formula", "threshold", "inclusive")}
        return {**super().get_config(), **settings}
