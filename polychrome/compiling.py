"""Compile a `keras.ops` function for the backend in use."""

from collections.abc import Callable
from typing import Any

import keras


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with XLA under TensorFlow and JAX; leave it unchanged elsewhere.

    XLA fuses the color conversions, a dozen passes over memory, into one. Every new input shape is
    compiled again, so use few shapes.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # AutoGraph would rewrite the source of every function called, for seconds: `keras.ops` code
        # has no Python conditions or loops on tensors.
        return tf.function(function, jit_compile=True, autograph=False)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function
