"""Compile a `keras.ops` function for the backend in use."""

from collections.abc import Callable

import keras


def compiled(function: Callable) -> Callable:
    """`function` over arrays, fused by XLA under TensorFlow and JAX, as it is under other backends.

    XLA turns the color conversions, a dozen passes over memory when run operation by operation,
    into one. It compiles anew for every input shape, so feed few shapes.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function
