"""Cross-entropy over the whole ab plane in squares, for SIGGRAPH17's second head."""

from typing import Any

import keras
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.losses.targets import cell_means, check_stride
from polychrome.tensors import Tensor

# Center of the first bin, and the side of each, in ab units; bins along a* and along b*.
LOWEST, BIN_SIZE, SIDE = -110, 10, 23


class GridCrossEntropy(keras.losses.Loss):
    """Cross-entropy of the nearest of 23 x 23 bins, their centers from -110 to 110 in a* and b*.

    Source: Zhang et al. 2017. Every square is a class, in gamut or not, so the nearest is found by
    rounding. Bin number: `23 * row of a* + column of b*`.

    Args:
        scaling: of the true chroma.
        stride: pixels of the true chroma per logit, along each axis.

    Raises:
        InputError: a `stride` below 1.
    """

    def __init__(self, scaling: Scaling, stride: int = 4, **options: Any):
        super().__init__(**options)
        check_stride(stride)
        self.scaling, self.stride = scaling, stride

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Chroma `[B, H, W, 2]`, logits `[B, h, w, 529]` to `[B, h, w]`; h is ceil(H / stride)."""
        ab = cell_means(y_true, self.stride) * self.scaling.chroma_scale
        place = ops.clip(ops.round((ab - LOWEST) / BIN_SIZE), 0, SIDE - 1)
        number = ops.cast(place[..., 0] * SIDE + place[..., 1], "int32")
        return ops.sparse_categorical_crossentropy(
            number, ops.cast(y_pred, "float32"), from_logits=True
        )
