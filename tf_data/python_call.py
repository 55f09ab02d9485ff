"""Calls from a `tf.data` graph into Python."""

from collections.abc import Callable, Sequence

import tensorflow as tf


def python_call(
    function: Callable, inputs: Sequence[tf.Tensor], outputs: Sequence[tf.TensorSpec]
) -> tuple[tf.Tensor, ...]:
    """Call `function(*arrays)` from a graph.

    Such a step holds Python's lock, cannot be saved in a SavedModel, and runs on the machine that
    made the data set; use TensorFlow operations wherever possible.

    Args:
        function: NumPy arrays to a sequence of NumPy arrays, one per entry of `outputs`.
        inputs: tensors.
        outputs: dtype and shape of each result.
    """
    results = tf.numpy_function(function, inputs, [spec.dtype for spec in outputs])
    for result, spec in zip(results, outputs, strict=True):
        result.set_shape(spec.shape)
    return tuple(results)
