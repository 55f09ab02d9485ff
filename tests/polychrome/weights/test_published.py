"""Reading published weights, as far as it goes without PyTorch; the rest: test_torch_equality."""

import hashlib
import sys

import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.resnet import build_resnet18
from polychrome.models.siggraph17 import build_siggraph17
from polychrome.weights import published as checkpoints

BATCH_NORM = ("weight", "bias", "running_mean", "running_var")


def eccv16():
    return as_released(build_eccv16(width=2))


def siggraph17():
    return build_siggraph17(width=2)


def resnet18():
    return build_resnet18(width=2)


def random_state(network):
    """A complete state dict: shapes are those of PyTorch."""
    random = np.random.default_rng(0)
    state = {}
    for key, (variable, axes) in checkpoints.torch_variables(network).items():
        shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))]
        state[key] = random.uniform(0.5, 1.5, shape).astype(np.float32)
    return state


def keys_of_blocks(convolutions, first=1):
    """Keys of Sequentials of convolution and ReLU, closed by batch norm."""
    keys = set()
    for number, count in enumerate(convolutions, start=first):
        for index in range(count):
            keys |= {f"model{number}.{2 * index}.{part}" for part in ("weight", "bias")}
        keys |= {f"model{number}.{2 * count}.{part}" for part in BATCH_NORM}
    return keys


def test_keys_of_eccv16():
    # The layers of the authors' eccv16.py, counted as nn.Sequential counts them.
    expected = keys_of_blocks([2, 2, 3, 3, 3, 3, 3])
    expected |= {f"model8.{index}.{part}" for index in (0, 2, 4, 6) for part in ("weight", "bias")}
    expected |= {"model_out.weight"}
    assert set(checkpoints.torch_variables(eccv16())) == expected


def test_keys_of_siggraph17():
    # The layers of the authors' siggraph17.py, which begin blocks 8 to 10 with ReLU.
    expected = keys_of_blocks([2, 2, 3, 3, 3, 3, 3])
    convolutions = ["model8up.0", "model3short8.0", "model8.1", "model8.3", "model9up.0"]
    convolutions += ["model2short9.0", "model9.1", "model10up.0", "model1short10.0", "model10.1"]
    convolutions += ["model_class.0", "model_out.0"]
    expected |= {f"{name}.{part}" for name in convolutions for part in ("weight", "bias")}
    expected |= {f"{name}.{part}" for name in ("model8.5", "model9.3") for part in BATCH_NORM}
    assert set(checkpoints.torch_variables(siggraph17())) == expected


def test_keys_of_resnet18():
    # torchvision's resnet.py, without "fc".
    expected = {"conv1.weight"} | {f"bn1.{part}" for part in BATCH_NORM}
    for block in (f"layer{stage}.{index}" for stage in (1, 2, 3, 4) for index in (0, 1)):
        expected |= {f"{block}.conv{index}.weight" for index in (1, 2)}
        expected |= {f"{block}.bn{index}.{part}" for index in (1, 2) for part in BATCH_NORM}
    for block in ("layer2.0", "layer3.0", "layer4.0"):
        expected |= {f"{block}.downsample.0.weight"}
        expected |= {f"{block}.downsample.1.{part}" for part in BATCH_NORM}
    assert set(checkpoints.torch_variables(resnet18())) == expected


def test_values_reach_their_variables():
    network = siggraph17()
    state = random_state(network)
    assert state["model2.0.weight"].shape == (4, 2, 3, 3)  # out, in, rows, columns
    assert state["model8up.0.weight"].shape == (16, 8, 4, 4)  # in, out, rows, columns
    checkpoints.assign(network, state | {"model1.4.num_batches_tracked": np.array(5)})

    kernel = network.get_layer("model2.0").kernel.numpy()
    up = network.get_layer("model8up.0").kernel.numpy()
    assert up.shape == (4, 4, 8, 16)
    for row, column in ((0, 1), (2, 0)):
        np.testing.assert_array_equal(
            kernel[row, column], state["model2.0.weight"][:, :, row, column].T
        )
        np.testing.assert_array_equal(
            up[row, column], state["model8up.0.weight"][:, :, row, column].T
        )
    norm = network.get_layer("model1.4")
    for key, variable in {
        "weight": norm.gamma,
        "bias": norm.beta,
        "running_mean": norm.moving_mean,
        "running_var": norm.moving_variance,
    }.items():
        np.testing.assert_array_equal(variable, state[f"model1.4.{key}"])
    np.testing.assert_array_equal(network.get_layer("model_out.0").bias, state["model_out.0.bias"])


def wrong_states():
    whole = random_state(siggraph17())
    lacking = {key: value for key, value in whole.items() if key != "model9.3.running_var"}
    yield lacking, "model9.3.running_var is missing"
    turned = whole["model2.0.weight"].transpose(1, 0, 2, 3)
    yield (
        whole | {"model2.0.weight": turned},
        "model2.0.weight has the shape (2, 4, 3, 3) instead of (4, 2, 3, 3)",
    )
    yield whole | {"model11.0.weight": turned}, "model11.0.weight is not in it"


@pytest.mark.parametrize("state, message", wrong_states())
def test_a_wrong_state_is_refused_and_changes_nothing(state, message):
    network = siggraph17()
    before = network.get_weights()
    with pytest.raises(InputError) as caught:
        checkpoints.assign(network, state)
    assert str(caught.value) == message
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_deeper_resnet_is_no_resnet18():
    # ResNet-34 has every key of ResNet-18, in the same shapes.
    deeper = random_state(build_resnet18((3, 4, 6, 3), width=2))
    with pytest.raises(InputError, match=r"layer1\.2\.\w+\.weight is not in it"):
        checkpoints.assign(resnet18(), deeper)


@pytest.mark.parametrize(
    "build, release",
    [
        (eccv16, checkpoints.ECCV16),
        (siggraph17, checkpoints.SIGGRAPH17),
        (resnet18, checkpoints.RESNET18),
    ],
)
def test_networks_are_recognized_by_their_keys(build, release):
    state = random_state(build())
    assert checkpoints.recognize(state) is release
    # Also one that is not complete, whose missing key is then named.
    last = list(state)[-1]
    assert checkpoints.recognize({k: v for k, v in state.items() if k != last}) is release


def test_nothing_in_common_is_recognized_as_nothing():
    assert checkpoints.recognize({"encoder.weight": np.zeros(1)}) is None


def test_hash_in_the_name(tmp_path):
    content = b"anything"
    head = hashlib.sha256(content).hexdigest()[:8]
    for name in (f"siggraph17-{head}.pth", "siggraph17.pth", "siggraph17-final.pth"):
        (tmp_path / name).write_bytes(content)
        checkpoints.check_hash(tmp_path / name)

    damaged = tmp_path / "siggraph17-df00044c.pth"
    damaged.write_bytes(content)
    # Before PyTorch is asked for: the hash needs none.
    with pytest.raises(InputError) as caught:
        checkpoints.read_state(damaged)
    assert str(damaged) in str(caught.value)
    assert f"begins with {head}, not as its name says" in str(caught.value)


def test_command_without_pytorch_is_one_line(tmp_path, capsys, monkeypatch):
    path = tmp_path / "siggraph17.pth"
    path.write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, "torch", None)  # makes `import torch` fail
    assert checkpoints.main(["convert", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(path) in error
    assert "pip install 'polychrome[convert]'" in error
    assert [entry.name for entry in tmp_path.iterdir()] == ["siggraph17.pth"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["missing.pth"], "cannot read missing.pth: No such file or directory"),
        (["weights.pth", "--out", "weights.pth"], "its name has to end in .weights.h5"),
    ],
)
def test_bad_arguments_are_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pth").write_bytes(b"anything")
    assert checkpoints.main(["convert", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and message in error
    assert (tmp_path / "weights.pth").read_bytes() == b"anything"
