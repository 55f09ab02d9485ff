"""A preset's network in ONNX Runtime, against its SavedModel and Keras, in turns in one run.

    python -m benchmarks.onnx_runtime PRESET [--sizes N,N] [--batch N] [--repeats N] [--json FILE]

From lightness to chroma, as `Colorizer.predict` does it. All three are checked to give the same
chroma before anything is timed. The SavedModel computes `ab` alone; the other two compute
`vivid_ab` and `spread` as well, where the network has them. A preset without `model.onnx` gets one
in a copy. Each uses all cores; on a machine that is not idle put `taskset -c 0` before the command.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

import polychrome
from benchmarks.command import status_of
from benchmarks.timing import Comparison, comparison_table, interleave
from polychrome.export.onnx import TOLERANCE, add_onnx
from polychrome.export.saved_model import export_colorizer
from polychrome.inference.loading import folder_of
from polychrome.presets import read_preset, scaling_of
from polychrome.presets.card import ONNX_FILE

SIZES = (64, 256, 512)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.onnx_runtime")
    parser.add_argument("preset", metavar="PRESET", help="name or folder of a preset, or of a run")
    parser.add_argument(
        "--sizes",
        type=lambda text: tuple(int(size) for size in text.split(",")),
        default=SIZES,
        metavar="N,N",
        help="sides of the images",
    )
    parser.add_argument("--batch", type=int, default=1, metavar="N", help="images at a time")
    parser.add_argument("--repeats", type=int, default=9, metavar="N", help="of each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    options = parser.parse_args(arguments)

    def measured() -> dict[str, object]:
        folder = folder_of(options.preset)
        comparisons = compare(folder, options.sizes, options.batch, options.repeats)
        print(f"\n{comparison_table(comparisons)}")
        print(
            "ours is ONNX Runtime; medians (smallest-largest); CPU: processor time of all threads"
        )
        print(f"\n{speeds(comparisons)}")
        return {"comparisons": [comparison.as_json() for comparison in comparisons]}

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
        ours = polychrome.load(copy, runtime="onnx")
        rivals = {"SavedModel": polychrome.load(exported), "Keras": polychrome.load(copy)}
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


def speeds(comparisons: Sequence[Comparison]) -> str:
    """Images per second of both, one line per comparison."""
    return "\n".join(
        f"{item.name}: {item.images / item.ours.median:.1f} images/s, "
        f"{item.images / item.rival.median:.1f} there"
        for item in comparisons
    )


if __name__ == "__main__":
    sys.exit(main())
