"""The comparisons in `benchmarks.pipeline`, and a check that both ways agree."""

import dataclasses
import statistics
from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from keras import ops
from skimage.color import rgb2lab

from benchmarks.measuring.timing import Comparison, Target, images_per_second, interleave
from benchmarks.ways.report_loop import DECODERS, report_way
from polychrome.color.scaling import PADOVA
from polychrome.color.spaces import rgb_to_lab
from polychrome.compiling import compiled
from polychrome.models.polychromify import build_polychromify
from polychrome.training.devices import distributed
from tf_data.pipeline import (
    chroma_example,
    evaluation_batches,
    image_batches,
    training_batches,
)
from tf_data.sources.split import Split
from tf_data.store import Store, load_store
from tf_data.threads import OPTIONS

SIZE = 64
BATCH = 64
# In units of L*, a*, b*; one level of a byte is 0.1 to 1 of them.
TOLERANCE = 1e-2
# At most this many are held as floats: 0.4 GB as the report's float64, which has 10 GB of them.
FLOAT_IMAGES = 4096
# A training step takes a hundred times as long as its input, so fewer images are enough.
TRAINING_IMAGES = 512


def check_same_numbers(split: Split, store: Store, decoder: str) -> dict[str, float]:
    """Compare both ways on every image.

    Color is compared behind the same decoder, and the rival's decoder with ours.

    Returns:
        "lab": largest difference of L*, a*, b*; "decoder": mean difference of bytes.

    Raises:
        ArithmeticError: the results differ.
    """
    ours = _unbatched(evaluation_batches(store, chroma_example(PADOVA), BATCH))
    rival = report_way(split, SIZE, DECODERS["tf.io"])
    units = 1.0, PADOVA.chroma_scale
    largest = max(
        unit * float(np.abs(mine - theirs).max())
        for pair in zip(ours, rival, strict=True)
        for mine, theirs, unit in zip(*pair, units, strict=True)
    )
    # Shuffled batches are compared by the sums of each image, in the order of the sums.
    whole = _first(store, len(store) // BATCH * BATCH)
    sums = [
        np.sort([[part.sum() for part in parts] for parts in _unbatched(batches)], axis=0)
        for batches in (
            training_batches(whole, chroma_example(PADOVA), BATCH, seed=0, epochs=1)[0],
            evaluation_batches(whole, chroma_example(PADOVA), BATCH),
        )
    ]
    if largest > TOLERANCE or not np.allclose(*sums, rtol=1e-4, atol=TOLERANCE):
        raise ArithmeticError(f"the pipeline is {largest:g} away from the report's numbers")

    decode = DECODERS[decoder]
    away = [
        float(np.abs(decode(split.read(i), SIZE).astype(int) - image).mean())
        for i, image in enumerate(store.images)
    ]
    return {"lab": largest, "decoder": statistics.fmean(away)}


def compare_input(
    split: Split, store: Store, decoder: str, repeats: int
) -> tuple[Comparison, Comparison, Comparison]:
    """Files to batches of lightness and chroma: the first pass, and a later one."""
    count, decode = len(split), DECODERS[decoder]
    way = f"report's way ({decoder})"

    def first_pass():
        fresh = load_store(split, SIZE, label="first pass")
        _exhaust(evaluation_batches(fresh, chroma_example(PADOVA), BATCH))

    def rival():
        _exhaust(report_way(split, SIZE, decode))

    first = interleave(first_pass, rival, repeats)

    epoch, fewer = _training_epoch(store), _first(split, count // BATCH * BATCH)
    cached = interleave(
        lambda: _exhaust(epoch), lambda: _exhaust(report_way(fewer, SIZE, decode)), repeats
    )

    # The report's own cache: everything converted once, kept as float64.
    held = min(len(fewer), FLOAT_IMAGES)
    some = _training_epoch(_first(store, held))
    converted = report_way(_first(split, held), SIZE, decode)
    arrays = [np.stack(part) for part in zip(*converted, strict=True)]
    random = np.random.default_rng(0)

    def from_arrays():
        order = random.permutation(held)
        for start in range(0, held, BATCH):
            for array in arrays:
                tf.constant(array[order[start : start + BATCH]], tf.float32)

    kept = interleave(lambda: _exhaust(some), from_arrays, repeats)
    return (
        Comparison(f"first pass against {way}", *first, count, Target(">=", 2.5)),
        Comparison(f"cached pass against {way}", *cached, len(fewer), Target(">=", 6)),
        Comparison("cached pass against float64 arrays in memory", *kept, held),
    )


def compare_lab(batch: np.ndarray, repeats: int) -> tuple[Comparison, Comparison]:
    """A uint8 batch to L*, a*, b*: as the pipeline does it, and operation by operation."""
    tensor, fused = ops.convert_to_tensor(batch), compiled(rgb_to_lab)
    turns = 10 * repeats  # of milliseconds each

    def ours():
        return ops.convert_to_numpy(fused(tensor))

    def eager():
        return ops.convert_to_numpy(rgb_to_lab(tensor))

    def rival():
        return rgb2lab(batch)

    for function in (ours, eager):
        np.testing.assert_allclose(function(), rival(), atol=TOLERANCE)
    count = len(batch)
    name = f"RGB to Lab of {count} images against skimage"
    return (
        Comparison(f"{name}, compiled", *interleave(ours, rival, turns), count, Target(">=", 4)),
        Comparison(f"{name}, eager", *interleave(eager, rival, turns), count),
    )


def compare_training(store: Store, repeats: int) -> Comparison:
    """An epoch of Polychromify through the pipeline, and on tensors in memory."""
    used = min(len(store), TRAINING_IMAGES) // BATCH * BATCH
    some, steps = _first(store, used), used // BATCH
    parts = zip(*evaluation_batches(some, chroma_example(PADOVA), BATCH), strict=True)
    tensors = tuple(np.stack(part) for part in parts)  # [steps, BATCH, SIZE, SIZE, 1 or 2]
    in_memory = tf.data.Dataset.from_tensor_slices(tensors).prefetch(2).with_options(OPTIONS)
    through_pipeline = _training_epoch(some)

    with distributed():
        network = build_polychromify()
        network.compile(optimizer="adam", loss="mse")

    def epoch(batches: tf.data.Dataset) -> None:
        network.fit(batches.repeat(), steps_per_epoch=steps, shuffle=False, verbose=0)

    times = interleave(lambda: epoch(through_pipeline), lambda: epoch(in_memory), repeats)
    name = "training epoch (Polychromify) against tensors in memory"
    return Comparison(name, *times, used, Target("<=", 1.08), inverted=True)


def speeds_of_stages(split: Split, store: Store, decoder: str) -> dict[str, float]:
    """Images per second of each stage alone, to see where the time goes."""
    count = len(split)
    encoded = [split.read(index) for index in range(count)]
    in_memory = dataclasses.replace(split, read=encoded.__getitem__)
    decode = DECODERS[decoder]
    batches = evaluation_batches(store, chroma_example(PADOVA), BATCH)
    stages = {
        "read files": lambda: [split.read(index) for index in range(count)],
        "ours: decode and resize to a store": lambda: load_store(in_memory, SIZE),
        "ours: gather uint8 batches": lambda: _exhaust(image_batches(store, BATCH)),
        "ours: gather and convert batches": lambda: _exhaust(batches),
        f"report's way: decode and resize ({decoder})": lambda: [decode(e, SIZE) for e in encoded],
        "report's way: rgb2lab": lambda: [rgb2lab(image) for image in store.images],
    }
    return {name: images_per_second(stage, count) for name, stage in stages.items()}


def _first(items, count: int):
    """The first `count` images of a `Split` or a `Store`."""
    cut = {"names": items.names[:count]}
    if isinstance(items, Store):
        cut["images"] = items.images[:count]
    return dataclasses.replace(items, **cut)


def _training_epoch(store: Store) -> tf.data.Dataset:
    """One epoch as training sees it, shuffled; iterating anew begins with nothing prefetched."""
    return training_batches(store, chroma_example(PADOVA), BATCH, seed=0, epochs=1)[0]


def _unbatched(batches: Iterable) -> Iterable[tuple[np.ndarray, ...]]:
    """The images of batches, one by one, as NumPy arrays."""
    for batch in batches:
        yield from zip(*(np.asarray(part) for part in batch), strict=True)


def _exhaust(items: Iterable) -> None:
    for _ in items:
        pass
