"""SavedModels of presets, against what the presets answer."""

import io
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from encoded_files import encode, photo_of
from PIL import Image
from skimage.data import astronaut
from tiny_colorizers import dialed_violet, preset_of

import polychrome
from experiments import trained
from polychrome.presets import shipped


def exported(source, folder, capsys):
    """The SavedModel that the command writes, and its folder."""
    assert trained.main(["export", str(source), "--saved-models", str(folder)]) == 0
    version = capsys.readouterr().out.strip()
    return tf.saved_model.load(version).signatures, version


def share_off(answer: dict, expected: np.ndarray) -> float:
    """The share of the pixels of the first answer that are more than a level off."""
    assert answer["error"][0] == b""
    with Image.open(io.BytesIO(answer["colorized_bytes"][0].numpy())) as picture:
        pixels = np.asarray(picture).astype(int)
    return float((np.abs(pixels - expected) > 1).any(axis=-1).mean())


def compare(signatures, source, photo) -> None:
    """Both answers and the predicted chroma, at a size that is not the network's."""
    colorizer, encoded = polychrome.load(source), tf.constant([encode(photo, "PNG")])
    faithful = colorizer.colorize(photo, upsampling="bilinear")
    vivid = colorizer.colorize(photo, upsampling="bilinear", vivid=0.5)
    assert share_off(signatures["serving_default"](image_bytes=encoded), faithful) < 1e-3
    half, whole = tf.constant([0.5]), tf.constant([1.0])
    answer = signatures["colorize"](image_bytes=encoded, vivid=half, saturation=whole)
    assert share_off(answer, vivid) < 1e-3
    assert share_off(answer, faithful) > 0.1  # so that the figures above say something
    lightness = np.linspace(0, 100, 40 * 60, dtype=np.float32).reshape(1, 40, 60, 1)
    ab = signatures["lightness_to_ab"](lightness=tf.constant(lightness))["ab"]
    np.testing.assert_allclose(ab, colorizer.predict(lightness).ab, atol=0.11)


def test_a_preset_is_exported_by_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("POLYCHROME_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    preset_of(dialed_violet(), tmp_path / "models" / "violet", license="MIT")
    (tmp_path / "violet").mkdir()  # in the way of its name
    (tmp_path / "violet" / "recipe.json").write_text("{}")
    signatures, version = exported("violet", tmp_path / "served", capsys)
    assert version == str(tmp_path / "served" / "dialed_violet" / "1")
    compare(signatures, "violet", photo_of(30, 41))
    assert polychrome.load(version).card["license"] == "MIT"


def test_what_is_neither_a_run_nor_a_preset_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert trained.main(["export", "gone"]) == 1
    said = capsys.readouterr().err
    assert "gone: no such folder, and no preset of that name (known: " in said and "photo" in said
    (tmp_path / "empty").mkdir()
    assert trained.main(["export", "empty"]) == 1
    assert "empty: no preset here" in capsys.readouterr().err
    assert not (tmp_path / "saved_models").exists()


@pytest.mark.long
@pytest.mark.parametrize("source", ["photo", shipped()["tiny"]])
def test_the_saved_model_of_a_shipped_preset_answers_as_it_does(source, tmp_path, capsys):
    """One by its name, and one by its folder."""
    signatures, version = exported(source, tmp_path, capsys)
    assert version == str(tmp_path / Path(source).name / "1")
    compare(signatures, source, astronaut()[:400, :333])
