"""The input pipeline against the report's own way, as ratios measured in turns in one run.

    python -m benchmarks.pipeline [--images N] [--repeats N] [--data-dir PATH] [--json FILE]

Takes some minutes on two cores. Before anything is timed, both ways are checked to give the same
numbers. The rival is one Python thread, as the report's code is; ours uses all cores.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring.command import status_of
from benchmarks.measuring.photographs import sample_files, tiny_imagenet
from benchmarks.measuring.timing import aligned, comparison_table
from benchmarks.ways.comparisons import (
    BATCH,
    SIZE,
    check_same_numbers,
    compare_input,
    compare_lab,
    compare_training,
    speeds_of_stages,
)
from benchmarks.ways.report_loop import fastest_decoder
from experiments.command_line.numbers import positive
from polychrome.errors import InputError
from tf_data.sources.split import Split
from tf_data.store import load_store


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)

    def measured() -> dict[str, object]:
        with tempfile.TemporaryDirectory() as folder:
            if options.data_dir is None:
                split = sample_files(Path(folder), options.images)
            else:
                split = tiny_imagenet(options.data_dir, options.images)
            return measure(split, options.repeats)

    return status_of(measured, options.json)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--images", type=positive, default=16384, metavar="N", help="how many files"
    )
    parser.add_argument(
        "--repeats", type=positive, default=5, metavar="N", help="of each measurement"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="PATH",
        help="Tiny ImageNet, a zip or a tree; without it, files made from the sample",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)
    if options.images < BATCH:
        parser.error(f"--images {options.images}: at least {BATCH}, one batch")
    return options


def measure(split: Split, repeats: int) -> dict[str, object]:
    """Check, time and print everything; the figures as JSON values."""
    print(f"\n{len(split):,} files, {repeats} repeats in turns after one that is not timed")

    store = load_store(split, SIZE, label="files")
    if store.skipped:
        name, reason = store.skipped[0]
        raise InputError(f"{name}: {reason}; the report's way reads whole images only")
    fastest = fastest_decoder(split, SIZE)
    differences = check_same_numbers(split, store, fastest)
    print(
        f"same numbers: largest difference {differences['lab']:.1e} in L*, a*, b* behind the same "
        f"decoder;\n{fastest} decodes {differences['decoder']:.2f} of 255 away from ours on average"
    )

    comparisons = [
        *compare_input(split, store, fastest, repeats),
        *compare_lab(store.images[:BATCH], repeats),
        compare_training(store, repeats),
    ]
    print(f"\n{comparison_table(comparisons)}")
    print(
        "medians (smallest-largest); CPU: processor time of all threads, which other processes do\n"
        "not change. XLA compiles once a process, before the timed repeats."
    )

    stages = speeds_of_stages(split, store, fastest)
    training = comparisons[-1]
    stages["training steps alone"] = training.images / training.rival.median
    print("\n" + aligned([["stage", "images/s"], *([k, f"{v:,.0f}"] for k, v in stages.items())]))

    missed = [item.name for item in comparisons if item.met is False]
    print("\n" + (f"MISSED: {'; '.join(missed)}" if missed else "all targets met"))
    return {
        "rival_decoder": fastest,
        "largest_difference": differences,
        "comparisons": [item.as_json() for item in comparisons],
        "images_per_second": stages,
    }


if __name__ == "__main__":
    sys.exit(main())
