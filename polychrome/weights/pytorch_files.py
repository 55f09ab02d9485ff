"""Reading PyTorch weights files without PyTorch and without running code from them.

Both formats combine raw numbers with pickles that name a dozen functions and classes: a zip with
the numbers in members or, before PyTorch 1.6, one stream with the numbers at the end.
"""

import collections
import functools
import io
import math
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from polychrome.errors import InputError

_DTYPES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_ZIP = b"PK\x03\x04"
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
# Limit on the numbers in all tensors of a file; a tensor may repeat a few numbers without end.
_LARGEST = 1 << 30


class _Storage(NamedTuple):
    key: str
    dtype: str
    length: int


class _Tensor(NamedTuple):
    """A view of a storage: `shape` and `strides` in elements, from `offset` on."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _rebuild_parameter(tensor: _Tensor, *_: Any) -> _Tensor:
    return tensor


_FUNCTIONS: dict[tuple[str, str], Callable[..., _Tensor]] = {
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
}


class _Unpickler(pickle.Unpickler):
    """Accepts the names in `_FUNCTIONS` and `_DTYPES`, and `OrderedDict`; any other is an error."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _DTYPES:
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) not in _FUNCTIONS:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        # A pickle can set attributes of the objects it gets, so don't give it the function itself.
        return functools.partial(_FUNCTIONS[module, name])

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, count, *view = pid
        if kind != "storage" or any(view):
            raise pickle.UnpicklingError("it holds something else than numbers")
        return _Storage(str(key), _DTYPES[dtype], int(count))


def read_pytorch(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a PyTorch state dict, by key, in PyTorch's order of axes.

    Raises:
        InputError: the file cannot be read, is truncated, or holds anything but named tensors.
    """
    path = Path(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        with file:
            zipped = file.read(len(_ZIP)) == _ZIP
            file.seek(0)
            state, storages = _read_zip(file) if zipped else _read_stream(file)
        if sum(math.prod(tensor.shape) for tensor in state.values()) > _LARGEST:
            raise ValueError(f"it holds more than {_LARGEST:,} numbers")
        return {str(key): _array(tensor, storages) for key, tensor in state.items()}
    except _NotWeights as error:
        raise InputError(
            f"{path}: holds something else than a state dict, tensors by name"
        ) from error
    except Exception as error:  # a damaged file can fail anywhere in the reader
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not a whole PyTorch file of weights ({reason})") from error


class _NotWeights(Exception):
    pass


def _state(file: Any) -> dict[Any, _Tensor]:
    state = _Unpickler(file).load()
    if not isinstance(state, dict) or not all(isinstance(t, _Tensor) for t in state.values()):
        raise _NotWeights
    return state


def _read_zip(file: Any) -> tuple[dict[Any, _Tensor], dict[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        (pickled,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
        root = pickled.removesuffix("data.pkl")

        def read(name: str) -> bytes:
            # PyTorch does not compress, so the result is no larger than the file.
            if archive.getinfo(root + name).compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{name} is compressed")
            return archive.read(root + name)

        if root + "byteorder" in archive.namelist() and read("byteorder").strip() != b"little":
            raise ValueError("its numbers are not little-endian")
        state = _state(io.BytesIO(read("data.pkl")))
        return state, {key: read(f"data/{key}") for key in _storages(state)}


def _read_stream(file: Any) -> tuple[dict[Any, _Tensor], dict[str, bytes]]:
    if (_Unpickler(file).load(), _Unpickler(file).load()) != (_MAGIC, _PROTOCOL):
        raise ValueError("it does not begin as one")
    if not _Unpickler(file).load()["little_endian"]:
        raise ValueError("its numbers are not little-endian")
    state = _state(file)
    known, whole = _storages(state), os.fstat(file.fileno()).st_size
    storages = {}
    for key in _Unpickler(file).load():
        storage = known[str(key)]
        if int.from_bytes(file.read(8), "little") != storage.length:
            raise ValueError("a storage has another size than it should")
        size = storage.length * np.dtype(storage.dtype).itemsize
        if file.tell() + size > whole:
            raise ValueError("it is cut short")
        storages[storage.key] = file.read(size)
    return state, storages


def _storages(state: dict[Any, _Tensor]) -> dict[str, _Storage]:
    return {tensor.storage.key: tensor.storage for tensor in state.values()}


def _array(tensor: _Tensor, storages: dict[str, bytes]) -> np.ndarray:
    numbers = np.frombuffer(storages[tensor.storage.key], tensor.storage.dtype)
    if len(numbers) != tensor.storage.length:
        raise ValueError("a storage has another size than it should")
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0:
        raise ValueError("a tensor has a negative offset, side or stride")
    if math.prod(tensor.shape) == 0:
        return np.empty(tensor.shape, numbers.dtype)
    furthest = sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    if tensor.offset + furthest >= len(numbers):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [step * numbers.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides)
    return view.copy()
