"""Command that measures the color histogram of a data set's training images.

    python -m experiments.histogram tiny_imagenet --data-dir PATH

Writes `histogram.npz` for color-weighted losses (`polychrome.color.histogram`) and `histogram.png`,
Figure 3 of the DTU report.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.command_line.folders import new_folder
from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.numbers import image_side, positive
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 (done), 1 (failed), 2 (wrong usage), or 130 (interrupted)."""
    parsed = _parser().parse_args(arguments)
    folder = parsed.out or new_folder(f"histogram-{parsed.source}")
    return status_of(lambda: _measure(parsed, folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.histogram",
        description="Measure and draw how often each a* and b* occurs in the training images.",
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help="sample, tiny_imagenet, folder, ... as --data of a run")
    add("--data-dir", type=Path, metavar="PATH", help="zip or folder that holds the data")
    add("--download", action="store_true", help="fetch the data if they are not found")
    add("--limit", type=positive, metavar="N", help="at most N images, evenly spread")
    add(
        "--image-size",
        type=image_side,
        default=64,
        metavar="N",
        help="side that images are resized and cropped to, as for training (64)",
    )
    add("--out", type=Path, metavar="DIR", help="new folder (runs/histogram-SOURCE-TIME)")
    return parser


def _measure(parsed: argparse.Namespace, folder: Path) -> None:
    # Imported late: TensorFlow takes seconds, --help should not.
    import_tensorflow()
    from experiments.report.figures.histogram import draw_histogram
    from tf_data.measure_colors import measure_histogram
    from tf_data.sources.source import open_source
    from tf_data.store import load_store

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"--out {folder}: exists already; name a new folder")
    with option_hints(RUN_OPTIONS | {"source": "SOURCE"}):
        source = open_source(parsed.source, parsed.data_dir, parsed.download)
    store = load_store(source.splits["train"], parsed.image_size, label="train", limit=parsed.limit)
    for name, reason in store.skipped:
        print(f"skipped {name}: {reason}", file=sys.stderr)
    if store.left_out:
        print(f"{len(store.left_out)} gray training images left out", file=sys.stderr)
    histogram = measure_histogram(store)
    histogram.save(folder / "histogram.npz")
    size = parsed.image_size
    title = f"{source.name}, {len(store):,} training images of {size} x {size} pixels"
    draw_histogram(histogram, folder / "histogram.png", title)

    gray = histogram.counts[90:130, 90:130].sum() / histogram.counts.sum()
    occurring = int((histogram.counts_on_bins() > 0).sum())
    print(f"{title}: {histogram.counts.sum():,} colors")
    print(f"{gray:.1%} have a* and b* between -20 and 20; {occurring} of the 313 bins occur")
    print(f"{folder / 'histogram.npz'}\n{folder / 'histogram.png'}")


if __name__ == "__main__":
    sys.exit(main())
