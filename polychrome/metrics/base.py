"""Base classes of metrics: a mean over images, or one number for a whole set."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.color.spaces import to_float
from polychrome.errors import InputError
from polychrome.tensors import Tensor

# Tolerance for bounds that 8-bit values can meet exactly, in levels of 255: above float32 rounding
# (1e-4), below the step of any gray formula (0.01).
LEVEL_TOLERANCE = 1e-3


class ImageMetric(keras.metrics.Metric):
    """Mean over images of one value per image.

    Subclasses define `_measure(truth, prediction) -> [B]` on float32 batches. Images with a
    non-finite value do not count: `_measure` returns NaN where a metric has no meaning. Predictions
    with NaN are skipped in the same way, so check predictions before grading them. If no image
    counts, the result is NaN, because 0 would read as a score.

    Class attributes: `key` (name in files), `label` (heading, with unit), `better` ("higher",
    "lower", or None), `meaning` (one sentence), `channels` (required in the input; None: any),
    `takes_bytes` (whether `_measure` gets uint8 as it is, instead of as float32 in [0, 1]).

    Raises:
        InputError: the batches differ in shape or are not `[B, H, W, channels]`.
    """

    key: str
    label: str
    better: str | None
    meaning: str
    channels: int | None = 3
    takes_bytes: bool = False

    def __init__(self, name: str | None = None, dtype: Any = None):
        super().__init__(name=name or self.key, dtype=dtype)
        self.total = self.add_variable(shape=(), initializer="zeros", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def _measure(self, truth: Tensor, prediction: Tensor) -> Tensor:
        raise NotImplementedError

    def per_image(self, truth: Tensor, prediction: Tensor) -> Tensor:
        """The value of each image: two batches `[B, H, W, C]` to float32 `[B]`."""
        if not self.takes_bytes:
            truth, prediction = to_float(truth), to_float(prediction)
        shapes = tuple(truth.shape), tuple(prediction.shape)
        # An unknown size in a graph, None, matches any size.
        agree = len(shapes[0]) == len(shapes[1]) == 4 and all(
            a == b or a is None or b is None for a, b in zip(*shapes, strict=True)
        )
        if not agree or any(self.channels and s[-1] not in (self.channels, None) for s in shapes):
            raise InputError(
                f"{self.name}: truth {shapes[0]} and prediction {shapes[1]} should be two batches "
                f"of one shape [batch, height, width, {self.channels or 'channels'}]"
            )
        return self._measure(truth, prediction)

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch; the optional `sample_weight` has one weight per image, `[B]` or `[B, 1]`."""
        values = ops.cast(self.per_image(y_true, y_pred), self.dtype)
        counted = ops.isfinite(values)
        weights = ops.cast(counted, self.dtype)
        if sample_weight is not None:
            weights = weights * ops.reshape(ops.cast(sample_weight, self.dtype), (-1,))
        self.total.assign_add(ops.sum(ops.where(counted, values, 0.0) * weights))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Tensor:
        """Mean over the images counted since the last `reset_state`; NaN if there are none."""
        return self.total / self.count


@dataclasses.dataclass(frozen=True)
class SetMetric:
    """One number for a whole set of images that is not a mean over images.

    Examples are distances between two sets of images, areas under curves over all pixels, and the
    diversity of several colorizations. Images are processed batch by batch, so that a set need not
    fit into memory.

    Attributes:
        key, label, better, meaning: see `ImageMetric`.
        observe: what the metric needs from a batch, `[B, ...]` for B images; takes the metric's
            inputs.
        compute: the observations of all images, `[n, ...]`, to the number.
    """

    key: str
    label: str
    better: str | None
    meaning: str
    observe: Callable[..., Any]
    compute: Callable[[np.ndarray], float]
