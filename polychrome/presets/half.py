"""Weights files in 16 bits, for presets that are shipped."""

from pathlib import Path
from typing import TYPE_CHECKING

from polychrome.files import replacing

if TYPE_CHECKING:
    import h5py


def halve(path: Path) -> None:
    """Round the float32 arrays of a Keras weights file to float16, in place.

    Keras reads them into its variables as they are. Half the size; numbers have 11 significant
    bits, and those below 6e-8 become zero.

    Raises:
        ValueError: a number is too large, or not a number.
    """
    import h5py

    with h5py.File(path) as source, replacing(path) as temporary:
        with h5py.File(temporary, "w") as target:
            _copy(source, target)


def _copy(source: "h5py.Group", target: "h5py.Group") -> None:
    import h5py  # here, so that importing polychrome stays light
    import numpy as np

    target.attrs.update(source.attrs)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
            continue
        values = item[()]
        if item.dtype == np.float32:
            if not np.all(np.abs(values) <= np.finfo(np.float16).max):
                raise ValueError(f"{item.name}: has numbers beyond those of float16")
            values = values.astype(np.float16)
        target.create_dataset(name, data=values).attrs.update(item.attrs)
