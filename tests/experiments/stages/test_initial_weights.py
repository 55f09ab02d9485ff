"""The weights that a network begins with, what is frozen of them, and what a resumed run finds."""

import dataclasses
import importlib.util

import keras
import numpy as np
import pytest

from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.recipes import RECIPES
from experiments.stages.initial_weights import InitialWeights
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.models.resnet import build_resnet18
from polychrome.training.callbacks import TrainingState
from polychrome.weights.pytorch_files import read_pytorch
from polychrome.weights.shift_tolerant import weights_file
from tf_data.sources.source import open_source

ENCODED = ("dtu_mse", "vgg16_regression")


def plan_for(name: str, **options) -> Plan:
    return make_plan(RECIPES[name], Options(image_size=32, **options), open_source("sample"))


def beginning(name: str, folder, **options) -> InitialWeights:
    plan = plan_for(name, **options)
    return InitialWeights(plan, plan.networks[0], folder)


def finish_an_epoch(folder, network) -> None:
    network.save_weights(folder / "epoch-0001.weights.h5")
    state = dataclasses.replace(TrainingState(), epoch=1, weights="epoch-0001.weights.h5")
    write_json(folder / "state.json", dataclasses.asdict(state))


def encoder_kernels(initial: InitialWeights, network: keras.Model) -> list[np.ndarray]:
    layers = initial.network.encoder.layers(network)
    return [v.numpy() for layer in layers for v in layer.variables if v.path.endswith("kernel")]


def train_a_step(network: keras.Model) -> None:
    rng = np.random.default_rng(0)
    lightness = rng.uniform(0, 1, (2, 32, 32, 1)).astype("float32")
    chroma = rng.uniform(-0.5, 0.5, (2, 32, 32, 2)).astype("float32")
    network.run_eagerly = True  # tracing a graph for one step takes ten times as long
    network.train_on_batch(lightness, chroma)


@pytest.fixture
def encoder(tmp_path):
    """A file of an encoder's weights, and its first kernel."""
    keras.utils.set_random_seed(3)
    network = build_resnet18()
    network.save_weights(tmp_path / "resnet18.weights.h5")
    return tmp_path / "resnet18.weights.h5", network.get_layer("conv1").get_weights()[0]


@pytest.mark.parametrize("name", ENCODED)
def test_a_random_encoder_is_trained(name, tmp_path):
    initial = beginning(name, tmp_path)
    network = initial.build()
    before = encoder_kernels(initial, network)
    train_a_step(network)
    after = encoder_kernels(initial, network)
    moved = [np.abs(a - b).max() > 0 for a, b in zip(before, after, strict=True)]
    assert len(moved) >= 10 and all(moved)
    (note,) = initial.finish(network)
    assert "random weights" in note and "changed in training" in note
    assert initial.record()["encoder_moved"] is True
    assert initial.record()["encoder_trainable_parameters"] > 1_000_000


def test_an_encoder_with_weights_from_a_file_stays_as_it_is(tmp_path, encoder):
    path, kernel = encoder
    initial = beginning("dtu_mse", tmp_path, encoder_weights=str(path))
    network = initial.build()
    before = [v.numpy() for v in network.get_layer("encoder").variables]
    train_a_step(network)
    for was, now in zip(before, network.get_layer("encoder").variables, strict=True):
        np.testing.assert_array_equal(was, now.numpy())
    np.testing.assert_array_equal(
        network.get_layer("encoder").get_layer("conv1").get_weights()[0], kernel
    )
    (note,) = initial.finish(network)
    assert f"ImageNet weights from {path.name}" in note and "did not change" in note
    assert initial.record()["encoder_moved"] is False


def test_a_run_stopped_in_its_first_epoch_begins_with_the_file_again(tmp_path, encoder):
    path, kernel = encoder
    for _ in range(2):
        found = beginning("dtu_mse", tmp_path, encoder_weights=str(path)).build()
        inner = found.get_layer("encoder")
        np.testing.assert_array_equal(inner.get_layer("conv1").get_weights()[0], kernel)
        assert not inner.trainable_weights


def test_after_an_epoch_files_may_be_gone(tmp_path, encoder):
    path, _ = encoder
    first = beginning("dtu_mse", tmp_path, encoder_weights=str(path))
    finish_an_epoch(tmp_path, first.build())
    plan = plan_for("dtu_mse", encoder_weights=str(path))
    path.unlink()
    again = InitialWeights(plan, plan.networks[0], tmp_path)
    network = again.build()
    assert not network.get_layer("encoder").trainable_weights
    assert "ImageNet weights from" in again.finish(network)[0]


def test_a_resumed_random_encoder_is_trained_still(tmp_path):
    finish_an_epoch(tmp_path, beginning("dtu_mse", tmp_path).build())
    initial = beginning("dtu_mse", tmp_path)
    network = initial.build()
    before = encoder_kernels(initial, network)
    train_a_step(network)
    for was, now in zip(before, encoder_kernels(initial, network), strict=True):
        assert np.abs(was - now).max() > 0


@pytest.mark.parametrize("pretrained", [True, False])
def test_an_encoder_inherited_from_a_run_is_what_it_was_there(tmp_path, encoder, pretrained):
    path, _ = encoder
    folder = tmp_path / "run/networks/resnet18"
    options = {"encoder_weights": str(path)} if pretrained else {}
    finish_an_epoch(folder, beginning("dtu_mse", folder, **options).build())

    heir = beginning("dtu_mse", tmp_path / "heir", init_from=str(tmp_path / "run"))
    network = heir.build()
    assert heir.record()["encoder"]["pretrained"] is pretrained
    before = encoder_kernels(heir, network)
    train_a_step(network)
    moved = [
        np.abs(a - b).max() > 0 for a, b in zip(before, encoder_kernels(heir, network), strict=True)
    ]
    assert all(moved) if not pretrained else not any(moved)
    notes = " ".join(heir.finish(network))
    assert ("ImageNet weights" in notes) is pretrained
    assert f"the weights of {tmp_path / 'run'}" in notes


def block4(network: keras.Model) -> np.ndarray:
    return network.loss.features.get_layer("block4_conv3").get_weights()[0]


def test_a_perceptual_loss_takes_weights_from_a_file_and_says_so(tmp_path):
    keras.utils.set_random_seed(4)
    vgg16 = keras.applications.VGG16(weights=None, include_top=False)
    path = tmp_path / "vgg16.weights.h5"
    vgg16.save_weights(path)
    begun = beginning("dtu_perceptual", tmp_path, loss_weights=str(path))
    network = begun.build()
    expected = vgg16.get_layer("block4_conv3").get_weights()[0]
    np.testing.assert_array_equal(block4(network), expected)
    notes = begun.finish(network)
    assert f"Network that the loss compares by: ImageNet weights from {path.name}" in notes
    finish_an_epoch(tmp_path, network)
    again = beginning("dtu_perceptual", tmp_path, loss_weights=str(path)).build()
    np.testing.assert_array_equal(block4(again), expected)


def test_a_perceptual_loss_compares_by_st_lpips_vgg16_if_that_is_installed(tmp_path, monkeypatch):
    begun = beginning("dtu_perceptual", tmp_path)
    network = begun.build()
    kernel = read_pytorch(weights_file("vgg"))["net.slice4.24.weight"]
    np.testing.assert_array_equal(block4(network), kernel.transpose(2, 3, 1, 0))
    origin = "the VGG16 of ST-LPIPS (stlpips-pytorch==0.0.2)"
    assert f"Network that the loss compares by: {origin}" in begun.finish(network)
    finish_an_epoch(tmp_path, network)
    again = beginning("dtu_perceptual", tmp_path).build()
    np.testing.assert_array_equal(block4(again), block4(network))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install stlpips"):  # not another network, silently
        beginning("dtu_perceptual", tmp_path).build()


def test_a_perceptual_loss_without_weights_is_random_the_same_again_and_says_so(
    tmp_path, monkeypatch
):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: None if name == "stlpips_pytorch" and not networks else find(name),
    )
    networks = []
    for _ in range(2):
        keras.utils.set_random_seed(5)  # as `polychrome.training.train` does before it builds
        begun = beginning("dtu_perceptual", tmp_path)
        networks.append(begun.build())
        record = read_json(tmp_path / "initial_weights.json")
        assert record["features"] == {
            "origin": None,
            "sha256": None,
            "pretrained": False,
            "shift_tolerant": False,
        }
        if len(networks) == 1:
            finish_an_epoch(tmp_path, networks[0])
    np.testing.assert_array_equal(*map(block4, networks))
