"""Stores to batches: shuffle, gather, augment, convert color, prefetch.

Whole batches are gathered by index and converted: at 64x64, per-image steps cost more in overhead
than in arithmetic. The order of an epoch depends only on the seed and the epoch number, so a
resumed run sees the same batches as an uninterrupted one.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from polychrome.color.scaling import Scaling
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.training.resident import Resident
from tf_data.augment import Augment
from tf_data.python_call import python_call
from tf_data.store import Store
from tf_data.threads import OPTIONS, WORKERS


class Batch(NamedTuple):
    """The inputs of an `Example` step.

    Attributes:
        rgb: uint8 `[B, H, W, 3]`.
        label: int32 `[B]`, class of each image, or -1 if unknown.
        drawn: output of the `Draw` step; without one, float32 `[0]`.
    """

    rgb: Any
    label: Any
    drawn: Any


# A batch to the network's input and target: `keras.ops` code, compiled for the backend. Targets may
# be a tuple.
Example = Callable[[Batch], tuple[Any, Any]]
# uint8 [B, H, W, 3] and a seed (int32 [2]) to random float32 [B, ...], in TensorFlow.
Draw = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def training_batches(
    store: Store,
    example: Example,
    batch_size: int,
    *,
    seed: int,
    epochs: int,
    first_epoch: int = 0,
    parts: int = 1,
    augment: Augment | None = None,
    draw: Draw | None = None,
) -> tuple[tf.data.Dataset, int]:
    """Shuffled batches of epochs `first_epoch` to `epochs - 1`.

    Each pass over the images is a new permutation, divided into `parts` epochs. The last,
    incomplete batch of an epoch is dropped, which affects different images each time.

    Args:
        store: decoded images.
        example, augment, draw: see `Example`, `Augment`, `Draw`.
        batch_size: of all replicas together, at most the number of images of an epoch.
        parts: epochs in a pass over the images.

    Returns:
        The data set of (input, target) float32 batches, and the number of steps per epoch.
    """
    steps = len(store) // parts // batch_size

    def epoch_indices(epoch):
        rows = _rows_of_epoch(epoch, len(store), batch_size, seed=seed, parts=parts)
        key = tf.stack([tf.constant(seed, tf.int32), tf.cast(epoch, tf.int32)])
        step_seeds = tf.random.experimental.stateless_split(key, steps)
        return tf.data.Dataset.from_tensor_slices((rows, step_seeds))

    dataset = tf.data.Dataset.range(first_epoch, epochs).flat_map(epoch_indices)
    return _finish(dataset, store, example, augment, draw), steps


def _rows_of_epoch(
    epoch: tf.Tensor, count: int, batch_size: int, *, seed: int, parts: int
) -> tf.Tensor:
    """The images of each batch of an epoch, int32 `[steps, batch_size]`."""
    share = count // parts
    steps = share // batch_size
    whole = tf.stack([tf.constant(seed, tf.int32), tf.cast(epoch // parts, tf.int32)])
    order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=whole)
    first = tf.cast(epoch % parts, tf.int32) * share
    return tf.reshape(order[first : first + steps * batch_size], [steps, batch_size])


def resident_training_images(
    store: Store, example: Example, batch_size: int, *, seed: int, parts: int = 1
) -> tuple[Resident, int]:
    """The batches of `training_batches` for images that stay in the accelerator's memory.

    Args and returns: as there, with nothing drawn and nothing augmented, which TensorFlow does.
    """

    def rows(epoch: int) -> np.ndarray:
        epoch = tf.constant(epoch, tf.int64)
        return _rows_of_epoch(epoch, len(store), batch_size, seed=seed, parts=parts).numpy()

    return _resident(store, example, rows), len(store) // parts // batch_size


def resident_evaluation_images(store: Store, example: Example, batch_size: int) -> Resident:
    """The batches of `evaluation_batches`, likewise."""
    count = np.arange(len(store), dtype=np.int32)
    whole = len(store) // batch_size * batch_size
    rows = count[:whole].reshape(-1, batch_size)
    return dataclasses.replace(_resident(store, example, lambda epoch: rows), rest=count[whole:])


def _resident(store: Store, example: Example, rows: Callable[[int], np.ndarray]) -> Resident:
    nothing = np.zeros(0, np.float32)
    return Resident(
        images=store.images,
        labels=_labels(store),
        example=lambda rgb, label: example(Batch(rgb, label, nothing)),
        rows=rows,
    )


def _labels(store: Store) -> np.ndarray:
    """Classes, int32 `[n]`; -1 if unknown."""
    return (np.full(len(store), -1) if store.labels is None else store.labels).astype(np.int32)


def evaluation_batches(
    store: Store,
    example: Example,
    batch_size: int,
    *,
    replicas: int = 1,
    draw: Draw | None = None,
) -> tf.data.Dataset:
    """All images in order, in batches like those of `training_batches`.

    The batch size is changed, down if possible, so that the last batch has an image for each of
    `replicas` devices; `tf.distribute` fails otherwise. Draws are the same each time.

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
    """All images in order as uint8 batches `[B, H, W, 3]`; the last one may be smaller."""
    rows = tf.data.Dataset.range(len(store)).batch(batch_size)
    return rows.map(lambda indices: _gather(store, indices)).with_options(OPTIONS)


def _gather(store: Store, rows: tf.Tensor) -> tf.Tensor:
    """Rows of the store, uint8; read in Python, so that memory and mapped files work alike."""
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
    labels = tf.constant(_labels(store))

    def gather(rows, key):
        return _gather(store, rows), tf.gather(labels, rows), key

    def change(rgb, label, key):
        if augment is not None:
            rgb = augment(rgb, key)
        return Batch(rgb, label, tf.zeros([0]) if draw is None else draw(rgb, key))

    # AutoGraph would rewrite the source of all steps, for seconds; they use `tf.cond`.
    plain = tf.autograph.experimental.do_not_convert
    dataset = dataset.map(plain(gather))
    in_parallel = {} if augment is draw is None else {"num_parallel_calls": WORKERS}
    # A tuple, because `map` would unpack a named tuple into arguments.
    dataset = dataset.map(plain(lambda *parts: (change(*parts),)), **in_parallel)
    return _convert(dataset, example).prefetch(2).with_options(OPTIONS)


@functools.cache
def chroma_example(scaling: Scaling, channels: tuple[int, ...] = (0, 1)) -> Example:
    """The usual example: scaled lightness and the given channels of scaled chroma."""

    def example(batch: Batch):
        lightness, chroma = scaling.split(batch.rgb)
        return lightness, chroma[..., channels[0] : channels[-1] + 1]

    return example


@functools.lru_cache(maxsize=16)
def _compiled_once(example: Example) -> Callable:
    """Cached, because XLA takes a second per step and shape."""
    return compiled(example)


def _convert(dataset: tf.data.Dataset, example: Example) -> tf.data.Dataset:
    """Apply a `keras.ops` step to every batch, whatever the backend."""
    function = _compiled_once(example)
    if keras.backend.backend() == "tensorflow":
        return dataset.map(function, num_parallel_calls=WORKERS, deterministic=True)

    # Other backends don't take TensorFlow tensors, so the batch goes through NumPy.
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
