"""Prediction from lightness, shared by grading, `polychrome.Colorizer`, and export."""

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.hints.marks import Marks
from polychrome.inference.types import Prediction


def predict(network: Callable[..., Any], scaling: Scaling, lightness: Any) -> Prediction:
    """Run a network on true lightness, eagerly or in a graph.

    Args:
        network: scaled lightness `[B, H, W, 1]` to scaled chroma `[B, H, W, 2]`, or to a dict with
            that under "ab" and optionally "vivid_ab" `[B, H, W, 2]` and "spread" `[B, H, W, 1]`.
        scaling: the network's own.
        lightness: float32 `[B, H, W, 1]`, L* 0...100.

    Returns:
        Prediction: float32 tensors, whatever the network's precision.
    """
    scaled = scaling.lab_to_lightness(ops.convert_to_tensor(lightness))
    output = network(scaled, training=False)
    if not isinstance(output, dict):
        output = {"ab": output}
    vivid, spread = output.get("vivid_ab"), output.get("spread")
    return Prediction(
        scaling.to_ab(scaled, output["ab"]),
        None if vivid is None else scaling.to_ab(scaled, vivid),
        None if spread is None else ops.cast(spread, "float32") * scaling.chroma_scale,
    )


def predict_ab(network: Callable[..., Any], scaling: Scaling, lightness: Any) -> Any:
    """The a* and b* of `predict`, float32 `[B, H, W, 2]`."""
    return predict(network, scaling, lightness).ab


def predict_painted(
    painter: Callable[..., Any], scaling: Scaling, lightness: np.ndarray, marks: Sequence[Marks]
) -> Prediction:
    """Run a network that takes hints.

    Args:
        painter: see `polychrome.models.siggraph17.painter_of`.
        scaling: the network's own, of the space "lab".
        lightness: float32 `[B, H, W, 1]`, L* 0...100.
        marks: of each image.

    Returns:
        Prediction: NumPy arrays.
    """
    hints = np.stack([each.ab for each in marks]) / scaling.chroma_scale
    mask = np.stack([each.marked for each in marks])[..., None]
    scaled = scaling.lab_to_lightness(ops.convert_to_tensor(lightness))
    inputs = {
        "lightness": scaled,
        "hints": ops.convert_to_tensor(hints, "float32"),
        "mask": ops.convert_to_tensor(mask, "float32"),
    }
    ab = scaling.to_ab(scaled, painter(inputs, training=False))
    return Prediction(ops.convert_to_numpy(ab))


# By network and scaling, as long as the network lives.
_TRACED: weakref.WeakKeyDictionary[keras.Model, dict[Scaling, Callable[[Any], Prediction]]] = (
    weakref.WeakKeyDictionary()
)


def traced_predict(network: keras.Model, scaling: Scaling) -> Callable[[Any], Prediction]:
    """`predict` as one graph for all sizes, on the TensorFlow backend.

    Traced once for each network, because that takes seconds: a run pictures, grades, exports, and
    verifies the same one. The graph reads the variables, so it is that of later weights too.
    """
    import tensorflow as tf

    graphs = _TRACED.setdefault(network, {})
    if scaling not in graphs:
        seen = weakref.proxy(network)  # what is kept must not keep the network
        # Not with XLA, unlike `Model.predict`: it would compile again for every image size. A
        # single concrete function, because TensorFlow warns about many functions from one place.
        graphs[scaling] = tf.function(
            lambda lightness: predict(seen, scaling, lightness),
            input_signature=[tf.TensorSpec([None, None, None, 1], tf.float32, "lightness")],
            autograph=False,
        ).get_concrete_function()
    return graphs[scaling]


def compiled_predict(network: keras.Model, scaling: Scaling) -> Callable[[np.ndarray], Prediction]:
    """`predict` on NumPy arrays, compiled once for all sizes if the backend can.

    In graphs, 16-bit networks round less often than in eager mode, so export and Python agree
    better.
    """
    if keras.backend.backend() == "tensorflow":
        run = traced_predict(network, scaling)
    elif keras.backend.backend() == "jax":
        run = _compiled_by_jax(network, scaling)
    else:
        run = functools.partial(predict, network, scaling)
    return functools.partial(_on_arrays, run, network)


def _on_arrays(
    run: Callable[[Any], Prediction], network: keras.Model, lightness: np.ndarray
) -> Prediction:
    """Run a graph on NumPy arrays; whoever has it keeps the network, whose variables it reads."""
    made = run(ops.convert_to_tensor(lightness, "float32"))
    return Prediction(*(None if part is None else ops.convert_to_numpy(part) for part in made))


def _compiled_by_jax(network: keras.Model, scaling: Scaling) -> Callable[[Any], Any]:
    import jax

    @jax.jit
    def run(trainable: list[Any], fixed: list[Any], lightness: Any) -> Prediction:
        # Variables are passed as arguments; captured, they would become constants.
        def network_of(scaled: Any, training: bool) -> Any:
            return network.stateless_call(trainable, fixed, scaled, training=training)[0]

        return predict(network_of, scaling, lightness)

    def run_with_weights(lightness: Any) -> Any:
        parts = (network.trainable_variables, network.non_trainable_variables)
        return run(*([variable.value for variable in part] for part in parts), lightness)

    return run_with_weights
