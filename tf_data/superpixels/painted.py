"""Stores of images painted with superpixels, cached on disk."""

import dataclasses
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from keras import ops
from tqdm import tqdm

from polychrome.files import read_json, replacing, write_json
from polychrome.metrics.pixel import is_gray
from tf_data.store import MEMORY_LIMIT, Store, default_cache_dir
from tf_data.superpixels.segmentation import Superpixels, painted

# Images painted by one step.
_CHUNK = 32
# Steps saved together: about five minutes of work with "gray_merged" at 224x224.
_STEPS_A_PART = 8
# Part of the cache key: increment it when the same options give other pixels.
_VERSION = 1


def paint_store(
    store: Store,
    options: Superpixels,
    *,
    label: str = "images",
    memory_limit: int = MEMORY_LIMIT,
    cache_dir: Path | None = None,
) -> Store:
    """Paint all images of a store, or load them from the cache.

    The result is in `cache_dir`/superpixels, by default in the user's cache, under a name derived
    from the images' bytes and the options. It is memory-mapped above `memory_limit` bytes and read
    into memory otherwise. An interrupted call leaves finished parts there, and the next call
    continues with them: "gray_merged" takes a second per image of 224x224.

    Args:
        store: decoded images.
        options: see `Superpixels`; scale `n_segments` with the image size (`Superpixels.uci`).
        label: name of the images on the progress bar.

    Returns:
        The store with painted images, and the number of gray ones counted again.

    Raises:
        InputError: the cache cannot be written.
    """
    path = (cache_dir or default_cache_dir()) / "superpixels" / f"{_key(store, options)}.npy"
    record = path.with_suffix(".json")
    if not path.exists():
        with replacing(path) as temporary:
            images = np.lib.format.open_memmap(temporary, "w+", np.uint8, store.images.shape)
            gray = _paint(store.images, images, options, label, path.with_suffix(".parts"))
            images.flush()
            write_json(record, {"gray": gray, "options": dataclasses.asdict(options)})
        shutil.rmtree(path.with_suffix(".parts"), ignore_errors=True)
    images = np.load(path, mmap_mode="r")
    if images.nbytes <= memory_limit:
        images = np.array(images)
    return dataclasses.replace(store, images=images, gray=read_json(record)["gray"])


def _key(store: Store, options: Superpixels) -> str:
    digest = hashlib.sha256(f"{_VERSION} {options} {store.images.shape}".encode())
    for start in range(0, len(store), _CHUNK):
        digest.update(np.ascontiguousarray(store.images[start : start + _CHUNK]))
    return digest.hexdigest()[:32]


def _paint(
    source: np.ndarray, target: np.ndarray, options: Superpixels, label: str, parts: Path
) -> int:
    """Fill `target` with the painted images of `source`; return the number of gray ones.

    `parts` is the folder of finished parts, from earlier calls and this one.
    """
    count = len(source)
    part_size = _STEPS_A_PART * _CHUNK

    def paint_chunk(start: int) -> int:
        # The last chunk overlaps instead of being smaller, which would need another compilation.
        begin = max(0, min(start, count - _CHUNK))
        images = painted(np.asarray(source[begin : begin + _CHUNK]), options)[start - begin :]
        target[start : start + len(images)] = images
        return _count_gray(images)

    gray = 0
    with (
        tqdm(total=count, desc=f"superpixels of {label}", unit="image", leave=False) as progress,
        ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool,
    ):
        try:
            futures = {}
            for first in range(0, count, part_size):
                starts = range(first, min(first + part_size, count), _CHUNK)
                part = _saved(parts / f"{first}-{first + part_size}.npy")
                if part is None:
                    futures |= {start: pool.submit(paint_chunk, start) for start in starts}
                    continue
                target[first : first + len(part)] = part
                gray += sum(_count_gray(part[start - first :][:_CHUNK]) for start in starts)
                progress.update(len(part))
            for start, future in futures.items():
                gray += future.result()
                end = min(start + _CHUNK, count)
                progress.update(end - start)
                if end % part_size == 0:
                    with replacing(parts / f"{end - part_size}-{end}.npy") as temporary:
                        np.save(temporary, target[end - part_size : end])
        finally:
            pool.shutdown(cancel_futures=True)  # don't wait for all of them after an interruption
    return gray


def _saved(path: Path) -> np.ndarray | None:
    """Images from an earlier call, uint8 `[n, H, W, 3]`; None if it did not finish them."""
    try:
        return np.load(path)
    except FileNotFoundError:  # or another run just finished and cleaned up
        return None


def _count_gray(images: np.ndarray) -> int:
    return int(ops.convert_to_numpy(is_gray(images)).sum())
