"""Pixel-wise losses between true and predicted chroma (DTU report, section 4).

Mean squared error, mean absolute error, and smooth L1 come from Keras: "mse", "mae",
`keras.losses.Huber`.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.color.histogram import ChromaHistogram
from polychrome.color.scaling import Scaling
from polychrome.tensors import Tensor

_register = keras.saving.register_keras_serializable(package="polychrome")


def total_variation(images: Tensor) -> Tensor:
    """Mean length of the color gradient over pixels and channels: `[B, H, W, C]` to `[B]`.

    `sqrt((y[i+1, j] - y[i, j])^2 + (y[i, j+1] - y[i, j])^2)`, equation 2 of the DTU report, over
    the pixels with a neighbor below and to the right; 0 for images of one row or column.
    """
    if 1 in images.shape[1:3]:
        return ops.zeros_like(images[:, 0, 0, 0])
    corner = images[:, :-1, :-1]
    squares = ops.square(images[:, 1:, :-1] - corner) + ops.square(images[:, :-1, 1:] - corner)
    # The root has no gradient at 0, which flat images have.
    return ops.mean(ops.sqrt(squares + 1e-12), axis=(1, 2, 3))


@_register
class WithTotalVariation(keras.losses.Loss):
    """A loss plus `weight` times the `total_variation` of the prediction.

    Source: DTU report, section 4.4, which gives no weight.

    Args:
        loss: one value per pixel `[B, H, W]`, such as `keras.losses.MeanSquaredError()`.
        weight: at least 0.
    """

    def __init__(self, loss: keras.losses.Loss, weight: float = 0.1, **options: Any):
        super().__init__(**options)
        self.loss, self.weight = loss, weight

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        smoothness = total_variation(ops.cast(y_pred, "float32"))
        return self.loss.call(y_true, y_pred) + self.weight * smoothness[:, None, None]

    def get_config(self) -> dict[str, Any]:
        loss = keras.saving.serialize_keras_object(self.loss)
        return super().get_config() | {"loss": loss, "weight": self.weight}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "WithTotalVariation":
        loss = keras.saving.deserialize_keras_object(config.pop("loss"))
        return cls(loss, **config)


@_register
def summed_l1(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Absolute error summed over both channels: two `[B, H, W, 2]` to `[B, H, W]`.

    Source: `L1Loss` in the training code of SIGGRAPH17's authors; Keras's "mae" averages.
    """
    return ops.sum(ops.abs(ops.cast(y_true, "float32") - ops.cast(y_pred, "float32")), axis=-1)


class ColorWeighted(keras.losses.Loss):
    """Mean squared error times the inverse training-set frequency of the true color's bin.

    Source: DTU report, section 4.5: errors in rare colors count more. The weights come from a
    measured histogram and are 1 on average over the training set.

    Args:
        histogram: of the training images.
        scaling: of the chroma.
        bin_size: side of a bin in units of a* and b*.
        cap: largest weight. Without it, a color of a single pixel in the training set would weigh a
            million times as much as gray.
    """

    def __init__(
        self,
        histogram: ChromaHistogram,
        scaling: Scaling,
        bin_size: int = 10,
        cap: float = 100.0,
        **options: Any,
    ):
        super().__init__(**options)
        self.scaling, self.bin_size = scaling, bin_size
        self.lowest, self.weights = histogram.inverse_frequency(bin_size, cap)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true = ops.cast(y_true, "float32")
        error = ops.mean(ops.square(y_true - ops.cast(y_pred, "float32")), axis=-1)
        return error * self.weights_at(y_true)

    def weights_at(self, chroma: Tensor) -> Tensor:
        """Weight of each color: scaled chroma `[..., 2]` to float32 `[...]`."""
        place = ops.floor((chroma * self.scaling.chroma_scale - self.lowest) / self.bin_size)
        rows, columns = self.weights.shape
        last = np.array([rows - 1, columns - 1], np.float32)
        place = ops.cast(ops.clip(place, 0.0, last), "int32")
        flat = ops.convert_to_tensor(self.weights.reshape(-1))
        return ops.take(flat, place[..., 0] * columns + place[..., 1], axis=0)
