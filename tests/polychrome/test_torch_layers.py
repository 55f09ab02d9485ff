"""The dilated convolution that is computed in one step in inference."""

import keras
import numpy as np
import pytest

from polychrome.models.torch_layers import DilatedConv2D, convolve


@pytest.mark.parametrize("dilation", [2, 3])
@pytest.mark.parametrize(("height", "width"), [(16, 16), (7, 10)])
def test_training_and_inference_convolve_alike(dilation, height, width):
    layer = DilatedConv2D(4, 3, dilation_rate=dilation, padding="same", activation="relu")
    plain = keras.layers.Conv2D(4, 3, dilation_rate=dilation, padding="same", activation="relu")
    images = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    plain.build(images.shape)
    layer.build(images.shape)
    plain.bias.assign([0.1, -0.2, 0.3, 0.0])
    layer.set_weights(plain.get_weights())
    expected = np.asarray(plain(images))
    np.testing.assert_allclose(layer(images, training=True), expected, atol=1e-5)
    np.testing.assert_allclose(layer(images, training=False), expected, atol=1e-5)


def test_in_inference_nothing_is_taken_apart():
    image = keras.Input((None, None, 3))
    network = keras.Model(image, convolve(image, 4, dilation=2, name="dilated"))
    kinds = {}
    for training in (False, True):
        import tensorflow as tf

        graph = tf.function(lambda x, training=training: network(x, training=training))
        operations = graph.get_concrete_function(tf.TensorSpec([1, 8, 8, 3])).graph.get_operations()
        kinds[training] = {operation.type for operation in operations}
    assert "SpaceToBatchND" in kinds[True] - kinds[False]
