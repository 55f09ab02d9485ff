"""Every network by one routine: a line in `NETWORKS` is all that a new one needs."""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color.scaling import UNIT, ZHANG
from polychrome.layers.bin_decoder import decode_bins
from polychrome.layers.noise import with_fixed_noise
from polychrome.models.cgan import build_cgan_generator
from polychrome.models.cnn import build_cnn
from polychrome.models.eccv16 import build_eccv16
from polychrome.models.fusion import build_fusion
from polychrome.models.polychromify import (
    FINAL_FILTERS,
    S1_DENSE,
    S1_FILTERS,
    S2_DENSE,
    S2_FILTERS,
    build_polychromify,
    join_polychromify_ab,
)
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from polychrome.models.uci_gan import build_uci_generator, to_chroma
from polychrome.models.uci_vae import build_uci_vae
from polychrome.models.unet import build_unet
from polychrome.models.vgg16 import build_vgg16


@dataclasses.dataclass(frozen=True)
class Case:
    """A network with few filters.

    Attributes:
        build: makes it.
        multiple: of which its strides want height and width to be.
        outputs: chroma channels.
    """

    build: Callable[[], keras.Model]
    multiple: int = 1
    outputs: int = 2


_S1 = {"filters": (3, 4, 5), "dense": (5, 4, 5)}
_S2 = {"filters": (3, 4, 5, 6), "dense": (5, 4, 3, 4, 5)}
_FEW = (6, 5, 4, 3)
_BARE = {"strides": False, "batch_norm": False, "dropout": 0.0}


def _polychromify(**switches) -> Callable[[], keras.Model]:
    return lambda: build_polychromify(**switches)


def _joined() -> keras.Model:
    pair = [build_polychromify(**_S1, outputs=1, name=f"polychromify_{part}") for part in "ab"]
    return join_polychromify_ab(*pair)


NETWORKS = {
    "cnn": Case(lambda: build_cnn((3, 4, 5))),
    "polychromify": Case(_polychromify(**_S1), multiple=8),
    "polychromify_v1": Case(_polychromify(**_S1, **_BARE)),
    "polychromify_v2": Case(_polychromify(**_S2, **_BARE)),
    "polychromify_v3": Case(_polychromify(**_S1, **_BARE | {"strides": True}), multiple=8),
    "polychromify_v4_v5": Case(_polychromify(**_S1, dropout=0.0), multiple=8),
    "polychromify_v6_large": Case(_polychromify(**_S2), multiple=16),
    "polychromify_a": Case(_polychromify(**_S1, outputs=1), multiple=8, outputs=1),
    "polychromify_ab": Case(_joined, multiple=8),
    "resnet18_decoder": Case(
        lambda: build_resnet_decoder(decoder_filters=_FEW, width=2), multiple=32
    ),
    "lite0_decoder": Case(
        lambda: build_resnet_decoder("lite0", decoder_filters=_FEW, width=2), multiple=32
    ),
    "vgg16_regression": Case(lambda: build_vgg16(width=2), multiple=8),
    "vgg16_classification": Case(
        lambda: decode_bins(build_vgg16("classification", width=2), UNIT), multiple=8
    ),
    "eccv16": Case(lambda: decode_bins(build_eccv16(width=2), ZHANG), multiple=8),
    "siggraph17": Case(lambda: without_hints(build_siggraph17(width=2, bins=5)), multiple=8),
    "cgan": Case(lambda: with_fixed_noise(build_cgan_generator((3, 4), image_size=8), seed=1)),
    "uci_gan": Case(lambda: to_chroma(build_uci_generator((2, 3, 4), bottleneck=5), UNIT)),
    "uci_vae": Case(lambda: build_uci_vae((3, 4, 5, 6), 4, (5, 4, 3)), multiple=16),
    "unet": Case(lambda: build_unet(16, width=2), multiple=16),
    "resnet_unet": Case(lambda: build_resnet_unet(width=2), multiple=32),
    "unet_fusion": Case(lambda: build_fusion(16, width=2), multiple=16),
}


@pytest.fixture(params=NETWORKS)
def case(request):
    keras.utils.set_random_seed(2)
    return NETWORKS[request.param]


def lightness(batch, height, width, seed=0):
    """L* 0...100, float32 [batch, height, width, 1]."""
    shape = (batch, height, width, 1)
    return np.random.default_rng(seed).uniform(0, 100, shape).astype(np.float32)


def arrays(variables):
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def answer(network, inputs):
    return keras.ops.convert_to_numpy(network(inputs, training=False))


# Not a multiple of any stride; a single pixel; thinner than any padding.
@pytest.mark.parametrize("height, width", [(13, 21), (1, 1), (1, 17), (16, 32)])
def test_any_size_gives_chroma_of_that_size(case, height, width):
    chroma = answer(case.build(), lightness(2, height, width))
    assert chroma.shape == (2, height, width, case.outputs)
    assert chroma.dtype == np.float32
    assert np.isfinite(chroma).all() and np.abs(chroma).max() <= 1.0


def test_declared_shapes(case):
    network = case.build()
    assert network.input_shape == (None, None, None, 1)
    assert network.output_shape == (None, None, None, case.outputs)


def test_two_training_steps_then_save_and_reload(case, tmp_path):
    inputs = lightness(3, 13, 21)
    targets = np.random.default_rng(1).uniform(-1, 1, (3, 13, 21, case.outputs)).astype(np.float32)
    network = case.build()
    before = arrays(network.trainable_variables)
    # Eagerly, because tracing would take most of this test's time; `test_training` has graphs.
    network.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse", run_eagerly=True)
    losses = [network.train_on_batch(inputs, targets) for _ in range(2)]
    assert np.isfinite(losses).all()
    after = arrays(network.trainable_variables)
    for variable, old, new in zip(network.trainable_variables, before, after, strict=True):
        assert np.isfinite(new).all(), variable.path
        assert np.any(new != old), f"{variable.path} has not learned"

    expected = answer(network, inputs)
    network.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(answer(reloaded, inputs), expected)
    assert reloaded.optimizer.iterations == 2

    network.save_weights(tmp_path / "network.weights.h5")
    fresh = case.build()
    assert np.any(answer(fresh, inputs) != expected)
    fresh.load_weights(tmp_path / "network.weights.h5")
    np.testing.assert_array_equal(answer(fresh, inputs), expected)


@pytest.mark.parametrize("height, width", [(13, 21), (1, 1), (16, 31)])
def test_padding_repeats_the_edge_and_is_cut_off_again(case, height, width):
    network, inputs = case.build(), lightness(2, height, width)
    missing = [-side % case.multiple for side in (height, width)]
    padded = np.pad(inputs, [(0, 0), (0, missing[0]), (0, missing[1]), (0, 0)], mode="edge")
    whole = answer(network, padded)[:, :height, :width]
    np.testing.assert_allclose(answer(network, inputs), whole, rtol=0, atol=1e-6)


def test_sizes_unknown_to_the_graph(case):
    network = case.build()
    signature = tf.TensorSpec([None, None, None, 1], tf.float32)
    graph = tf.function(lambda x: network(x, training=False), input_signature=[signature])
    for height, width in ((13, 21), (5, 1)):
        inputs = lightness(2, height, width)
        np.testing.assert_allclose(graph(inputs), answer(network, inputs), rtol=0, atol=1e-5)


def test_mixed_precision_answers_in_float32(case):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = case.build()
    finally:
        keras.config.set_dtype_policy(policy)
    chroma = network(lightness(1, 9, 12))
    assert chroma.dtype == "float32"
    assert any(layer.compute_dtype == "bfloat16" for layer in network._flatten_layers())


def test_polychromify_has_the_published_number_of_parameters():
    # Padova report, Table 2.
    assert build_polychromify().count_params() == 1_084_802
    one, other = (build_polychromify(outputs=1, name=f"polychromify_{part}") for part in "ab")
    # One filter of the last 1x1 convolution, 64 weights and a bias, fewer than the network of both.
    assert one.count_params() == 1_084_802 - 65
    assert join_polychromify_ab(one, other).count_params() == 2 * one.count_params()


def test_sizes_of_the_model_selection_are_those_of_table_1():
    assert (S1_FILTERS, S1_DENSE) == ((32, 64, 128), (128, 64, 128))
    assert (S2_FILTERS, S2_DENSE) == ((32, 64, 128, 256), (128, 64, 32, 64, 128))
    assert FINAL_FILTERS == (64, 128, 256)


def test_switches_put_in_and_leave_out_layers():
    def kinds(**switches):
        return {type(layer).__name__ for layer in build_polychromify(**_S1, **switches).layers}

    everything = kinds()
    assert everything - kinds(strides=False) == {"PadToMultiple", "UpSampling2D", "CropLike"}
    assert everything - kinds(batch_norm=False) == {"BatchNormalization"}
    assert everything - kinds(dropout=0.0) == {"Dropout"}


def test_joined_networks_answer_as_the_two_do():
    pair = [build_polychromify(**_S1, outputs=1, name=f"polychromify_{part}") for part in "ab"]
    inputs = lightness(2, 13, 21)
    both = np.concatenate([answer(network, inputs) for network in pair], axis=-1)
    joined = join_polychromify_ab(*pair)
    np.testing.assert_array_equal(answer(joined, inputs), both)
    # Shared, not copied: what one network learns the joined one knows.
    pair[1].get_layer("chroma").bias.assign([0.5])
    changed = answer(joined, inputs)
    np.testing.assert_array_equal(changed[..., 0], both[..., 0])
    assert np.all(changed[..., 1] > both[..., 1])
