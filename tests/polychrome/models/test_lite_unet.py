"""Our own U-Net: shapes, size, the frozen encoder, and its export."""

import keras
import numpy as np
import pytest

from polychrome.color.scaling import POLYCHROME, ZHANG
from polychrome.inference.predict import predict
from polychrome.layers.bin_decoder import decode_bins
from polychrome.layers.resizing import Resize
from polychrome.losses.dial import VividAndSpread
from polychrome.models.lite_unet import (
    build_heads,
    build_lite_unet,
    build_lite_unet_bins,
    build_lite_unet_labels,
    mirrored_mean,
    outputs_by_name,
    without_labels,
)


def lightness(*size, batch=2):
    return np.random.default_rng(0).uniform(0, 1, (batch, *size, 1)).astype(np.float32)


def trained_for_a_step(network):
    # Eagerly, because tracing takes most of the time.
    network.compile(keras.optimizers.Adam(1e-2), "mse", run_eagerly=True)
    images = lightness(32, 48)
    network.train_on_batch(images, np.repeat(images, 2, axis=-1))
    return network


def kernels(layer):
    return {w.path: np.asarray(w) for w in layer.weights if w.path.endswith("kernel")}


def test_at_full_width_it_has_at_most_six_million_parameters():
    network = build_lite_unet(2)
    assert network.count_params() < 6e6
    assert network.output_shape == (None, None, None, 2)


@pytest.mark.parametrize("size", [(64, 64), (45, 70), (33, 1)])
@pytest.mark.parametrize("enlarge", [1, 1.5, 2])
def test_chroma_of_any_size_has_the_size_of_the_lightness(enlarge, size):
    network = build_lite_unet(enlarge, width=1 / 16)
    assert network(lightness(*size)).shape == (2, *size, 2)


def test_it_begins_with_gray_and_learns():
    network = build_lite_unet(width=1 / 16)
    assert not np.any(network(lightness(32, 48)))
    assert np.any(trained_for_a_step(network)(lightness(32, 48)))


@pytest.mark.parametrize("train_encoder", [False, True])
def test_only_a_trained_encoder_moves(train_encoder):
    keras.utils.set_random_seed(1)
    network = build_lite_unet(width=1 / 4, train_encoder=train_encoder)
    # Its heads begin at zero and pass no gradient on in the first step.
    before = kernels(trained_for_a_step(network).get_layer("encoder"))
    after = kernels(trained_for_a_step(network).get_layer("encoder"))
    moved = {path for path in before if np.any(before[path] != after[path])}
    assert len(moved) == (len(before) if train_encoder else 0)


def test_of_a_trained_encoder_the_first_blocks_can_stay_frozen():
    keras.utils.set_random_seed(1)
    network = build_lite_unet(width=1 / 8, train_encoder=True, frozen_blocks=5, encoder_norm=False)
    before = kernels(trained_for_a_step(network).get_layer("encoder"))
    after = kernels(trained_for_a_step(network).get_layer("encoder"))
    still = {path for path in before if np.all(before[path] == after[path])}
    first = {"lite0_conv_stem", *(f"lite0_blocks.{number}" for number in range(5))}
    assert {path.split("/")[0].split("._")[0] for path in still} == first
    assert len(still) < len(before) / 2


def test_enlarging_is_resizing_the_image():
    keras.utils.set_random_seed(1)
    network = trained_for_a_step(build_lite_unet(2, width=1 / 16))
    plain = build_lite_unet(1, width=1 / 16)
    plain.set_weights(network.get_weights())
    small = lightness(32, 32)
    half = Resize(0.5)(plain(Resize(2)(small), training=False))
    # Both halve a map that is smooth at twice the resolution, at other places.
    np.testing.assert_allclose(network(small, training=False), half, atol=0.05)


def test_another_scaling_changes_units_not_colors():
    keras.utils.set_random_seed(1)
    network = trained_for_a_step(build_lite_unet(width=1 / 16))
    other = build_lite_unet(width=1 / 16, scaling=ZHANG)
    other.set_weights(network.get_weights())
    lab = 100.0 * lightness(32, 48)
    expected = POLYCHROME.to_ab(lab, network(POLYCHROME.lab_to_lightness(lab), training=False))
    assert np.ptp(expected) > 0.1
    answer = ZHANG.to_ab(lab, other(ZHANG.lab_to_lightness(lab), training=False))
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-3)


def test_heads_leave_the_faithful_network_as_it_is():
    keras.utils.set_random_seed(1)
    # Its heads begin at zero; the second step changes what they see.
    faithful = trained_for_a_step(trained_for_a_step(build_lite_unet(2, width=1 / 8)))
    heads = build_heads(2, width=1 / 8)
    heads.get_layer("faithful").set_weights(faithful.get_weights())
    images = lightness(32, 48)
    expected = faithful(images, training=False)
    heads.compile(keras.optimizers.Adam(1e-2), VividAndSpread(POLYCHROME), run_eagerly=True)
    random = np.random.default_rng(0).uniform(0, 1, (2, 32, 48, 3)).astype(np.float32)
    target = np.concatenate([images, random], axis=-1)
    before = predict(outputs_by_name(heads), POLYCHROME, 100.0 * images)
    heads.train_on_batch(images, target)
    after = predict(outputs_by_name(heads), POLYCHROME, 100.0 * images)
    assert np.ptp(expected) > 1e-3
    for prediction in (before, after):
        np.testing.assert_allclose(prediction.ab, 30.0 * np.asarray(expected), atol=1e-3)
    assert np.any(before.vivid_ab != after.vivid_ab) and np.any(before.spread != after.spread)
    # It begins with twice the faithful chroma.
    np.testing.assert_allclose(before.vivid_ab, 2.0 * np.asarray(before.ab), atol=1e-3)
    assert after.spread.shape == (2, 32, 48, 1) and np.all(after.spread > 0)


def test_all_parameters_together_are_at_most_six_million():
    assert build_heads(2).count_params() < 6e6


WIDE = {"filters": (192, 144, 96, 48), "blocks": (1, 1, 1)}


def test_a_wider_decoder_has_more_filters_and_blocks_of_its_own():
    plain, wide = build_lite_unet(), build_lite_unet(**WIDE)
    shapes = {w.path: tuple(w.shape) for w in wide.weights}
    assert shapes["up_4_conv/kernel"] == (3, 3, 96 + 24, 48)
    assert shapes["up_4_block_0_conv_1/kernel"] == (3, 3, 48, 48)
    assert not any("up_4_block" in w.path for w in plain.weights)
    # So that the same ImageNet weights fit.
    assert kernels(wide.get_layer("encoder")).keys() == kernels(plain.get_layer("encoder")).keys()
    assert plain.count_params() == 5_291_460


def test_dropout_takes_whole_channels_in_training_alone():
    keras.utils.set_random_seed(1)
    dropping, plain = (build_lite_unet(width=1 / 8, dropout=rate) for rate in (0.5, 0.0))
    plain.set_weights([w.numpy() for w in dropping.weights if "seed" not in w.path])
    images = lightness(64, 64)
    maps = [keras.Model(n.input, n.get_layer("up_16").output) for n in (dropping, plain)]
    np.testing.assert_array_equal(maps[0](images), maps[1](images))
    dropped = keras.Model(dropping.input, dropping.get_layer("coarsest_dropout").output)
    channels = np.asarray(dropped(images, training=True)).any(axis=(1, 2))
    assert 0.2 < channels.mean() < 0.7


@pytest.mark.parametrize("norm", [False, True])
def test_an_encoder_can_be_trained_with_or_without_batch_normalization(norm):
    network = build_lite_unet(width=1 / 16, train_encoder=True, encoder_norm=norm)
    names = {w.path.rpartition("/")[2] for w in network.get_layer("encoder").trainable_weights}
    assert names == ({"kernel", "gamma", "beta"} if norm else {"kernel", "bias"})


@pytest.mark.parametrize("enlarge", [1, 2])
def test_bins_are_decoded_to_chroma_of_the_size_of_the_lightness(enlarge):
    stride = 8 // enlarge
    network = build_lite_unet_bins(enlarge, width=1 / 16)
    images = lightness(45, 70)
    assert network(images).shape == (2, -(-45 // stride), -(-70 // stride), 313)
    colorizer = decode_bins(network, POLYCHROME, "mean", stride=stride)
    assert colorizer(images).shape == (2, 45, 70, 2)


def test_labels_teach_the_decoder_and_leave_a_colorizer():
    network = build_lite_unet_labels(classes=7, width=1 / 16)
    images = lightness(32, 48)
    before = kernels(network)
    right = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Eagerly, because tracing takes longer than a step.
    network.compile("sgd", {"chroma": "mse", "label": right}, run_eagerly=True)
    chroma = np.repeat(images, 2, axis=-1)
    network.train_on_batch(images, {"chroma": chroma, "label": np.array([1, 6])})
    moved = {path for path, kernel in kernels(network).items() if np.any(before[path] != kernel)}
    # The heads of chroma begin at zero and pass no gradient on.
    assert {"up_16_conv/kernel", "coarsest/kernel", "label/kernel", "coarse/kernel"} <= moved
    assert "up_8_conv/kernel" not in moved
    colorizer = without_labels(network)
    np.testing.assert_array_equal(colorizer(images), network(images)["chroma"])
    assert np.ptp(colorizer(images)) > 0


def test_the_dial_may_be_a_factor_of_the_faithful_chroma():
    keras.utils.set_random_seed(1)
    heads = build_heads(width=1 / 16)
    heads.set_weights([np.full(w.shape, 0.05, np.float32) for w in heads.get_weights()])
    learned, scaled = (
        predict(outputs_by_name(heads, factor), POLYCHROME, 100.0 * lightness(32, 48))
        for factor in (None, 2.5)
    )
    assert np.ptp(learned.ab) > 1e-3
    np.testing.assert_allclose(scaled.vivid_ab, 2.5 * np.asarray(learned.ab), rtol=1e-5)
    assert np.any(np.abs(learned.vivid_ab - scaled.vivid_ab) > 1e-3)
    for key in ("ab", "spread"):
        np.testing.assert_array_equal(getattr(scaled, key), getattr(learned, key))


def test_the_mean_with_the_mirror_image_is_that_of_two_answers_and_has_no_handedness():
    keras.utils.set_random_seed(1)
    network = build_lite_unet(width=1 / 16)
    network.set_weights([np.full(w.shape, 0.05, np.float32) for w in network.get_weights()])
    images = lightness(32, 48)
    mean = np.asarray(mirrored_mean(network)(images))
    plain, swapped = (np.asarray(network(each)) for each in (images, images[:, :, ::-1]))
    assert np.abs(plain - swapped[:, :, ::-1]).max() > 1e-4
    np.testing.assert_allclose(mean, (plain + swapped[:, :, ::-1]) / 2, atol=1e-6)
    again = np.asarray(mirrored_mean(network)(images[:, :, ::-1]))
    np.testing.assert_allclose(again[:, :, ::-1], mean, atol=1e-6)
