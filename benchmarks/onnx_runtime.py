"""A preset's network in ONNX Runtime, against its SavedModel and Keras, in turns in one run.

    python -m benchmarks.onnx_runtime PRESET ... [--sizes N,N] [--batch N] [--repeats N]
        [--json FILE]
    python -m benchmarks.onnx_runtime --json FILE --page FILE.md

From lightness to chroma, as `Colorizer.predict` does it. All three are checked to give the same
chroma before anything is timed. The SavedModel computes `ab` alone; the other two compute
`vivid_ab` and `spread` as well, where the network has them. A preset without `model.onnx` gets one
in a copy. Each uses all cores; on a machine that is not idle put `taskset -c 0` before the command.

With --page nothing is timed: the figures of the JSON file go between the lines of a page that mark
their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

import polychrome
from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.timing import Comparison, comparison_table, interleave
from experiments.command_line.numbers import positive, several
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.export.onnx import TOLERANCE, add_onnx
from polychrome.export.saved_model import export_colorizer
from polychrome.files import read_json
from polychrome.inference.loading import folder_of
from polychrome.presets import read_preset, scaling_of
from polychrome.presets.card import ONNX_FILE

SIZES = (64, 256, 512)
BEGIN, END = "<!-- onnx-runtime:begin -->", "<!-- onnx-runtime:end -->"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onnx_runtime")
    parser.add_argument(
        "presets", nargs="*", metavar="PRESET", help="name or folder of a preset, or of a run"
    )
    parser.add_argument(
        "--sizes",
        type=several,
        default=SIZES,
        metavar="N,N",
        help="sides of the images",
    )
    parser.add_argument("--batch", type=positive, default=1, metavar="N", help="images at a time")
    parser.add_argument(
        "--repeats", type=positive, default=9, metavar="N", help="of each measurement"
    )
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        if options.presets:
            parser.error("--page: is for the figures of --json; name no preset")
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)
    if not options.presets:
        parser.error("name a preset, such as tiny")

    def measured() -> dict[str, object]:
        by_preset = {}
        for preset in options.presets:
            folder = folder_of(preset)
            comparisons = compare(folder, options.sizes, options.batch, options.repeats)
            print(f"\n{preset}\n{comparison_table(comparisons)}")
            print(
                "ours is ONNX Runtime; medians (smallest-largest); CPU: processor time of all "
                f"threads\n\n{speeds(comparisons)}"
            )
            by_preset[preset] = [comparison.as_json() for comparison in comparisons]
        return {"comparisons": by_preset}

    return status_of(measured, options.json, onnxruntime=version("onnxruntime"))


def compare(folder: Path, sizes: Sequence[int], batch: int, repeats: int) -> list[Comparison]:
    """Time ONNX Runtime against the SavedModel and against Keras at each size.

    Raises:
        ArithmeticError: the results differ.
    """
    comparisons = []
    with tempfile.TemporaryDirectory() as temporary:
        copy = shutil.copytree(folder, Path(temporary) / "preset")
        if not (copy / ONNX_FILE).is_file():
            add_onnx(copy)
        card, network = read_preset(copy)
        scaling, directory = scaling_of(card), Path(temporary) / "saved_model"
        exported = export_colorizer(network, scaling, card["image_size"], directory, card)
        ours, rivals = runtimes(copy, exported)
        for size in sizes:
            shape = (batch, size, size, 1)
            lightness = np.random.default_rng(0).uniform(0, 100, shape).astype(np.float32)
            for name, rival in rivals.items():
                predictions = (model.predict(lightness).ab for model in (ours, rival))
                difference = float(np.abs(np.subtract(*predictions)).max())
                if not difference <= TOLERANCE:
                    raise ArithmeticError(f"ONNX Runtime is {difference:g} ab units off {name}")
                runs = [functools.partial(model.predict, lightness) for model in (ours, rival)]
                times = interleave(*runs, repeats, pause=0.2)
                title = f"{batch} at {size}x{size} against {name}"
                comparisons.append(Comparison(title, *times, batch))
    return comparisons


def runtimes(
    preset: Path, exported: Path
) -> tuple[polychrome.Colorizer, dict[str, polychrome.Colorizer]]:
    """The colorizer of a preset in ONNX Runtime, and in what it is compared with, by name."""
    return polychrome.load(preset, runtime="onnx"), {
        "SavedModel": polychrome.load(exported),
        # By itself it would take ONNX Runtime.
        "Keras": polychrome.load(preset, runtime="keras"),
    }


def speeds(comparisons: Sequence[Comparison]) -> str:
    """Images per second of both, one line per comparison."""
    return "\n".join(
        f"{item.name}: {item.images / item.ours.median:.1f} images/s, "
        f"{item.images / item.rival.median:.1f} there"
        for item in comparisons
    )


def markdown(record: Mapping) -> str:
    """The figures of a JSON file as a table and a sentence."""
    rows = []
    for preset, comparisons in record["comparisons"].items():
        for found in comparisons:
            what, rival = found["name"].split(" against ")
            count, size = what.split(" at ")
            speed = (
                found["images"] / statistics.median(found[f"{who}_seconds"]["wall"])
                for who in ("ours", "rival")
            )
            low, high = found["ratio_range"]
            rows.append(
                [
                    f"`{preset}`",
                    f"{size}, {count} at a time",
                    rival,
                    *(f"{each:,.1f}" for each in speed),
                    f"{found['ratio']:.2f} ({low:.2f}–{high:.2f})",
                    f"{found['processor_ratio']:.2f}",
                ]
            )
    headings = [
        *("preset", "images", "rival", "ONNX Runtime, images/s", "rival, images/s"),
        *("ratio", "by processor time"),
    ]
    environment = record["environment"]
    said = (
        f"Medians on {environment['cores']} cores of an {environment['processor']}, load average "
        f"{environment['load_average']:.1f} before; ONNX Runtime {environment['onnxruntime']}, "
        f"TensorFlow {environment['tensorflow']}."
    )
    return f"{table(headings, rows, right=range(3, 7))}\n\n{said}"


if __name__ == "__main__":
    sys.exit(main())
