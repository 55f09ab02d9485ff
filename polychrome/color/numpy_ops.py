"""The functions of `keras.ops` that colors are converted with, under the same names, on NumPy.

What converts colors is written once and calls either (`polychrome.color.arrays.ops_for`), so that
light runtimes need neither Keras nor a backend. The names here are those that are used.
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


def cast(array, dtype: str) -> np.ndarray:
    """The array in another dtype; itself where it has that."""
    return np.asarray(array).astype(dtype, copy=False)


def convert_to_tensor(array) -> np.ndarray:
    """The array itself."""
    return np.asarray(array)


def stop_gradient(array):
    """The array itself: NumPy has no gradients."""
    return array


def where(condition, one, other) -> np.ndarray:
    """`numpy.where`, of two Python numbers float32 as Keras has it."""
    chosen = np.where(condition, one, other)
    return chosen.astype("float32") if chosen.dtype == "float64" else chosen


def softmax(logits, axis: int = -1) -> np.ndarray:
    """Exponentials that sum to 1 along an axis."""
    powers = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def top_k(array, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The `k` largest along the last axis, largest first, of equal ones the first; and where."""
    places = np.argsort(-array, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(array, places, axis=-1), places
