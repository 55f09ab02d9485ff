"""Exports are written whole, numbered, verified and loaded again."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from encoded_files import FILES, encode, photo_of
from keras import layers
from PIL import Image
from tiny_colorizers import IMAGE_SIZE, violet

import polychrome
from polychrome import images
from polychrome.color.scaling import PADOVA, ZHANG
from polychrome.errors import InputError
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.inference.colorize import colorize_rgb, network_size
from polychrome.inference.predict import predict
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab

ROOT = Path(__file__).parents[3]


def test_an_export_is_a_colorizer_too(exported, network):
    photo = photo_of(30, 41)
    expected = (
        colorize_rgb(partial(predict, network, PADOVA), IMAGE_SIZE, photo).numpy().astype(int)
    )
    for source in (exported, exported.parent):
        colorizer = polychrome.load(source)
        assert colorizer.card == {"name": "violet", "image_size": 16, "outputs": ["ab"]}
        assert (
            np.abs(colorizer.colorize(photo, upsampling="bilinear") - expected) > 1
        ).mean() < 1e-3
    for message, options in {
        "Keras does not run SavedModels": {"runtime": "keras"},
        "takes no other weights": {"weights": "other.weights.h5"},
    }.items():
        with pytest.raises(InputError, match=message):
            polychrome.load(exported, **options)
    with pytest.raises(InputError, match="a SavedModel holds no Keras model"):
        _ = polychrome.load(exported, runtime="saved_model").network


def test_the_highest_version_is_loaded_and_the_card_goes_along(network, tmp_path):
    card = {"name": "other", "license": "MIT", "sha256": {"config.json": "0"}, "image_size": 1}
    for size in (IMAGE_SIZE, 2 * IMAGE_SIZE):
        for _ in range(5):  # "10" is above "9"
            (tmp_path / "model").mkdir(exist_ok=True)
            taken = [int(path.name) for path in (tmp_path / "model").iterdir()]
            if len(taken) % 5 != 4:
                (tmp_path / "model" / str(max(taken, default=0) + 1)).mkdir()
        export_colorizer(network, PADOVA, size, tmp_path / "model", card)
    assert polychrome.load(tmp_path / "model").card == {
        "name": "other",
        "license": "MIT",
        "image_size": 2 * IMAGE_SIZE,
        "outputs": ["ab"],
    }


def test_an_export_without_a_card_says_so(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "1")
    shutil.rmtree(tmp_path / "1" / "assets.extra")
    with pytest.raises(InputError, match="this SavedModel has no card"):
        polychrome.load(tmp_path)


def test_reloaded_polychromify_ab_equals_the_keras_model(tmp_path):
    parts = [build_polychromify((4, 8), dense=(8, 4, 8), outputs=1, name=name) for name in "ab"]
    network = join_polychromify_ab(*parts)
    path = export_colorizer(network, ZHANG, 24, tmp_path)
    encoded = [FILES[name][0] for name in ("JPEG", "one pixel")]
    assert verify_export(path, network, ZHANG, 24, encoded) <= 1e-4


def test_reloaded_bfloat16_network_equals_the_keras_model(tmp_path):
    default = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = violet()
    finally:
        keras.config.set_dtype_policy(default)
    assert network.layers[-1].compute_dtype == "bfloat16"
    path = export_colorizer(network, PADOVA, IMAGE_SIZE, tmp_path)
    assert verify_export(path, network, PADOVA, IMAGE_SIZE, [FILES["JPEG"][0]]) <= 1e-4
    ab = tf.saved_model.load(str(path)).signatures["lightness_to_ab"].structured_outputs["ab"]
    assert ab.dtype == tf.float32


def test_verification_finds_another_network(exported):
    encoded = [FILES["JPEG"][0]]
    other = violet()
    assert verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded) <= 1e-4
    kernel = other.layers[-1].kernel
    kernel.assign(kernel + 0.01)
    with pytest.raises(RuntimeError, match="ab units off the Keras model"):
        verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded)
    kernel.assign(kernel * np.nan)
    with pytest.raises(RuntimeError, match="nan ab units off"):
        verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded)


def test_verification_takes_photographs_of_any_orientation_and_names_broken_ones(exported, network):
    exif = Image.Exif()
    exif[0x0112] = 6
    encoded = [encode(photo_of(20, 31), "JPEG", exif=exif)]
    assert verify_export(exported, network, PADOVA, IMAGE_SIZE, encoded) <= 1e-4
    with pytest.raises(RuntimeError, match="image 1: serving_default says: cannot be decoded"):
        verify_export(exported, network, PADOVA, IMAGE_SIZE, [*encoded, b"no image"])


def test_verification_finds_another_image_size(exported, network):
    other = network_size(300, 410, IMAGE_SIZE * 3)
    assert other != network_size(300, 410, IMAGE_SIZE)
    noise = np.random.default_rng(0).integers(0, 256, (300, 410, 3), dtype=np.uint8)
    with pytest.raises(RuntimeError, match="levels off"):
        verify_export(exported, network, PADOVA, IMAGE_SIZE * 3, [encode(noise, "PNG")])


def test_versions_count_up_and_nothing_is_overwritten(exported, network, tmp_path):
    assert exported.name == "1"
    assert [path.name for path in exported.parent.iterdir()] == ["1"]
    for name in ("7", "notes", ".8"):
        (tmp_path / name).mkdir()
    (tmp_path / "7" / "kept").write_text("as it was")
    assert export_colorizer(network, PADOVA, IMAGE_SIZE, tmp_path) == tmp_path / "8"
    assert (tmp_path / "7" / "kept").read_text() == "as it was"
    assert {path.name for path in tmp_path.iterdir()} == {"7", "8", "notes", ".8"}


@keras.saving.register_keras_serializable("test_export")
class FailsWhenExported(layers.Layer):
    def call(self, x):
        if isinstance(x, tf.Tensor):
            raise ValueError("no graph for you")
        return x

    def compute_output_shape(self, input_shape):
        return input_shape


def test_failed_export_leaves_nothing(tmp_path):
    lightness = keras.Input((None, None, 1))
    network = keras.Model(lightness, layers.Conv2D(2, 1)(FailsWhenExported()(lightness)))
    with pytest.raises(ValueError, match="no graph for you"):
        export_colorizer(network, PADOVA, IMAGE_SIZE, tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_unwritable_directory_is_one_line(network, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for directory in (tmp_path / "file", tmp_path / "file" / "model"):
        with pytest.raises(InputError, match="cannot write the export to .*file") as caught:
            export_colorizer(network, PADOVA, IMAGE_SIZE, directory)
        assert "\n" not in str(caught.value)


JAX_EXPORT = """
import sys, jax, keras
import polychrome.export.verify as verify
from keras import layers
from polychrome.color.scaling import PADOVA
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.losses.dial import VividAndSpread
from polychrome.models.lite_unet import mirrored_mean, outputs_by_name
from polychrome.models.polychromify import build_polychromify
assert keras.backend.backend() == "jax"
chroma = build_polychromify(filters=(4,), dense=(4,), batch_norm=False)
heads = keras.Model(chroma.input, layers.Conv2D(5, 1, activation="tanh")(chroma.output))
heads.compile("sgd", VividAndSpread(PADOVA))  # as trained
network = outputs_by_name(mirrored_mean(heads))
path = export_colorizer(network, PADOVA, 8, sys.argv[1])
predict_ab, precisions = verify.predict_ab, set()

def noted(*arguments):
    precisions.add(jax.config.jax_default_matmul_precision)
    return predict_ab(*arguments)

verify.predict_ab = noted
print(path, verify_export(path, network, PADOVA, 8, [open(sys.argv[2], "rb").read()]))
assert precisions == {"float32"}, precisions
"""


@pytest.mark.long
def test_export_of_a_network_trained_under_jax(tmp_path):
    photo = tmp_path / "photo.png"  # Few pixels: JAX compiles operation by operation, per shape.
    photo.write_bytes(encode(photo_of(8, 8), "PNG"))
    run = subprocess.run(
        [sys.executable, "-c", JAX_EXPORT, tmp_path / "model", photo],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    path, difference = run.stdout.split()
    assert path == str(tmp_path / "model" / "1")
    assert float(difference) <= 0.05
    signatures = tf.saved_model.load(path).signatures
    assert "colorize" in signatures
    answer = signatures["serving_default"](image_bytes=tf.constant([FILES["JPEG"][0]]))
    assert images.decode_rgb(answer["colorized_bytes"][0]).shape == (30, 41, 3)
