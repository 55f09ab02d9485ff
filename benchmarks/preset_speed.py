"""How fast the presets in the package colorize, and their cards say so.

    python -m benchmarks.preset_speed [--presets NAME,...] [--repeats N] [--json FILE] [--cards]

From array to array, as `Colorizer.colorize` does it: a photograph of 512x512 pixels, and the same
one enlarged to 12 megapixels, one at a time, in turns; medians. Reading and writing files is not
included. Each preset runs in what `polychrome.load` chooses. With --cards the figures go into the
presets' cards, from which `polychrome models` takes them.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

import polychrome
from benchmarks.measuring.command import status_of
from benchmarks.measuring.timing import Times, aligned, interleave
from experiments.command_line.numbers import positive
from experiments.process.environment import environment
from polychrome.errors import InputError
from polychrome.presets import shipped
from polychrome.presets.card import ONNX_FILE
from polychrome.presets.writing import describe

SIZE, LARGE = (512, 512), (4000, 3000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preset_speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--presets", metavar="NAME,...", default=",".join(shipped()), help="without it, all"
    )
    parser.add_argument(
        "--repeats", type=positive, default=9, metavar="N", help="of each measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    parser.add_argument("--cards", action="store_true", help="write them into the presets' cards")
    options = parser.parse_args(arguments)

    def measured() -> dict[str, object]:
        names = options.presets.split(",")
        for name in names:
            if name not in shipped():
                raise InputError(f"no preset is named {name!r}; there are {', '.join(shipped())}")
        where = machine()
        rows, records = [["", "images/s", "12 megapixels, s"]], {}
        for name in names:
            load = os.getloadavg()[0]
            small, large = measure(name, options.repeats)
            speed = {
                "images_per_second": round(1 / small.median, 2),
                "image": f"{SIZE[0]}x{SIZE[1]}",
                "seconds_12_megapixels": round(large.median, 2),
                "runtime": runtime_of(name),
                "machine": where,
                "load_average": round(load, 1),
                "command": "python -m benchmarks.preset_speed --cards",
            }
            records[name] = {"speed": speed, "seconds": small.wall, "large_seconds": large.wall}
            rows.append([name, f"{1 / small.median:.1f}", f"{large.median:.2f}"])
            if options.cards:
                describe(shipped()[name], speed=speed)
        print(f"\n{aligned(rows)}")
        return {"presets": records}

    return status_of(measured, options.json, onnxruntime=version("onnxruntime"))


def measure(name: str, repeats: int) -> tuple[Times, Times]:
    """Times of a preset on a photograph of `SIZE` and on one of `LARGE`."""
    colorizer = polychrome.load(name)
    photograph = Image.fromarray(data.astronaut())
    small, large = (np.asarray(photograph.resize(size)) for size in (SIZE, LARGE))
    runs = (functools.partial(colorizer.colorize, image) for image in (small, large))
    return interleave(*runs, repeats)


def machine() -> str:
    """The processor in words, such as "2 cores of an AMD EPYC"."""
    described = environment()
    processor = str(described["processor"])
    return f"{described['cores']} cores of {'an' if processor[0] in 'AEIOU' else 'a'} {processor}"


def runtime_of(name: str) -> str:
    """What `polychrome.load` runs a preset in."""
    return "ONNX Runtime" if (shipped()[name] / ONNX_FILE).is_file() else "Keras"


if __name__ == "__main__":
    sys.exit(main())
