"""A store of images painted by superpixels, made once and found again on disk."""

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
# Steps whose images are kept together: with "gray_merged" and 224x224 about five minutes' work.
_STEPS_A_PART = 8
# Part of the cache's key: raise it when the same options come to give other pixels.
_VERSION = 1


def paint_store(
    store: Store,
    options: Superpixels,
    *,
    label: str = "images",
    memory_limit: int = MEMORY_LIMIT,
    cache_dir: Path | None = None,
) -> Store:
    """Paint all images of a store, or find them painted by an earlier run.

    The result lies in `cache_dir`/superpixels, by default in the user's cache, under a name made of
    the images' bytes and the options. More than `memory_limit` bytes are mapped from there, fewer
    are read into memory. What an interrupted call has painted is kept there in parts, and the next
    one goes on with them: "gray_merged" takes a second for an image of 224x224.

    Args:
        store: decoded images.
        options: see `Superpixels`; scale `n_segments` with the image size (`Superpixels.uci`).
        label: names the images on the progress bar.

    Returns:
        The store with other images, and its number of gray ones counted again.

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
    """Fill `target` with the painted images of `source`; how many of them are gray.

    `parts` is the folder of those painted before, and of those that this call finishes.
    """
    count = len(source)
    part_size = _STEPS_A_PART * _CHUNK

    def paint_chunk(start: int) -> int:
        # The last chunk reaches back instead of being smaller, which would be compiled anew.
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
            pool.shutdown(cancel_futures=True)  # an interruption does not wait for all of them
    return gray


def _saved(path: Path) -> np.ndarray | None:
    """Images of an earlier call, uint8 `[n, H, W, 3]`; None where it did not get to them."""
    try:
        return np.load(path)
    except FileNotFoundError:  # or another run has just finished and cleaned up
        return None


def _count_gray(images: np.ndarray) -> int:
    return int(ops.convert_to_numpy(is_gray(images)).sum())
