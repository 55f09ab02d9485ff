"""What the signatures answer: colorized files of any kind, each item of a batch on its own."""

import base64
import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from encoded_files import BROKEN, FILES, encode, photo_of
from PIL import Image, ImageOps
from serving_stand_in import serving
from skimage.color import rgb2lab
from tensorflow.core.protobuf import saved_model_pb2
from tiny_colorizers import IMAGE_SIZE, dialed_violet, preset_of

import polychrome
from polychrome import images
from polychrome.color.scaling import PADOVA
from polychrome.errors import InputError
from polychrome.inference.colorize import colorize_rgb
from polychrome.inference.predict import predict, predict_ab


def test_signatures_as_tensorflow_serving_lists_them(signatures):
    described = {
        name: (signature.structured_input_signature[1], signature.structured_outputs)
        for name, signature in signatures.items()
    }
    any_size = [None, None, None]
    assert described == {
        "serving_default": (
            {"image_bytes": tf.TensorSpec([None], tf.string, "image_bytes")},
            {name: tf.TensorSpec([None], tf.string, name) for name in ("colorized_bytes", "error")},
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
    expected = colorize_rgb(partial(predict, network, PADOVA), IMAGE_SIZE, rgb).numpy().astype(int)
    after = images.decode_rgb(served["palette PNG"]).numpy()
    assert (np.abs(after - expected) > 1).mean() < 1e-3


def test_gray_and_color_of_the_same_photograph_give_the_same(signatures):
    gray = np.repeat(photo_of(20, 20)[..., :1], 3, axis=-1)
    encoded = [encode(gray, "PNG"), encode(gray[..., 0], "PNG")]
    answer = signatures["serving_default"](image_bytes=tf.constant(encoded))["colorized_bytes"]
    assert answer[0] == answer[1]


def test_empty_batch(signatures):
    answer = signatures["serving_default"](image_bytes=tf.constant([], tf.string))
    assert answer["colorized_bytes"].shape == answer["error"].shape == (0,)


@pytest.mark.parametrize("name", BROKEN)
def test_an_undecodable_item_fails_alone(signatures, served, name):
    batch = [FILES["PNG"][0], BROKEN[name], FILES["JPEG"][0], b"no image either"]
    answer = signatures["serving_default"](image_bytes=tf.constant(batch))
    colorized, errors = (answer[key].numpy() for key in ("colorized_bytes", "error"))
    assert list(colorized) == [served["PNG"], b"", served["JPEG"], b""]
    assert [bool(error) for error in errors] == [False, True, False, True]
    for error in errors[[1, 3]]:
        assert error.endswith(b"; send a whole JPEG, PNG, GIF, BMP or WebP file")
    assert (b"has no bytes" in errors[1]) == (name == "empty")


def test_a_batch_of_broken_items_only(signatures):
    answer = signatures["serving_default"](image_bytes=tf.constant(list(BROKEN.values())))
    assert not any(answer["colorized_bytes"].numpy()) and all(answer["error"].numpy())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(signatures, orientation):
    photo = Image.fromarray(photo_of(30, 41))
    exif = photo.getexif()
    exif[0x0112] = orientation
    encoded = encode(photo, "JPEG", exif=exif)
    # The same pixels, turned by Pillow and without an orientation.
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded)))
    batch = tf.constant([encoded, encode(upright, "BMP")])
    turned, expected = signatures["serving_default"](image_bytes=batch)["colorized_bytes"].numpy()
    after, before = (images.decode_rgb(x).numpy().astype(int) for x in (turned, expected))
    assert after.shape == ((30, 41, 3) if orientation < 5 else (41, 30, 3))
    assert (np.abs(after - before) > 1).mean() < 1e-3


def test_no_python_is_left_in_the_graph(exported):
    definition = saved_model_pb2.SavedModel.FromString((exported / "saved_model.pb").read_bytes())
    graph = definition.meta_graphs[0].graph_def
    nodes = [node.op for node in graph.node]
    nodes += [node.op for function in graph.library.function for node in function.node_def]
    assert "Conv2D" in nodes and not [op for op in nodes if "PyFunc" in op]


PLAIN = """
import sys, tensorflow as tf
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = signature(image_bytes=tf.constant([open(sys.argv[2], "rb").read(), b""]))
assert "polychrome" not in sys.modules
assert tf.io.decode_png(answer["colorized_bytes"][0]).shape == (30, 41, 3)
assert answer["error"].numpy()[0] == b"" != answer["error"].numpy()[1]
"""


def test_it_loads_without_polychrome(exported, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(FILES["JPEG"][0])
    run = subprocess.run(
        [sys.executable, "-c", PLAIN, exported, tmp_path / "photo.jpg"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def test_a_network_with_a_dial_has_a_signature_for_it(dialed, signatures, tmp_path):
    assert set(signatures) == {"serving_default", "lightness_to_ab"}
    loaded = tf.saved_model.load(str(dialed)).signatures
    photo = photo_of(30, 41)
    settings = [(0.0, 1.0), (1.0, 1.0), (0.5, 0.5), (1.5, 1.0), (0.0, -1.0), (0.0, np.nan)]
    answer = loaded["colorize"](
        image_bytes=tf.constant([encode(photo, "PNG")] * 6),
        vivid=tf.constant([vivid for vivid, _ in settings]),
        saturation=tf.constant([saturation for _, saturation in settings]),
    )
    errors = answer["error"].numpy()
    assert [bool(error) for error in errors] == [False] * 3 + [True] * 3
    assert b"vivid" in errors[3] and b"saturation" in errors[4]
    for lacks, asked in {
        "has no dial; load the preset of its run$": lambda here: here.colorize(photo, vivid=0.5),
        "predicts no spread; load the preset of its run$": lambda here: here.ask(photo, 1),
    }.items():
        with pytest.raises(InputError, match=f"^a SavedModel that is loaded here {lacks}"):
            asked(polychrome.load(dialed))
    preset = preset_of(dialed_violet(), tmp_path / "preset")
    colorizer = polychrome.load(preset)
    for (vivid, saturation), colorized in zip(
        settings[:3], answer["colorized_bytes"], strict=False
    ):
        expected = colorizer.colorize(
            photo, vivid=vivid, saturation=saturation, upsampling="bilinear"
        )
        difference = np.abs(images.decode_rgb(colorized).numpy().astype(int) - expected)
        assert (difference > 1).mean() < 1e-3
    assert not any(answer["colorized_bytes"].numpy()[3:])


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 64)])
def test_lightness_to_ab_takes_any_size(signatures, network, size):
    lightness = np.random.default_rng(0).uniform(0, 100, (2, *size, 1)).astype("float32")
    ab = signatures["lightness_to_ab"](lightness=tf.constant(lightness))["ab"]
    assert ab.shape == (2, *size, 2)
    assert ab.dtype == tf.float32
    np.testing.assert_allclose(ab, network.predict(lightness, verbose=0) * 128.0, atol=1e-4)


def _post(address, **request):
    body = urllib.request.Request(address, json.dumps(request).encode())
    try:
        with urllib.request.urlopen(body) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def test_rest_takes_the_settings_of_each_row(dialed):
    photo = encode(photo_of(30, 41), "PNG")
    row = {"image_bytes": {"b64": base64.b64encode(photo).decode()}, "saturation": 1.0}
    with serving(dialed.parent) as address:
        faithful, vivid, wrong = _post(
            address,
            signature_name="colorize",
            instances=[{**row, "vivid": vivid} for vivid in (0.0, 1.0, -1.0)],
        )["predictions"]
    assert faithful["error"] == vivid["error"] == "" and "vivid" in wrong["error"]
    assert faithful["colorized_bytes"] != vivid["colorized_bytes"]


def test_rest_names_give_base64_both_ways(exported, served, network):
    def b64(name):
        return {"b64": base64.b64encode(FILES[name][0]).decode()}

    with serving(exported.parent) as address:
        rows = _post(address, instances=[b64("JPEG"), {"image_bytes": b64("GIF")}])["predictions"]
        column = _post(address, inputs={"image_bytes": [b64("JPEG")]})["outputs"]
        ab = _post(address, signature_name="lightness_to_ab", instances=[[[[50.0]]]])["predictions"]
        broken = _post(address, instances=[{"b64": "AAAA"}, b64("GIF")])["predictions"]
    answers = [base64.b64decode(row["colorized_bytes"]["b64"]) for row in rows]
    assert answers == [served["JPEG"], served["GIF"]]
    assert [row["error"] for row in rows] == ["", ""]
    assert column == {"colorized_bytes": [rows[0]["colorized_bytes"]], "error": [""]}
    expected = predict_ab(network, PADOVA, np.full((1, 1, 1, 1), 50.0, "float32"))
    np.testing.assert_allclose(ab, expected, atol=1e-4)
    assert broken[0]["colorized_bytes"]["b64"] == "" and "cannot be decoded" in broken[0]["error"]
    assert broken[1] == rows[1]
