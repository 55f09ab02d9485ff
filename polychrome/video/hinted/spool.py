"""Arrays of one shape in a temporary file, where memory would grow with the length of a shot."""

import tempfile
from pathlib import Path

import numpy as np


class Spool:
    """Keeps arrays by number, as float16, until it is closed.

    Args:
        folder: of the file, which has no name where the system allows that; None: the usual one for
            temporary files, which is memory on many systems.
    """

    def __init__(self, folder: Path | None):
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `close`)
        self._places: dict[int, int] = {}
        self._shape: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def __setitem__(self, number: int, array: np.ndarray) -> None:
        self._shape = array.shape
        self._seek(self._places.setdefault(number, len(self._places)))
        self._file.write(array.astype(np.float16).tobytes())

    def __getitem__(self, number: int) -> np.ndarray:
        """The array, float32."""
        self._seek(self._places[number])
        data = self._file.read(2 * int(np.prod(self._shape)))
        return np.frombuffer(data, np.float16).reshape(self._shape).astype(np.float32)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _seek(self, place: int) -> None:
        self._file.seek(place * 2 * int(np.prod(self._shape)))
