"""Type names for annotations; docstrings say what a tensor holds."""

from typing import Any

# A NumPy array or a tensor of the Keras backend: eager, traced or symbolic.
Tensor = Any
# Shape of a layer's input or output, batch first; None where any size is allowed.
Shape = tuple[int | None, ...]
