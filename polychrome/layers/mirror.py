"""A batch with its mirror images, and back: the two ends of a mean over both."""

from typing import Any

import keras
from keras import ops

from polychrome.tensors import Tensor


@keras.saving.register_keras_serializable("polychrome")
class WithMirrorImages(keras.layers.Layer):
    """A batch `[B, H, W, C]`, then its mirror images (left and right swapped): `[2 B, H, W, C]`."""

    def call(self, inputs: Tensor) -> Tensor:
        return ops.concatenate([inputs, inputs[:, :, ::-1]], axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[Any, ...]:
        batch, *rest = input_shape
        return (None if batch is None else 2 * batch, *rest)


@keras.saving.register_keras_serializable("polychrome")
class MeanWithMirrorImages(keras.layers.Layer):
    """The mean of answers and of those to the mirror images, mirrored back.

    It takes `[2 B, H, W, C]`, in the order of `WithMirrorImages`, to `[B, H, W, C]`.
    """

    def call(self, inputs: Tensor) -> Tensor:
        half = ops.shape(inputs)[0] // 2
        return 0.5 * (inputs[:half] + inputs[half:, :, ::-1])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[Any, ...]:
        batch, *rest = input_shape
        return (None if batch is None else batch // 2, *rest)
