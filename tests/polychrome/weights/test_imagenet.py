"""ImageNet weights: random ones, in files of the published layouts."""

import hashlib

import h5py
import keras
import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.models.resnet import RESNET9_BLOCKS, build_resnet18
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.vgg16 import build_vgg16
from polychrome.weights import imagenet as pretrained


def kernels(network):
    """Kernels by name of layer."""
    return {
        layer.name: layer.get_weights()[0]
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D)
    }


@pytest.fixture(scope="module")
def vgg16():
    """Keras's VGG16 with biases unlike those that a network begins with."""
    keras.utils.set_random_seed(1)
    network = keras.applications.VGG16(weights=None, include_top=False)
    for layer in network.layers:
        if layer.weights:
            layer.bias.assign(np.full(layer.bias.shape, 0.25))
    return network


def write_published_layout(network, path):
    """The HDF5 layout of the file that Keras downloads, which dates from Keras 1."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        for layer in network.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{part}_1:0" for part in "Wb"[: len(layer.weights)]]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, value in zip(names, layer.get_weights(), strict=True):
                group.create_dataset(name, data=value)


@pytest.mark.parametrize("name", ["notop.h5", "notop.weights.h5"])
def test_vgg16_from_a_file(tmp_path, vgg16, name):
    path = tmp_path / name
    if name.endswith(".weights.h5"):
        vgg16.save_weights(path)
    else:
        write_published_layout(vgg16, path)
    network = build_vgg16("classification", bins=3)
    before = kernels(network)
    loaded = pretrained.load_vgg16(network, path)
    assert loaded.origin == f"ImageNet weights from {name}" and not loaded.random
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()

    after, expected = kernels(network), kernels(vgg16)
    taken = {key for key in after if np.any(after[key] != before[key])}
    pretrained_names = [
        f"block{b}_conv{c}" for b, n in enumerate((2, 2, 3, 3), 1) for c in range(1, n + 1)
    ]
    assert taken == set(pretrained_names)
    for key in taken:
        np.testing.assert_array_equal(after[key], expected[key])
        np.testing.assert_array_equal(network.get_layer(key).bias, 0.25)


def test_a_narrow_vgg16_takes_no_imagenet_weights(tmp_path, vgg16):
    path = tmp_path / "vgg16.weights.h5"
    vgg16.save_weights(path)
    with pytest.raises(InputError, match="block1_conv1 does not fit vgg16_regression.*full width"):
        pretrained.load_vgg16(build_vgg16(width=4), path)


def test_resnet18_from_a_converted_file(tmp_path):
    source = build_resnet18()
    path = tmp_path / "resnet18.weights.h5"
    source.save_weights(path)
    network = build_resnet_decoder()
    encoder = network.get_layer("encoder")
    assert np.any(kernels(encoder)["layer4.1.conv2"] != kernels(source)["layer4.1.conv2"])
    assert pretrained.load_resnet18(encoder, path).origin == f"ImageNet weights from {path.name}"
    for ours, theirs in zip(encoder.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    lighter = build_resnet18(RESNET9_BLOCKS, name="encoder")
    before = lighter.get_weights()
    with pytest.raises(InputError, match=r"its layer1\.1\.conv1 does not fit encoder"):
        pretrained.load_resnet18(lighter, path)
    for old, new in zip(before, lighter.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
@pytest.mark.parametrize("load", [pretrained.load_resnet18, pretrained.load_vgg16])
def test_an_unusable_file_is_named(tmp_path, load, content):
    path = tmp_path / "some.weights.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="some.weights.h5") as caught:
        load(build_resnet18(width=2), path)
    assert "\n" not in str(caught.value)


def test_without_file_and_download_weights_are_random_and_called_so():
    encoder = build_resnet18(width=2)
    before = encoder.get_weights()
    for load in (pretrained.load_resnet18, pretrained.load_vgg16):
        assert load(encoder) == pretrained.Loaded() and load(encoder).random
    for old, new in zip(before, encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    """Downloads must not reach the cache of whoever runs the tests."""
    home = tmp_path / "keras"
    home.mkdir()
    # What KERAS_HOME sets, but that is read once, when Keras is imported.
    monkeypatch.setattr(keras.src.backend.config, "_KERAS_DIR", str(home))
    return home


def test_a_download_that_fails_is_an_error(keras_home, monkeypatch):
    # Port 9 discards, where anything listens at all.
    monkeypatch.setattr(pretrained, "RESNET18_URL", "http://127.0.0.1:9/resnet18-f37072fd.pth")
    with pytest.raises(InputError, match="could not be downloaded.*give a file of them") as caught:
        pretrained.load_resnet18(build_resnet18(width=2), download=True)
    assert pretrained.RESNET18_URL in str(caught.value) and "\n" not in str(caught.value)


def test_a_download_is_checked_and_used(tmp_path, keras_home, monkeypatch, vgg16):
    served = tmp_path / "vgg16_notop.h5"
    write_published_layout(vgg16, served)
    monkeypatch.setattr(pretrained, "VGG16_URL", served.as_uri())
    network = build_vgg16("classification", bins=3)
    # Not the file whose MD5 Keras knows.
    with pytest.raises(InputError, match="could not be downloaded"):
        pretrained.load_vgg16(network, download=True)
    monkeypatch.setattr(pretrained, "VGG16_MD5", None)
    loaded = pretrained.load_vgg16(network, download=True)
    assert loaded.origin == f"ImageNet weights from {served.as_uri()}"
    assert (keras_home / "models" / served.name).exists()
    np.testing.assert_array_equal(kernels(network)["block4_conv3"], kernels(vgg16)["block4_conv3"])
