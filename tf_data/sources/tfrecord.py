"""Random access to records of TFRecord files."""

import os
import struct
import threading
from pathlib import Path

import numpy as np

# A record is its length (uint64, little-endian), a checksum of the length (4 bytes), the data, and
# a checksum of the data (4 bytes): tensorflow/core/lib/io/record_writer.h.
_LENGTH = struct.Struct("<Q")
_BEFORE = 12
_AROUND = 16


class Records:
    """Records `start` to `stop - 1` of one file, in any order; thread-safe.

    The file has no index, so the first `read` makes one: it goes from header to header up to
    `stop`, reading 12 bytes per record and keeping 8. Nothing is opened before that. Checksums are
    not verified; damaged data is found when it is decoded.
    """

    def __init__(self, path: Path, start: int, stop: int):
        self.path, self.start, self.stop = path, start, stop
        self._places: np.ndarray | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self.stop - self.start

    def read(self, index: int) -> bytes:
        """The data of record `start + index`. Raises `OSError` if the file lacks it."""
        with self._lock:
            if self._places is None:
                self._places = self._find()
        if index + 1 >= len(self._places):
            raise OSError(f"{self.path}: record {self.start + index} is missing, the file is cut")
        begin, end = self._places[index : index + 2].tolist()
        with open(self.path, "rb", buffering=0) as file:
            file.seek(begin + _BEFORE)
            return file.read(end - begin - _AROUND)

    def _find(self) -> np.ndarray:
        """Start of each complete record, and end of the last one: int64 `[1 + records]`."""
        places = [0]
        size = os.path.getsize(self.path)
        with open(self.path, "rb", buffering=0) as file:
            while len(places) <= self.stop:
                file.seek(places[-1])
                header = file.read(_BEFORE)
                if len(header) < _BEFORE:
                    break
                end = places[-1] + _AROUND + _LENGTH.unpack_from(header)[0]
                if end > size:
                    break
                places.append(end)
        return np.array(places[self.start :], np.int64)
