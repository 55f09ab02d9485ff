"""What the vivid and the spread output of our networks are trained on."""

from typing import Any

import keras
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.compiling import compiled
from polychrome.metrics.perceptual import colorfulness
from polychrome.tensors import Tensor


class VividAndSpread(keras.losses.Loss):
    """Losses of `polychrome.models.lite_unet.build_heads`, one value per image.

    The vivid chroma has the least log error (`polychrome.losses.log_error`) among predictions as
    colorful as the truth: `log(MSE + floor) + weight |C - target C_true| / 10`, where C is Hasler
    and Suesstrunk's colorfulness of an image. The spread s has the likelihood of an exponential
    distribution, `log s + |error| / s`, which is largest at the expected distance of the faithful
    chroma from the truth; and, within each image, 1 minus the correlation of `s / (s + mean s)`
    with `1 - exp(-|error| / mean |error|)`, the share of smaller errors if they are exponentially
    distributed. The first is the expectation of the second where s is right, so that both terms
    agree; the second term counts the order of an image's pixels alone.

    The target holds the scaled lightness and the true RGB, `[B, H, W, 1 + 3]`; the prediction the
    faithful and the vivid chroma and the spread, `[B, H, W, 2 + 2 + 1]`.

    Args:
        scaling: of lightness, chroma and spread.
        weight: of the colorfulness.
        ranking: weight of the correlation.
        target: factor of the true colorfulness. Above 1 it makes up for images whose colorfulness
            can't be told, which are predicted too low.
        floor: as for `LogError`.
    """

    def __init__(
        self,
        scaling: Scaling,
        weight: float = 1.0,
        target: float = 1.0,
        ranking: float = 1.0,
        floor: float = 1e-4,
        **options: Any,
    ):
        super().__init__(**options)
        self.scaling, self.weight, self.target, self.floor = scaling, weight, target, floor
        self.ranking = ranking
        self._compiled = compiled(self._losses)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._compiled(ops.cast(y_true, "float32"), ops.cast(y_pred, "float32"))

    def _losses(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        lightness, truth = y_true[..., :1], y_true[..., 1:]
        faithful, vivid, spread = y_pred[..., :2], y_pred[..., 2:4], y_pred[..., 4]

        rgb = self.scaling.join(lightness, vivid)
        error = ops.log(ops.mean(ops.square(rgb - truth), axis=(1, 2, 3)) + self.floor)
        away = ops.abs(colorfulness(rgb) - self.target * colorfulness(truth))

        # In units of the scaling, so that no unit is preferred.
        _, chroma = self.scaling.split(truth)
        distance = ops.sqrt(ops.sum(ops.square(faithful - chroma), axis=-1) + 1e-12)
        spread = ops.maximum(spread, 1e-3)
        likelihood = ops.mean(ops.log(spread) + distance / spread, axis=(1, 2))
        ranked = 1.0 - _correlation(
            spread / (spread + _image_mean(spread)),
            1.0 - ops.exp(-distance / _image_mean(distance)),
        )
        return error + self.weight * away / 10.0 + likelihood + self.ranking * ranked


def _image_mean(values: Tensor) -> Tensor:
    return ops.mean(values, axis=(1, 2), keepdims=True)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """Of two maps `[B, H, W]`, for each image `[B]`; 0 where one is constant."""
    a, b = a - _image_mean(a), b - _image_mean(b)
    powers = ops.mean(ops.square(a), axis=(1, 2)) * ops.mean(ops.square(b), axis=(1, 2))
    return ops.mean(a * b, axis=(1, 2)) / ops.sqrt(powers + 1e-8)
