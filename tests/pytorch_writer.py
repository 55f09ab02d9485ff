"""Writes state dicts as PyTorch does, in both of its formats, without PyTorch."""

import collections
import io
import pickle
import sys
import types
import zipfile
from pathlib import Path

import numpy as np

_STORAGES = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage"}


class _Storage:
    def __init__(self, key: str, array: np.ndarray):
        self.key, self.array = key, np.array(array, order="C")


class _Tensor:
    def __init__(self, storage: _Storage):
        self.storage = storage

    def __reduce__(self):
        array = self.storage.array
        strides = tuple(step // array.itemsize for step in array.strides)
        rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
        arguments = (self.storage, 0, array.shape, strides, False, collections.OrderedDict())
        return rebuild, arguments


class _Pickler(pickle.Pickler):
    legacy = False

    def persistent_id(self, item):
        if not isinstance(item, _Storage):
            return None
        kind = getattr(sys.modules["torch"], _STORAGES[item.array.dtype.name])
        pid = ("storage", kind, item.key, "cpu", item.array.size)
        return (*pid, None) if self.legacy else pid


class _named_as_pytorchs:
    """Modules of PyTorch's names, so that pickles refer to its functions and classes."""

    def __enter__(self):
        self.before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
        torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
        for name in _STORAGES.values():
            setattr(torch, name, type(name, (), {"__module__": "torch"}))

        def rebuild(*parts):
            raise AssertionError("only named, never called")

        rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
        rebuild.__name__ = "_rebuild_tensor_v2"
        torch._utils, utils._rebuild_tensor_v2 = utils, rebuild
        sys.modules |= {"torch": torch, "torch._utils": utils}

    def __exit__(self, *error):
        for name, module in self.before.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def write_pytorch(path: Path, state: dict[str, np.ndarray], legacy: bool = False) -> Path:
    """Write `state` to `path`: a zip, or the stream of PyTorch before 1.6."""
    storages = [_Storage(str(index), array) for index, array in enumerate(state.values())]
    tensors = zip(state, storages, strict=True)
    named = collections.OrderedDict((key, _Tensor(storage)) for key, storage in tensors)

    def dump(file, value):
        pickler = _Pickler(file, protocol=2)
        pickler.legacy = legacy
        pickler.dump(value)

    with _named_as_pytorchs(), path.open("wb") as file:
        if legacy:
            sizes = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
            for value in (0x1950A86A20F9469CFC6C, 1001, sizes, named):
                dump(file, value)
            dump(file, [storage.key for storage in storages])
            for storage in storages:
                file.write(storage.array.size.to_bytes(8, "little") + storage.array.tobytes())
            return path
        pickled = io.BytesIO()
        dump(pickled, named)
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", pickled.getvalue())
            archive.writestr("archive/byteorder", "little")
            for storage in storages:
                archive.writestr(f"archive/data/{storage.key}", storage.array.tobytes())
    return path
