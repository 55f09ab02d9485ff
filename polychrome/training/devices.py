"""Devices and random seeds of a training run."""

import contextlib
import functools
from collections.abc import Sequence
from typing import Any

import keras

from polychrome.tensors import Tensor


def replicas() -> int:
    """Number of devices that `distributed` splits a batch over."""
    return max(1, len(_devices()))


def _devices() -> list[str]:
    """All accelerators or, if there are none, all logical CPUs (one unless a test set more)."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        logical = tf.config.list_logical_devices
        return [device.name for device in logical("GPU") or logical("CPU")]
    return keras.distribution.list_devices()


def distributed() -> contextlib.AbstractContextManager[Any]:
    """The scope in which to build and compile a network so that `fit` runs on all devices.

    `tf.distribute.MirroredStrategy` under TensorFlow, a strategy of one on one device;
    `keras.distribution.DataParallel` under JAX.

    Losses and gradients equal those on one device. Batch norm and dropout do not: each device uses
    the statistics and random numbers of its own share of the batch.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _mirrored(tuple(_devices())).scope()
    if backend == "jax" and replicas() > 1:
        return keras.distribution.DataParallel(auto_shard_dataset=False).scope()
    return contextlib.nullcontext()


@functools.cache
def _mirrored(devices: tuple[str, ...]) -> Any:
    """One strategy per process: networks of different strategies cannot share weights."""
    import tensorflow as tf

    on_cpu = all("CPU" in device for device in devices)
    # On CPU devices the default all-reduce fails with steps_per_execution and two optimizers.
    operations = tf.distribute.ReductionToOneDevice() if on_cpu else None
    return tf.distribute.MirroredStrategy(list(devices), cross_device_ops=operations)


def describe() -> str:
    """The devices in words, for a run's record; under JAX with the makers' names of them."""
    if keras.backend.backend() == "jax":
        import jax

        return ", ".join(f"{device} ({device.device_kind})" for device in jax.devices())
    return ", ".join(_devices())


def fix_randomness(seed: int, deterministic: bool) -> None:
    """Seed Python, NumPy, and the backend; optionally make operations bit-for-bit repeatable.

    JAX needs only the seed. Under TensorFlow, determinism applies to functions traced after the
    call, for the rest of the process, on up to two CPU devices. It turns off Grappler, the graph
    optimizer.
    """
    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        _add_gradients_in_fixed_order()


@functools.cache
def _add_gradients_in_fixed_order() -> None:
    """Add the gradients of a tensor with several consumers pairwise.

    `enable_op_determinism` does not fix the order of sums of three or more: the AddN kernel starts
    with an input whose buffer it can reuse, and Grappler turns AddN into additions to a variable in
    order of arrival. A sum of two has one result. TensorFlow has no public way to set how gradients
    are added.
    """
    import tensorflow as tf
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import backprop

    space = backprop._default_vspace

    def add(gradients: Sequence[Any]) -> Tensor:
        return functools.reduce(lambda a, b: space.aggregate_fn([a, b]), gradients)

    pywrap_tfe.TFE_Py_RegisterVSpace(space._replace(aggregate_fn=add))
    # Grappler would merge them again.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
