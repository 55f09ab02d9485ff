"""Films with a light network: DTU's of its report's section 8.4 beside `photo`, file to file.

    python -m benchmarks.light_video [--frames N] [--json FILE]
    python -m benchmarks.light_video --json FILE --page FILE.md

`polychrome colorize` with both on gray films of 240, 480 and 720 rows. The weights of `dtu_light`
are random, which does not affect the time. Needs the extra `onnx-export`. With --page nothing is
timed: the figures of the JSON file go between the lines of a page that mark their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.moving_pictures import SIZES
from benchmarks.video_speed import TIMED, of_the_command
from experiments.command_line.numbers import positive
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.files import read_json

BEGIN, END = "<!-- light-video:begin -->", "<!-- light-video:end -->"
LIGHT = "dtu_light"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.light_video")
    parser.add_argument("--frames", type=positive, default=50, metavar="N", help="of each film")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            # A process of its own: TensorFlow's threads would take part in what follows.
            writing = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder,))
            writing.start()
            writing.join()
            if writing.exitcode:
                raise ChildProcessError(f"{LIGHT} could not be written; the error is above")
            return {"films": [of_both(folder, height, options.frames) for height in TIMED]}

    return status_of(measured, options.json, onnxruntime=version("onnxruntime"))


def prepare(folder: Path) -> None:
    """Write the light network with random weights as a preset with ONNX."""
    import keras

    from experiments.recipes import RECIPES
    from polychrome.export.onnx import add_onnx
    from polychrome.presets import write_preset

    recipe = RECIPES[LIGHT]
    keras.utils.set_random_seed(0)
    write_preset(
        folder / LIGHT,
        recipe.networks[0].build(recipe.image_size),
        scaling=recipe.scaling,
        image_size=recipe.image_size,
        name=LIGHT,
        title=f"{recipe.label}, random weights",
        grades={},
        license="Apache-2.0",
        source={},
    )
    add_onnx(folder / LIGHT)


def of_both(folder: Path, height: int, frames: int) -> dict[str, Any]:
    """Time both on a film of so many rows: the command, and milliseconds of the network a frame."""
    found: dict[str, Any] = {"height": height, "frames": frames, "size": SIZES[height]}
    for name, model in (("photo", None), (LIGHT, folder / LIGHT)):
        whole = of_the_command(folder, height, frames, model)
        network = of_the_network(model, height)
        found[name] = whole | {"network_ms": network, "sees": seen_size(model, height)}
    return found


def of_the_network(model: Path | None, height: int, frames: int = 8) -> float:
    """Milliseconds of the processor that the network takes for a frame."""
    import polychrome

    colorizer = polychrome.load(model)
    batch = np.full((frames, *seen_size(model, height), 1), 50.0, np.float32)
    colorizer.predict(batch)
    started = time.process_time()
    colorizer.predict(batch)
    return 1e3 * (time.process_time() - started) / frames


def seen_size(model: Path | None, height: int) -> tuple[int, int]:
    """Height and width at which the network sees a film."""
    import polychrome
    from polychrome.inference.sizes import network_size

    width = SIZES[height][0]
    return network_size(height, width, polychrome.load(model).card["image_size"])


def markdown(record: Mapping[str, Any]) -> str:
    """The figures of a JSON file as a table and a sentence."""
    environment, rows = record["environment"], []
    cores = environment["cores"]
    for found in record["films"]:
        for name in ("photo", LIGHT):
            each = found[name]
            rows.append(
                [
                    "x".join(map(str, found["size"])),
                    f"`{name}`",
                    "x".join(map(str, reversed(each["sees"]))),
                    f"{each['network_ms']:.0f}",
                    f"{1e3 * each['processor_seconds'] / found['frames']:.0f}",
                    f"{cores * found['frames'] / each['processor_seconds']:.1f}",
                ]
            )
    headings = ["film", "model", "the network sees", "network, ms", "all, ms", "frames/s"]
    said = (
        f"Milliseconds of the processor a frame, of films of {record['films'][0]['frames']} frames "
        f"with the start of the command; frames a second as if all {cores} cores of an "
        f"{environment['processor']} were its own. The machine was busy with other work (load "
        f"average {environment['load_average']:.1f} before), so no clock was read."
    )
    return "\n\n".join([table(headings, rows, right=range(3, 6)), said])


if __name__ == "__main__":
    sys.exit(main())
