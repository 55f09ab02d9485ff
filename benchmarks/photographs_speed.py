"""Speed as users meet it: photographs from file to file, and the command.

    python -m benchmarks.photographs_speed [--repeats N] [--pictures N] [--json FILE]
    python -m benchmarks.photographs_speed --json FILE --page FILE.md

Three parts, each figure with the peak memory of its process:

- ECCV16 with random weights at 256x256 and at 12 megapixels, JPEG to JPEG, in turns: ours against
  the steps of OpenCV's sample (`cv2.dnn`) and, with the extra `torch`, of the authors' script.
- `polychrome colorize` with the default model, from the start of the command to the written file,
  for one JPEG of 12 megapixels, and for TIFF files of 1, 10 and 100.
- the command on a folder of JPEGs of 12 megapixels.

Preparing ECCV16 takes a minute, and needs the extra `onnx-export`. With --page nothing is timed:
the figures of the JSON file go between the lines of a page that mark their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import contextlib
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.timing import Comparison, Target, Times, aligned, comparison_table
from benchmarks.ways.photographs import ONNX, PRESET, TORCH, WAYS
from experiments.command_line.numbers import positive
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.files import read_json

BEGIN, END = "<!-- photographs-speed:begin -->", "<!-- photographs-speed:end -->"
LARGE = (3000, 4000)
SIZES = {"256x256": (256, 256), "12 megapixels": LARGE}
MEGAPIXELS = (1, 10, 100)
# Seconds for one JPEG of 12 megapixels, imports included; pictures a second of a folder of them.
START, RATE = Target("<=", 3.0), Target(">=", 1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photographs_speed")
    parser.add_argument(
        "--repeats", type=positive, default=5, metavar="N", help="of each measurement"
    )
    parser.add_argument("--pictures", type=positive, default=200, metavar="N", help="in the folder")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            comparisons, memory = compare(folder, options.repeats)
            print(f"\n{comparison_table(comparisons)}")
            print("medians (smallest-largest); ratio: how many times the rival's time is of ours")
            print(f"\n{aligned([[name, f'{mib:,.0f} MiB'] for name, mib in memory.items()])}\n")
            single = of_one(folder, options.repeats)
            many = of_a_folder(folder, options.pictures)
        return {
            "comparisons": [comparison.as_json() for comparison in comparisons],
            "peak_memory_mib": memory,
            "one": single,
            "folder": many,
        }

    return status_of(
        measured, options.json, onnxruntime=version("onnxruntime"), opencv=cv2.__version__
    )


def prepare(folder: Path) -> None:
    """Write ECCV16 with random weights for every way: a preset with ONNX, ONNX at 256, PyTorch."""
    import keras

    from polychrome.color.scaling import ZHANG
    from polychrome.export.onnx import add_onnx
    from polychrome.models.eccv16 import as_released, build_eccv16
    from polychrome.presets import write_preset
    from polychrome.weights.published import assign

    keras.utils.set_random_seed(0)
    network = as_released(build_eccv16())
    if "PyTorch" in WAYS:
        import torch

        from benchmarks.ways.torch_networks import ECCV16

        torch.manual_seed(0)
        rival = ECCV16()
        torch.save(rival.state_dict(), folder / TORCH)
        assign(network, {key: value.numpy() for key, value in rival.state_dict().items()})
    write_preset(
        folder / PRESET,
        network,
        scaling=ZHANG,
        image_size=256,
        name="eccv16",
        title="ECCV16, random weights",
        grades={},
        license="Apache-2.0",
        source={},
    )
    add_onnx(folder / PRESET)
    lightness = keras.Input((256, 256, 1), batch_size=1, name="lightness")
    signature = keras.InputSpec(shape=(1, 256, 256, 1), dtype="float32", name="lightness")
    keras.Model(lightness, network(lightness)).export(
        folder / ONNX, format="onnx", input_signature=[signature], verbose=False
    )


def photograph(height: int, width: int) -> np.ndarray:
    """A photograph of any size, with grain so that files are as large as a camera's."""
    enlarged = cv2.resize(data.astronaut(), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0.0, 6.0, (height, width)).astype(np.float32)
    gray = cv2.cvtColor(enlarged, cv2.COLOR_RGB2GRAY).astype(np.float32) + grain
    return np.clip(np.round(gray), 0, 255).astype(np.uint8)


_WHO = ("ours", "rival")
_RIVALS = {
    "OpenCV": "the steps of OpenCV's sample, `cv2.dnn`",
    "PyTorch": "the steps of the authors' script, PyTorch",
}
# Runs a command and prints its seconds, its processor's seconds, and its peak of memory in MiB. It
# stands between, because a process begins with the peak of the one that started it.
LAUNCH = """
import os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - started
print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Child:
    """A process that colorizes one file whenever it is asked to.

    Args:
        command: see `benchmarks.ways.photographs`.
    """

    def __init__(self, command: Sequence[object]):
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", LAUNCH, sys.executable, "-m", *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self) -> tuple[float, float]:
        """Elapsed time and processor time of one more turn.

        Raises:
            ChildProcessError: it ended.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().split()
        if len(answer) != 2:
            raise ChildProcessError("a way of colorizing failed; its error is above")
        wall, processor = map(float, answer)
        return wall, processor

    def end(self) -> float:
        """Let it end; the peak of its memory in MiB."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        *_, peak = self._process.stdout.read().split()
        return float(peak)


@contextlib.contextmanager
def children(commands: Mapping[str, Sequence[object]], memory: dict[str, float]) -> Iterator[dict]:
    """Processes by name; when the block ends, their peaks of memory go to `memory`."""
    started = {name: Child(command) for name, command in commands.items()}
    try:
        yield started
    finally:
        for name, child in started.items():
            memory[name] = child.end()


def compare(folder: Path, repeats: int) -> tuple[list[Comparison], dict[str, float]]:
    """Time all ways in turns at each size.

    Returns:
        Comparisons with each rival, and MiB of memory by way and size.
    """
    # Apart, because it takes gigabytes that this process would keep.
    preparing = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder,))
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise ChildProcessError("ECCV16 could not be written; the error is above")
    comparisons, memory = [], {}
    for size, shape in SIZES.items():
        source = folder / "input.jpg"
        cv2.imwrite(str(source), photograph(*shape), [cv2.IMWRITE_JPEG_QUALITY, 90])
        commands = {
            f"{way}, {size}": (
                "benchmarks.ways.photographs",
                way,
                folder,
                source,
                folder / f"{way}.jpg",
            )
            for way in WAYS
        }
        with children(commands, memory) as started:
            times = {name: Times() for name in started}
            for turn in range(repeats + 1):
                for name, child in started.items():
                    time.sleep(0.2)  # threads of the one before go on spinning for a while
                    wall, processor = child.seconds()
                    if turn:  # the first one loads the network
                        times[name].wall.append(wall)
                        times[name].processor.append(processor)
        mine = times.pop(f"ours, {size}")
        comparisons += [
            Comparison(
                f"ECCV16, {size}, against {name.split(',')[0]}", mine, theirs, 1, Target(">=", 1.0)
            )
            for name, theirs in times.items()
        ]
    return comparisons, memory


def of_one(folder: Path, repeats: int) -> list[dict[str, object]]:
    """Time the command on single files; print and return the figures."""
    files = {"12 megapixels, JPEG": (LARGE, ".jpg")}
    for number in MEGAPIXELS:
        side = round((number * 1e6) ** 0.5)
        files[f"{number} megapixels, TIFF"] = ((side, side), ".tif")
    rows, found = [["polychrome colorize", "seconds", "peak memory", "target", "met?"]], []
    for name, (shape, suffix) in files.items():
        source = folder / f"one{suffix}"
        cv2.imwrite(str(source), photograph(*shape))
        runs = [_command(source, "-o", folder / "out", "--overwrite") for _ in range(repeats)]
        seconds = [run[0] for run in runs]
        peak = max(run[2] for run in runs)
        middle = statistics.median(seconds)
        target = START if suffix == ".jpg" else None
        spread = f"{middle:.2f} ({min(seconds):.2f}-{max(seconds):.2f})"
        verdict = {None: "-", True: "yes", False: "NO"}[target.met(middle) if target else None]
        rows.append([name, spread, f"{peak:,.0f} MiB", f"{target or '-'}", verdict])
        found.append({"name": name, "seconds": seconds, "peak_memory_mib": peak})
    print(f"{aligned(rows)}\n")
    return found


def of_a_folder(folder: Path, count: int) -> dict[str, object]:
    """Time the command on a folder of JPEGs of 12 megapixels; print and return the figures."""
    pictures, colored = folder / "pictures", folder / "colored"
    pictures.mkdir()
    first = pictures / "0000.jpg"
    cv2.imwrite(str(first), photograph(*LARGE), [cv2.IMWRITE_JPEG_QUALITY, 90])
    for index in range(1, count):
        shutil.copyfile(first, pictures / f"{index:04}.jpg")
    seconds, processor, peak = _command(pictures, "-o", colored)
    made = len(list(colored.rglob("*.jpg")))
    if made != count:
        raise ArithmeticError(f"{made} pictures were written, should be {count}")
    rate = count / seconds
    print(
        f"folder of {count}: {rate:.2f} pictures/s ({RATE}: {'yes' if RATE.met(rate) else 'NO'}), "
        f"{processor / seconds:.2f} cores busy, {peak:,.0f} MiB"
    )
    return {
        "pictures": count,
        "seconds": seconds,
        "processor_seconds": processor,
        "peak_memory_mib": peak,
    }


def markdown(record: Mapping) -> str:
    """The figures of a JSON file as two tables and a sentence."""
    memory = record["peak_memory_mib"]
    compared = []
    for found in record["comparisons"]:
        _, size, rival = (part.strip() for part in found["name"].split(","))
        rival = rival.removeprefix("against ")
        ours, theirs = (statistics.median(found[f"{who}_seconds"]["wall"]) for who in _WHO)
        low, high = found["ratio_range"]
        compared.append(
            [
                f"ECCV16, {size}, file to file",
                _RIVALS[rival],
                f"{ours:.2f}",
                f"{theirs:.2f}",
                f"{found['ratio']:.2f} ({low:.2f}–{high:.2f})",
                f"{memory[f'ours, {size}']:,.0f}",
                f"{memory[f'{rival}, {size}']:,.0f}",
            ]
        )
    headings = ["what", "rival", "ours, s", "rival, s", "ratio", "ours, MiB", "rival, MiB"]
    single = [
        [
            f"`polychrome colorize`, {found['name']}",
            f"{statistics.median(found['seconds']):.2f} "
            f"({min(found['seconds']):.2f}–{max(found['seconds']):.2f})",
            f"{found['peak_memory_mib']:,.0f}",
        ]
        for found in record["one"]
    ]
    folder = record["folder"]
    single.append(
        [
            f"the same, folder of {folder['pictures']} JPEGs of 12 megapixels",
            f"{folder['seconds']:.1f}",
            f"{folder['peak_memory_mib']:,.0f}",
        ]
    )
    environment = record["environment"]
    said = (
        f"Medians on {environment['cores']} cores of an {environment['processor']}, load average "
        f"{environment['load_average']:.1f} before; ONNX Runtime {environment['onnxruntime']}, "
        f"OpenCV {environment['opencv']}. The folder went at "
        f"{folder['pictures'] / folder['seconds']:.2f} pictures/s, "
        f"{folder['processor_seconds'] / folder['seconds']:.2f} cores busy."
    )
    return "\n\n".join(
        [
            table(headings, compared, right=range(2, 7)),
            table(["command, start to written file", "seconds", "MiB"], single, right=[1, 2]),
            said,
        ]
    )


def _command(*arguments: object) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak MiB of `polychrome colorize`."""
    command = [sys.executable, "-m", "polychrome", "colorize", *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCH, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ChildProcessError(f"the command failed: {done.stderr}")
    seconds, processor, peak = map(float, done.stdout.split()[-3:])
    return seconds, processor, peak


if __name__ == "__main__":
    sys.exit(main())
