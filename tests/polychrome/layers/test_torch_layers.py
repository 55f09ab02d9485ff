"""The convolution that is padded as PyTorch's, and that inference computes in one step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.layers.torch_layers import Conv2D, convolve


@pytest.mark.parametrize(("kernel", "strides", "dilation"), [(3, 1, 2), (3, 2, 1), (7, 2, 1)])
@pytest.mark.parametrize(("height", "width"), [(16, 16), (7, 10)])
def test_training_and_inference_convolve_alike(kernel, strides, dilation, height, width):
    options = {"strides": strides, "dilation_rate": dilation, "activation": "relu"}
    layer, plain = (kind(4, kernel, **options) for kind in (Conv2D, keras.layers.Conv2D))
    images = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    margin = dilation * (kernel // 2)
    padded = np.pad(images, [(0, 0), (margin, margin), (margin, margin), (0, 0)])
    plain.build(padded.shape)
    layer.build(images.shape)
    plain.bias.assign([0.1, -0.2, 0.3, 0.0])
    layer.set_weights(plain.get_weights())
    expected = np.asarray(plain(padded))
    for training in (True, False):
        np.testing.assert_allclose(layer(images, training=training), expected, atol=1e-5)
    assert layer.compute_output_shape(images.shape) == expected.shape


def test_in_inference_nothing_is_taken_apart_or_padded_before():
    image = keras.Input((None, None, 3))
    x = convolve(image, 4, dilation=2, name="dilated")
    network = keras.Model(image, convolve(x, 4, strides=2, name="strided"))
    kinds = {}
    for training in (False, True):
        graph = tf.function(lambda x, training=training: network(x, training=training))
        operations = graph.get_concrete_function(tf.TensorSpec([1, 8, 8, 3])).graph.get_operations()
        kinds[training] = {operation.type for operation in operations}
    apart = {"SpaceToBatchND", "Pad"}
    assert apart <= kinds[True] and not apart & kinds[False]


def test_weight_files_fit_kerass_own_layers(tmp_path):
    def build(layer):
        return keras.Sequential([keras.Input((8, 8, 3)), layer])

    first = build(Conv2D(4, 3, dilation_rate=2, padding="valid"))
    second = build(keras.layers.Conv2D(4, 3, dilation_rate=2, padding="same"))
    first.save_weights(tmp_path / "first.weights.h5")
    second.load_weights(tmp_path / "first.weights.h5")
    images = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype("float32")
    np.testing.assert_allclose(first(images), second(images), atol=1e-5)
