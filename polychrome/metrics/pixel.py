"""What colorizations are graded by: one class a definition, named after it.

Each is a `keras.metrics.Metric` whose value is the mean of one value per image, so batches may be
uneven. They work in `compile(metrics=...)` on TensorFlow (including strategies) and JAX, and on
plain arrays: `PSNR()(truth, prediction)`. RGB metrics take `[B, H, W, 3]`, uint8 or float in [0,
1]. `grading_metrics()` returns those in the grading table.
"""

import math

import keras
from keras import ops

from polychrome.color.spaces import to_float
from polychrome.metrics.base import LEVEL_TOLERANCE, ImageMetric
from polychrome.tensors import Tensor

MAX_PSNR = 60.0  # dB; equal images have infinite PSNR, and one of them would dominate the mean.
_register = keras.saving.register_keras_serializable(package="polychrome")


def is_gray(rgb: Tensor, max_spread: int = 2) -> Tensor:
    """Which images are gray: no pixel's channels differ by more than `max_spread` of 255.

    Args:
        rgb: `[B, H, W, 3]`, uint8 or float in [0, 1].

    Returns:
        bool `[B]`.
    """
    rgb = to_float(rgb)
    spread = ops.max(rgb, axis=-1) - ops.min(rgb, axis=-1)
    return ops.max(spread, axis=(1, 2)) * 255.0 <= max_spread + LEVEL_TOLERANCE


def _mean_squared_error(truth: Tensor, prediction: Tensor) -> Tensor:
    return ops.mean(ops.square(truth - prediction), axis=(1, 2, 3))


def _psnr(truth: Tensor, prediction: Tensor, max_val: float) -> Tensor:
    mse = _mean_squared_error(truth, prediction) / max_val**2
    return -10.0 / math.log(10.0) * ops.log(ops.maximum(mse, 10.0 ** (-MAX_PSNR / 10.0)))


@_register
class PSNR(ImageMetric):
    """Peak signal-to-noise ratio on RGB, `-10 log10(MSE)`: dB, 0...60, higher is better.

    Source: `tf.image.psnr(max_val=1)`, as in the Padova report's final table. Trap: this is the
    mean of per-image dB, not the dB of the mean error. Equal images have infinite PSNR, so each
    image is capped at 60 dB; gray photographs still raise the mean (see `ColoredPSNR`).
    """

    key = "psnr"
    label = "PSNR (dB)"
    better = "higher"
    meaning = "Peak signal-to-noise ratio on RGB, mean over images, each capped at 60 dB."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return _psnr(truth, prediction, max_val=1.0)


@_register
class ColoredPSNR(PSNR):
    """`PSNR` over images whose truth is not already gray (`is_gray`): dB, 0...60.

    Trap: any colorizer that leaves gray photographs gray gets 60 dB for them in `PSNR`; in Tiny
    ImageNet's test set these 2 % of the images raise doing nothing from 23.00 to 23.74 dB.
    """

    key = "psnr_colored"
    label = "PSNR, colored only (dB)"
    meaning = "PSNR over the images whose truth is not already gray."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return ops.where(is_gray(truth), math.nan, super()._measure(truth, prediction))


@_register
class MSE255(ImageMetric):
    """Mean squared error on RGB in levels of 0...255: 0...65025, lower is better.

    Source: DTU report, tables of losses. Trap: predictions are not rounded to 8 bits.
    """

    key = "mse"
    label = "MSE (0...255)"
    better = "lower"
    meaning = "Mean squared error on RGB in levels of 0...255."

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return _mean_squared_error(truth, prediction) * 255.0**2


@_register
class ChromaPSNR(ImageMetric):
    """PSNR of scaled chroma `[B, H, W, C]` in [-1, 1], `max_val=2`: dB, 0...60, for `fit`.

    Trap: chroma uses little of its range, so values are far above those of RGB.
    """

    key = "psnr_chroma"
    label = "PSNR, chroma (dB)"
    better = "higher"
    meaning = "Peak signal-to-noise ratio of the scaled chroma, range 2, mean over images."
    channels = None
    max_val = 2.0

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        return _psnr(truth, prediction, max_val=self.max_val)


@_register
class ReportChromaPSNR(ChromaPSNR):
    """PSNR of scaled chroma as in the Padova report's model selection: `max_val=1`, dB, up to 60.

    Source: its model-selection table, v1...v6. Trap: data in [-1, 1] has range 2, so this reads 20
    log10(2) = 6.02 dB low and is negative for the worst predictions; `ChromaPSNR` is correct.
    """

    key = "psnr_chroma_report"
    label = "PSNR, chroma, as reported (dB)"
    meaning = "PSNR of the scaled chroma with range 1, as the Padova report has it: 6.02 dB low."
    max_val = 1.0
