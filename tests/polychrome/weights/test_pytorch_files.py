"""Reading PyTorch's files without it: both formats, and files that mean ill."""

import os
import pickle
import zipfile

import numpy as np
import pytest
from pytorch_writer import write_pytorch

from polychrome.errors import InputError
from polychrome.weights.pytorch_files import read_pytorch

STATE = {
    "conv.weight": np.random.default_rng(0).normal(size=(4, 3, 5, 5)).astype("float32"),
    "norm.running_mean": np.arange(7, dtype="float16"),
    "norm.num_batches_tracked": np.array(12, "int64"),
}


@pytest.mark.parametrize("legacy", [False, True])
def test_arrays_come_back_as_they_were(tmp_path, legacy):
    path = write_pytorch(tmp_path / "some.pth", STATE, legacy)
    assert zipfile.is_zipfile(path) is not legacy
    state = read_pytorch(path)
    assert list(state) == list(STATE)
    for key, array in STATE.items():
        assert state[key].dtype == array.dtype and state[key].shape == array.shape
        np.testing.assert_array_equal(state[key], array)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_named(tmp_path, legacy, share):
    path = write_pytorch(tmp_path / "some.pth", STATE, legacy)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="some.pth: not a whole PyTorch file") as caught:
        read_pytorch(path)
    assert "\n" not in str(caught.value)


class Trap:
    """A pickle that runs a command when it is loaded the plain way."""

    def __init__(self, command: str):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("as_zip", [True, False])
def test_nothing_in_a_file_is_executed(tmp_path, as_zip):
    mark, path = tmp_path / "executed", tmp_path / "trap.pth"
    content = pickle.dumps({"weight": Trap(f"touch {mark}")}, protocol=2)
    if as_zip:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", content)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match="trap.pth"):
        read_pytorch(path)
    assert not mark.exists()


def write_zip(path, pickled, numbers=b"", compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/data/0", numbers)
    return path


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], {"state": {}}, 5])
def test_what_is_no_state_dict_is_refused(tmp_path, content):
    path = write_zip(tmp_path / "other.pth", pickle.dumps(content, protocol=2))
    with pytest.raises(InputError, match="other.pth: holds something else than a state dict"):
        read_pytorch(path)


def tensor_of(offset, shape, strides, count=4, dtype="FloatStorage"):
    """The pickle of one tensor, as PyTorch has it: {"w": a view of storage 0}."""
    pickled = b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(("
    pickled += b"X\x07\x00\x00\x00storagectorch\n" + dtype.encode() + b"\nX\x01\x00\x00\x000"
    pickled += b"X\x03\x00\x00\x00cpuI%d\ntQI%d\n" % (count, offset)
    for numbers in (shape, strides):
        pickled += b"(" + b"".join(b"I%d\n" % number for number in numbers) + b"t"
    return pickled + b"I00\nNtRs."


FOUR = np.arange(4, dtype="float32")


def test_a_view_is_read(tmp_path):
    path = write_zip(tmp_path / "a.pth", tensor_of(1, (3, 2), (1, 0)), FOUR.tobytes())
    np.testing.assert_array_equal(read_pytorch(path)["w"], [[1, 1], [2, 2], [3, 3]])


@pytest.mark.parametrize(
    "view, reason",
    [
        ({"offset": 1, "shape": (4,), "strides": (1,)}, "reaches beyond its storage"),
        ({"offset": 0, "shape": (2, 2), "strides": (3, 1)}, "reaches beyond its storage"),
        ({"offset": -1, "shape": (2,), "strides": (1,)}, "negative"),
        ({"offset": 3, "shape": (2,), "strides": (-1,)}, "negative"),
        ({"offset": 0, "shape": (-2, -2), "strides": (1, 1)}, "negative"),
        ({"offset": 0, "shape": (2,), "strides": (1, 1)}, "zip"),
        ({"offset": 0, "shape": (1 << 20, 1 << 20), "strides": (0, 0)}, "more than 1,073,741,824"),
        ({"offset": 0, "shape": (5,), "strides": (1,), "count": 5}, "another size"),
        ({"offset": 0, "shape": (4,), "strides": (1,), "dtype": "Tensor"}, "names torch.Tensor"),
    ],
)
def test_a_tensor_beyond_its_numbers_is_refused(tmp_path, view, reason):
    path = write_zip(tmp_path / "view.pth", tensor_of(**view), FOUR.tobytes())
    with pytest.raises(InputError, match=f"view.pth: not a whole PyTorch file.*{reason}"):
        read_pytorch(path)


def test_a_compressed_file_could_be_endless_and_is_refused(tmp_path):
    pickled = tensor_of(0, (4,), (1,))
    path = write_zip(tmp_path / "bomb.pth", pickled, FOUR.tobytes(), zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match="compressed"):
        read_pytorch(path)


def test_damaged_numbers_are_refused(tmp_path):
    path = write_zip(tmp_path / "damaged.pth", tensor_of(0, (4,), (1,)), FOUR.tobytes())
    content = path.read_bytes()
    place = content.index(FOUR.tobytes()) + 5
    path.write_bytes(content[:place] + b"\xff" + content[place + 1 :])
    with pytest.raises(InputError, match="damaged.pth: not a whole PyTorch file"):
        read_pytorch(path)
