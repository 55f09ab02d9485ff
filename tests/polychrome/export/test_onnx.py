"""ONNX files: the same numbers as Keras at any size, without Keras."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
from keras import layers
from tiny_colorizers import lively, preset_of, violet

import polychrome
from polychrome.color.scaling import LINKOPING_YUV, PADOVA, POLYCHROME, ZHANG
from polychrome.errors import InputError
from polychrome.export.onnx import add_onnx, export_onnx, main
from polychrome.inference.predict import predict
from polychrome.inference.runtimes import OnnxSession
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.lite_unet import build_heads, outputs_by_name
from polychrome.presets import read_preset

pytestmark = pytest.mark.long  # conversions, and processes of their own
ROOT = Path(__file__).parents[3]
PARITY = 1e-3 * 110.0


def lightness(batch, height, width):
    rng = np.random.default_rng(height + width)
    return rng.uniform(0, 100, (batch, height, width, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def unet():
    return lively(outputs_by_name(build_heads(2, width=1 / 4)))


@pytest.fixture(scope="module")
def preset(unet, tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx") / "preset"
    preset_of(unet, folder, scaling=POLYCHROME, image_size=32)
    assert add_onnx(folder).difference < PARITY
    return folder


@pytest.fixture
def copy(preset, tmp_path):
    """A preset that a test may change."""
    return shutil.copytree(preset, tmp_path / "preset")


def test_what_layers_keep_besides_weights_is_in_the_file(tmp_path):
    given = keras.Input((None, None, 1))
    normal = layers.Normalization(mean=[0.3], variance=[0.04])(given)
    network = keras.Model(given, layers.Conv2D(2, 3, padding="same", name="ab")(normal))
    assert export_onnx(network, POLYCHROME, tmp_path / "model.onnx").difference < PARITY
    graph = onnx.load(tmp_path / "model.onnx").graph
    assert [value.name for value in graph.input] == ["lightness"]


@pytest.mark.parametrize("size", [(1, 64, 64), (3, 45, 70), (1, 33, 1), (2, 1, 1), (1, 97, 130)])
def test_all_outputs_equal_keras_at_any_size(preset, unet, size):
    expected = predict(unet, POLYCHROME, lightness(*size))
    made = polychrome.load(preset, runtime="onnx").predict(lightness(*size))
    for key, channels in (("ab", 2), ("vivid_ab", 2), ("spread", 1)):
        ours, keras_gives = getattr(made, key), np.asarray(getattr(expected, key))
        assert ours.dtype == np.float32 and ours.shape == (*size, channels)
        np.testing.assert_allclose(ours, keras_gives, rtol=0, atol=PARITY, err_msg=key)
        if np.prod(size) > 1000:
            assert keras_gives.std() > 3.0, key


def test_networks_that_pad_equal_keras_at_sizes_between_their_strides(tmp_path):
    network = as_released(build_eccv16(width=4))
    written = export_onnx(network, ZHANG, tmp_path / "eccv16.onnx")
    assert written.difference < PARITY
    made = OnnxSession(tmp_path / "eccv16.onnx").predict(lightness(1, 33, 45))
    expected = np.asarray(predict(network, ZHANG, lightness(1, 33, 45)).ab)
    np.testing.assert_allclose(made.ab, expected, rtol=0, atol=PARITY)


def test_a_photograph_gets_the_colors_that_keras_gives_it(preset, smooth):
    photo = smooth(1, 50, 61, seed=2)[0]
    ours, expected = (
        polychrome.load(preset, runtime=runtime).colorize(photo, vivid=0.5).astype(int)
        for runtime in ("onnx", "keras")
    )
    assert np.ptp(ours - photo) > 20
    assert (np.abs(ours - expected) > 1).mean() < 1e-3


def test_inputs_and_outputs_have_names_and_any_size(preset):
    graph = onnx.load(preset / "model.onnx").graph
    (given,) = graph.input
    assert given.name == "lightness"
    assert {output.name for output in graph.output} == {"ab", "vivid_ab", "spread"}
    for value in (given, *graph.output):
        dims = value.type.tensor_type.shape.dim
        assert [dim.dim_param for dim in dims[:3]] == ["batch", "height", "width"]
        assert dims[3].dim_value == (2 if "ab" in value.name else 1)


def test_the_rest_of_the_preset_stays(preset, unet, tmp_path):
    before = preset_of(unet, tmp_path / "preset", scaling=POLYCHROME, image_size=32)
    names = {path.name for path in before.iterdir()}
    assert {path.name for path in preset.iterdir()} == names | {"model.onnx"}
    card, plain = (json.loads((folder / "preset.json").read_text()) for folder in (preset, before))
    assert len(card["sha256"].pop("model.onnx")) == 64
    for one in (card, plain):
        del one["sha256"]["model.weights.h5"]  # HDF5 holds the time
        del one["sha256"]["metadata.json"]
    assert card == plain
    given = lightness(1, 40, 40) / 100.0
    np.testing.assert_array_equal(read_preset(preset).network(given)["ab"], unet(given)["ab"])


ALONE = """
import sys, numpy, polychrome
colorizer = polychrome.load(sys.argv[1], runtime="onnx")
numpy.save(sys.argv[3], colorizer.predict(numpy.load(sys.argv[2])).ab)
loaded = {name.split(".")[0] for name in sys.modules}
sys.exit(str(heavy) if (heavy := loaded & {"keras", "tensorflow", "jax", "h5py", "cv2"}) else 0)
"""


def test_predicting_needs_neither_keras_nor_its_files(copy, unet, tmp_path):
    for name in ("config.json", "metadata.json", "model.weights.h5"):
        (copy / name).unlink()
    np.save(tmp_path / "lightness.npy", lightness(1, 40, 31))
    run = subprocess.run(
        [sys.executable, "-c", ALONE, copy, tmp_path / "lightness.npy", tmp_path / "ab.npy"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    expected = predict(unet, POLYCHROME, lightness(1, 40, 31)).ab
    np.testing.assert_allclose(np.load(tmp_path / "ab.npy"), expected, rtol=0, atol=PARITY)


@pytest.mark.parametrize("change", ["changed", "missing", "not in the card", "no ONNX"])
def test_a_file_that_is_not_the_one_written_is_named(copy, change):
    path, card = copy / "model.onnx", json.loads((copy / "preset.json").read_text())
    message = "model.onnx: its SHA-256 is not the one in preset.json"
    if change == "changed":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif change == "missing":
        path.unlink()
        message = "no model.onnx here; `python -m polychrome.export.onnx .*` adds one"
    elif change == "not in the card":
        del card["sha256"]["model.onnx"]
    else:
        path.write_bytes(b"not ONNX")
        card["sha256"]["model.onnx"] = polychrome.files.sha256_of(path)
        message = "model.onnx: ONNX Runtime cannot read it"
    (copy / "preset.json").write_text(json.dumps(card))
    with pytest.raises(InputError, match=message) as caught:
        polychrome.load(copy, runtime="onnx").predict(lightness(1, 8, 8))
    assert "\n" not in str(caught.value)
    assert polychrome.load(copy, runtime="keras").card == card  # Keras does not use it


def test_it_runs_by_itself_and_keras_only_when_asked_for(preset, copy, unet, tmp_path):
    given = lightness(1, 9, 13)
    assert polychrome.load(preset).network.name == unet.name
    (copy / "model.weights.h5").unlink()
    found = polychrome.load(copy)
    np.testing.assert_allclose(
        found.predict(given).ab, predict(unet, POLYCHROME, given).ab, rtol=0, atol=PARITY
    )
    with pytest.raises(InputError, match="model.weights.h5: the file is missing"):
        _ = found.network
    # Other weights are for Keras.
    unet.save_weights(tmp_path / "other.weights.h5")
    polychrome.load(preset, weights=tmp_path / "other.weights.h5").predict(given)


def test_it_takes_no_other_weights(preset):
    with pytest.raises(InputError, match="takes no other weights"):
        polychrome.load(preset, runtime="onnx", weights="other.weights.h5")


def test_a_saved_model_is_not_run_by_onnx_runtime(exported):
    with pytest.raises(InputError, match="ONNX Runtime does not run SavedModels; load a preset"):
        polychrome.load(exported, runtime="onnx")


@pytest.mark.parametrize("package", ["onnxruntime", "onnx", "tf2onnx"])
def test_a_package_that_is_missing_is_named(preset, unet, tmp_path, monkeypatch, package):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else find(name)
    )
    with pytest.raises(InputError, match=f"{package}, .* is not installed; pip install {package}"):
        export_onnx(unet, POLYCHROME, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
    if package != "onnxruntime":
        assert polychrome.load(preset).predict(lightness(1, 8, 8)).ab.any()


def _wide(activation: str | None = "tanh") -> keras.Model:
    """36,864 of its 38,658 weights are in one layer."""
    given = keras.Input((None, None, 1))
    x = layers.Conv2D(64, 3, padding="same", activation="relu", name="first")(given)
    x = layers.Conv2D(64, 3, padding="same", activation="relu", name="large")(x)
    chroma = layers.Conv2D(2, 3, padding="same", activation=activation, name="last")(x)
    return lively(keras.Model(given, chroma, name="wide"))


def _stored_types(path) -> set[int]:
    return {tensor.data_type for tensor in onnx.load(path).graph.initializer}


def test_large_weights_take_half_the_space(tmp_path):
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    scaling = POLYCHROME
    assert export_onnx(_wide(), scaling, whole, float16=False).weights == "float32"
    written = export_onnx(_wide(), scaling, half)
    assert written.weights == "float16" and 0 < written.difference < PARITY
    assert whole.stat().st_size - half.stat().st_size > 0.95 * 2 * 36_864
    assert onnx.TensorProto.FLOAT16 in _stored_types(half)
    assert onnx.TensorProto.FLOAT16 not in _stored_types(whole)
    expected = predict(_wide(), scaling, lightness(1, 20, 20)).ab
    made = OnnxSession(half).predict(lightness(1, 20, 20)).ab
    np.testing.assert_allclose(made, expected, rtol=0, atol=PARITY)


def test_weights_that_float16_cannot_hold_stay_float32(tmp_path):
    network = _wide()
    for name, factor in (("large", 1e6), ("last", 1e-6)):
        kernel, bias = network.get_layer(name).get_weights()
        network.get_layer(name).set_weights([factor * kernel, bias])
    written = export_onnx(network, POLYCHROME, tmp_path / "model.onnx")
    assert written.weights == "float32" and written.difference < PARITY
    assert onnx.TensorProto.FLOAT16 not in _stored_types(tmp_path / "model.onnx")


def test_weights_whose_rounding_shows_at_hard_edges_stay_float32(tmp_path):
    network = _wide(activation=None)
    kernel, bias = network.get_layer("last").get_weights()
    network.get_layer("last").set_weights([6.0 * kernel, bias])
    export_onnx(network, POLYCHROME, tmp_path / "model.onnx")
    # The check has softer edges, and rounded weights pass it within the tolerance.
    edges = 100.0 * np.random.default_rng(7).integers(0, 2, (1, 256, 256, 1)).astype(np.float32)
    expected = predict(network, POLYCHROME, edges).ab
    made = OnnxSession(tmp_path / "model.onnx").predict(edges).ab
    np.testing.assert_allclose(made, expected, rtol=0, atol=PARITY)


@pytest.mark.parametrize("factor", [1e9, np.nan])
def test_a_file_that_differs_from_keras_is_not_kept(tmp_path, factor):
    # Of 1e9 the last bits of a float32 are more than an ab unit.
    given = keras.Input((None, None, 1))
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(given)
    network = lively(keras.Model(given, layers.Conv2D(2, 3, padding="same")(x), name="loud"))
    network.set_weights([factor * weight for weight in network.get_weights()])
    folder = preset_of(network, tmp_path / "preset")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(RuntimeError, match="loud: ONNX Runtime is .* ab units off Keras"):
        add_onnx(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_network_of_16_bits_is_written_in_float32(tmp_path):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = violet()
    finally:
        keras.config.set_dtype_policy(policy)
    assert half.compute_dtype == "bfloat16"
    export_onnx(half, PADOVA, tmp_path / "model.onnx")
    expected = predict(violet(), PADOVA, lightness(2, 20, 31)).ab
    made = OnnxSession(tmp_path / "model.onnx").predict(lightness(2, 20, 31)).ab
    np.testing.assert_allclose(made, expected, rtol=0, atol=1e-2)


def test_a_network_of_yuv_gives_ab(tmp_path):
    export_onnx(violet(), LINKOPING_YUV, tmp_path / "model.onnx")
    expected = predict(violet(), LINKOPING_YUV, lightness(2, 20, 31)).ab
    assert np.ptp(expected) > 10
    made = OnnxSession(tmp_path / "model.onnx").predict(lightness(2, 20, 31)).ab
    np.testing.assert_allclose(made, expected, rtol=0, atol=PARITY)


def _run_under_jax(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_the_command_writes_a_file_whatever_backend_is_set(tmp_path):
    folder, path = preset_of(violet(), tmp_path / "preset"), tmp_path / "violet.onnx"
    run = _run_under_jax("-m", "polychrome.export.onnx", folder, path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{path}: 0.0 MB, float32 weights, at most ")
    expected = predict(violet(), PADOVA, lightness(1, 20, 20)).ab
    made = OnnxSession(path).predict(lightness(1, 20, 20)).ab
    np.testing.assert_allclose(made, expected, rtol=0, atol=PARITY)


JAX = """
import sys, polychrome
from polychrome.export.onnx import add_onnx
try:
    add_onnx(sys.argv[1])
except polychrome.InputError as error:
    sys.exit(str(error))
"""


def test_under_jax_python_says_what_to_set(tmp_path):
    run = _run_under_jax("-c", JAX, preset_of(violet(), tmp_path / "preset"))
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].endswith("runs on jax; set KERAS_BACKEND=tensorflow")


def test_the_command_adds_to_a_preset_and_fails_in_one_line(tmp_path, capsys):
    folder = preset_of(violet(), tmp_path / "run" / "preset")
    assert main([str(folder.parent)]) == 0
    assert capsys.readouterr().out.startswith(f"{folder / 'model.onnx'}: ")
    assert polychrome.load(folder.parent, runtime="onnx").predict(lightness(1, 8, 8)).ab.any()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    for taken in (tmp_path / "full", tmp_path / "full" / "letter.txt"):
        assert main([str(folder), str(taken)]) == 1
        assert f"{taken}: holds something else than a preset" in capsys.readouterr().err
    assert main([str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
