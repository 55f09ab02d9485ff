"""Input checks and the choice of backend for color functions.

Nothing here imports Keras or a backend until it is given a tensor of that backend.
"""

import sys
from types import ModuleType

import numpy as np

from polychrome.color import numpy_ops
from polychrome.errors import InputError
from polychrome.tensors import Tensor

# How far floats may lie outside [0, 1]: allows for rounding, also in half precision.
TOLERANCE = 1e-3

_PLAIN = (np.ndarray, np.generic, list, tuple, int, float)


def ops_for(*arrays: Tensor) -> ModuleType:
    """NumPy functions if all arrays are NumPy or Python values, otherwise `keras.ops`."""
    if all(isinstance(array, _PLAIN) for array in arrays):
        return numpy_ops
    from keras import ops

    return ops


def dtype_of(array: Tensor) -> str:
    """Dtype name, such as "float32", of a NumPy array or a tensor of any backend."""
    dtype = getattr(array, "dtype", None)
    dtype = np.asarray(array).dtype if dtype is None else dtype
    # PyTorch's dtype names start with "torch.".
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def check_last_axis(array: Tensor, size: int, what: str, hint: str = "") -> None:
    """Reject an array whose last axis is known not to have `size` elements.

    Raises:
        InputError: another size, or no axis at all.
    """
    shape = tuple(np.shape(array) if isinstance(array, _PLAIN) else array.shape)
    if not shape or shape[-1] not in (None, size):
        hint = f"; {hint}" if hint else ""
        raise InputError(f"{what}: shape {list(shape)} should end in {size} channels{hint}")


def check_kind(levels: Tensor) -> None:
    """Reject levels that are neither uint8 nor float.

    Raises:
        InputError: another dtype.
    """
    dtype = dtype_of(levels)
    if dtype != "uint8" and "float" not in dtype:
        raise InputError(f"RGB: {dtype} should be uint8 0...255, or float in [0, 1]")


def check_rgb(rgb: Tensor) -> None:
    """Reject arrays other than RGB `[..., 3]`, uint8 or float in [0, 1].

    Values are checked only when they are available, so not in graphs and traced functions. NaN is
    let through, as everywhere downstream.

    Raises:
        InputError: another last axis or dtype, or floats outside by more than `TOLERANCE`.
    """
    check_last_axis(rgb, 3, "RGB", "leave out alpha, repeat gray")
    check_kind(rgb)
    if dtype_of(rgb) == "uint8":
        return
    values = _seen(rgb)
    if values is None or not values.size:
        return
    low, high = float(values.min()), float(values.max())
    if low < -TOLERANCE or high > 1.0 + TOLERANCE:
        raise InputError(
            f"RGB: floats from {low:.4g} to {high:.4g} should lie in [0, 1]; uint8 has 0...255"
        )


def check_coordinates(array: Tensor, what: str) -> None:
    """Reject arrays other than Lab or YUV `[..., 3]`; these are never unsigned integers.

    Raises:
        InputError: another last axis, or a dtype without negative numbers.
    """
    check_last_axis(array, 3, what)
    dtype = dtype_of(array)
    if dtype == "bool" or dtype.startswith("uint"):
        raise InputError(f"{what}: {dtype} should be float, in the units of {what}, not of levels")


def _seen(array: Tensor) -> np.ndarray | None:
    """The values of an array, or None if it has none yet."""
    if isinstance(array, _PLAIN):
        return np.asarray(array)
    library = type(array).__module__.partition(".")[0]
    if library == "tensorflow":
        return np.asarray(array) if hasattr(array, "numpy") else None
    if library in ("jax", "jaxlib"):
        traced = isinstance(array, sys.modules["jax"].core.Tracer)
        return None if traced else np.asarray(array)
    return None
