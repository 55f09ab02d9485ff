"""Stores to batches: shuffle, gather, augment, convert color, prefetch.

Batches are gathered by index and converted whole: per-image steps cost more in overhead than in
arithmetic at 64x64. The order of every epoch depends on the seed and the epoch's number alone, so a
resumed training sees the batches that an uninterrupted one would have seen.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from polychrome.color.scaling import Scaling
from polychrome.compiling import compiled
from polychrome.errors import InputError
from tf_data.augment import Augment
from tf_data.python_call import python_call
from tf_data.store import Store
from tf_data.threads import OPTIONS, WORKERS


class Batch(NamedTuple):
    """What an example is made of.

    Attributes:
        rgb: uint8 `[B, H, W, 3]`.
        label: int32 `[B]`, class of each image; -1 where the source knows none.
        drawn: what a `Draw` step drew; without one, float32 `[0]`.
    """

    rgb: Any
    label: Any
    drawn: Any


# A step over a batch that gives what the network takes and what it should give: `keras.ops` code,
# compiled for the backend. Targets may be a tuple.
Example = Callable[[Batch], tuple[Any, Any]]
# A step over uint8 [B, H, W, 3] and a seed (int32 [2]) that draws float32 [B, ...]: TensorFlow.
Draw = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def training_batches(
    store: Store,
    example: Example,
    batch_size: int,
    *,
    seed: int,
    epochs: int,
    first_epoch: int = 0,
    augment: Augment | None = None,
    draw: Draw | None = None,
) -> tuple[tf.data.Dataset, int]:
    """Shuffled batches of the epochs `first_epoch` to `epochs - 1`, one after the other.

    Each epoch is a new permutation; its last, incomplete batch is left out: other images each time.

    Args:
        store: decoded images.
        example, augment, draw: see `Example`, `Augment`, `Draw`.
        batch_size: of all replicas together; at most the number of images.

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
    return _finish(dataset, store, example, augment, draw), steps


def evaluation_batches(
    store: Store,
    example: Example,
    batch_size: int,
    *,
    replicas: int = 1,
    draw: Draw | None = None,
) -> tf.data.Dataset:
    """All images in their order, in batches as `training_batches` makes them.

    The batch size is the nearest smaller one, or else larger one, that leaves a last batch with an
    image for each of `replicas` devices: one without fails under `tf.distribute`. Draws are the
    same each time.

    Raises:
        InputError: fewer images than devices.
    """
    count = len(store)
    if count < replicas:
        raise InputError(f"{count} images to evaluate on {replicas} devices: each should have one")
    sizes = (*range(min(batch_size, count), replicas - 1, -1), *range(batch_size, count + 1))
    batch_size = next(size for size in sizes if not 0 < count % size < replicas)
    rows = tf.data.Dataset.range(count).batch(batch_size)
    dataset = rows.map(lambda indices: (indices, tf.stack([0, tf.cast(indices[0], tf.int32)])))
    return _finish(dataset, store, example, None, draw)


def image_batches(store: Store, batch_size: int) -> tf.data.Dataset:
    """All images in their order as uint8 batches `[B, H, W, 3]`, the last one may be smaller."""
    rows = tf.data.Dataset.range(len(store)).batch(batch_size)
    return rows.map(lambda indices: _gather(store, indices)).with_options(OPTIONS)


def _gather(store: Store, rows: tf.Tensor) -> tf.Tensor:
    """Rows of the store, uint8; in Python, so that memory and mapped files are read alike."""
    spec = tf.TensorSpec([rows.shape[0], *store.images.shape[1:]], tf.uint8)
    return python_call(lambda indices: [store.images[indices]], [rows], [spec])[0]


def _finish(
    dataset: tf.data.Dataset,
    store: Store,
    example: Example,
    augment: Augment | None,
    draw: Draw | None,
) -> tf.data.Dataset:
    """Row numbers and a seed for each step to batches of (input, target)."""
    labels = tf.constant(
        np.full(len(store), -1) if store.labels is None else store.labels, tf.int32
    )

    def gather(rows, key):
        return _gather(store, rows), tf.gather(labels, rows), key

    def change(rgb, label, key):
        if augment is not None:
            rgb = augment(rgb, key)
        return Batch(rgb, label, tf.zeros([0]) if draw is None else draw(rgb, key))

    dataset = dataset.map(gather)
    in_parallel = {} if augment is draw is None else {"num_parallel_calls": WORKERS}
    # A tuple, because `map` would spread a named tuple over arguments.
    dataset = dataset.map(lambda *parts: (change(*parts),), **in_parallel)
    return _convert(dataset, example).prefetch(2).with_options(OPTIONS)


@functools.cache
def chroma_example(scaling: Scaling, channels: tuple[int, ...] = (0, 1)) -> Example:
    """The example of most networks: scaled lightness, and the given channels of scaled chroma."""

    def example(batch: Batch):
        lightness, chroma = scaling.split(batch.rgb)
        return lightness, chroma[..., channels[0] : channels[-1] + 1]

    return example


@functools.lru_cache(maxsize=16)
def _compiled_once(example: Example) -> Callable:
    """XLA takes a second for a step and a shape: not again for each data set of a run."""
    return compiled(example)


def _convert(dataset: tf.data.Dataset, example: Example) -> tf.data.Dataset:
    """Apply a `keras.ops` step to every batch, whatever the backend."""
    function = _compiled_once(example)
    if keras.backend.backend() == "tensorflow":
        return dataset.map(function, num_parallel_calls=WORKERS, deterministic=True)

    # Other backends' operations take no TensorFlow tensors: the batch goes through NumPy.
    (element,) = dataset.element_spec
    probe = example(
        Batch(*(np.zeros([1, *spec.shape[1:]], spec.dtype.as_numpy_dtype) for spec in element))
    )

    def on_host(*parts: np.ndarray) -> list[np.ndarray]:
        with keras.device("cpu"):
            result = keras.tree.flatten(function(Batch(*parts)))
            return [np.asarray(keras.ops.convert_to_numpy(part)) for part in result]

    def step(batch):
        size = batch.rgb.shape[0]
        specs = [
            tf.TensorSpec([size, *part.shape[1:]], keras.backend.standardize_dtype(part.dtype))
            for part in keras.tree.flatten(probe)
        ]
        return keras.tree.pack_sequence_as(probe, list(python_call(on_host, list(batch), specs)))

    return dataset.map(step)
