"""An image's RGB error and its logarithm: training on what the reports' PSNR measures."""

from typing import Any

import keras
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.compiling import compiled
from polychrome.tensors import Tensor


class RGBError(keras.losses.Loss):
    """Mean squared error of each image's RGB in [0, 1].

    The target holds the scaled lightness and the true RGB, `[B, H, W, 1 + 3]`; the prediction is
    scaled chroma `[B, H, W, 2]`.

    Args:
        scaling: of lightness and chroma.
    """

    def __init__(self, scaling: Scaling, **options: Any):
        super().__init__(**options)
        self.scaling = scaling
        # Compiled: a dozen passes over full-size images become one.
        self._errors = compiled(self._squared_errors)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._errors(ops.cast(y_true, "float32"), ops.cast(y_pred, "float32"))

    def _squared_errors(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        rgb = self.scaling.join(y_true[..., :1], y_pred)
        return ops.mean(ops.square(rgb - y_true[..., 1:]), axis=(1, 2, 3))


class LogError(RGBError):
    """`log(MSE + floor)` of each image's RGB, with the MSE, target and prediction of `RGBError`.

    The reports' PSNR of a test set is the mean over images of `-10 log10(MSE)`: 4.34 times this, up
    to the floor. An image's error counts by its ratio, so images that are nearly right count more
    than under the squared error, and chroma shrinks where the network is unsure.

    Args:
        scaling: of lightness and chroma.
        floor: error that no longer matters, so that gray images do not dominate: 1e-4 is 40 dB.
        squared: weight of the MSE itself, which is added; at `1 / MSE` both have the same gradient.
    """

    def __init__(self, scaling: Scaling, floor: float = 1e-4, squared: float = 0.0, **options: Any):
        super().__init__(scaling, **options)
        self.floor, self.squared = floor, squared

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        errors = super().call(y_true, y_pred)
        return ops.log(errors + self.floor) + self.squared * errors
