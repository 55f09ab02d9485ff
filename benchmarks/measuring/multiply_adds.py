"""Multiply-adds of convolutions and dense layers, counted while networks run."""

import contextlib
import functools
import math
from collections.abc import Iterator
from unittest import mock

import keras


class Count:
    """What was counted so far.

    Attributes:
        multiply_adds: of all images that went through.
    """

    def __init__(self) -> None:
        self.multiply_adds = 0


def _by_output(layer: keras.Layer, taken, given, channels: int) -> int:
    """The kernel is applied once for every position of the output."""
    return math.prod(layer.kernel.shape) * (math.prod(given.shape) // channels)


def _conv(layer, taken, given) -> int:
    return _by_output(layer, taken, given, layer.filters)


def _dense(layer, taken, given) -> int:
    return _by_output(layer, taken, given, layer.units)


def _depthwise(layer, taken, given) -> int:
    return _by_output(layer, taken, given, math.prod(layer.kernel.shape[-2:]))


def _transposed(layer, taken, given) -> int:
    # The kernel is applied once for every position of the input: height, width, out, in.
    return math.prod(layer.kernel.shape) * (math.prod(taken.shape) // layer.kernel.shape[-1])


_COUNTED = {
    keras.layers.Conv2D: _conv,
    keras.layers.Conv2DTranspose: _transposed,
    keras.layers.DepthwiseConv2D: _depthwise,
    keras.layers.Dense: _dense,
}


@contextlib.contextmanager
def counted() -> Iterator[Count]:
    """Count the multiply-adds of all forward passes in the block, by the shapes that layers see.

    All networks that run are counted, with their submodels, as often as they run: in a training
    step also a discriminator, and a network that a loss compares by. Run them eagerly, and with
    arrays of known shape. Biases, batch norm, activations and resizing are left out.
    """
    count = Count()

    def counting(call, multiply_adds):
        @functools.wraps(call)
        def wrapped(layer, inputs, *args, **kwargs):
            outputs = call(layer, inputs, *args, **kwargs)
            count.multiply_adds += multiply_adds(layer, inputs, outputs)
            return outputs

        return wrapped

    with contextlib.ExitStack() as stack:
        # All are wrapped as they were: a Conv2DTranspose that inherited from Conv2D counts once.
        wrapped = {kind: counting(kind.call, rule) for kind, rule in _COUNTED.items()}
        for kind, call in wrapped.items():
            stack.enter_context(mock.patch.object(kind, "call", call))
        yield count
