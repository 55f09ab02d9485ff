"""The command that converts published weights."""

import sys

import keras
import numpy as np
import pytest
from pytorch_writer import write_pytorch

from polychrome.models.resnet import build_resnet18
from polychrome.weights.convert import main
from polychrome.weights.published import torch_variables


def test_weights_are_converted_without_pytorch(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # makes `import torch` fail
    keras.utils.set_random_seed(2)
    source = build_resnet18()
    state = {
        key: np.transpose(variable, [axes.index(axis) for axis in range(len(axes))])
        for key, (variable, axes) in torch_variables(source).items()
    }
    classifier = {
        "fc.weight": np.zeros((1000, 512), "float32"),
        "fc.bias": np.zeros(1000, "float32"),
    }
    path = write_pytorch(tmp_path / "resnet18.pth", state | classifier)
    assert main(["convert", str(path)]) == 0
    out = tmp_path / "resnet18.weights.h5"
    assert capsys.readouterr().out == f"ResNet-18: {out}\n"
    converted = build_resnet18()
    converted.load_weights(out)
    for ours, theirs in zip(converted.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    assert main(["convert", str(out)]) == 1
    assert "holds Keras weights already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["missing.pth"], "cannot read missing.pth: no such file"),
        (["weights.pth"], "weights.pth: not a whole PyTorch file"),
        (["weights.pth", "--out", "weights.pth"], "its name has to end in .weights.h5"),
    ],
)
def test_bad_arguments_are_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pth").write_bytes(b"anything")
    assert main(["convert", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and message in error
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.pth"]
    assert (tmp_path / "weights.pth").read_bytes() == b"anything"
