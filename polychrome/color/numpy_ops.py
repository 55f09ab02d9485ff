"""NumPy versions, under the same names, of the `keras.ops` functions used to convert colors.

Color conversions are written once and call either (`polychrome.color.arrays.ops_for`), so light
runtimes need neither Keras nor a backend. Only functions in use are here.
"""

import numpy as np
from numpy import (  # noqa: F401
    abs,
    all,
    arctan2,
    argmax,
    argmin,
    clip,
    concatenate,
    cos,
    exp,
    floor,
    log,
    logical_and,
    logical_or,
    maximum,
    mean,
    minimum,
    mod,
    ones_like,
    round,
    sin,
    sqrt,
    square,
    stack,
    sum,
    take,
    zeros_like,
)

from polychrome.tensors import Tensor


def cast(array: Tensor, dtype: str) -> np.ndarray:
    """The array in another dtype, or itself if it already has that dtype."""
    return np.asarray(array).astype(dtype, copy=False)


def convert_to_tensor(array: Tensor) -> np.ndarray:
    """The array itself."""
    return np.asarray(array)


def stop_gradient(array: Tensor) -> np.ndarray:
    """The array itself: NumPy has no gradients."""
    return array


def where(condition: Tensor, one: Tensor, other: Tensor) -> np.ndarray:
    """`numpy.where`; two Python numbers give float32, as in Keras."""
    chosen = np.asarray(np.where(condition, one, other))
    return chosen.astype("float32") if chosen.dtype == "float64" else chosen


def softmax(logits: Tensor, axis: int = -1) -> np.ndarray:
    """Exponentials that sum to 1 along an axis."""
    powers = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def top_k(array: Tensor, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The `k` largest values along the last axis, and their indices; ties go to the first."""
    places = np.argsort(-array, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(array, places, axis=-1), places
