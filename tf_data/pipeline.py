"""Stores to batches: shuffle, gather, augment, convert color, prefetch.

Batches are gathered by index and converted whole: per-image steps cost more in overhead than in
arithmetic at 64x64. The order of every epoch depends on the seed and the epoch's number alone, so a
resumed training sees the batches that an uninterrupted one would have seen.
"""

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from polychrome.compiling import compiled
from polychrome.errors import InputError
from tf_data.python_call import python_call
from tf_data.store import Store
from tf_data.threads import OWN_THREADS

# A step over a uint8 batch [B, H, W, 3] that gives what the network takes and what it should give.
Example = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
# A step over a uint8 batch and a seed (int32 [2]) that gives a uint8 batch of the same size.
Augment = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def training_batches(
    store: Store,
    example: Example,
    batch_size: int,
    *,
    seed: int,
    epochs: int,
    first_epoch: int = 0,
    augment: Augment | None = None,
) -> tuple[tf.data.Dataset, int]:
    """Shuffled batches of the epochs `first_epoch` to `epochs - 1`, one after the other.

    Each epoch is a new permutation; its last, incomplete batch is left out: other images each time.

    Args:
        store: decoded images.
        example: see `Example`; `keras.ops` code, compiled for the backend.
        batch_size: of all replicas together; at most the number of images.
        augment: see `Augment`; TensorFlow code.

    Returns:
        The data set of (input, target) float32 batches, and the number of steps an epoch.
    """
    count = len(store)
    steps = count // batch_size

    def epoch_indices(epoch):
        key = tf.stack([tf.constant(seed, tf.int32), tf.cast(epoch, tf.int32)])
        order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=key)
        rows = tf.reshape(order[: steps * batch_size], [steps, batch_size])
        step_seeds = tf.random.experimental.stateless_split(key, steps)
        return tf.data.Dataset.from_tensor_slices((rows, step_seeds))

    dataset = tf.data.Dataset.range(first_epoch, epochs).flat_map(epoch_indices)
    dataset = dataset.map(lambda rows, key: (_gather(store, rows), key))
    if augment is not None:
        dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    else:
        dataset = dataset.map(lambda images, key: images)
    return _finish(_convert(dataset, example)), steps


def evaluation_batches(
    store: Store, example: Example, batch_size: int, *, replicas: int = 1
) -> tf.data.Dataset:
    """All images in their order, in batches as `training_batches` makes them.

    The batch size is the nearest smaller one, or else larger one, that leaves a last batch with an
    image for each of `replicas` devices: one without fails under `tf.distribute`.

    Raises:
        InputError: fewer images than devices.
    """
    count = len(store)
    if count < replicas:
        raise InputError(
            f"{count} images to evaluate on {replicas} devices: each should have one"
        )
    sizes = (*range(min(batch_size, count), replicas - 1, -1), *range(batch_size, count + 1))
    batch_size = next(size for size in sizes if not 0 < count % size < replicas)
    return _finish(_convert(image_batches(store, batch_size), example))


def image_batches(store: Store, batch_size: int) -> tf.data.Dataset:
    """All images in their order as uint8 batches `[B, H, W, 3]`, the last one may be smaller."""
    rows = tf.data.Dataset.range(len(store)).batch(batch_size)
    return rows.map(lambda indices: _gather(store, indices))


def _gather(store: Store, rows: tf.Tensor) -> tf.Tensor:
    """Rows of the store, uint8; in Python, so that memory and mapped files are read alike."""
    spec = tf.TensorSpec([rows.shape[0], *store.images.shape[1:]], tf.uint8)
    return python_call(lambda indices: [store.images[indices]], [rows], [spec])[0]


@functools.lru_cache(maxsize=16)
def _compiled_once(example: Example) -> Callable:
    """XLA takes a second for a step and a shape: not again for each data set of a run."""
    return compiled(example)


def _convert(dataset: tf.data.Dataset, example: Example) -> tf.data.Dataset:
    """Apply a `keras.ops` step to every batch, whatever the backend."""
    function = _compiled_once(example)
    if keras.backend.backend() == "tensorflow":
        return dataset.map(function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    # Other backends' operations take no TensorFlow tensors: the batch goes through NumPy.
    size = dataset.element_spec.shape[1:3]
    probe = example(np.zeros([1, *size, 3], np.uint8))

    def on_host(images: np.ndarray) -> list[np.ndarray]:
        with keras.device("cpu"):
            return [np.asarray(keras.ops.convert_to_numpy(part)) for part in function(images)]

    def step(images):
        batch = images.shape[0]
        specs = [tf.TensorSpec([batch, *part.shape[1:]], tf.float32) for part in probe]
        return python_call(on_host, [images], specs)

    return dataset.map(step)


def _finish(dataset: tf.data.Dataset) -> tf.data.Dataset:
    return dataset.prefetch(tf.data.AUTOTUNE).with_options(OWN_THREADS)
