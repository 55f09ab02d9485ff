"""Pictures after an epoch show what the network would be graded on, to the byte."""

import keras
import numpy as np
import pytest
from keras import layers

from experiments.grading.protocol import colorize_examples, colorizer
from experiments.recipe import Network
from experiments.stages.preview import Preview
from polychrome.color.scaling import PADOVA
from polychrome.models.cnn import build_cnn
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab
from tf_data.sources.source import open_source
from tf_data.store import load_store


@pytest.fixture(scope="module")
def shown() -> np.ndarray:
    """Two tiles of photographs."""
    return load_store(open_source("sample").splits["validation"], 32, limit=2).images


def graded(network: keras.Model, shown: np.ndarray) -> list[np.ndarray]:
    return list(colorize_examples({"graded": colorizer(network, PADOVA)}, shown).values())


def one_channel(name: str) -> keras.Model:
    return build_polychromify((4, 8), (8,), outputs=1, name=name)


def vary(network: keras.Model, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernels = [v for v in network.trainable_variables if v.path.endswith("kernel")]
    for kernel in kernels:
        kernel.assign(rng.normal(0, scale, kernel.shape))


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_network_is_shown_as_it_is_graded(precision, shown, same_precision):
    keras.config.set_dtype_policy(precision)
    network = build_cnn((4, 8))
    preview = Preview(Network("cnn", build_cnn, 1), PADOVA, shown)
    seen = []
    for seed in (1, 2):  # after each epoch, the weights of then
        vary(network, 0.4, seed)
        rows = preview(network)
        np.testing.assert_array_equal(rows, graded(network, shown))
        seen.append(rows[1])
    assert (seen[0] != seen[1]).mean() > 0.1


@pytest.mark.parametrize("channel", [0, 1])
def test_a_network_of_one_channel_is_shown_with_the_other_at_zero(channel, shown):
    networks = [one_channel("a"), one_channel("b")]
    for seed, network in enumerate(networks):
        vary(network, 0.3, seed)
    described = Network("one", one_channel, 1, channels=(channel,))
    gray, pictures, _ = Preview(described, PADOVA, shown)(networks[channel])
    assert (pictures != gray).mean() > 0.1
    vary(networks[1 - channel], 0.0, 0)
    np.testing.assert_array_equal(pictures, graded(join_polychromify_ab(*networks), shown)[1])


def test_a_network_with_a_dial_is_shown_at_its_faithful_end(shown):
    lightness = keras.Input((None, None, 1))
    faithful = layers.Conv2D(2, 3, padding="same")(lightness)
    dial = keras.Model(lightness, {"ab": faithful, "vivid_ab": 2 * faithful})
    preview = Preview(Network("dial", build_cnn, 1), PADOVA, shown)
    np.testing.assert_array_equal(preview(dial), graded(dial, shown))
