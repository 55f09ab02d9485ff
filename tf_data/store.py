"""Decoded images of a split: every file is decoded and resized once and kept as uint8.

100,000 images of 64x64 take 1.2 GB; as float64 Lab arrays, as in the Padova code, they take 10 GB.
"""

import dataclasses
import hashlib
import itertools
import math
import os
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import tensorflow as tf
from PIL import Image
from tqdm import tqdm

from polychrome.errors import InputError
from polychrome.files import read_json, replacing, write_json
from polychrome.orientation import may_be_turned
from tf_data.decoding import (
    SMALLEST_SIDE,
    Fit,
    decode_all,
    decode_jpegs,
    decode_one,
    reason_against,
)
from tf_data.gray import MEAN_SPREAD, is_gray, thumbnail_of
from tf_data.sources.split import Split

# Keeps a training process under 3 GB; TensorFlow and a small network take half of that.
MEMORY_LIMIT = 3 * 2**29
# Largest difference between channels in an image that counts as gray.
GRAY_SPREAD = 2
# Files read and decoded in one step. More are hardly faster, and a few hundred large photographs
# would fill the memory.
_CHUNK = 32
_THREADS = max(2, os.cpu_count() or 1)


@dataclasses.dataclass(frozen=True)
class Store:
    """Decoded images of one split.

    Attributes:
        images: uint8 `[n, size, size, 3]`, in memory or memory-mapped.
        names: of the n images.
        gray: number of images that are already gray.
        skipped: (name, reason) for every file that is not a usable image.
        left_out: names of photographs left out as gray, of a split that is to have color only.
        labels: class of each image, int32 `[n]`; None if the source has no labels.
    """

    images: np.ndarray
    names: tuple[str, ...]
    gray: int
    skipped: tuple[tuple[str, str], ...]
    labels: np.ndarray | None = None
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def close(self) -> None:
        """Release the images, also in pipelines made from them, which TensorFlow never frees."""
        object.__setattr__(self, "images", self.images[:0].copy())

    def center_crop(self, size: int) -> "Store":
        """The middle `[size, size]` of each image, as a view without copying.

        For validation when training images are cropped at random (`augment.random_crop`). The
        number of gray images remains that of the whole images.

        Raises:
            ValueError: the images are smaller.
        """
        top, left = ((side - size) // 2 for side in self.images.shape[1:3])
        if min(top, left) < 0:
            raise ValueError(f"images of {self.images.shape[1:3]} are too small to crop to {size}")
        cropped = self.images[:, top : top + size, left : left + size]
        return dataclasses.replace(self, images=cropped)

    def examples(self, count: int = 8) -> np.ndarray:
        """At most `count` images spread evenly over the store, the same in every call."""
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
    fit: Fit = "crop",
    memory_limit: int = MEMORY_LIMIT,
    cache_dir: Path | None = None,
) -> Store:
    """Decode a split, or at most `limit` images spread evenly over it.

    A store larger than `memory_limit` bytes goes to a memory-mapped file in `cache_dir`, which the
    next run on the same files uses again.

    Args:
        split: encoded images; turned upright, and gray ones left out, if it says so.
        image_size: side of the square images in pixels.
        label: name of the images on the progress bar and in errors.
        limit: largest number of images; None: all.
        fit: "crop" scales the shorter side to `image_size` and crops to the center; "stretch"
            scales both sides to it and changes the aspect ratio, like `cv2.resize` and
            `skimage.transform.resize` to a square. Both are bilinear and antialiased; `cv2.resize`
            is not antialiased by default.

    Raises:
        InputError: no file of the split is a usable image, or none has color where gray ones are
            left out; the cache cannot be written, or the disk has too little room for it.
    """
    if fit not in get_args(Fit):
        raise ValueError(f"fit is {fit!r}, should be in {get_args(Fit)}")
    count = len(split.names)
    chosen = np.arange(count)
    if limit is not None and limit < count:
        chosen = np.linspace(0, count - 1, limit).round().astype(int)
    shape = (len(chosen), image_size, image_size, 3)
    target = _Target(image_size, fit)
    if np.prod(shape) <= memory_limit:
        images = np.empty(shape, np.uint8)
        kept, gray, skipped, left_out = _fill(images, split, chosen, target, label)
    else:
        folder = (cache_dir or default_cache_dir()) / "decoded"
        key = f"{split.fingerprint}-{image_size}-{limit}-{SMALLEST_SIDE}"
        # What was not there at first is added only where it counts: older cache files stay valid.
        key += "" if fit == "crop" else f"-{fit}"
        key += "-upright" if split.upright else ""
        key += f"-color{MEAN_SPREAD}" if split.color_only else ""
        path = folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".npy")
        if not path.exists():
            _check_room(folder, math.prod(shape), label)
            with replacing(path) as temporary:
                images = np.lib.format.open_memmap(temporary, "w+", np.uint8, shape)
                record = _fill(images, split, chosen, target, label)
                images.flush()
                write_json(path.with_suffix(".json"), record)
        kept, gray, skipped, *rest = read_json(path.with_suffix(".json"))
        left_out = rest[0] if rest else []  # missing in older files, whose splits keep gray ones
        images = np.load(path, mmap_mode="r")
    if not kept and left_out:
        raise InputError(
            f"{label}: none of the {len(chosen)} photographs teaches colors ({len(left_out)} are "
            f"gray, {len(skipped)} no usable images); add color photographs",
            ("data_dir",),
        )
    if not kept:
        examples = "; ".join(f"{name}: {reason}" for name, reason in skipped[:3])
        raise InputError(f"none of the {len(chosen)} {label} files is a usable image ({examples})")
    return Store(
        images[: len(kept)],
        tuple(split.names[i] for i in kept),
        gray,
        tuple((name, reason) for name, reason in skipped),
        None if split.labels is None else np.asarray(split.labels, np.int32)[kept],
        tuple(split.names[i] for i in left_out),
    )


def _check_room(folder: Path, needed: int, label: str) -> None:
    """Raise `InputError` unless `needed` bytes are free where the folder is or will be."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    # Writing to a mapped file on a full disk kills the process without a message.
    if needed > free:
        raise InputError(
            f"{folder}: the decoded {label} images take {needed / 1e9:,.1f} GB and "
            f"{free / 1e9:,.1f} GB are free; let POLYCHROME_CACHE name a folder with more room"
        )


class _Target(NamedTuple):
    """How images become squares of `image_size` pixels, by `fit`."""

    image_size: int
    fit: Fit


def _fill(
    images: np.ndarray, split: Split, chosen: np.ndarray, target: _Target, label: str
) -> tuple[list[int], int, list[tuple[str, str]], list[int]]:
    """Decode the chosen items into `images`, in order and without gaps.

    Returns:
        Indices of the kept items, the number of gray ones, the skipped ones with reasons, and
        indices of those left out.
    """
    place = 0
    kept: list[int] = []
    gray = 0
    skipped: list[tuple[str, str]] = []
    left_out: list[int] = []
    with tqdm(total=len(chosen), desc=f"decode {label}", unit="image", leave=False) as progress:
        for chunk in _decoded_chunks(split, chosen, target):
            images[place : place + len(chunk.rows)] = chunk.pixels
            place += len(chunk.rows)
            kept += chunk.rows.tolist()
            gray += chunk.gray
            skipped += chunk.skipped
            left_out += chunk.left_out
            progress.update(len(chunk.rows) + len(chunk.skipped) + len(chunk.left_out))
    return kept, gray, skipped, left_out


class _Chunk(NamedTuple):
    """Usable images, uint8 `[n, size, size, 3]`; their items; number of gray ones; the others."""

    pixels: np.ndarray
    rows: np.ndarray
    gray: int
    skipped: list[tuple[str, str]]
    left_out: list[int]


def _decoded_chunks(split: Split, chosen: np.ndarray, target: _Target) -> Iterator[_Chunk]:
    """Decode the chosen items in threads, `_CHUNK` at a time, and yield them in order.

    In chunks, because passing single small images between threads costs as much as decoding.
    """
    decode = _ChunkDecoder(split, target)
    chunks = iter(np.split(chosen, range(_CHUNK, len(chosen), _CHUNK)))
    pool = ThreadPoolExecutor(_THREADS)
    try:
        # Only a few chunks ahead: decoded chunks wait in memory for the first one.
        waiting = deque(
            pool.submit(decode, rows) for rows in itertools.islice(chunks, 3 * _THREADS)
        )
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(decode, rows) for rows in itertools.islice(chunks, 1))
    finally:  # also after a failed read or Ctrl-C
        pool.shutdown(cancel_futures=True)


class _ChunkDecoder:
    """Decodes items of a split to a `_Chunk`; thread-safe."""

    def __init__(self, split: Split, target: _Target):
        self.split, self.target = split, target
        # How often JPEG files of exactly the right size were found, minus how often they were not.
        self.luck = 2

    def __call__(self, rows: np.ndarray) -> _Chunk:
        # Whether a photograph is gray is a matter of all of it, not of its square.
        pixels = None if self.split.color_only else self._whole(rows)
        if pixels is None:  # Or something is not a usable image: find out what.
            return _decode_one_by_one(self.split, rows, self.target)
        return _Chunk(pixels, rows, _count_gray(pixels), [], [])

    def _whole(self, rows: np.ndarray) -> np.ndarray | None:
        """The images of all rows; None if any of them is not usable."""
        try:
            files = [self.split.read(int(i)) for i in rows]
        except OSError:
            return None
        # Objects, because a NumPy array of bytes would drop trailing zeros.
        encoded = tf.constant(np.array(files, object))
        # Reading the orientation in the graph costs as much as decoding 64x64 pixels several times.
        turned = self.split.upright and any(map(may_be_turned, files))
        if self.luck > 0 and len(rows) == _CHUNK and not turned:
            try:
                pixels = decode_jpegs(encoded, self.target.image_size, _CHUNK).numpy()
                self.luck += 1
                return pixels
            except tf.errors.InvalidArgumentError:
                self.luck -= 1
        try:
            return decode_all(encoded, *self.target, turned=turned).numpy()
        except tf.errors.InvalidArgumentError:
            return None


def _decode_one_by_one(split: Split, rows: np.ndarray, target: _Target) -> _Chunk:
    images, kept, skipped, left_out = [], [], [], []
    for item in rows.tolist():
        try:
            encoded = split.read(item)
            turned = split.upright and may_be_turned(encoded)
            square, whole = decode_one(tf.constant(encoded), *target, turned=turned)
            if split.color_only and is_gray(thumbnail_of(Image.fromarray(whole.numpy()))):
                left_out.append(item)
            else:
                images.append(square.numpy())
                kept.append(item)
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            skipped.append((split.names[item], reason))
        except tf.errors.InvalidArgumentError:
            skipped.append((split.names[item], reason_against(encoded)))
    size = [target.image_size, target.image_size, 3]
    pixels = np.array(images, np.uint8).reshape(-1, *size)
    return _Chunk(pixels, np.array(kept, int), _count_gray(pixels), skipped, left_out)


def _count_gray(images: np.ndarray) -> int:
    """Number of already gray images in uint8 `[n, height, width, 3]`."""
    # Every eighth row and column is enough to rule out most images at a fraction of the cost.
    return int(np.sum(_spread(images[_spread(images[:, ::8, ::8]) <= GRAY_SPREAD]) <= GRAY_SPREAD))


def _spread(images: np.ndarray) -> np.ndarray:
    """Largest difference between channels in each image of uint8 `[n, height, width, 3]`."""
    red, green, blue = np.moveaxis(images, -1, 0)  # ten times faster than reducing the last axis
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return spread.max(axis=(1, 2), initial=0)
