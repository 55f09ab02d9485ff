"""Targets for color classifiers whose logits each cover several pixels."""

from typing import Literal

from keras import ops

from polychrome.errors import InputError
from polychrome.layers.padding import pad_to_multiple
from polychrome.tensors import Tensor

Targets = Literal["cells", "corners"]


def check_targets(stride: int, targets: str) -> None:
    """Reject arguments that `targets_at` does not support.

    Raises:
        InputError: `stride` below 1, or unknown `targets`.
    """
    if stride < 1:
        raise InputError(f"stride={stride}: should be at least 1")
    if targets not in ("cells", "corners"):
        raise InputError(f"targets={targets!r}: should be 'cells' or 'corners'")


def targets_at(chroma: Tensor, stride: int, targets: Targets) -> Tensor:
    """The target chroma of each logit: `[B, H, W, 2]` to float32 `[B, h, w, 2]`.

    `h = ceil(H / stride)`, and likewise `w`.

    Args:
        stride: pixels of the chroma per logit, along each axis.
        targets: "cells", the mean of the `stride` x `stride` pixels that a logit covers when its
            color is enlarged with half-pixel centers, as in `decode_bins`; edges are repeated to
            fill the last cells. Or "corners", every `stride`-th pixel from the first, as in the
            code of Zhang et al.: at stride 4, colors then end up 1.5 pixels from where they were
            seen. That caps the mean PSNR of a perfect prediction: on the 105 test images of the
            embedded sample, 64x64, at 35.92 dB, where "cells" reach 38.67 and the same corners
            without the shift 37.86; on Tiny ImageNet's 10,000 test images at 35.02 dB, where
            "cells" reach 38.97 (the targets themselves, enlarged; rounding to bins costs more).
    """
    chroma = ops.cast(chroma, "float32")
    if targets == "corners":
        return chroma[:, ::stride, ::stride]
    return ops.average_pool(
        pad_to_multiple(chroma, stride), stride, stride, "valid", data_format="channels_last"
    )
