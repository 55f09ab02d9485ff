"""What grading costs: the metrics that scikit-image has too, against its way, and the others.

    python -m benchmarks.grading_cost [--images N] [--side N] [--json FILE]
    python -m benchmarks.grading_cost --json FILE --page FILE.md

PSNR, SSIM, MSE and CIEDE2000 of pairs of a true and a colorized image, all different: ours in
batches, scikit-image's functions image by image. Each way has a process of its own
(`benchmarks.ways.grading`) and grades all images once, in turns with the others: 1,000 a turn, so
that other load meets all alike. Ours and scikit-image's with the same definitions must give the
same numbers; a third leaves scikit-image its own window for SSIM. Memory is the highest that a
process had while it graded a turn's images, these included, less what it had before its first
image. Then what each other grading of a
bake-off takes. With --page nothing is timed: the figures of the JSON file go between the lines of
a page that mark their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import contextlib
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version

import numpy as np

from benchmarks.measuring.command import parse_recorded, status_of
from benchmarks.measuring.timing import Target, aligned, images_per_second
from benchmarks.ways.grading import BATCH, METRICS, WAYS, pairs
from experiments.command_line.numbers import positive
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.files import read_json

BEGIN, END = "<!-- grading-cost:begin -->", "<!-- grading-cost:end -->"
TURN = 1000
# Of the values of an image; scikit-image computes in float64.
TOLERANCES = {"psnr": 2e-3, "ssim": 1e-4, "mse": 0.05, "ciede2000": 5e-3}
TARGET = Target(">=", 5.0)
RIVALS = {
    "scikit-image": "scikit-image, the same definitions",
    "scikit-image-window": "scikit-image, its own window for SSIM",
}
CLOCKS = ("wall", "processor")
# Images that a grading other than these is timed on, at most.
_FEW = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grading_cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--images", type=positive, default=10_000, metavar="N", help=f"of {BATCH} each (10000)")
    add("--side", type=positive, default=64, metavar="N", help="of an image in pixels (64)")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        results = compare(options.images, options.side)
        return results | {"others": others(min(_FEW, options.images), options.side)}

    return status_of(measured, options.json, **{"scikit-image": version("scikit-image")})


class Child:
    """A process that grades by one way.

    Args:
        way, side: see `benchmarks.ways.grading`.
    """

    def __init__(self, way: str, side: int):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ways.grading", way, str(side)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def grade(self, first: int, count: int) -> dict:
        """What it answers for these pairs.

        Raises:
            ChildProcessError: it ended.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            print(first, count, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise ChildProcessError("a way of grading failed; its error is above")
        return json.loads(answer)

    def end(self) -> None:
        """Let it end."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()


@contextlib.contextmanager
def children(side: int) -> Iterator[dict[str, Child]]:
    """A process for each way, by name."""
    started = {way: Child(way, side) for way in WAYS}
    try:
        yield started
    finally:
        for child in started.values():
            child.end()


def compare(count: int, side: int) -> dict[str, object]:
    """Grade as many pairs by each way; print and return all figures.

    Raises:
        ArithmeticError: a value of ours differs from scikit-image's by more than its tolerance.
    """
    pairs(count - 1, 1, side)  # or there are not so many
    ways: dict[str, dict] = {}
    largest = dict.fromkeys(METRICS, 0.0)
    with children(side) as started:
        for way, child in started.items():
            answer = child.grade(0, min(BATCH, count))
            first = {clock: answer[clock] for clock in CLOCKS}
            ways[way] = {"first_batch": first, "before_mib": answer["before_mib"]}
            ways[way] |= {"wall": [], "processor": [], "peak_mib": []}
        for start in range(0, count, TURN):
            values = {}
            for way, child in started.items():
                answer = child.grade(start, min(TURN, count - start))
                for key in (*CLOCKS, "peak_mib"):
                    ways[way][key].append(answer[key])
                values[way] = answer["values"]
            found = largest_difference(values["ours"], values["scikit-image"])
            largest = {key: max(value, found[key]) for key, value in largest.items()}
            print(f"{min(start + TURN, count):,} of {count:,} images", file=sys.stderr)
    record = {
        "images": count,
        "side": side,
        "batch": BATCH,
        "turn": TURN,
        "largest_difference": largest,
        "ways": ways,
        "comparisons": [comparison(ways["ours"], ways[rival], rival) for rival in RIVALS],
    }
    print(f"\n{aligned(_rows(record, '{}'))}\n{_memory(ways)}")
    return record


def largest_difference(mine: Mapping, theirs: Mapping) -> dict[str, float]:
    """Of an image's value, by metric.

    Raises:
        ArithmeticError: one exceeds its tolerance.
    """
    largest = {key: float(np.abs(np.subtract(mine[key], theirs[key])).max()) for key in METRICS}
    for key, difference in largest.items():
        if not difference <= TOLERANCES[key]:
            raise ArithmeticError(f"{key}: differs by {difference:g} from scikit-image's")
    return largest


def comparison(mine: Mapping, theirs: Mapping, rival: str) -> dict[str, object]:
    """How many times our time a rival takes, by each clock: over all images together, the smallest
    and the largest of a turn, and over all with the first batch, in which ours is compiled.
    """
    found: dict[str, object] = {"rival": rival}
    for clock in CLOCKS:
        spent, its = np.array(mine[clock]), np.array(theirs[clock])
        first, its_first = mine["first_batch"][clock], theirs["first_batch"][clock]
        found[clock] = {
            "ratio": float(its.sum() / spent.sum()),
            "range": [float((its / spent).min()), float((its / spent).max())],
            "with_first_batch": float((its_first + its.sum()) / (first + spent.sum())),
        }
        if rival == "scikit-image":  # the same numbers
            found[clock] |= {"target": str(TARGET), "met": TARGET.met(found[clock]["ratio"])}
    return found


def others(count: int, side: int) -> dict[str, float]:
    """Milliseconds an image of each further grading of a bake-off; print and return them."""
    from experiments.grading.lite0 import Lite0
    from experiments.grading.protocol import grade_colorizers
    from experiments.grading.st_lpips import STLPIPS
    from experiments.grading.superpixels import grade_on_superpixels
    from tf_data.store import Store
    from tf_data.superpixels.segmentation import Superpixels

    truth, made = pairs(0, count, side)
    store = Store(truth, tuple(map(str, range(count))), 0, ())
    gray = {"gray": lambda lightness: np.zeros(2, np.float32)}
    shape = Superpixels.uci(side)
    floats = [array.astype(np.float32) / 255.0 for array in (truth, made)]
    distance, lite0 = STLPIPS(), Lite0()

    def in_batches(judge: Callable, *arrays: np.ndarray) -> None:
        for start in range(0, count, BATCH):
            judge(*(array[start : start + BATCH] for array in arrays))

    ways: dict[str, Callable[[], object]] = {
        "all of the common grading, with colorfulness, gray accuracies and AuC": (
            lambda: grade_colorizers(gray, store)
        ),
        "UCI's gradings on superpixels": (
            lambda: grade_on_superpixels(gray, store, shape, painted_input=False)
        ),
        "EfficientNet-Lite0: features and classes": lambda: in_batches(lite0, floats[1]),
    }
    if side >= 32:
        ways["ST-LPIPS"] = lambda: in_batches(distance, *floats)
    found = {name: 1e3 / images_per_second(way, count) for name, way in ways.items()}
    for name, milliseconds in found.items():
        print(f"{milliseconds:8.3f} ms/image  {name}")
    return found


def floored(ratio: float) -> str:
    """With two decimals, never more than it is."""
    return f"{math.floor(100 * ratio) / 100:.2f}"


def _rows(record: Mapping, emphasis: str) -> list[list[str]]:
    """Headings, and a row of each comparison; a missed aim is put into `emphasis`."""
    rows = [["PSNR, SSIM, MSE, CIEDE2000 against", "ours, ms", "rival, ms", "ratio by wall time"]]
    rows[0] += ["by processor time", f"at least {TARGET.value:g}"]
    for item in record["comparisons"]:
        each = (record["ways"][way]["wall"] for way in ("ours", item["rival"]))
        row = [RIVALS[item["rival"]]]
        row += [f"{1e3 * sum(seconds) / record['images']:.3f}" for seconds in each]
        for clock in CLOCKS:
            low, high = map(floored, item[clock]["range"])
            row.append(f"{floored(item[clock]['ratio'])} ({low}–{high})")
        met = {clock: TARGET.met(item[clock]["ratio"]) for clock in CLOCKS}
        verdicts = [
            f"{clock} time: {'met' if met[clock] else emphasis.format('missed')}"
            for clock in CLOCKS
        ]
        rows.append([*row, "; ".join(verdicts)])
    return rows


def _memory(ways: Mapping) -> str:
    said = []
    for way in ("ours", "scikit-image"):
        first, *_ = grown = [peak - ways[way]["before_mib"] for peak in ways[way]["peak_mib"]]
        said.append(f"{way} +{first:.0f} MiB in the first turn, +{max(grown):.0f} MiB in any")
    return (
        "Peak of memory, with the images of a turn, above what the process had before its first: "
        + "; ".join(said)
    )


def markdown(record: Mapping) -> str:
    """The tables of a page, from what was recorded."""
    headings, *rows = _rows(record, "**{}**")
    beside = [[name, f"{milliseconds:.2f}"] for name, milliseconds in record["others"].items()]
    machine, same = record["environment"], record["comparisons"][0]
    mine, theirs = (record["ways"][way]["first_batch"] for way in ("ours", same["rival"]))
    turns = -(-record["images"] // record["turn"])
    said = (
        f"Milliseconds of wall time for an image of {record['side']}x{record['side']} pixels, over "
        f"{record['images']:,} different images that each way grades once, 100 of them before "
        f"that, in {turns} turns and in a process of its own, on {machine['cores']} cores of an "
        f"{machine['processor']}, load "
        f"average {machine['load_average']:.1f} before. Ratios are of all images together, in "
        "brackets the smallest and largest of a turn, all rounded down. The first batch of "
        f"{record['batch']}, in which ours is compiled, is not in them: {mine['wall']:.1f} s, and "
        f"{theirs['wall']:.1f} s of scikit-image's; with it the ratio is "
        f"{floored(same['wall']['with_first_batch'])} by wall time and "
        f"{floored(same['processor']['with_first_batch'])} by processor time. "
        f"{_memory(record['ways'])}."
    )
    return "\n\n".join(
        [
            table(headings, rows, [1, 2, 3, 4]),
            table(["other gradings", "ms"], beside, [1]),
            said,
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
