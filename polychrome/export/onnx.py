"""Colorizers as ONNX files, checked against the Keras network.

    python -m polychrome.export.onnx PRESET
    python -m polychrome.export.onnx PRESET FOLDER
    python -m polychrome.export.onnx PRESET FILE.onnx

PRESET is the name or folder of a preset, or the folder of a run. The first adds `model.onnx` to its
folder, for `polychrome.load(PRESET, runtime="onnx")`; the second leaves it alone and writes a copy
that has one, for `polychrome.load(FOLDER)`; the third writes the file alone.
"""

import argparse
import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from polychrome import command
from polychrome.errors import InputError
from polychrome.files import replacing, replacing_folder, sha256_of, write_json
from polychrome.inference.loading import folder_of
from polychrome.inference.runtimes import OnnxSession
from polychrome.presets import read_preset, scaling_of
from polychrome.presets.card import CARD, ONNX_FILE, OUTPUTS

if TYPE_CHECKING:
    import keras

    from polychrome.color.scaling import Scaling

# The largest difference from Keras, in ab units: 1e-3 of 110.
TOLERANCE = 0.11
# The largest difference at which large weights are stored as float16. The check sees two small
# images, and with rounded weights our trained U-Net was seven times as far off on a photograph.
ROUNDING = TOLERANCE / 8
# Of 2022; read by ONNX Runtime 1.14 and later. It brought antialiasing to Resize.
OPSET = 18
# Smaller weights stay float32. They hardly add to the size, but rounding all of them gave our U-Net
# six times the error.
HALVED_FROM = 2**14
# Batch, height, width of the check.
_CHECKED = ((2, 64, 96), (1, 101, 67))
_NEEDED = ("tf2onnx", "onnx", "onnxruntime")


class Written(NamedTuple):
    """What `export_onnx` wrote.

    Attributes:
        weights: "float16" or "float32", the type of the large weights in the file.
        difference: largest from Keras, in ab units.
    """

    weights: str
    difference: float


def export_onnx(
    network: "keras.Model", scaling: "Scaling", path: Path | str, *, float16: bool = True
) -> Written:
    """Write a network with its scaling as an ONNX file.

    Its input is `lightness`, float32 `[batch, height, width, 1]`, L* 0...100, of any size. Its
    outputs are `ab`, and `vivid_ab` and `spread` if the network has them, float32 of that size in
    ab units: what `polychrome.inference.predict.predict` gives. It computes in float32; networks
    of mixed precision are written, and compared, as they are in float32.

    Args:
        network, scaling: as for `predict`.
        path: of the file. It is checked under a temporary name first, on two sizes.
        float16: halve the file by storing large weights as float16, where the difference stays
            within an eighth of the tolerance.

    Raises:
        InputError: the file cannot be written, a package is missing, or Keras does not run on
            TensorFlow.
        RuntimeError: ONNX Runtime is more than 0.11 ab units (1e-3 of 110) off Keras.
    """
    import keras

    for name in _NEEDED:
        if importlib.util.find_spec(name) is None:
            raise InputError(f"ONNX files need {name}, which is not installed; pip install {name}")
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise InputError(
            f"ONNX files are written by Keras on TensorFlow, but it runs on {backend}; set "
            "KERAS_BACKEND=tensorflow"
        )
    network = _in_float32(network)
    model = _converted(network, scaling)
    forms = {"float16": _halved(model)} if float16 and _large(model) else {}
    with replacing(Path(path)) as temporary:
        for weights, stored in {**forms, "float32": model}.items():
            temporary.write_bytes(stored.SerializeToString())
            difference = _difference(temporary, network, scaling)
            if difference <= (ROUNDING if weights == "float16" else TOLERANCE):
                return Written(weights, difference)
        raise RuntimeError(
            f"{network.name}: ONNX Runtime is {difference:.2g} ab units off Keras, more than "
            f"{TOLERANCE:g}"
        )


def add_onnx(folder: Path, copy: Path | None = None) -> Written:
    """Add `model.onnx` to a preset, with its hash in the card; replaces an older one.

    The folder is replaced as a whole, so that it never holds only one of the two.

    Args:
        folder: of the preset.
        copy: write the preset with `model.onnx` here, and leave `folder` as it is; an older preset
            there is replaced.

    Raises:
        InputError: `copy` holds something other than a preset; see also `read_preset` and
            `export_onnx`.
        RuntimeError: see `export_onnx`.
    """
    card, network = read_preset(folder)
    target = Path(copy or folder)
    is_free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not is_free and not (target / CARD).is_file():
        raise InputError(f"{target}: holds something else than a preset; name another folder")
    with replacing_folder(target) as unpublished:
        shutil.copytree(folder, unpublished, dirs_exist_ok=True)
        written = export_onnx(network, scaling_of(card), unpublished / ONNX_FILE)
        card["sha256"][ONNX_FILE] = sha256_of(unpublished / ONNX_FILE)
        write_json(unpublished / CARD, card)
    return written


def _in_float32(network: "keras.Model") -> "keras.Model":
    """The network itself, or a copy that computes in float32."""
    import keras

    config = keras.saving.serialize_keras_object(network)
    single = _with_float32(config)
    if single == config:
        return network
    copy = keras.saving.deserialize_keras_object(single)
    copy.set_weights(network.get_weights())
    return copy


def _with_float32(config: Any) -> Any:
    if isinstance(config, list):
        return [_with_float32(value) for value in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return {**config, "config": {**config["config"], "name": "float32"}}
    return {key: _with_float32(value) for key, value in config.items()}


def _converted(network: "keras.Model", scaling: "Scaling") -> Any:
    """The `onnx.ModelProto` of `predict`."""
    import onnx
    import tensorflow as tf
    import tf2onnx

    from polychrome.inference.predict import predict

    def outputs(lightness: tf.Tensor) -> dict[str, tf.Tensor]:
        made = predict(network, scaling, lightness)._asdict()
        return {key: value for key, value in made.items() if value is not None}

    signature = [tf.TensorSpec([None, None, None, 1], tf.float32, "lightness")]
    function = tf.function(outputs, input_signature=signature, autograph=False)
    model, _ = tf2onnx.convert.from_function(function, signature, opset=OPSET)
    _store_constants(model, function.get_concrete_function())
    for value in (*model.graph.input, *model.graph.output):
        for axis, name in enumerate(("batch", "height", "width")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    model.graph.name = network.name
    model.graph.doc_string = "lightness: L* 0...100. ab, vivid_ab: a*, b*. spread: in ab units."
    onnx.checker.check_model(model, full_check=True)
    return model


def _store_constants(model: Any, function: Any) -> None:
    """Put tensors that layers keep, as `Normalization` its mean, into the file.

    tf2onnx takes them for inputs, because they are no variables.

    Args:
        model: of tf2onnx.
        function: the concrete function that it was made of.
    """
    from onnx import numpy_helper

    kept = {inner.name: outer for outer, inner in function.graph.captures}
    used = {name for node in model.graph.node for name in node.input}
    for value in [each for each in model.graph.input if each.name in kept]:
        if value.name in used:
            stored = numpy_helper.from_array(kept[value.name].numpy(), value.name)
            model.graph.initializer.append(stored)
        model.graph.input.remove(value)


def _large(model: Any) -> list[Any]:
    """The weights of a model that are worth halving."""
    from onnx import TensorProto

    return [
        tensor
        for tensor in model.graph.initializer
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= HALVED_FROM
    ]


def _halved(model: Any) -> Any:
    """A model whose large weights are float16, cast to float32 when the model is loaded."""
    import onnx
    from onnx import helper, numpy_helper

    halved = onnx.ModelProto()
    halved.CopyFrom(model)
    graph, casts = halved.graph, []
    for tensor in _large(halved):
        name, stored = tensor.name, f"{tensor.name}/float16"
        with np.errstate(over="ignore"):  # infinite values do not pass the check
            values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]  # a list first, because `del` empties what it iterates over
    del graph.node[:]
    graph.node.extend(nodes)
    return halved


def _difference(path: Path, network: "keras.Model", scaling: "Scaling") -> float:
    """Largest difference of a file's outputs from Keras's, in ab units; NaN if any is NaN."""
    from polychrome.inference.predict import compiled_predict

    session, reference = OnnxSession(path), compiled_predict(network, scaling)
    rng = np.random.default_rng(0)
    worst = 0.0
    for batch, height, width in _CHECKED:
        # Patches of 8 pixels with grain: every lightness, edges, and texture.
        patches = rng.uniform(0, 100, (batch, -(-height // 8), -(-width // 8), 1))
        lightness = patches.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]
        lightness = np.clip(lightness + rng.normal(0, 3, lightness.shape), 0, 100)
        made, expected = (run(lightness.astype(np.float32)) for run in (session.predict, reference))
        for key in OUTPUTS:
            ours, keras_gives = getattr(made, key), getattr(expected, key)
            if keras_gives is not None:
                # Unlike max, np.maximum propagates NaN.
                worst = float(np.maximum(worst, np.abs(ours - keras_gives).max()))
    return worst


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m polychrome.export.onnx", description="Write a preset's network as ONNX."
    )
    parser.add_argument("preset", metavar="PRESET", help="name or folder of a preset, or of a run")
    parser.add_argument(
        "to",
        metavar="FOLDER|FILE.onnx",
        type=Path,
        nargs="?",
        help="write a copy of the preset with model.onnx to this folder, or the file alone; by "
        "default model.onnx is added to the preset",
    )
    options = parser.parse_args(arguments)

    def work() -> None:
        folder = folder_of(options.preset)
        if options.to is not None and options.to.suffix == ".onnx":
            path = options.to
            card, network = read_preset(folder)
            written = export_onnx(network, scaling_of(card), path)
        else:
            path = (options.to or folder) / ONNX_FILE
            written = add_onnx(folder, options.to)
        print(
            f"{path}: {path.stat().st_size / 1e6:.1f} MB, {written.weights} weights, at most "
            f"{written.difference:.2g} ab units off Keras"
        )

    return command.status_of(work)


if __name__ == "__main__":
    # Whatever backend the network was trained on; before anything imports Keras.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.exit(main())
