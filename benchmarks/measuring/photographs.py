"""Input of the benchmarks: Tiny ImageNet, or JPEG files of its size made from the sample."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np

from tf_data.sources.archives import Folder, split_of
from tf_data.sources.embedded import open_embedded
from tf_data.sources.split import Split
from tf_data.sources.tiny_imagenet import open_tiny_imagenet

# Files of about 1.9 kB, as in Tiny ImageNet: decoding time depends on the size.
_QUALITY = 92


def tiny_imagenet(data_dir: Path, count: int) -> Split:
    """At most `count` training photographs of a Tiny ImageNet zip or tree, spread evenly."""
    split = open_tiny_imagenet(data_dir).splits["train"]
    chosen = np.linspace(0, len(split) - 1, min(count, len(split))).round().astype(int).tolist()
    return dataclasses.replace(
        split,
        names=tuple(split.names[index] for index in chosen),
        read=lambda index: split.read(chosen[index]),
    )


def sample_files(folder: Path, count: int) -> Split:
    """`count` 64x64 JPEG files written to `folder`: the sample's tiles, shifted if they recur."""
    tiles = [split.read(i) for split in open_embedded().splits.values() for i in range(len(split))]
    for index in range(count):
        encoded = np.frombuffer(tiles[index % len(tiles)], np.uint8)
        tile = np.roll(cv2.imdecode(encoded, cv2.IMREAD_COLOR), index // len(tiles), axis=1)
        quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
        (folder / f"{index:06}.jpg").write_bytes(cv2.imencode(".jpg", tile, quality)[1].tobytes())
    archive = Folder(folder)
    return split_of(archive, archive.members())
