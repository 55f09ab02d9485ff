"""Command for UCI's three grading algorithms on one pair of images.

    python -m experiments.grade TRUTH PREDICTED [--superpixels N] [--json FILE]

See `experiments.grading.pair`; whole runs are graded by `experiments.grading.protocol`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command_line.numbers import positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError
from polychrome.files import write_json

if TYPE_CHECKING:
    import numpy as np


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    options = _parser().parse_args(arguments)
    return status_of(lambda: _compare(options))


def _compare(options: argparse.Namespace) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    from experiments.grading.pair import compare_pair
    from tf_data.superpixels.segmentation import Superpixels

    truth, prediction = _read(options.truth), _read(options.predicted)
    superpixels = Superpixels.uci(*truth.shape[:2])
    if options.superpixels is not None:
        superpixels = Superpixels(options.superpixels)
    similarity = compare_pair(truth, prediction, superpixels)
    if options.json is not None:
        write_json(
            options.json,
            {
                "truth": str(options.truth),
                "predicted": str(options.predicted),
                "superpixels": superpixels.n_segments,
                "grades": similarity,
            },
        )
    print(_table(similarity, f"{superpixels.n_segments:,} superpixels"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.grade",
        description="UCI's three grading algorithms over one pair of images.",
    )
    parser.add_argument(
        "truth", type=Path, metavar="TRUTH", help="image file, turned upright by its EXIF"
    )
    parser.add_argument("predicted", type=Path, metavar="PREDICTED", help="one of the same size")
    parser.add_argument(
        "--superpixels",
        type=positive,
        metavar="N",
        help="how many to ask for; by default the report's 2,000 at 224x224, in proportion",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser


def _read(path: Path) -> "np.ndarray":
    """uint8 `[H, W, 3]`, upright; an `InputError` names a file that can't be read or decoded."""
    import tensorflow as tf

    from polychrome.images import FORMATS, decode_upright

    try:
        return decode_upright(tf.constant(path.read_bytes())).numpy()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"{path} is not a whole {FORMATS} image") from error


def _table(similarity: dict[str, dict[str, float | None]], heading: str) -> str:
    """One aligned line per metric, with shares in percent."""
    from tabulate import tabulate

    from experiments.grading.pair import uci_metrics

    rows = [
        [
            metric.label,
            *(
                "-" if value is None else f"{100 * value:.2f} %"
                for value in (similarity[name][metric.key] for name in ("superpixels", "plain"))
            ),
        ]
        for metric in uci_metrics()
    ]
    return tabulate(
        [["", heading, "plain"], *rows], tablefmt="plain", colalign=("left", "right", "right")
    )


if __name__ == "__main__":
    sys.exit(main())
