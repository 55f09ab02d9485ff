"""A loss that weights each image by the rarity of its colors in the training set."""

from typing import Any, Literal

import keras
from keras import ops

from polychrome.color.histogram import ChromaHistogram
from polychrome.color.scaling import Scaling
from polychrome.losses.pixel import ColorWeighted
from polychrome.tensors import Tensor


class ImageBalanced(keras.losses.Loss):
    """Squared or absolute error, times the mean rarity of each image's true colors.

    Source: DTU report, section 8.1, which suggests class balancing of the data set "together with"
    squared error and L1 but does not say how. On average, weighting an image has the same gradient
    as drawing it more often.

    Args:
        histogram: of the training images.
        scaling: of the chroma.
        error: "squared" or "absolute".
    """

    def __init__(
        self,
        histogram: ChromaHistogram,
        scaling: Scaling,
        error: Literal["squared", "absolute"] = "squared",
        **options: Any,
    ):
        super().__init__(**options)
        self.rarity = ColorWeighted(histogram, scaling)
        self.distance = {"squared": ops.square, "absolute": ops.abs}[error]

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Two scaled chromas `[B, H, W, 2]` to `[B]`."""
        y_true = ops.cast(y_true, "float32")
        error = self.distance(y_true - ops.cast(y_pred, "float32"))
        weights = ops.mean(self.rarity.weights_at(y_true), axis=(1, 2))
        return ops.mean(error, axis=(1, 2, 3)) * weights
