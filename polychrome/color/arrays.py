"""What color functions do at their border: whose functions to call, and what to refuse.

Nothing here imports Keras or a backend before it has been given one's tensor.
"""

import sys
from types import ModuleType

import numpy as np

from polychrome.color import numpy_ops
from polychrome.errors import InputError

# How far floats may lie outside [0, 1]: rounding, of half precision too.
TOLERANCE = 1e-3

_PLAIN = (np.ndarray, np.generic, list, tuple, int, float)


def ops_for(*arrays) -> ModuleType:
    """NumPy's functions where all arrays are NumPy's or Python's, else `keras.ops`."""
    if all(isinstance(array, _PLAIN) for array in arrays):
        return numpy_ops
    from keras import ops

    return ops


def dtype_of(array) -> str:
    """Name of the dtype of an array of NumPy or any backend, as "float32"."""
    dtype = getattr(array, "dtype", None)
    dtype = np.asarray(array).dtype if dtype is None else dtype
    # Names of PyTorch's have its own before them.
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def check_last_axis(array, size: int, what: str, hint: str = "") -> None:
    """Refuse an array whose last axis does not have `size` elements, where that is known.

    Raises:
        InputError: another size, or no axis at all.
    """
    shape = tuple(np.shape(array) if isinstance(array, _PLAIN) else array.shape)
    if not shape or shape[-1] not in (None, size):
        hint = f"; {hint}" if hint else ""
        raise InputError(f"{what}: shape {list(shape)} should end in {size} channels{hint}")


def check_kind(levels) -> None:
    """Refuse levels that are neither uint8 nor float.

    Raises:
        InputError: another dtype.
    """
    dtype = dtype_of(levels)
    if dtype != "uint8" and "float" not in dtype:
        raise InputError(f"RGB: {dtype} should be uint8 0...255, or float in [0, 1]")


def check_rgb(rgb) -> None:
    """Refuse what is not RGB `[..., 3]` of uint8 or of float in [0, 1].

    Values are looked at where they can be seen: not in graphs and traced functions. NaN passes, as
    through all that follows.

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


def check_coordinates(array, what: str) -> None:
    """Refuse what is not `[..., 3]` of Lab or YUV, which unsigned integers never are.

    Raises:
        InputError: another last axis, or a dtype without negative numbers.
    """
    check_last_axis(array, 3, what)
    dtype = dtype_of(array)
    if dtype == "bool" or dtype.startswith("uint"):
        raise InputError(f"{what}: {dtype} should be float, in the units of {what}, not of levels")


def _seen(array) -> np.ndarray | None:
    """The values of an array, or None where there are none yet."""
    if isinstance(array, _PLAIN):
        return np.asarray(array)
    library = type(array).__module__.partition(".")[0]
    if library == "tensorflow":
        return np.asarray(array) if hasattr(array, "numpy") else None
    if library in ("jax", "jaxlib"):
        traced = isinstance(array, sys.modules["jax"].core.Tracer)
        return None if traced else np.asarray(array)
    return None
