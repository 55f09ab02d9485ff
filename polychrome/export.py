"""Colorizers as SavedModels, in the folders that TensorFlow Serving reads.

The exported graph holds the steps of `polychrome.colorize`, between decoding and PNG.
"""

import contextlib
import dataclasses
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from polychrome import color, images
from polychrome.color import Scaling
from polychrome.colorize import colorize_rgb, join_full_size, network_lightness, predict_ab
from polychrome.errors import InputError

# A reloaded export may differ from the Keras model by this many ab units. Graphs fuse what runs
# step by step in Python, and backends sum in different orders; both are far below the visible.
TOLERANCE = 0.05
# bfloat16 keeps 8 bits of each number, and backends round at different steps.
TOLERANCE_16_BIT = 2.0
# The gamut search is a bisection: where a color lies on the edge, the last bit of a float decides.
# At most this share of pixels may therefore be more than one level off.
EDGE_SHARE = 1e-3


def export_colorizer(
    network: keras.Model, scaling: Scaling, image_size: int, directory: Path | str
) -> Path:
    """Write a colorizer as the next version of a TensorFlow Serving model.

    Signatures:
        serving_default: `image_bytes`, string `[B]`, encoded images of any sizes, to
            `colorized_bytes`, string `[B]`, PNG files of the same sizes. A batch with an item that
            cannot be decoded fails as a whole and names the item.
        lightness_to_ab: `lightness`, float32 `[B, H, W, 1]`, L* 0...100, to `ab`, float32
            `[B, H, W, 2]`; the network runs at the size given.

    Args:
        network, scaling, image_size: as for `colorize_rgb`.
        directory: of the model, for example `saved_models/polychromify_ab`; made if missing.

    Returns:
        The new folder `directory/N`, N one above the highest version there, at least 1. It appears
        complete or not at all.

    Raises:
        InputError: the directory cannot be written.
    """
    directory = Path(directory)
    existed = directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # TensorFlow Serving looks only at names that are whole numbers.
        with tempfile.TemporaryDirectory(prefix=".export-", dir=directory) as temporary:
            unpublished = Path(temporary) / "model"
            if keras.backend.backend() == "tensorflow":
                _write(network, scaling, image_size, unpublished)
            else:
                _write_in_tensorflow_process(network, scaling, image_size, unpublished)
            return _publish(unpublished, directory)
    except (OSError, tf.errors.ResourceExhaustedError) as error:
        # TensorFlow reports a full disk with the latter, in a message full of its own internals.
        reason = getattr(error, "strerror", None) or "no space is left on the device"
        raise InputError(
            f"cannot write the export to {directory}: {reason}; name a folder that can be written "
            "and has space"
        ) from error
    finally:
        if not existed:  # Then it is ours; rmdir keeps it if a version is in it.
            with contextlib.suppress(OSError):
                directory.rmdir()


def _write(network: keras.Model, scaling: Scaling, image_size: int, path: Path) -> None:
    def colorize_bytes(image_bytes):
        def colorize(encoded):
            rgb = colorize_rgb(network, scaling, image_size, images.decode_rgb(encoded))
            return tf.io.encode_png(rgb)

        # One at a time: each convolution uses all cores, and large images add up.
        encoded = _check_decodable(image_bytes)
        colorized = tf.map_fn(
            colorize, encoded, fn_output_signature=tf.string, parallel_iterations=1
        )
        return {"colorized_bytes": colorized}

    def lightness_to_ab(lightness):
        return {"ab": predict_ab(network, scaling, lightness)}

    archive = keras.export.ExportArchive()
    archive.track(network)
    # This one first: a network that cannot be traced then fails outside of `tf.map_fn`, which would
    # leave a caching device behind, and with that no strategy's scope can be entered any more.
    archive.add_endpoint(
        "lightness_to_ab",
        lightness_to_ab,
        [tf.TensorSpec([None, None, None, 1], tf.float32, "lightness")],
    )
    archive.add_endpoint(
        "serving_default", colorize_bytes, [tf.TensorSpec([None], tf.string, "image_bytes")]
    )
    archive.write_out(str(path), verbose=False)


def _check_decodable(encoded: tf.Tensor) -> tf.Tensor:
    """Pass a string `[B]` on if all of it decodes; else fail with the indices of what does not.

    A graph cannot catch the decoder's errors, and those do not say which item they mean;
    `ignore_errors` drops the items that fail, and the missing indices tell. It costs a second
    decoding, little beside the network and the PNG encoder.
    """
    count = tf.size(encoded)
    whole = (
        tf.data.Dataset.from_tensor_slices((tf.range(count), encoded))
        .map(lambda index, item: (index, tf.size(images.decode_rgb(item)) > 0))
        .ignore_errors()
        .reduce(
            tf.zeros([count], tf.bool),
            lambda seen, item: seen | (tf.equal(tf.range(count), item[0]) & item[1]),
        )
    )
    check = tf.debugging.Assert(
        tf.reduce_all(whole),
        [
            "image_bytes: cannot decode the items at index (from 0)",
            tf.where(~whole)[:, 0],
            f"of the batch: send whole {images.FORMATS} files",
        ],
        summarize=32,
    )
    with tf.control_dependencies([check]):
        return tf.identity(encoded)


def _write_in_tensorflow_process(
    network: keras.Model, scaling: Scaling, image_size: int, path: Path
) -> None:
    """Let a child process that runs Keras on TensorFlow write the SavedModel.

    From JAX, Keras' own way (jax2tf) needs every function of the graph rewritten for symbolic
    shapes; layers and weights carry over between backends as they are.
    """
    custom_classes = keras.saving.get_custom_objects().values()
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "network.keras"
        network.save(source)
        task = {
            "modules": sorted({custom.__module__ for custom in custom_classes}),
            "source": str(source),
            "scaling": dataclasses.asdict(scaling),
            "image_size": image_size,
            "path": str(path.absolute()),
        }
        search_path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        # The parent may hold all memory of the accelerators: the child does without.
        settings = {
            "KERAS_BACKEND": "tensorflow",
            "PYTHONPATH": search_path,
            "CUDA_VISIBLE_DEVICES": "",
        }
        child = subprocess.run(
            [sys.executable, "-m", "polychrome.export"],
            input=json.dumps(task),
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
        )
    if child.returncode:
        raise RuntimeError(f"the export under TensorFlow failed:\n{child.stderr}")


def _main() -> None:
    """The child process of `_write_in_tensorflow_process`."""
    task = json.load(sys.stdin)
    for module in task["modules"]:
        importlib.import_module(module)  # Registers its layers with Keras.
    network = keras.saving.load_model(task["source"], compile=False)
    _write(network, Scaling(**task["scaling"]), task["image_size"], Path(task["path"]))


def _publish(unpublished: Path, directory: Path) -> Path:
    while True:
        taken = [int(path.name) for path in directory.iterdir() if path.name.isdecimal()]
        version = directory / str(max(taken, default=0) + 1)
        try:
            os.replace(unpublished, version)  # Refuses to replace a folder that holds something.
            return version
        except OSError:
            if not version.exists():
                raise  # Otherwise another export took the number meanwhile: try the next.


def verify_export(
    path: Path | str,
    network: keras.Model,
    scaling: Scaling,
    image_size: int,
    encoded: Sequence[bytes],
) -> float:
    """Load an export back and compare it with the Keras model, image by image.

    `lightness_to_ab` has to agree with the Keras model; `serving_default` has to be that signature
    between decoding and `join_full_size`, and to keep L*.

    Args:
        path: a version folder, as `export_colorizer` returned it.
        network, scaling, image_size: what was exported.
        encoded: image files, at least one.

    Returns:
        The largest absolute difference between SavedModel and Keras model in ab units.

    Raises:
        RuntimeError: one of these does not hold; the message says which and by how much.
    """
    if not encoded:
        raise ValueError("verify_export needs at least one image")

    def predict(lightness):
        return predict_ab(network, scaling, lightness)

    if keras.backend.backend() == "tensorflow":
        # As a graph, too: in 16 bits, steps that it fuses round so much less often that the two
        # ways were 3.6 ab units apart on a trained CNN.
        predict = tf.function(predict)
    worst = 0.0
    with tf.device("CPU:0"):  # Accelerators may round differently in graphs and eagerly.
        signatures = tf.saved_model.load(str(path)).signatures
        served = signatures["serving_default"](image_bytes=tf.constant(list(encoded)))
        for index, item in enumerate(encoded):
            rgb = images.decode_rgb(item)
            lightness = network_lightness(rgb, image_size)
            ab = signatures["lightness_to_ab"](lightness=tf.convert_to_tensor(lightness))["ab"]
            expected = ops.convert_to_numpy(predict(lightness))
            # Unlike max, np.maximum passes NaN on.
            worst = float(np.maximum(worst, np.abs(ab.numpy() - expected).max()))
            colorized = images.decode_rgb(served["colorized_bytes"][index])
            _check_pixels(f"{path}, image {index}", rgb, ab[0], colorized)
    tolerance = TOLERANCE if network.compute_dtype == "float32" else TOLERANCE_16_BIT
    if not worst <= tolerance:
        raise RuntimeError(
            f"{path}: lightness_to_ab is {worst:.2g} ab units off the Keras model, "
            f"more than {tolerance:g}"
        )
    return worst


def _check_pixels(name: str, rgb: tf.Tensor, ab: tf.Tensor, colorized: tf.Tensor) -> None:
    expected = join_full_size(rgb, ab)
    if colorized.shape != expected.shape:
        raise RuntimeError(
            f"{name}: serving_default returns {colorized.shape}, not {expected.shape}"
        )
    levels = np.abs(colorized.numpy().astype(int) - expected.numpy().astype(int)).max(axis=-1)
    if np.mean(levels > 1) > EDGE_SHARE:
        raise RuntimeError(
            f"{name}: serving_default is up to {levels.max()} levels off the Keras model"
        )
    before, after = (
        ops.convert_to_numpy(color.rgb_to_lab(ops.convert_to_tensor(x)))[..., 0]
        for x in (rgb, colorized)
    )
    if not np.abs(after - before).max() < 1.0:  # Rounding to 8 bits moves L* by less than 0.3.
        raise RuntimeError(
            f"{name}: serving_default changes L* by {np.abs(after - before).max():.2g}"
        )


if __name__ == "__main__":
    _main()
