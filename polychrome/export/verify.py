"""Comparison of an exported model with its Keras network."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from polychrome import images
from polychrome.color.scaling import Scaling
from polychrome.color.spaces import rgb_to_lab
from polychrome.inference.colorize import join_full_size, network_lightness
from polychrome.inference.predict import predict_ab

# A reloaded export may differ from the Keras model by this many ab units. Graphs fuse operations,
# and backends sum in different orders; neither difference is visible.
TOLERANCE = 0.05
# bfloat16 keeps 8 bits of each number, and backends round at different steps.
TOLERANCE_16_BIT = 2.0
# The gamut search is a bisection, so the last bit of a float decides for colors on the edge. At
# most this share of pixels may be more than one level off.
EDGE_SHARE = 1e-3


def verify_export(
    path: Path | str,
    network: keras.Model,
    scaling: Scaling,
    image_size: int,
    encoded: Sequence[bytes],
) -> float:
    """Load an export back and compare it with the Keras model, image by image.

    `lightness_to_ab` must agree with the Keras model. `serving_default` must equal decoding, that
    signature, and `join_full_size`, and must preserve L*.

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

    def predict(lightness: Any) -> Any:
        return predict_ab(network, scaling, lightness)

    if keras.backend.backend() == "tensorflow":
        # Also as a graph: in 16 bits, fused steps round so much less often that graph and eager
        # results were 3.6 ab units apart on a trained CNN.
        # Traced anew: the graph that the export was made from would have its faults, too.
        predict = tf.function(predict, autograph=False)
    worst = 0.0
    # Accelerators may round differently in graphs and eagerly.
    with tf.device("CPU:0"), _full_precision():
        signatures = tf.saved_model.load(str(path)).signatures
        served = signatures["serving_default"](image_bytes=tf.constant(list(encoded)))
        for index, item in enumerate(encoded):
            error = served["error"][index].numpy().decode()
            if error:
                raise RuntimeError(f"{path}, image {index}: serving_default says: {error}")
            rgb = images.decode_upright(tf.constant(item))
            lightness = network_lightness(rgb, image_size)
            ab = signatures["lightness_to_ab"](lightness=tf.convert_to_tensor(lightness))["ab"]
            expected = ops.convert_to_numpy(predict(lightness))
            # Unlike max, np.maximum propagates NaN.
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


def _full_precision() -> contextlib.AbstractContextManager[Any]:
    """Let JAX multiply in 32 bits on GPUs, too, where it would round to TF32's 10.

    A trained cGAN was 0.2 ab units off its export that way.
    """
    if keras.backend.backend() != "jax":
        return contextlib.nullcontext()
    import jax

    return jax.default_matmul_precision("float32")


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
        ops.convert_to_numpy(rgb_to_lab(ops.convert_to_tensor(x)))[..., 0] for x in (rgb, colorized)
    )
    if not np.abs(after - before).max() < 1.0:  # Rounding to 8 bits moves L* by less than 0.3.
        raise RuntimeError(
            f"{name}: serving_default changes L* by {np.abs(after - before).max():.2g}"
        )
