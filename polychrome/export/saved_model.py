"""Colorizers as SavedModels, in the folders that TensorFlow Serving reads.

The exported graph holds the steps of `polychrome.inference.colorize`, between decoding and PNG.
"""

import contextlib
import dataclasses
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from polychrome import images
from polychrome.color.scaling import Scaling
from polychrome.errors import InputError
from polychrome.inference.colorize import colorize_rgb
from polychrome.inference.predict import predict_ab


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
            [sys.executable, "-m", "polychrome.export.saved_model"],
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


if __name__ == "__main__":
    _main()
