"""Published weights: recognized, checked and given to our networks."""

import hashlib
import sys

import numpy as np
import pytest
from pytorch_writer import write_pytorch

from polychrome.color.bins import BINS, decode
from polychrome.color.scaling import ZHANG
from polychrome.errors import InputError
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.efficientnet_lite import build_efficientnet_lite0
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


def efficientnet_lite0():
    return build_efficientnet_lite0(width=1 / 32)


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


@pytest.mark.parametrize("state, message", list(wrong_states()))
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
        (efficientnet_lite0, checkpoints.EFFICIENTNET_LITE0),
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
    with pytest.raises(InputError) as caught:
        checkpoints.read_state(damaged)
    assert str(damaged) in str(caught.value)
    assert f"begins with {head}, not as its name says" in str(caught.value)


def test_published_files_are_described():
    for release in checkpoints.RELEASES:
        assert release.file.endswith(f"-{release.sha256_head}.pth")
        assert release.url.startswith("https://")
        assert release.is_published(release.sha256_head + 56 * "0")
        assert not release.is_published(64 * "0")
    assert checkpoints.ECCV16.file == "colorization_release_v2-9b330a0b.pth"
    assert checkpoints.SIGGRAPH17.file == "siggraph17-df00044c.pth"


@pytest.fixture(scope="module")
def eccv16_file(tmp_path_factory):
    """Random numbers in the format and at the width of the authors' file, and as arrays."""
    state = random_state(as_released(build_eccv16()))
    state["model_out.weight"] = (BINS.T[:, :, None, None] / 110.0).astype("float32")
    return write_pytorch(tmp_path_factory.mktemp("published") / "released.pth", state), state


def check_eccv16(network, state):
    kernel = network.get_layer("model3.2").kernel
    np.testing.assert_array_equal(kernel, state["model3.2.weight"].transpose(2, 3, 1, 0))
    variance = network.get_layer("model7.6").moving_variance
    np.testing.assert_array_equal(variance, state["model7.6.running_var"])


def test_a_recipes_network_takes_published_weights_at_full_width(eccv16_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # makes `import torch` fail
    path, state = eccv16_file
    logits = build_eccv16()
    sha256 = checkpoints.load_published(logits, path, checkpoints.ECCV16)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    check_eccv16(logits, state)
    # Decoded as the authors do, not by an annealed mean; at weights that leave logits finite.
    for variable in logits.trainable_variables:
        if len(variable.shape) == 4:
            variable.assign(variable / np.prod(variable.shape[:3]))
    colorizer = as_released(logits)
    lightness = np.linspace(-0.5, 0.5, 64, dtype="float32").reshape(1, 8, 8, 1)
    bins = np.asarray(logits(lightness))
    shown = np.asarray(colorizer(lightness)[:, :1, :1]) * ZHANG.chroma_scale
    np.testing.assert_allclose(shown, decode(bins, "mean")[:, :1, :1], atol=1e-2)
    assert np.abs(shown - decode(bins)[:, :1, :1]).max() > 0.1


def test_what_is_no_whole_eccv16_is_refused_and_unchanged(eccv16_file):
    path, _ = eccv16_file
    narrow = build_eccv16(width=2)
    before = narrow.get_weights()
    with pytest.raises(InputError, match="model1.0 does not fit eccv16.*width 64"):
        checkpoints.load_published(narrow, path, checkpoints.ECCV16)
    for old, new in zip(before, narrow.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    with pytest.raises(InputError, match="not the weights of SIGGRAPH17"):
        checkpoints.load(path, checkpoints.SIGGRAPH17)


def test_other_centers_of_bins_are_taken_with_the_whole_network_only(tmp_path, eccv16_file):
    _, state = eccv16_file
    centers = state["model_out.weight"] * 1.1
    path = write_pytorch(tmp_path / "other.pth", state | {"model_out.weight": centers})
    with pytest.raises(InputError, match="model_out holds other numbers than eccv16 is decoded"):
        checkpoints.load_published(build_eccv16(), path, checkpoints.ECCV16)
    colorizer = checkpoints.ECCV16.build(checkpoints.WIDTH)
    checkpoints.load_published(colorizer, path, checkpoints.ECCV16)
    kernel = colorizer.get_layer("model_out").kernel
    np.testing.assert_array_equal(kernel, centers.transpose(2, 3, 1, 0))


def test_a_converted_file_is_loaded_and_recognized(tmp_path, eccv16_file):
    path, state = eccv16_file
    converted = tmp_path / "released.weights.h5"
    checkpoints.load(path)[1].save_weights(converted)
    release, colorizer = checkpoints.load(converted)
    assert release is checkpoints.ECCV16
    check_eccv16(colorizer, state)
    with pytest.raises(InputError, match="released.weights.h5: not the weights of siggraph17"):
        checkpoints.load(converted, checkpoints.SIGGRAPH17)
    (tmp_path / "empty.weights.h5").write_bytes(b"")
    with pytest.raises(InputError, match="not the weights of any of ECCV16, SIGGRAPH17, ResNet-18"):
        checkpoints.load(tmp_path / "empty.weights.h5")
    with pytest.raises(InputError, match="cannot read .*gone.weights.h5"):
        checkpoints.load(tmp_path / "gone.weights.h5")


@pytest.mark.long
def test_siggraph17_at_full_width(tmp_path):
    state = random_state(build_siggraph17())
    path = write_pytorch(tmp_path / "released.pth", state, legacy=True)
    network = build_siggraph17(trained_by="bins")
    checkpoints.load_published(network, path, checkpoints.SIGGRAPH17)
    up = network.get_layer("model8up.0").kernel
    np.testing.assert_array_equal(up, state["model8up.0.weight"].transpose(2, 3, 1, 0))
    np.testing.assert_array_equal(network.get_layer("model_out.0").bias, state["model_out.0.bias"])
