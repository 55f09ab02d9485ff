import base64
import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image
from serving_stand_in import serving
from skimage.color import rgb2lab

from polychrome import images
from polychrome.color.scaling import PADOVA, ZHANG
from polychrome.errors import InputError
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.inference.colorize import colorize_rgb, network_size
from polychrome.inference.predict import predict_ab
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab

ROOT = Path(__file__).parents[3]
IMAGE_SIZE = 16


def _network():
    """Paints everything a saturated violet, tanh of (1.2, -1.5), a bit depending on lightness."""
    keras.utils.set_random_seed(3)
    lightness = keras.Input((None, None, 1))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(lightness / 100.0)
    strong = keras.initializers.Constant([1.2, -1.5])
    chroma = layers.Conv2D(2, 1, activation="tanh", bias_initializer=strong)(x)
    return keras.Model(lightness, chroma)


def _photo(height, width, seed=0):
    """Smooth colors from black to white, uint8 [height, width, 3]."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR))


def _encode(image, file_format, **options):
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def _files():
    """Name to (file, (height, width))."""
    photo = Image.fromarray(_photo(30, 41))
    deep = tf.constant(_photo(23, 31).astype("uint16") * 257)
    return {
        "JPEG": (_encode(photo, "JPEG"), (30, 41)),
        "gray JPEG": (_encode(photo.convert("L"), "JPEG"), (30, 41)),
        "CMYK JPEG": (_encode(photo.convert("CMYK"), "JPEG"), (30, 41)),
        "PNG": (_encode(_photo(64, 16, seed=1), "PNG"), (64, 16)),
        "16-bit PNG": (tf.io.encode_png(deep).numpy(), (23, 31)),
        "16-bit gray PNG": (tf.io.encode_png(deep[..., :1]).numpy(), (23, 31)),
        "RGBA PNG": (_encode(photo.convert("RGBA"), "PNG"), (30, 41)),
        "palette PNG": (_encode(photo.quantize(16), "PNG"), (30, 41)),
        "GIF": (_encode(photo.quantize(16), "GIF"), (30, 41)),
        "BMP": (_encode(photo, "BMP"), (30, 41)),
        "WebP": (_encode(photo, "WEBP", lossless=True), (30, 41)),
        "one pixel": (_encode(_photo(1, 1), "PNG"), (1, 1)),
        "one row": (_encode(_photo(1, 200), "PNG"), (1, 200)),
        "one column": (_encode(_photo(200, 1), "PNG"), (200, 1)),
    }


FILES = _files()


@pytest.fixture(scope="module")
def network():
    return _network()


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    return export_colorizer(
        network, PADOVA, IMAGE_SIZE, tmp_path_factory.mktemp("models") / "violet"
    )


@pytest.fixture(scope="module")
def signatures(exported):
    return tf.saved_model.load(str(exported)).signatures


@pytest.fixture(scope="module")
def served(signatures):
    """The answer to one batch of all files."""
    encoded = tf.constant([encoded for encoded, _ in FILES.values()])
    answer = signatures["serving_default"](image_bytes=encoded)["colorized_bytes"].numpy()
    return dict(zip(FILES, answer, strict=True))


def test_signatures_as_tensorflow_serving_lists_them(signatures):
    described = {
        name: (signature.structured_input_signature[1], signature.structured_outputs)
        for name, signature in signatures.items()
    }
    any_size = [None, None, None]
    assert described == {
        "serving_default": (
            {"image_bytes": tf.TensorSpec([None], tf.string, "image_bytes")},
            {"colorized_bytes": tf.TensorSpec([None], tf.string, "colorized_bytes")},
        ),
        "lightness_to_ab": (
            {"lightness": tf.TensorSpec([*any_size, 1], tf.float32, "lightness")},
            {"ab": tf.TensorSpec([*any_size, 2], tf.float32, "ab")},
        ),
    }


@pytest.mark.parametrize("name", FILES)
def test_batch_of_mixed_files_keeps_size_and_lightness(served, name):
    encoded, size = FILES[name]
    with Image.open(io.BytesIO(served[name])) as answer:
        assert (answer.format, answer.mode) == ("PNG", "RGB")
        after = np.asarray(answer)
    before = images.decode_rgb(encoded).numpy()
    assert after.shape == before.shape == (*size, 3)
    assert np.abs(rgb2lab(after) - rgb2lab(before))[..., 0].max() < 0.8


def test_colors_are_the_networks(served):
    # In the middle of the lightness range sRGB has room for a good part of the violet.
    before, after = (rgb2lab(images.decode_rgb(x)) for x in (FILES["BMP"][0], served["BMP"]))
    middle = (before[..., 0] > 30) & (before[..., 0] < 70)
    assert middle.any()
    assert (after[middle][:, 1] > 25).all()
    assert (after[middle][:, 2] < -25).all()


def test_colorize_rgb_is_what_is_served(served, network):
    rgb = images.decode_rgb(FILES["palette PNG"][0])
    expected = colorize_rgb(network, PADOVA, IMAGE_SIZE, rgb).numpy().astype(int)
    after = images.decode_rgb(served["palette PNG"]).numpy()
    assert (np.abs(after - expected) > 1).mean() < 1e-3


def test_gray_and_color_of_the_same_photograph_give_the_same(signatures):
    gray = np.repeat(_photo(20, 20)[..., :1], 3, axis=-1)
    encoded = [_encode(gray, "PNG"), _encode(gray[..., 0], "PNG")]
    answer = signatures["serving_default"](image_bytes=tf.constant(encoded))["colorized_bytes"]
    assert answer[0] == answer[1]


def test_empty_batch(signatures):
    answer = signatures["serving_default"](image_bytes=tf.constant([], tf.string))
    assert answer["colorized_bytes"].shape == (0,)


BROKEN = {
    "empty": b"",
    "text": b"this is not an image",
    "TIFF": _encode(_photo(30, 41), "TIFF"),
    "header only": FILES["PNG"][0][:20],
    **{
        f"half a {name}": FILES[name][0][: len(FILES[name][0]) // 2]
        for name in ("JPEG", "PNG", "GIF", "BMP", "WebP")
    },
}


@pytest.mark.parametrize("name", BROKEN)
def test_undecodable_item_is_named(signatures, name):
    batch = tf.constant([FILES["PNG"][0], BROKEN[name], FILES["JPEG"][0], b"no image either"])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        signatures["serving_default"](image_bytes=batch)
    assert "cannot decode the items at index (from 0)] [1 3] [of the batch" in caught.value.message
    assert "send whole JPEG, PNG, GIF, BMP or WebP files" in caught.value.message


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 64)])
def test_lightness_to_ab_takes_any_size(signatures, network, size):
    lightness = np.random.default_rng(0).uniform(0, 100, (2, *size, 1)).astype("float32")
    ab = signatures["lightness_to_ab"](lightness=tf.constant(lightness))["ab"]
    assert ab.shape == (2, *size, 2)
    assert ab.dtype == tf.float32
    np.testing.assert_allclose(ab, network.predict(lightness, verbose=0) * 128.0, atol=1e-4)


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
        network = _network()
    finally:
        keras.config.set_dtype_policy(default)
    assert network.layers[-1].compute_dtype == "bfloat16"
    path = export_colorizer(network, PADOVA, IMAGE_SIZE, tmp_path)
    assert verify_export(path, network, PADOVA, IMAGE_SIZE, [FILES["JPEG"][0]]) <= 1e-4
    ab = tf.saved_model.load(str(path)).signatures["lightness_to_ab"].structured_outputs["ab"]
    assert ab.dtype == tf.float32


def test_verification_finds_another_network(exported):
    encoded = [FILES["JPEG"][0]]
    other = _network()
    assert verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded) <= 1e-4
    kernel = other.layers[-1].kernel
    kernel.assign(kernel + 0.01)
    with pytest.raises(RuntimeError, match="ab units off the Keras model"):
        verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded)
    kernel.assign(kernel * np.nan)
    with pytest.raises(RuntimeError, match="nan ab units off"):
        verify_export(exported, other, PADOVA, IMAGE_SIZE, encoded)


def test_verification_finds_another_image_size(exported, network):
    other = network_size(300, 410, IMAGE_SIZE * 3)
    assert other != network_size(300, 410, IMAGE_SIZE)
    noise = np.random.default_rng(0).integers(0, 256, (300, 410, 3), dtype=np.uint8)
    with pytest.raises(RuntimeError, match="levels off"):
        verify_export(exported, network, PADOVA, IMAGE_SIZE * 3, [_encode(noise, "PNG")])


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


def _post(address, **request):
    body = urllib.request.Request(address, json.dumps(request).encode())
    try:
        with urllib.request.urlopen(body) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def test_rest_names_give_base64_both_ways(exported, served, network):
    def b64(name):
        return {"b64": base64.b64encode(FILES[name][0]).decode()}

    with serving(exported.parent) as address:
        rows = _post(address, instances=[b64("JPEG"), {"image_bytes": b64("GIF")}])["predictions"]
        column = _post(address, inputs={"image_bytes": [b64("JPEG")]})["outputs"]
        ab = _post(address, signature_name="lightness_to_ab", instances=[[[[50.0]]]])["predictions"]
        error = _post(address, instances=[{"b64": "AAAA"}])["error"]
    assert [base64.b64decode(row["b64"]) for row in rows] == [served["JPEG"], served["GIF"]]
    assert column == rows[:1]
    expected = predict_ab(network, PADOVA, np.full((1, 1, 1, 1), 50.0, "float32"))
    np.testing.assert_allclose(ab, expected, atol=1e-4)
    assert "cannot decode the items at index (from 0)] [0]" in error


JAX_EXPORT = """
import sys, keras
from polychrome.color.scaling import PADOVA
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.models.polychromify import build_polychromify
assert keras.backend.backend() == "jax"
network = build_polychromify(filters=(4,), dense=(4,), batch_norm=False)
path = export_colorizer(network, PADOVA, 8, sys.argv[1])
print(path, verify_export(path, network, PADOVA, 8, [open(sys.argv[2], "rb").read()]))
"""


def test_export_of_a_network_trained_under_jax(tmp_path):
    photo = tmp_path / "photo.png"  # Few pixels: JAX compiles operation by operation, per shape.
    photo.write_bytes(_encode(_photo(8, 8), "PNG"))
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
    answer = signatures["serving_default"](image_bytes=tf.constant([FILES["JPEG"][0]]))
    assert images.decode_rgb(answer["colorized_bytes"][0]).shape == (30, 41, 3)
