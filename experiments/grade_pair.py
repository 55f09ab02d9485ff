"""UCI's three grading algorithms over one pair of images.

    python -m experiments.grade TRUTH PREDICTED [--superpixels N] [--json FILE]

On images painted by superpixels, each divided on its own, as the report does, and plain. Source:
UCI report, section 3.4; definitions: `polychrome.channel_accuracy`. Trap: its code adds three bytes
for the mean gray, which wraps around at 256; here, as in the report, they do not.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops

from polychrome.channel_accuracy import BacktrackedGrayAccuracy, MaxChannelAccuracy
from polychrome.errors import InputError
from polychrome.files import write_json
from polychrome.image_metric import ImageMetric
from polychrome.images import FORMATS, decode_rgb
from tf_data.superpixels import Superpixels, painted


def uci_metrics() -> tuple[ImageMetric, ...]:
    """New instances in table order: the largest channel in all and each, gray with both bounds.

    The report's threshold of 20 levels includes its bounds, its code excludes them.
    """
    return (
        MaxChannelAccuracy(),
        *(MaxChannelAccuracy(channel) for channel in MaxChannelAccuracy.CHANNELS),
        *(
            BacktrackedGrayAccuracy(formula, 20, inclusive)
            for formula in BacktrackedGrayAccuracy.FORMULAS
            for inclusive in (True, False)
        ),
    )


def grade_pair(
    truth: np.ndarray, prediction: np.ndarray, superpixels: Superpixels
) -> dict[str, dict[str, float | None]]:
    """Grade one image by another.

    Args:
        truth, prediction: uint8 `[H, W, 3]`.
        superpixels: both images are divided and painted by, each on its own.

    Returns:
        "superpixels" and "plain", each the values of `uci_metrics` by key; None where the truth has
        no pixel of a channel.

    Raises:
        InputError: the images differ in size.
    """
    if truth.shape != prediction.shape:
        sizes = [f"{image.shape[1]}x{image.shape[0]}" for image in (truth, prediction)]
        raise InputError(
            f"the truth has {sizes[0]} pixels and the prediction {sizes[1]}: they should be equal"
        )
    plain = truth[None], prediction[None]
    pairs = {"superpixels": [painted(image, superpixels) for image in plain], "plain": plain}
    grades: dict[str, dict[str, float | None]] = {name: {} for name in pairs}
    for name, pair in pairs.items():
        for metric in uci_metrics():
            value = float(ops.convert_to_numpy(metric.per_image(*pair))[0])
            grades[name][metric.key] = value if math.isfinite(value) else None
    return grades


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status: 0 done, 1 failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        truth, prediction = _read(options.truth), _read(options.predicted)
        superpixels = Superpixels.uci(*truth.shape[:2])
        if options.superpixels is not None:
            superpixels = Superpixels(options.superpixels)
        grades = grade_pair(truth, prediction, superpixels)
        if options.json is not None:
            write_json(
                options.json,
                {
                    "truth": str(options.truth),
                    "predicted": str(options.predicted),
                    "superpixels": superpixels.n_segments,
                    "grades": grades,
                },
            )
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(_table(grades, superpixels))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.grade",
        description="UCI's three grading algorithms over one pair of images.",
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH", help=f"{FORMATS} file")
    parser.add_argument("predicted", type=Path, metavar="PREDICTED", help="one of the same size")
    parser.add_argument(
        "--superpixels",
        type=int,
        metavar="N",
        help="how many to ask for; by default the report's 2,000 at 224x224, in proportion",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser


def _read(path: Path) -> np.ndarray:
    """uint8 `[H, W, 3]`; a file that can't be read or decoded is an `InputError` that names it."""
    try:
        return decode_rgb(tf.constant(path.read_bytes())).numpy()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"{path} is not a whole {FORMATS} image") from error


def _table(grades: dict[str, dict[str, float | None]], superpixels: Superpixels) -> str:
    """One aligned line a metric, shares in percent."""
    heading = f"{superpixels.n_segments:,} superpixels"
    width = max(len(metric.label) for metric in uci_metrics())
    lines = [f"{'':{width}}  {heading}  {'plain':>8}"]
    for metric in uci_metrics():
        cells = (
            "-" if value is None else f"{100 * value:.2f} %"
            for value in (grades[name][metric.key] for name in ("superpixels", "plain"))
        )
        lines.append(f"{metric.label:{width}}  {next(cells):>{len(heading)}}  {next(cells):>8}")
    return "\n".join(lines)
