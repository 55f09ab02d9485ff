"""Going on from the weights of presets; those of runs are in `test_initial_weights`."""

import dataclasses
import json

import keras
import numpy as np
import pytest

import polychrome
from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.recipe import Network, any_size
from experiments.recipes import RECIPES
from experiments.recipes.tiny import go_on
from experiments.stages.earlier_weights import PresetWeights, earlier_weights
from experiments.stages.initial_weights import InitialWeights
from polychrome.color.scaling import PADOVA, POLYCHROME
from polychrome.errors import InputError
from polychrome.models.lite_unet import build_heads, build_lite_unet, outputs_by_name
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab
from polychrome.presets import shipped, write_preset
from polychrome.training.train import train
from tf_data.sources.source import open_source

WIDTH = 0.05
ENCODER = {"origin": "ImageNet weights from a file", "sha256": "0", "pretrained": True}
SPENT = {"epochs": 3, "images": 100, "parts": 1, "image_size": 32, "precision": "float32"}
SPENT |= {"batch_size": 8}
COLORIZER = any_size(build_lite_unet, width=WIDTH)
HEADS = any_size(build_heads, width=WIDTH)


def write(folder, network, scaling, **source):
    return write_preset(
        folder,
        network,
        scaling=scaling,
        image_size=32,
        name="example",
        title="Example",
        grades=None,
        license="Apache-2.0",
        source=source,
    )


def moved(network: keras.Model, seed: int) -> keras.Model:
    """The network with random weights, also where its builder has zeros."""
    rng = np.random.default_rng(seed)
    network.set_weights([rng.uniform(0.1, 1, each.shape) for each in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """A preset of two networks, and these."""
    colorizer = moved(COLORIZER(32), 1)
    heads = moved(HEADS(32), 2)
    go_on(heads, colorizer)
    folder = tmp_path_factory.mktemp("example") / "preset"
    networks = {"colorizer": {"trainings": [SPENT], "encoder": ENCODER}, "heads": {"trainings": []}}
    write(folder, outputs_by_name(heads), POLYCHROME, networks=networks)
    return folder, colorizer, heads


def small_plan(folder) -> Plan:
    """A plan for `photo` with narrow networks that begin with a preset."""
    options = Options(image_size=32, init_from=str(folder))
    plan = make_plan(RECIPES["photo"], options, open_source("sample"))
    colorizer, heads = plan.networks
    networks = (
        dataclasses.replace(colorizer, build=COLORIZER),
        dataclasses.replace(heads, build=HEADS),
    )
    recipe = dataclasses.replace(plan.recipe, networks=networks)
    return dataclasses.replace(plan, recipe=recipe)


def equal(network: keras.Model, other: keras.Model) -> bool:
    pairs = zip(network.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def begin(plan: Plan, network: Network, folder, *before) -> tuple[InitialWeights, keras.Model]:
    initial = InitialWeights(plan, network, folder / network.name, before)
    return initial, initial.build()


def test_networks_of_a_recipe_begin_with_those_in_a_preset(preset, tmp_path):
    folder, colorizer, heads = preset
    plan = small_plan(folder)
    initial, found = begin(plan, plan.networks[0], tmp_path)
    assert equal(found, colorizer)
    assert not found.get_layer("encoder").trainable_variables
    record = initial.record()
    assert record["inherited"] == [SPENT] and record["encoder"] == ENCODER
    _, found_heads = begin(plan, plan.networks[1], tmp_path, found)
    assert equal(found_heads, heads)


def test_a_network_that_is_not_to_be_trained_keeps_its_weights(preset, tmp_path):
    folder, colorizer, _ = preset
    options = Options(image_size=32, init_from=str(folder), train_only="heads")
    plan = make_plan(RECIPES["photo"], options, open_source("sample"))
    assert [network.epochs > 0 for network in plan.networks] == [False, True]
    described = dataclasses.replace(plan.networks[0], build=COLORIZER)
    place = tmp_path / "colorizer"
    initial = InitialWeights(plan, described, place)
    trained, state = train(
        initial.build, None, None, place, epochs=described.epochs, batch_size=4, seed=1
    )
    assert state.epoch == 0 and equal(trained, colorizer)


def test_what_this_run_trained_is_not_replaced_by_the_preset(preset, tmp_path):
    folder, _, heads = preset
    plan = small_plan(folder)
    trained = moved(COLORIZER(32), 3)
    _, found = begin(plan, plan.networks[1], tmp_path, trained)
    inner = found.get_layer("faithful")
    assert equal(inner, trained)
    rest = [v.numpy() for v in found.variables if not any(v is w for w in inner.variables)]
    theirs = heads.get_layer("faithful").variables
    expected = [v.numpy() for v in heads.variables if not any(v is w for w in theirs)]
    assert len(rest) == len(expected) > 5
    assert all(np.array_equal(a, b) for a, b in zip(rest, expected, strict=True))


def test_heads_that_the_earlier_weights_lack_begin_with_this_run_s_colorizer(preset, tmp_path):
    folder, colorizer, _ = preset
    alone = write(tmp_path / "preset", COLORIZER(32), POLYCHROME, networks={"colorizer": {}})
    plan = small_plan(alone)
    initial, heads = begin(plan, plan.networks[1], tmp_path, colorizer)
    assert equal(heads.get_layer("faithful"), colorizer)
    assert "init_from" not in initial.record()


def test_a_run_needs_no_weights_of_a_network_that_begins_with_another(tmp_path):
    recipe = RECIPES["tiny"]
    names = [network.name for network in recipe.networks]
    folder = tmp_path / "run/networks"
    colorizer = COLORIZER(32)
    place = folder / names[0]
    place.mkdir(parents=True)
    colorizer.save_weights(place / "epoch-0001.weights.h5")
    state = {"epoch": 1, "weights": "epoch-0001.weights.h5", "history": []}
    (place / "state.json").write_text(json.dumps(state))
    earlier = earlier_weights(str(tmp_path / "run"))
    assert earlier.has(colorizer, names[0]) and not earlier.has(HEADS(32), names[1])


def test_two_networks_of_one_kind_are_told_apart_by_their_names(tmp_path):
    networks = {
        name: moved(build_polychromify(outputs=1, name=f"polychromify_{name}"), seed)
        for seed, name in enumerate("ab")
    }
    folder = write(tmp_path / "preset", join_polychromify_ab(*networks.values()), PADOVA)
    for name, network in networks.items():
        found = build_polychromify(outputs=1, name=f"polychromify_{name}")
        PresetWeights(folder).load(found, name)
        assert equal(found, network)


def test_a_preset_of_another_system_is_refused(preset):
    folder, _, _ = preset
    with pytest.raises(InputError, match="preset: no network of the preset has the layers of cnn"):
        PresetWeights(folder).load(RECIPES["cnn"].networks[0].build(32), "cnn")


def test_shipped_presets_have_names_and_unknown_names_say_so():
    earlier = earlier_weights("tiny")
    assert earlier.folder == shipped()["tiny"]
    earlier.check(["colorizer", "heads"])
    with pytest.raises(InputError, match=r"nothing: no such folder, and no preset .*known: .*tiny"):
        earlier_weights("nothing")


def test_the_shipped_preset_says_that_its_encoder_had_imagenet_weights():
    earlier = earlier_weights("tiny")
    assert earlier.encoder("colorizer")["pretrained"] is True
    spent = earlier.trainings("colorizer")
    # One after the other: at 128 pixels, and three times at 192.
    assert [each.epochs for each in spent] == [20, 10, 26, 8]
    assert {each.images for each in spent} == {100_000}


@pytest.mark.long  # builds networks of full width three times
@pytest.mark.parametrize("name", ["photo", "tiny"])
def test_a_training_begins_with_the_shipped_preset_itself(name, tmp_path):
    """Before its first step it gives the preset's colors, as fine-tuning on photographs wants."""
    plan = make_plan(RECIPES[name], Options(init_from=name), open_source("sample"))
    _, colorizer = begin(plan, plan.networks[0], tmp_path)
    _, heads = begin(plan, plan.networks[1], tmp_path, colorizer)
    lightness = 100 * np.random.default_rng(0).random((1, 64, 96, 1)).astype("float32")
    expected = polychrome.load(name).predict(lightness)
    scaled = POLYCHROME.lab_to_lightness(lightness)
    answer = plan.assembled([colorizer, heads])(scaled)
    ab = POLYCHROME.to_ab(scaled, answer["ab"])
    assert np.asarray(expected.ab).std() > 1
    np.testing.assert_allclose(ab, expected.ab, atol=1e-2)
