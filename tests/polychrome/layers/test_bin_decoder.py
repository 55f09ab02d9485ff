"""Colorizers made of networks that classify."""

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color import bins as color_bins
from polychrome.color.scaling import UNIT, ZHANG
from polychrome.layers.bin_decoder import DecodeBins, decode_bins
from polychrome.layers.padding import PadToMultiple


def classifier(stride=4):
    """Lightness to logits at a stride, with weights that tell bins apart."""
    keras.utils.set_random_seed(3)
    lightness = keras.Input((None, None, 1))
    x = PadToMultiple(stride)(lightness)
    x = keras.layers.Conv2D(8, stride, strides=stride, activation="relu")(x)
    logits = keras.layers.Conv2D(313, 1, kernel_initializer=keras.initializers.RandomNormal(0, 8))
    return keras.Model(lightness, logits(x), name="classifier")


def lightness(batch, height, width):
    shape = (batch, height, width, 1)
    return np.random.default_rng(0).uniform(-0.5, 0.5, shape).astype(np.float32)


def numpy(value):
    return keras.ops.convert_to_numpy(value)


@pytest.mark.parametrize("how", color_bins.DECODINGS)
@pytest.mark.parametrize("scaling", [ZHANG, UNIT])
def test_colors_are_decoded_then_enlarged_by_whole_cells(how, scaling):
    network, inputs = classifier(), lightness(2, 13, 21)
    chroma = numpy(decode_bins(network, scaling, how)(inputs))
    ab = numpy(color_bins.decode(network(inputs), how))
    assert ab.std() > 5
    enlarged = [cv2.resize(a, (24, 16), interpolation=cv2.INTER_LINEAR)[:13, :21] for a in ab]
    np.testing.assert_allclose(chroma, np.stack(enlarged) / scaling.chroma_scale, atol=1e-5)


def test_any_size_known_to_the_graph_or_not():
    colorizer = decode_bins(classifier(2), ZHANG, stride=2)
    assert colorizer.output_shape == (None, None, None, 2)
    signature = tf.TensorSpec([None, None, None, 1])
    graph = tf.function(lambda x: colorizer(x, training=False), input_signature=[signature])
    for height, width in ((13, 21), (1, 1), (1, 17), (16, 32)):
        inputs = lightness(2, height, width)
        chroma = numpy(graph(inputs))
        assert chroma.shape == (2, height, width, 2) and chroma.dtype == np.float32
        np.testing.assert_allclose(chroma, colorizer(inputs), rtol=0, atol=1e-5)


def test_temperature_is_used_and_weights_are_shared(tmp_path):
    network, inputs = classifier(), lightness(1, 8, 8)
    mean = decode_bins(network, ZHANG, "mean")
    sharp = decode_bins(network, ZHANG, "annealed_mean", temperature=0.1)
    assert np.abs(numpy(sharp(inputs)) - numpy(mean(inputs))).max() > 1e-3
    before = numpy(mean(inputs))
    network.layers[-1].bias.assign(50 * np.eye(313)[7])
    after = numpy(mean(inputs))
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after[0, 0, 0], color_bins.BINS[7] / 110, atol=1e-3)
    assert [v.path for v in mean.variables] == [v.path for v in network.variables]

    sharp.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(numpy(reloaded(inputs)), numpy(sharp(inputs)))


def test_it_answers_in_float32_under_every_policy():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        colorizer = decode_bins(classifier(), ZHANG)
    finally:
        keras.config.set_dtype_policy(policy)
    assert colorizer(lightness(1, 9, 12)).dtype == "float32"
    assert DecodeBins(ZHANG).compute_dtype == "float32"
