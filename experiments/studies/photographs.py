"""The photographs that a study counts, and how near pictures are to them."""

import functools

import numpy as np
from keras import ops

from polychrome.metrics.pixel import PSNR, is_gray


def colored(photographs: np.ndarray) -> list[np.ndarray]:
    """Those with color: of gray ones every colorizer is right that leaves them gray.

    Args:
        photographs: uint8 `[n, H, W, 3]`.
    """
    # One by one, because as floats all of them would take four times the memory.
    return [photo for photo in photographs if not bool(is_gray(photo[None])[0])]


def psnr(truth: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """`polychrome.metrics.pixel.PSNR` of each picture: dB, 0...60, float32 `[n]`.

    Args:
        truth, pictures: uint8 `[n, H, W, 3]`.
    """
    return ops.convert_to_numpy(_metric().per_image(truth, pictures))


@functools.cache
def _metric() -> PSNR:
    """One for all pictures, because a metric has variables."""
    return PSNR()
