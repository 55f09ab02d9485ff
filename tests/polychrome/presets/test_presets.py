"""Presets: whole folders that give back the network, and nothing but data."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers
from tiny_colorizers import dialed_violet, preset_of, violet

import polychrome
from polychrome.color.scaling import LINKOPING_YUV, PADOVA, POLYCHROME, ZHANG
from polychrome.color.spaces import rgb_to_lab
from polychrome.errors import InputError
from polychrome.files import sha256_of
from polychrome.layers.bin_decoder import decode_bins
from polychrome.layers.noise import NoiseVector
from polychrome.models.eccv16 import build_eccv16
from polychrome.models.fusion import build_fusion
from polychrome.models.lite_unet import build_lite_unet
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab
from polychrome.models.uci_gan import build_uci_generator, to_chroma
from polychrome.presets import read_preset, scaling_of
from polychrome.presets.card import KERAS_FILES
from polychrome.presets.writing import describe

ROOT = Path(__file__).parents[3]
LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (2, 17, 12, 1)).astype("float32")


@pytest.fixture
def preset(tmp_path):
    return preset_of(violet(), tmp_path / "preset")


def _resign(folder: Path) -> None:
    """Write the hashes anew, as someone who changes a preset on purpose would."""
    card = json.loads((folder / "preset.json").read_text())
    card["sha256"] = {name: sha256_of(folder / name) for name in KERAS_FILES}
    (folder / "preset.json").write_text(json.dumps(card))


def test_card_and_network_come_back(tmp_path):
    network = violet()
    folder = preset_of(network, tmp_path / "deep" / "preset")
    card, read = read_preset(folder)
    np.testing.assert_array_equal(read(LIGHTNESS), network(LIGHTNESS))
    assert card["name"] == "violet" and card["image_size"] == 16 and card["outputs"] == ["ab"]
    assert card["parameters"] == network.count_params()
    assert card["grades"]["psnr"] == {"mean": 20.5, "low": 20.25, "high": 20.75}
    assert card["source"]["data"] == "no images" and card["license"] == "Apache-2.0"
    assert scaling_of(card) == PADOVA
    names = {"README.md", "config.json", "metadata.json", "model.weights.h5", "preset.json"}
    assert {path.name for path in folder.iterdir()} == names
    assert [path.name for path in folder.parent.iterdir()] == ["preset"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_keras_reads_the_folder_by_itself(preset):
    read = keras.saving.load_model(preset)
    np.testing.assert_array_equal(read(LIGHTNESS), violet()(LIGHTNESS))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`")
def test_optimizers_and_losses_stay_behind(tmp_path):
    parts = [build_polychromify((4, 8), dense=(8, 4, 8), outputs=1, name=name) for name in "ab"]
    for part in parts:
        part.compile(keras.optimizers.Adam(), loss="mse")
        part.fit(LIGHTNESS, np.zeros_like(LIGHTNESS), verbose=0)
    network = join_polychromify_ab(*parts)
    network.compile(loss=lambda truth, predicted: predicted)  # nothing that could be found again
    folder = preset_of(network, tmp_path / "preset")
    config = (folder / "config.json").read_text()
    assert "Adam" not in config and "mse" not in config and "lambda" not in config
    stored = []
    with h5py.File(folder / "model.weights.h5") as file:
        file.visititems(lambda name, item: stored.append(name) if hasattr(item, "shape") else None)
    assert len(stored) >= len(network.weights)
    assert not [name for name in stored if "optimizer" in name]
    read = read_preset(folder).network
    np.testing.assert_array_equal(read(LIGHTNESS), network(LIGHTNESS))
    assert parts[0].optimizer.iterations == 1  # the network given is as it was


def _noisy() -> keras.Model:
    lightness = keras.Input((None, None, 1))
    noise = layers.Dense(2)(NoiseVector(3, seed=1)(lightness))
    chroma = layers.Conv2D(2, 1)(lightness) + noise[:, None, None, :]
    return keras.Model(lightness, chroma, name="noisy")


LAYERED = {
    "fusion": lambda: build_fusion(16, width=4),
    "uci": lambda: to_chroma(build_uci_generator((2, 4), 4), PADOVA),
    "eccv16": lambda: decode_bins(build_eccv16(width=4), ZHANG),
    "noisy": _noisy,
}

ALONE = """
import sys, numpy, polychrome
lightness = numpy.load(sys.argv[1])
for folder in sys.argv[2:]:
    numpy.save(folder + ".npy", polychrome.load(folder).predict(lightness).ab)
assert not [name for name in sys.modules if name.split(".")[0] in ("experiments", "tf_data")]
"""


@pytest.mark.long
def test_without_their_recipes_a_new_process_loads_all_layers_of_our_own(tmp_path):
    keras.utils.set_random_seed(5)
    networks = {name: build() for name, build in LAYERED.items()}
    folders = [preset_of(network, tmp_path / name) for name, network in networks.items()]
    np.save(tmp_path / "lightness.npy", LIGHTNESS)
    run = subprocess.run(
        [sys.executable, "-c", ALONE, tmp_path / "lightness.npy", *folders],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    for name, network in networks.items():
        expected = np.asarray(network(LIGHTNESS, training=False)) * 128.0
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=1e-2)


@pytest.mark.parametrize("name", KERAS_FILES)
@pytest.mark.parametrize("change", ["changed", "missing"])
def test_a_file_that_is_not_the_one_written_is_named(preset, name, change):
    if change == "missing":
        (preset / name).unlink()
    else:
        content = bytearray((preset / name).read_bytes())
        content[-1] ^= 1
        (preset / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: .*(missing|SHA-256)") as caught:
        read_preset(preset)
    assert "\n" not in str(caught.value)


def test_the_card_for_people_may_be_edited(preset):
    (preset / "README.md").write_text("translated")
    assert read_preset(preset).network is not None


@pytest.mark.parametrize(
    "change, message",
    [
        ({"format": 2}, "format 2, but this version of polychrome reads 1"),
        ({"format": None}, "format None"),
        ({"sha256": None}, "sha256 is missing"),
        ({"name": None}, "name is missing"),
        ({"image_size": "64"}, "image_size is '64', should be a whole number"),
        ({"image_size": 0}, "image_size is 0"),
        ({"outputs": ["rgb"]}, "outputs are .'rgb'., should be of ab"),
    ],
)
def test_a_card_that_says_something_else_is_refused(preset, change, message):
    card = json.loads((preset / "preset.json").read_text())
    (preset / "preset.json").write_text(json.dumps({**card, **change}))
    with pytest.raises(InputError, match=f"preset.json: .*{message}") as caught:
        read_preset(preset)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_card_and_a_card_that_is_none_are_refused(preset):
    (preset / "preset.json").write_text("[]")
    with pytest.raises(InputError, match="preset.json: not the card of a colorizer"):
        read_preset(preset)
    (preset / "preset.json").unlink()
    with pytest.raises(InputError, match="no preset here"):
        read_preset(preset)


@keras.saving.register_keras_serializable("someone_else")
class Foreign(layers.Layer):
    made = 0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        Foreign.made += 1

    def call(self, x):
        return x


def _saved_lambda(tmp_path) -> dict:
    network = keras.Sequential([keras.Input((None, None, 1)), layers.Lambda(lambda x: x)])
    network.save(tmp_path / "lambda.keras")
    return keras.saving.serialize_keras_object(network.layers[-1])


HOSTILE = {
    "lambda": _saved_lambda,
    "registered by others": lambda _: keras.saving.serialize_keras_object(Foreign(name="x")),
    # Keras would look this name up among all registered classes first.
    "in Keras's clothes": lambda _: {
        **keras.saving.serialize_keras_object(layers.ReLU(name="x")),
        "registered_name": "someone_else>Foreign",
    },
    "from any module": lambda _: {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": "true"},
        "registered_name": None,
    },
    "reads files": lambda _: {
        "module": "keras.layers",
        "class_name": "TFSMLayer",
        "config": {"filepath": "/tmp", "name": "x"},
        "registered_name": None,
    },
    "no layer": lambda _: {
        "module": "keras.utils",
        "class_name": "function",
        "config": "get_file",
        "registered_name": "get_file",
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_brings_code_is_loaded(preset, tmp_path, name):
    layer = HOSTILE[name](tmp_path)
    made = Foreign.made
    config = json.loads((preset / "config.json").read_text())
    last = config["config"]["layers"][-1]
    last.update(layer, name=last["name"])
    (preset / "config.json").write_text(json.dumps(config))
    _resign(preset)
    with pytest.raises(InputError, match="config.json: .* is not loaded") as caught:
        read_preset(preset)
    assert "\n" not in str(caught.value)
    assert Foreign.made == made


def test_configurations_and_weights_that_give_no_network_are_one_line(preset, tmp_path):
    other = preset_of(build_polychromify((4,), dense=(4,)), tmp_path / "other")
    (other / "model.weights.h5").replace(preset / "model.weights.h5")
    _resign(preset)
    with pytest.raises(InputError, match="config.json and the weights give no network") as caught:
        read_preset(preset)
    assert "\n" not in str(caught.value)
    (preset / "config.json").write_text('{"module": "keras.layers"}')
    _resign(preset)
    with pytest.raises(InputError, match="give no network") as caught:
        read_preset(preset)
    assert "\n" not in str(caught.value)


def test_a_layer_that_could_not_be_read_is_not_written(tmp_path):
    lightness = keras.Input((None, None, 1))
    network = keras.Model(lightness, layers.Conv2D(2, 1)(Foreign()(lightness)))
    with pytest.raises(InputError, match="Foreign is not loaded"):
        preset_of(network, tmp_path / "preset")
    assert not list(tmp_path.iterdir())


def test_a_preset_takes_the_place_of_an_older_one(preset):
    newer = violet(seed=4)
    preset_of(newer, preset)
    np.testing.assert_array_equal(read_preset(preset).network(LIGHTNESS), newer(LIGHTNESS))
    assert [path.name for path in preset.parent.iterdir()] == ["preset"]


def test_a_failed_writing_keeps_the_older_one(preset):
    with pytest.raises(TypeError):
        preset_of(violet(seed=4), preset, grades={"psnr": object()})
    np.testing.assert_array_equal(read_preset(preset).network(LIGHTNESS), violet()(LIGHTNESS))
    assert [path.name for path in preset.parent.iterdir()] == ["preset"]


def test_folders_with_something_else_in_them_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else than a preset"):
        preset_of(violet(), tmp_path)
    with pytest.raises(InputError, match="cannot write .*notes.txt"):
        preset_of(violet(), tmp_path / "notes.txt" / "preset")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_outputs_are_those_that_the_network_has(tmp_path):
    folder = preset_of(dialed_violet(), tmp_path / "dialed")
    assert read_preset(folder).card["outputs"] == ["ab", "vivid_ab", "spread"]
    dialed = dialed_violet()
    for wrong in ({"vivid": dialed.output["vivid_ab"]}, {"ab": dialed.output["spread"]}):
        with pytest.raises(ValueError, match="has the outputs .*, should have .*'ab': 2}"):
            preset_of(keras.Model(dialed.input, wrong), tmp_path / "other")
    with pytest.raises(ValueError, match="should take one .B, H, W, 1. of any size"):
        small = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 1)])
        preset_of(small, tmp_path / "other")
    with pytest.raises(ValueError, match="spread is in ab units, but .* predicts yuv"):
        preset_of(dialed_violet(), tmp_path / "other", scaling=LINKOPING_YUV)


def test_card_for_people(preset, tmp_path):
    text = (preset / "README.md").read_text()
    front, body = text.split("---\n")[1:3]
    assert front.splitlines()[:2] == ["license: apache-2.0", "library_name: keras"]
    assert "- image-colorization" in front
    assert "# Violet" in body and "- data: no images" in body
    assert "| psnr | 20.5 | 20.25 to 20.75 |" in body and "| ssim | 0.75 |" in body
    other = preset_of(violet(), tmp_path / "other", license="ask: the authors", grades=None)
    text = (other / "README.md").read_text()
    assert 'license: other\nlicense_name: "ask: the authors"\n' in text
    assert "Not graded." in text


def test_what_a_card_is_told_later_is_in_both_cards(preset):
    before = read_preset(preset).card
    gain = {"psnr": {"baseline": "best_constant", "mean": -0.5, "low": -0.75, "high": 0.25}}
    speed = {
        "images_per_second": 12.34,
        "image": "512x512",
        "seconds_12_megapixels": 1.5,
        "runtime": "Keras",
        "machine": "3 cores of an abacus",
        "load_average": 0.5,
        "command": "count",
    }
    describe(preset, over_baseline=gain, speed=speed)
    assert read_preset(preset).card == before | {"over_baseline": gain, "speed": speed}
    text = (preset / "README.md").read_text()
    assert "| psnr | best constant | -0.50 | -0.75 to +0.25 |" in text
    assert "12.3 photographs a second of 512x512 pixels, and 1.50 s for one of 12" in text
    assert "Keras on 3 cores of an abacus (load average 0.5): `count`" in text


@pytest.mark.long
def test_half_precision_halves_the_file_and_nearly_keeps_the_colors(tmp_path, smooth):
    network = build_lite_unet(width=1 / 2)
    random = np.random.default_rng(0)
    network.set_weights([w + random.normal(0, 0.02, w.shape) for w in network.get_weights()])
    whole, half = (
        preset_of(network, tmp_path / name, scaling=POLYCHROME, half=half)
        for name, half in (("whole", False), ("half", True))
    )
    sizes = [(folder / "model.weights.h5").stat().st_size for folder in (whole, half)]
    assert sizes[1] < 0.7 * sizes[0]
    lightness = np.asarray(rgb_to_lab(smooth(2, 32, 32)))[..., :1]
    expected, found = (polychrome.load(folder).predict(lightness).ab for folder in (whole, half))
    assert np.ptp(expected) > 1.0 and np.any(expected != found)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.02 * np.abs(expected).max())


def test_numbers_beyond_half_precision_are_refused(tmp_path):
    network = violet()
    network.layers[-1].bias.assign([1e6, 0.0])
    with pytest.raises(ValueError, match="beyond those of float16"):
        preset_of(network, tmp_path / "preset", half=True)
    assert not (tmp_path / "preset").exists()


def test_the_first_sections_for_people_are_the_given_ones(tmp_path):
    about = {"Data and license": "Photographs of nobody.", "What it gets wrong": "All is violet."}
    folder = preset_of(violet(), tmp_path / "preset", about=about)
    headings = re.findall("^## (.*)$", (folder / "README.md").read_text(), re.MULTILINE)
    assert headings[:2] == list(about)
    assert "All is violet." in (folder / "README.md").read_text()
    assert read_preset(folder).card["about"] == about
