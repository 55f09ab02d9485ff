"""Which devices a training uses, and how its randomness is fixed."""

import contextlib
import functools

import keras


def replicas() -> int:
    """How many devices `distributed` spreads a batch over."""
    return max(1, len(_devices()))


def _devices() -> list[str]:
    """All accelerators; without any, all logical CPUs (one, unless a test asked for more)."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        logical = tf.config.list_logical_devices
        return [device.name for device in logical("GPU") or logical("CPU")]
    return keras.distribution.list_devices()


def distributed() -> contextlib.AbstractContextManager:
    """The scope in which to build and compile a network so that `fit` runs on all devices.

    `tf.distribute.MirroredStrategy` under TensorFlow, a strategy of one on one device;
    `keras.distribution.DataParallel` under JAX.

    Losses and gradients are those of one device. Batch norm and dropout are not: each device takes
    the statistics, and draws, of its own part of the batch.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _mirrored(tuple(_devices())).scope()
    if backend == "jax" and replicas() > 1:
        return keras.distribution.DataParallel(auto_shard_dataset=False).scope()
    return contextlib.nullcontext()


@functools.cache
def _mirrored(devices: tuple[str, ...]):
    """One strategy a process: networks of different ones could not take each other's weights."""
    import tensorflow as tf

    on_cpu = all("CPU" in device for device in devices)
    # On CPU devices the default all-reduce fails with steps_per_execution and two optimizers.
    operations = tf.distribute.ReductionToOneDevice() if on_cpu else None
    return tf.distribute.MirroredStrategy(list(devices), cross_device_ops=operations)


def describe() -> str:
    """The devices in words, for the record of a run."""
    return ", ".join(_devices())


def fix_randomness(seed: int, deterministic: bool) -> None:
    """Seed Python, NumPy and the backend; make operations repeatable to the bit where asked.

    JAX needs the seed alone. Under TensorFlow determinism holds for the rest of the process, for
    functions traced after the call, on up to two CPU devices. It turns Grappler, the graph
    optimizer, off.
    """
    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        _add_gradients_in_fixed_order()


@functools.cache
def _add_gradients_in_fixed_order() -> None:
    """Add the gradients of a tensor with several readers two by two.

    `enable_op_determinism` leaves the sum of three and more to chance: the AddN kernel begins with
    whichever input nobody else reads any longer, and Grappler turns AddN into additions to a
    variable, in the order of arrival. A sum of two has one result. TensorFlow offers no public
    way to set how gradients are added.
    """
    import tensorflow as tf
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import backprop

    space = backprop._default_vspace

    def add(gradients):
        return functools.reduce(lambda a, b: space.aggregate_fn([a, b]), gradients)

    pywrap_tfe.TFE_Py_RegisterVSpace(space._replace(aggregate_fn=add))
    # Grappler would join them again.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
