"""The first pass over a split: every file decoded and resized once, kept as uint8.

100,000 images of 64x64 take 1.2 GB so; as the float64 Lab arrays of the Padova code they take 10.
"""

import dataclasses
import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from polychrome.errors import InputError
from polychrome.files import read_json, replacing, write_json
from polychrome.images import FORMATS, decode_rgb, resize_and_crop
from tf_data.python_call import python_call
from tf_data.split import Split
from tf_data.threads import OWN_THREADS

# A training process is to stay under 3 GB; TensorFlow and a small network take half of it.
MEMORY_LIMIT = 3 * 2**29
# Images smaller than this hold no picture that could be learned from or graded on.
SMALLEST_SIDE = 8
# The largest difference between channels at which an image counts as gray already.
GRAY_SPREAD = 2
# Files read and decoded by one step. More are hardly faster, and of large photographs a few hundred
# would fill the memory.
_CHUNK = 32


@dataclasses.dataclass(frozen=True)
class Store:
    """Decoded images of one split.

    Attributes:
        images: uint8 `[n, size, size, 3]`, an array in memory or mapped from disk.
        names: of the n images.
        gray: how many of them are gray already.
        skipped: (name, reason) of every file that is not a usable image.
    """

    images: np.ndarray
    names: tuple[str, ...]
    gray: int
    skipped: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.names)

    def examples(self, count: int = 8) -> np.ndarray:
        """At most `count` images evenly spread over the store, the same ones at every call."""
        rows = np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(int)
        return np.asarray(self.images[rows])


def default_cache_dir() -> Path:
    """`$POLYCHROME_CACHE`, or `polychrome` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("POLYCHROME_CACHE") or Path(base) / "polychrome")


def load_store(
    split: Split,
    image_size: int,
    *,
    label: str = "images",
    limit: int | None = None,
    memory_limit: int = MEMORY_LIMIT,
    cache_dir: Path | None = None,
) -> Store:
    """Decode a split, or at most `limit` images spread evenly over it.

    A store larger than `memory_limit` bytes goes to a file in `cache_dir` that is mapped into
    memory and found again by the next run on the same files.

    Raises:
        InputError: no file of the split is a usable image; the cache cannot be written.
    """
    count = len(split.names)
    chosen = np.arange(count)
    if limit is not None and limit < count:
        chosen = np.linspace(0, count - 1, limit).round().astype(int)
    shape = (len(chosen), image_size, image_size, 3)
    if np.prod(shape) <= memory_limit:
        images = np.empty(shape, np.uint8)
        kept, gray, skipped = _fill(images, split, chosen, image_size, label)
    else:
        folder = (cache_dir or default_cache_dir()) / "decoded"
        key = f"{split.fingerprint}-{image_size}-{limit}-{SMALLEST_SIDE}"
        path = folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".npy")
        if not path.exists():
            with replacing(path) as temporary:
                images = np.lib.format.open_memmap(temporary, "w+", np.uint8, shape)
                record = _fill(images, split, chosen, image_size, label)
                images.flush()
                write_json(path.with_suffix(".json"), record)
        kept, gray, skipped = read_json(path.with_suffix(".json"))
        images = np.load(path, mmap_mode="r")
    if not kept:
        examples = "; ".join(f"{name}: {reason}" for name, reason in skipped[:3])
        raise InputError(f"none of the {len(chosen)} {label} files is a usable image ({examples})")
    return Store(
        images[: len(kept)],
        tuple(split.names[i] for i in kept),
        gray,
        tuple((name, reason) for name, reason in skipped),
    )


def _usable(image: tf.Tensor) -> tf.Tensor:
    """The image itself; an error where it is too small to be a picture."""
    shape = tf.shape(image)
    side = tf.reduce_min(shape[:2])
    with tf.control_dependencies(
        [tf.debugging.assert_greater_equal(side, SMALLEST_SIDE, message="smaller than 8 pixels")]
    ):
        return tf.identity(image)


def _fill(
    images: np.ndarray, split: Split, chosen: np.ndarray, image_size: int, label: str
) -> tuple[list[int], int, list[tuple[str, str]]]:
    """Decode the chosen items into `images`, in their order and without gaps.

    Returns:
        Indices of the items kept, the number of gray ones, and the skipped ones with reasons.
    """
    place = 0
    kept: list[int] = []
    gray = 0
    skipped: list[tuple[str, str]] = []
    with tqdm(total=len(chosen), desc=f"decode {label}", unit="image", leave=False) as progress:
        for start, pixels in _decoded_chunks(split, chosen, image_size):
            rows = chosen[start : start + _CHUNK]
            if not len(pixels):  # Something in it is not a usable image: find out what.
                pixels, rows, broken = _decode_one_by_one(split, rows, image_size)
                skipped += broken
            images[place : place + len(rows)] = pixels
            place += len(rows)
            kept += rows.tolist()
            gray += _count_gray(pixels)
            progress.update(len(chosen[start : start + _CHUNK]))
    return kept, gray, skipped


def _decoded_chunks(
    split: Split, chosen: np.ndarray, image_size: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Start of each chunk of `chosen`, and its images; none of them if one cannot be used.

    Chunks, because handing single small images from thread to thread costs as much as decoding.
    """
    failures: list[BaseException] = []

    def read_chunk(start: np.ndarray) -> list[np.ndarray]:
        try:
            encoded = [split.read(int(i)) for i in chosen[start : start + _CHUNK]]
        except OSError:
            encoded = [b""]  # does not decode, so that the chunk is looked at one by one
        except BaseException as error:
            failures.append(error)  # `ignore_errors` below would swallow it
            raise
        # Objects: a NumPy array of bytes would drop the zeros at their ends.
        return [np.array(encoded, object)]

    spec = tf.TensorSpec([image_size, image_size, 3], tf.uint8)

    def decode_chunk(start):
        (encoded,) = python_call(read_chunk, [start], [tf.TensorSpec([None], tf.string)])
        pixels = tf.map_fn(
            functools.partial(_decode, image_size=image_size),
            encoded,
            fn_output_signature=spec,
            parallel_iterations=1,
        )
        return start, pixels

    starts = range(0, len(chosen), _CHUNK)
    dataset = (
        tf.data.Dataset.range(0, len(chosen), _CHUNK)
        # Not AUTOTUNE, which begins with one thread and is still learning when a split is done.
        .map(decode_chunk, num_parallel_calls=max(2, os.cpu_count() or 1), deterministic=True)
        .ignore_errors()
        .prefetch(2)
        .with_options(OWN_THREADS)
    )
    decoded = dataset.as_numpy_iterator()
    nothing = np.empty([0, *spec.shape], np.uint8)
    following = next(decoded, None)
    for start in starts:
        if failures:
            raise failures[0]
        if following is not None and following[0] == start:
            yield start, following[1]
            following = next(decoded, None)
        else:
            yield start, nothing


def _decode(encoded: tf.Tensor, image_size: int) -> tf.Tensor:
    """Bytes of a file to uint8 `[image_size, image_size, 3]`."""
    image = decode_rgb(encoded)
    fits = tf.reduce_all(tf.equal(tf.shape(image)[:2], image_size))
    # One condition for both steps: each costs a third of what decoding 64x64 pixels does.
    square = tf.cond(fits, lambda: image, lambda: resize_and_crop(_usable(image), image_size))
    return tf.ensure_shape(square, [image_size, image_size, 3])


def _decode_one_by_one(
    split: Split, rows: np.ndarray, image_size: int
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    """Images that can be used, their items, and (name, reason) of the others."""
    images, kept, skipped = [], [], []
    for item in rows.tolist():
        try:
            encoded = split.read(item)
            images.append(_decode(tf.constant(encoded), image_size).numpy())
            kept.append(item)
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            skipped.append((split.names[item], reason))
        except tf.errors.InvalidArgumentError:
            skipped.append((split.names[item], _reason(encoded)))
    size = [image_size, image_size, 3]
    return np.array(images, np.uint8).reshape(-1, *size), np.array(kept, int), skipped


def _count_gray(images: np.ndarray) -> int:
    """How many of uint8 `[n, height, width, 3]` are gray already."""
    red, green, blue = np.moveaxis(images, -1, 0)  # ten times faster than reducing the last axis
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return int(np.sum(spread.max(axis=(1, 2)) <= GRAY_SPREAD))


def _reason(encoded: bytes) -> str:
    """Why the bytes of a file could not be used, in a few words."""
    if not encoded:
        return "empty file"
    try:
        height, width = decode_rgb(tf.constant(encoded)).shape[:2]
    except tf.errors.InvalidArgumentError as error:
        known = "Unknown image file format" not in error.message
        return "broken or truncated image" if known else f"not a {FORMATS} file"
    return f"{width}x{height} pixels: smaller than {SMALLEST_SIDE} on a side"
