"""`polychrome.load`: names, folders and hubs to colorizers, and one line where that fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data
from tiny_colorizers import preset_of, violet

import polychrome
from polychrome.errors import InputError

ROOT = Path(__file__).parents[2]
LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (2, 17, 12, 1)).astype("float32")

IMPORTS = """
import sys, polychrome
assert not {"numpy", "PIL"} & set(sys.modules) and set(polychrome.__all__) <= set(dir(polychrome))
polychrome.load, polychrome.Colorizer, polychrome.Prediction, polychrome.Hint, polychrome.Question
assert issubclass(polychrome.InputError, ValueError) and polychrome.__version__[0].isdigit()
loaded = {name.split(".")[0] for name in sys.modules}
sys.exit(str(heavy) if (heavy := loaded & {"keras", "tensorflow", "jax", "cv2", "h5py"}) else 0)
"""


def test_importing_imports_neither_keras_nor_tensorflow():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", IMPORTS], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_default_colorizer_leaves_no_trace_and_reports_to_nobody(tmp_path):
    """ONNX Runtime writes an identifier for its telemetry, unless it is off, or sees a CI."""
    program = "import polychrome as p, numpy as n; p.load().predict(n.ones((1, 8, 8, 1)))"
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    environment = {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-B", "-c", program], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    return preset_of(violet(), tmp_path_factory.mktemp("run") / "preset")


def _expected():
    return np.asarray(violet()(LIGHTNESS)) * 128.0


@pytest.mark.parametrize("source", ["preset", "run", "text"])
def test_a_preset_by_its_folder_and_by_its_runs(preset, source):
    colorizer = polychrome.load(
        {"preset": preset, "run": preset.parent, "text": str(preset)}[source]
    )
    assert colorizer.card == json.loads((preset / "preset.json").read_text())
    np.testing.assert_allclose(colorizer.predict(LIGHTNESS).ab, _expected(), atol=1e-4)
    assert colorizer.network is colorizer.network


def test_the_network_is_built_when_asked_for(preset, tmp_path):
    folder = preset_of(violet(), tmp_path / "preset")
    colorizer = polychrome.load(folder)
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match="config.json: the file is missing"):
        _ = colorizer.network


def test_other_weights_for_the_same_network(preset, tmp_path):
    other = violet(seed=4)
    other.save_weights(tmp_path / "other.weights.h5")
    colorizer = polychrome.load(preset, weights=tmp_path / "other.weights.h5")
    expected = np.asarray(other(LIGHTNESS)) * 128.0
    np.testing.assert_allclose(colorizer.predict(LIGHTNESS).ab, expected, atol=1e-4)
    missing = polychrome.load(preset, weights=tmp_path / "none.weights.h5")
    with pytest.raises(InputError, match="none.weights.h5: not the weights of violet"):
        missing.predict(LIGHTNESS)


@pytest.mark.parametrize(
    "source, message",
    [
        ("tinny", "tinny: no such folder, and no preset of that name"),
        (ROOT / "none", "none: no such folder"),
        (ROOT / "LICENSE", "LICENSE: no such folder"),
        (ROOT / "tests", "tests: no preset here"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(source, message):
    with pytest.raises(InputError, match=message) as caught:
        polychrome.load(source)
    assert "\n" not in str(caught.value)


def test_without_a_source_photographs_are_colorized_by_photo():
    assert polychrome.load().card["name"] == "photo"
    image = polychrome.load().colorize(data.astronaut())
    assert image.shape == (512, 512, 3) and np.ptp(image.astype(int), axis=-1).mean() > 5


def test_a_run_without_a_preset_is_one_line(tmp_path):
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(InputError, match="this run has no preset/"):
        polychrome.load(tmp_path)


def test_runtimes_by_name(preset):
    assert polychrome.load(preset, runtime="keras").card["name"] == "violet"
    with pytest.raises(InputError, match="runtime 'tflite' is not known; there are auto, keras, s"):
        polychrome.load(preset, runtime="tflite")
    with pytest.raises(InputError, match="no SavedModel here"):
        polychrome.load(preset, runtime="saved_model")


def test_a_hub_needs_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # cannot be imported
    with pytest.raises(InputError, match="hf://user/repo: huggingface_hub is not installed; pip"):
        polychrome.load("hf://user/repo")


JAX = """
import sys, keras, numpy, polychrome
assert keras.backend.backend() == "jax"
colorizer, folder = polychrome.load(sys.argv[1]), sys.argv[2]
lightness, photo = (numpy.load(f"{folder}/{name}.npy") for name in ("lightness", "photo"))
numpy.save(f"{folder}/ab.npy", colorizer.predict(lightness).ab)
numpy.save(f"{folder}/colored.npy", colorizer.colorize(photo))
"""


@pytest.mark.long
def test_under_jax_a_preset_colorizes_as_under_tensorflow(preset, smooth, tmp_path):
    photo = smooth(1, 20, 31, seed=1)[0]
    np.save(tmp_path / "lightness.npy", LIGHTNESS)
    np.save(tmp_path / "photo.npy", photo)
    run = subprocess.run(
        [sys.executable, "-c", JAX, preset, tmp_path],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    colorizer = polychrome.load(preset)
    expected = colorizer.predict(LIGHTNESS).ab
    np.testing.assert_allclose(np.load(tmp_path / "ab.npy"), expected, atol=1e-3)
    colored = np.load(tmp_path / "colored.npy").astype(int)
    assert (np.abs(colored - colorizer.colorize(photo)) > 1).mean() < 1e-3
