"""Cross-entropy over the 313 color bins, with soft targets and weights for rare colors."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.color import bins as color_bins
from polychrome.color.scaling import Scaling
from polychrome.errors import InputError
from polychrome.losses.targets import cell_means, check_stride
from polychrome.tensors import Tensor

# An image counts as gray if neither |a*| nor |b*| exceeds this at any pixel.
GRAY_LIMIT = 5.0


@keras.saving.register_keras_serializable("polychrome")
class BinCrossEntropy(keras.losses.Loss):
    """Cross-entropy between logits of the 313 bins and softly encoded colors.

    `y_true` is scaled chroma `[B, H, W, 2]`, `y_pred` logits `[B, h, w, 313]` with
    `h = ceil(H / stride)`, `w = ceil(W / stride)`. Targets are the colors of
    `polychrome.losses.targets.cell_means`. Each has the weight of the bin nearest to its color;
    values are means over images and targets.

    Args:
        scaling: of the chroma in `y_true`, in the space "lab".
        stride: pixels of `y_true` per pixel of `y_pred`, along each axis.
        neighbors, sigma: of the soft encoding; `neighbors=1` makes the targets hard.
        weights: `[313]`, as from `polychrome.color.bins.class_weights`; None weights all bins
            equally.
        ignore_gray: give images with no |a*| or |b*| above 5 a loss of 0 (Zhang et al.), since they
            teach only gray. They still count in the mean.

    Raises:
        InputError: `weights` of another shape, a `stride` below 1, or logits whose size differs
            from that of the targets.
    """

    def __init__(
        self,
        scaling: Scaling,
        stride: int = 4,
        neighbors: int = 5,
        sigma: float = 5.0,
        weights: Sequence[float] | np.ndarray | None = None,
        ignore_gray: bool = False,
        name: str = "bin_cross_entropy",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if weights is not None:
            weights = np.asarray(weights, np.float32)
            if weights.shape != (len(color_bins.BINS),):
                raise InputError(
                    f"weights of bins: {list(weights.shape)} should be [{len(color_bins.BINS)}]"
                )
        check_stride(stride)
        self.scaling = scaling
        self.stride = stride
        self.neighbors = neighbors
        self.sigma = sigma
        self.weights = weights
        self.ignore_gray = ignore_gray

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Loss at each pixel of the logits, float32 `[B, h, w]`."""
        ab = ops.cast(y_true, "float32") * self.scaling.chroma_scale
        logits = ops.cast(y_pred, "float32")
        targets = cell_means(ab, self.stride)
        expected, found = tuple(targets.shape)[1:3], tuple(logits.shape)[1:3]
        # An unknown size in a graph, None, matches any size.
        if any(
            None not in pair and pair[0] != pair[1] for pair in zip(expected, found, strict=True)
        ):
            raise InputError(
                f"{self.name}: logits of {found} pixels should have {expected}, the targets' size "
                f"at stride {self.stride}"
            )
        bins, shares = color_bins.encode_soft(targets, self.neighbors, self.sigma)
        # The target weights sum to 1, so only the log-softmax of their bins is needed.
        chosen = ops.take_along_axis(logits, bins, axis=-1)  # [B, h, w, neighbors]
        total = ops.logsumexp(logits, axis=-1, keepdims=True)
        losses = ops.sum(shares * (total - chosen), axis=-1)
        if self.weights is not None:
            losses = losses * ops.take(self.weights, bins[..., 0])
        if self.ignore_gray:
            colored = ops.any(ops.abs(ab) > GRAY_LIMIT, axis=(1, 2, 3))
            losses = losses * ops.cast(colored, "float32")[:, None, None]
        return losses

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scaling": dataclasses.asdict(self.scaling),
            "stride": self.stride,
            "neighbors": self.neighbors,
            "sigma": self.sigma,
            "weights": None if self.weights is None else self.weights.tolist(),
            "ignore_gray": self.ignore_gray,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "BinCrossEntropy":
        return cls(**{**config, "scaling": Scaling(**config["scaling"])})
