"""Superpixels against scikit-image's SLIC: how well they follow people's, and how fast.

    python -m benchmarks.superpixels [--bsds ZIP] [--images N] [--repeats N] [--json FILE]

Quality needs a zip of BSDS500 (images and ground truth); all 100 validation images take some
minutes on two cores. At equal numbers of superpixels: ours are interpolated between the numbers
asked for, at the mean number that scikit-image makes. Speed is that of 224x224 photographs with
1,000 superpixels: ours in a `tf.data` pipeline, as it trains, against `skimage.segmentation.slic`
image by image in one Python thread.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from skimage import data
from skimage.segmentation import slic
from tqdm import tqdm

from benchmarks.measuring.command import status_of
from benchmarks.measuring.segmentations import boundary_recall, read_bsds, undersegmentation_error
from benchmarks.measuring.timing import Comparison, Target, aligned, comparison_table, interleave
from experiments.command_line.numbers import positive
from polychrome.compiling import compiled
from tf_data.superpixels.segmentation import superpixels
from tf_data.threads import OPTIONS, WORKERS

SIZE, SEGMENTS, BATCH = 224, 1_000, 8
COUNTS = (100, 200, 400, 700, 1_000, 1_400)
# Numbers at which scikit-image is compared; interpolation needs one of ours on either side.
COMPARED = COUNTS[1:-1]
# In percent points: how much worse a figure may be.
TOLERANCE = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)

    def measured() -> dict[str, object]:
        results: dict[str, object] = {}
        if options.bsds is not None:
            results["quality"] = compare_quality(options.bsds, options.images)
        speed = compare_speed(options.repeats)
        print(f"\n{comparison_table([speed])}")
        return results | {"speed": speed.as_json()}

    return status_of(measured, options.json)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.superpixels", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--bsds", type=Path, metavar="ZIP", help="BSDS500; without it only speed")
    parser.add_argument("--images", type=positive, metavar="N", help="of BSDS500; all by default")
    parser.add_argument("--repeats", type=positive, default=5, metavar="N", help="of the timing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    return parser.parse_args(arguments)


def compare_quality(path: Path, limit: int | None) -> list[dict[str, float]]:
    """Print and return both ways' figures in percent, at scikit-image's numbers of superpixels."""
    ours: dict[int, list] = {count: [] for count in COUNTS}
    theirs: dict[int, list] = {count: [] for count in COMPARED}
    for image, people in tqdm(list(read_bsds(path, limit)), desc="segment", leave=False):
        for count in COUNTS:
            labels = np.asarray(_ours(count)(image[None]))[0]
            ours[count].append(_judge(labels, people))
        for count in COMPARED:
            labels = slic(image, count, compactness=10.0, start_label=0)
            theirs[count].append(_judge(labels, people))
    curve = np.array([np.mean(ours[count], axis=0) for count in COUNTS])
    rows = []
    for count in COMPARED:
        number, recall, error = np.mean(theirs[count], axis=0)
        our_recall, our_error = (np.interp(number, curve[:, 0], curve[:, i]) for i in (1, 2))
        rows.append(
            {
                "superpixels": float(number),
                "recall": float(our_recall),
                "recall_skimage": float(recall),
                "error": float(our_error),
                "error_skimage": float(error),
                "met": bool(our_recall > recall - TOLERANCE and our_error < error + TOLERANCE),
            }
        )
    header = ["superpixels", "recall, ours", "skimage", "underseg. error, ours", "skimage", "met?"]
    cells = [
        [f"{row['superpixels']:.0f}", *(f"{value:.2f} %" for value in list(row.values())[1:5])]
        + ["yes" if row["met"] else "NO"]
        for row in rows
    ]
    print(f"\n{aligned([header, *cells])}")
    print(
        f"{len(ours[COUNTS[0]])} images of {path.name}; target: at most {TOLERANCE:g} point worse"
    )
    return rows


def _judge(labels: np.ndarray, people: Sequence[np.ndarray]) -> tuple[float, float, float]:
    """Number of superpixels, and boundary recall and undersegmentation error in percent."""
    recall, error = (
        100.0 * np.mean([measure(labels, truth) for truth in people])
        for measure in (boundary_recall, undersegmentation_error)
    )
    return len(np.unique(labels)), recall, error


@functools.cache
def _ours(count: int):
    return compiled(functools.partial(superpixels, n_segments=count))


def compare_speed(repeats: int, images: int = 256) -> Comparison:
    """Pieces of scikit-image's photographs, as many superpixels from each."""
    random = np.random.default_rng(0)
    photographs = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    pieces = []
    for index in range(images):
        photograph = photographs[index % len(photographs)]
        top, left = (random.integers(0, side - SIZE + 1) for side in photograph.shape[:2])
        pieces.append(photograph[top : top + SIZE, left : left + SIZE])
    batch = np.stack(pieces)
    dataset = (
        tf.data.Dataset.from_tensor_slices(batch)
        .batch(BATCH)
        .map(_ours(SEGMENTS), num_parallel_calls=WORKERS)
        .prefetch(2)
        .with_options(OPTIONS)
    )

    def ours() -> None:
        for _ in dataset:
            pass

    def rival() -> None:
        for image in batch:
            slic(image, SEGMENTS, compactness=10.0)

    name = f"{SEGMENTS:,} superpixels of {SIZE}x{SIZE} against skimage"
    return Comparison(name, *interleave(ours, rival, repeats), images, Target(">=", 3))


if __name__ == "__main__":
    sys.exit(main())
