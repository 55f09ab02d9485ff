"""Epochs as few compiled programs over images in the accelerator's memory (JAX only).

A step of a small network takes an accelerator less time than Python needs to start it and the data
set to bring the batch. Here the images wait on the device, a batch is gathered and converted there,
and some hundreds of steps are one call.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from polychrome.errors import InputError
from polychrome.tensors import Tensor
from polychrome.training.devices import replicas
from polychrome.weights.files import build_optimizer

# Steps in one call at most: the progress bar and Ctrl-C wait for its end.
_MANY = 256


@dataclasses.dataclass(frozen=True)
class Resident:
    """Images to be kept on the device, and the batches to make of them.

    Attributes:
        images: uint8 `[n, H, W, 3]`.
        labels: int32 `[n]`, classes; -1 if unknown.
        example: uint8 images `[B, H, W, 3]` and their labels to the network's input and target:
            `keras.ops` code.
        rows: of an epoch (from 0), int `[steps, B]`: the images of each batch. Batches to validate
            on have one epoch, and may leave images over.
        rest: rows of one last, smaller batch to validate on; empty if all batches are whole.
    """

    images: np.ndarray
    labels: np.ndarray
    example: Callable[[Tensor, Tensor], tuple[Any, Any]]
    rows: Callable[[int], np.ndarray]
    rest: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0, np.int32))


def check_resident() -> None:
    """Raise `InputError` unless images can be kept on the device here."""
    backend = keras.backend.backend()
    if backend != "jax":
        raise InputError(
            f"the images can't stay in the accelerator's memory under the backend {backend}: run "
            "with KERAS_BACKEND=jax",
            ("resident",),
        )
    if replicas() > 1:
        raise InputError(
            f"the images can't stay in the memory of {replicas()} accelerators: let "
            "CUDA_VISIBLE_DEVICES name one",
            ("resident",),
        )


def fit_resident(
    network: keras.Model,
    training: Resident,
    validation: Resident | None,
    *,
    first_epoch: int,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """Like `network.fit` on one device: the same steps, callbacks, and logs.

    Args:
        network: compiled.
        training, validation: images; validation may be None.
        first_epoch: number of finished epochs.
        epochs: total, including those already done.
        callbacks: called for each step, after the call that it was part of; without logs for steps
            of the validation.

    Raises:
        InputError: see `check_resident`.
    """
    import jax

    check_resident()
    rows = training.rows(first_epoch)
    _build(network, training, rows[0])
    calls = keras.callbacks.CallbackList(
        callbacks, model=network, epochs=epochs, steps=len(rows), verbose=0
    )
    train_images, train_labels = jax.device_put((training.images, training.labels))
    if validation is not None:
        test_images, test_labels = jax.device_put((validation.images, validation.labels))

    @jax.jit
    def train_some(state: Any, images: Tensor, labels: Tensor, rows: Tensor) -> tuple[Any, Any]:
        def step(state: Any, batch: Tensor) -> tuple[Any, Any]:
            data = training.example(images[batch], labels[batch])
            logs, state = network.train_step(state, data)
            return state, logs

        return _scan(step, state, rows)

    @jax.jit
    def test_some(state: Any, images: Tensor, labels: Tensor, rows: Tensor) -> Any:
        assert validation is not None  # or nothing calls this

        def step(state: Any, batch: Tensor) -> tuple[Any, Any]:
            data = validation.example(images[batch], labels[batch])
            logs, state = network.test_step(state, data)
            return state, logs

        return _scan(step, state, rows)

    network.stop_training = False
    calls.on_train_begin()
    for epoch in range(first_epoch, epochs):
        rows = training.rows(epoch)
        network.reset_metrics()
        calls.on_epoch_begin(epoch)
        state = _state(network, "train")
        step = 0
        for part in _parts(rows):
            state, logs = train_some(state, train_images, train_labels, part)
            each = {name: np.asarray(values) for name, values in logs.items()}
            for place in range(len(part)):
                calls.on_train_batch_begin(step)
                calls.on_train_batch_end(step, {n: v[place] for n, v in each.items()})
                step += 1
        _assign(network, "train", state)
        logs = _last(each)  # metrics are means since they were reset
        if validation is not None:
            calls.on_test_begin()
            network.reset_metrics()
            state, step = _state(network, "test"), 0
            for part in (*_parts(validation.rows(0)), validation.rest[None]):
                if part.size:
                    state, tested = test_some(state, test_images, test_labels, part)
                    for _ in part:
                        calls.on_test_batch_begin(step)
                        calls.on_test_batch_end(step)
                        step += 1
            _assign(network, "test", state)
            calls.on_test_end()
            logs |= {f"val_{name}": value for name, value in _last(tested).items()}
        calls.on_epoch_end(epoch, logs)
        if network.stop_training:
            break
    calls.on_train_end()


def _build(network: keras.Model, training: Resident, batch: np.ndarray) -> None:
    """Create the optimizer's state and the metrics', which Keras does in the first step."""
    few = batch[:2]
    inputs, targets = training.example(training.images[few], training.labels[few])
    network.evaluate(inputs, targets, verbose=0)
    network.reset_metrics()
    build_optimizer(network)


def _scan(
    step: Callable[[Any, Tensor], tuple[Any, Any]], state: Any, rows: Tensor
) -> tuple[Any, Any]:
    """`jax.lax.scan`, without a loop for one step."""
    import jax

    if len(rows) > 1:
        return jax.lax.scan(step, state, rows)
    state, logs = step(state, rows[0])
    return state, jax.tree.map(lambda value: value[None], logs)


def longest_call() -> int:
    """Steps in one call at most."""
    import jax

    # In a loop, XLA's convolutions take a CPU tens of times as long.
    return 1 if jax.default_backend() == "cpu" else _MANY


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Steps of an epoch in calls of one length, because every other length is compiled anew."""
    steps, longest = len(rows), longest_call()
    length = max((n for n in range(1, longest + 1) if steps % n == 0), default=1)
    # A prime number of steps would be calls of one step each.
    length = length if length > longest // 8 else longest
    for start in range(0, steps, length):
        yield rows[start : start + length]


def _last(logs: dict[str, Tensor]) -> dict[str, float]:
    return {name: float(values[-1]) for name, values in logs.items()}


def _variables(network: keras.Model, mode: str) -> tuple[Sequence[keras.Variable], ...]:
    """The groups of variables that a step under JAX takes and returns, as Keras documents them."""
    optimizer = (network.optimizer.variables,) if mode == "train" else ()
    return (
        network.trainable_variables,
        network.non_trainable_variables,
        *optimizer,
        network.metrics_variables,
    )


def _state(network: keras.Model, mode: str) -> tuple[list[Tensor], ...]:
    return tuple([variable.value for variable in group] for group in _variables(network, mode))


def _assign(network: keras.Model, mode: str, state: Sequence[Sequence[Tensor]]) -> None:
    for group, values in zip(_variables(network, mode), state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
