"""Colorizers as SavedModels, in the folders that TensorFlow Serving reads."""

import contextlib
import dataclasses
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from polychrome.color.scaling import Scaling
from polychrome.errors import InputError
from polychrome.export.serving import endpoints
from polychrome.files import write_json
from polychrome.presets.card import CARD, outputs_of
from polychrome.presets.uncompiled import save_uncompiled


def export_colorizer(
    network: keras.Model,
    scaling: Scaling,
    image_size: int,
    directory: Path | str,
    card: Mapping[str, Any] | None = None,
) -> Path:
    """Write a colorizer as the next version of a TensorFlow Serving model.

    Signatures:
        serving_default: `image_bytes`, string `[B]`, encoded images of any sizes, to
            `colorized_bytes`, string `[B]`, PNG files of the same sizes, turned upright as their
            EXIF orientation says, and `error`, string `[B]`, empty where all is well. An item that
            cannot be decoded has no bytes and an error; the other items are unaffected.
        colorize: the same with `vivid` and `saturation`, float32 `[B]`, as in
            `polychrome.Colorizer.colorize`; only for networks with a vivid output.
        lightness_to_ab: `lightness`, float32 `[B, H, W, 1]`, L* 0...100, to `ab`, float32
            `[B, H, W, 2]`; the network runs at the size given.

    Args:
        network, scaling: as for `polychrome.inference.predict.predict`.
        image_size: as for `colorize_rgb`.
        directory: of the model, for example `saved_models/polychromify_ab`; made if missing.
        card: further facts about the model, as in `preset.json`; kept in `assets.extra/`.

    Returns:
        The new folder `directory/N`, where N is one above the highest version there, at least 1. It
        is written atomically.

    Raises:
        InputError: the directory is not writable.
    """
    directory = Path(directory)
    existed = directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # TensorFlow Serving considers only names that are whole numbers.
        with tempfile.TemporaryDirectory(prefix=".export-", dir=directory) as temporary:
            unpublished = Path(temporary) / "model"
            if keras.backend.backend() == "tensorflow":
                _write(network, scaling, image_size, unpublished)
            else:
                _write_in_tensorflow_process(network, scaling, image_size, unpublished)
            _write_card(network, image_size, directory.name, card or {}, unpublished)
            return _publish(unpublished, directory)
    except (OSError, tf.errors.ResourceExhaustedError) as error:
        # TensorFlow reports a full disk with the latter, in a message full of internals.
        reason = getattr(error, "strerror", None) or "no space is left on the device"
        raise InputError(
            f"cannot write the export to {directory}: {reason}; name a folder that can be written "
            "and has space"
        ) from error
    finally:
        if not existed:  # We made it; rmdir keeps it if it holds a version.
            with contextlib.suppress(OSError):
                directory.rmdir()


def _write(network: keras.Model, scaling: Scaling, image_size: int, path: Path) -> None:
    archive = keras.export.ExportArchive()
    archive.track(network)
    for name, function, inputs in endpoints(network, scaling, image_size):
        # AutoGraph would rewrite the source of all that is called, for seconds.
        plain = tf.autograph.experimental.do_not_convert(function)
        archive.add_endpoint(name, plain, inputs)
    archive.write_out(str(path), verbose=False)


def _write_card(
    network: keras.Model, image_size: int, name: str, card: Mapping[str, Any], path: Path
) -> None:
    """Write a card to `assets.extra/`, which TensorFlow Serving ignores."""
    described = {
        **{"name": name, **card},
        "image_size": image_size,
        "outputs": outputs_of(network),
    }
    # Hashes of a preset's files, which are not here.
    described.pop("sha256", None)
    (path / "assets.extra").mkdir()
    write_json(path / "assets.extra" / CARD, described)


def _write_in_tensorflow_process(
    network: keras.Model, scaling: Scaling, image_size: int, path: Path
) -> None:
    """Write the SavedModel in a child process that runs Keras on TensorFlow.

    Exporting from JAX through jax2tf, as Keras does, would need every function of the graph
    rewritten for symbolic shapes; layers and weights work unchanged on another backend.
    """
    custom_classes = keras.saving.get_custom_objects().values()
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "network.keras"
        save_uncompiled(network, source)
        task = {
            "modules": sorted({custom.__module__ for custom in custom_classes}),
            "source": str(source),
            "scaling": dataclasses.asdict(scaling),
            "image_size": image_size,
            "path": str(path.absolute()),
        }
        search_path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        # The parent may hold all accelerator memory, so the child uses the CPU.
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
                raise  # Otherwise another export took this number in the meantime: try the next.


if __name__ == "__main__":
    _main()
