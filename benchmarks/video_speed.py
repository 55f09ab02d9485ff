"""Speed of films: frames a second from file to file, and where the time goes.

    python -m benchmarks.video_speed [--frames N] [--rival] [--json FILE]
    python -m benchmarks.video_speed --json FILE --page FILE.md

`polychrome colorize` with the default model on gray films of 240, 480 and 720 rows, from the start
of the command to the finished file; then each step alone at 480 rows, one after the other, which
says what limits the speed. With --rival (a minute longer; needs the extra `onnx-export`) also
ECCV16 with random weights at 480 rows: ours, against the steps of OpenCV's sample (`cv2.dnn`),
which colorizes frame by frame and writes no sound.

With --page nothing is timed: the figures of the JSON file go between the lines of a page that mark
their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.moving_pictures import SIZES, write_gray_film
from benchmarks.measuring.timing import aligned
from benchmarks.photographs_speed import LAUNCH, prepare
from benchmarks.ways.photographs import ONNX, PRESET, opencv_colors
from experiments.command_line.numbers import positive
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.files import read_json

BEGIN, END = "<!-- video-speed:begin -->", "<!-- video-speed:end -->"
TIMED = (240, 480, 720)
DETAILED = 480


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video_speed")
    parser.add_argument("--frames", type=positive, default=400, metavar="N", help="of each film")
    parser.add_argument("--rival", action="store_true", help="also time ECCV16 in cv2.dnn")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            whole = [of_the_command(folder, height, options.frames) for height in TIMED]
            steps = time_steps(folder, min(options.frames, 100))
            rivals = of_eccv16(folder, min(options.frames, 50)) if options.rival else []
        return {"films": whole, "steps": steps, "eccv16": rivals}

    return status_of(
        measured,
        options.json,
        onnxruntime=version("onnxruntime"),
        opencv=cv2.__version__,
        av=version("av"),
    )


def of_the_command(
    folder: Path, height: int, frames: int, model: Path | None = None
) -> dict[str, Any]:
    """Time `polychrome colorize` on a film; print and return the figures."""
    source, target = folder / f"{height}.mp4", folder / f"{height}.out.mp4"
    write_gray_film(source, height, frames)
    command = [sys.executable, "-m", "polychrome", "colorize", source, "-o", target, "--overwrite"]
    command += [] if model is None else ["--model", model]
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not target.exists():
        raise ChildProcessError(f"the command failed: {done.stderr}")
    seconds, processor, peak = map(float, done.stdout.split()[-3:])
    found = {
        "size": "x".join(map(str, SIZES[height])),
        "model": "photo" if model is None else model.name,
        "frames": frames,
        "seconds": seconds,
        "processor_seconds": processor,
        "peak_memory_mib": peak,
    }
    print(
        f"{found['size']}, {found['model']}: {frames / seconds:.1f} frames/s, "
        f"{processor / seconds:.2f} cores busy, {peak:,.0f} MiB"
    )
    return found


def time_steps(folder: Path, frames: int) -> dict[str, float]:
    """Milliseconds of the processor a frame that each step takes; printed too."""
    import polychrome
    from polychrome.inference.full_size import join
    from polychrome.video.coloring import Settings, predicted
    from polychrome.video.encoding import pixel_format, write_part
    from polychrome.video.film import probe
    from polychrome.video.frames import encodable, read_frames
    from polychrome.video.joining import join_parts
    from polychrome.video.parts import Part
    from polychrome.video.shots import seen
    from polychrome.video.steady import steady

    colorizer = polychrome.load()
    colorizer.predict(np.zeros((1, 8, 8, 1), np.float32))
    path = folder / f"{DETAILED}.mp4"
    write_gray_film(path, DETAILED, frames)
    spent: dict[str, float] = {}

    def timed(step: str, make: Callable[[], Iterable[Any]]) -> list[Any]:
        time.sleep(0.2)  # threads of the one before go on spinning for a while
        before = time.process_time()
        made = list(make())
        spent[step] = 1e3 * (time.process_time() - before) / frames
        return made

    film = timed("looking through the file", lambda: [probe(path)])[0]
    read = timed("decoding", lambda: read_frames(film))
    size = colorizer.card["image_size"]
    looked = timed(
        "lightness at the network's size, cuts", lambda: seen(read, size, film.orientation)
    )
    made = timed("network", lambda: predicted(looked, colorizer, Settings()))
    chunks = timed("motion and averaging", lambda: steady(made))
    work = [pair for chunk in chunks for pair in zip(chunk.items, chunk.ab, strict=True)]
    rgb = timed(
        "colors at full size",
        lambda: (join(item.pixels, ab, lightness=lightness) for (item, lightness), ab in work),
    )
    form = pixel_format(film)
    turned = timed("to YUV", lambda: (encodable(each, film.tags, form) for each in rgb))
    for frame, source in zip(turned, read, strict=True):
        frame.pts, frame.time_base = source.stamp, film.time_base
    part = folder / "part.mp4"
    written = timed("encoding", lambda: [write_part(part, turned, film)])[0]
    whole = folder / "whole.mp4"
    timed(
        "joining with the sound",
        lambda: [join_parts(film, [Part(part, written, None)], whole, None)],
    )
    rows = [[step, f"{took:.1f}"] for step, took in spent.items()]
    print(f"\n{aligned([['at 480 rows', 'ms a frame'], *rows])}\n")
    return spent


def of_eccv16(folder: Path, frames: int) -> list[dict[str, Any]]:
    """Time ECCV16 as `polychrome colorize` runs it, and in OpenCV."""
    preparing = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder,))
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise ChildProcessError("ECCV16 could not be written; the error is above")
    ours = of_the_command(folder, DETAILED, frames, folder / PRESET)
    colors = opencv_colors(cv2.dnn.readNetFromONNX(str(folder / ONNX)))
    started, processor = time.perf_counter(), time.process_time()
    film = cv2.VideoCapture(str(folder / f"{DETAILED}.mp4"))
    target = cv2.VideoWriter(
        str(folder / "opencv.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 25, SIZES[DETAILED]
    )
    count = 0
    while (read := film.read())[0]:
        target.write(colors(read[1]))
        count += 1
    target.release()
    seconds = time.perf_counter() - started
    if count != frames:
        raise ArithmeticError(f"OpenCV read {count} frames, should be {frames}")
    print(f"the same in cv2.dnn: {frames / seconds:.1f} frames/s")
    theirs = {
        "size": ours["size"],
        "model": "eccv16 in cv2.dnn",
        "frames": frames,
        "seconds": seconds,
        "processor_seconds": time.process_time() - processor,
        "peak_memory_mib": None,
    }
    return [ours, theirs]


def markdown(record: Mapping) -> str:
    """The figures of a JSON file as two tables and a sentence."""
    environment, frames = record["environment"], record["films"][0]["frames"]
    cores = environment["cores"]
    films = [
        [
            found["size"],
            f"`{found['model']}`" if " " not in found["model"] else found["model"],
            f"{found['frames'] / found['seconds']:.1f}",
            f"{cores * found['frames'] / found['processor_seconds']:.1f}",
            "–" if found["peak_memory_mib"] is None else f"{found['peak_memory_mib']:,.0f}",
        ]
        for found in [*record["films"], *record["eccv16"]]
    ]
    total = sum(record["steps"].values())
    steps = [
        [step, f"{took:.1f}", f"{took / total:.0%}"]
        for step, took in [*record["steps"].items(), ("all", total)]
    ]
    said = (
        f"On {cores} cores of an {environment['processor']}, load average "
        f"{environment['load_average']:.1f} before; films of {frames} frames, "
        f"single runs, the start of the command included. By processor "
        f"time: as if all cores were its own. ONNX Runtime "
        f"{environment['onnxruntime']}, OpenCV {environment['opencv']}, PyAV {environment['av']}."
    )
    return "\n\n".join(
        [
            table(
                ["film", "model", "frames/s", "by processor time", "MiB"], films, right=range(2, 5)
            ),
            table(["step, 854x480", "processor, ms a frame", "share"], steps, right=[1, 2]),
            said,
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
