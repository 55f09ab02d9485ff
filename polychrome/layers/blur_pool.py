"""Halving by a blur, which small shifts of the image hardly change (Zhang 2019)."""

import functools
from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.tensors import Tensor


def blur_pool(images: Tensor) -> Tensor:
    """Every second pixel of images blurred by 1, 2, 1 along both axes, mirrored at their edges.

    As ST-LPIPS has it, two pixels of the mirror image around the image, so one is gained.

    Args:
        images: `[B, H, W, C]`, H and W 3 or more.

    Returns:
        `[B, (H + 1) // 2 + 1, (W + 1) // 2 + 1, C]`.
    """
    padded = ops.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="reflect")
    return ops.depthwise_conv(padded, _blur(images.shape[-1]), strides=2, padding="valid")


@keras.saving.register_keras_serializable("polychrome")
class BlurPool(keras.layers.Layer):
    """`blur_pool` as a layer."""

    def call(self, inputs: Tensor) -> Tensor:
        return blur_pool(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        sides = (None if side is None else (side + 1) // 2 + 1 for side in (height, width))
        return (batch, *sides, channels)


@functools.lru_cache(maxsize=4)
def _blur(channels: int) -> np.ndarray:
    line = np.array([1.0, 2.0, 1.0], np.float32) / 4.0
    return np.repeat(np.outer(line, line)[:, :, None, None], channels, axis=2)
