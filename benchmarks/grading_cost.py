"""What grading costs: the metrics that scikit-image has too, against its way, and the others.

    python -m benchmarks.grading_cost [--images N] [--side N] [--turns N] [--json FILE]
    python -m benchmarks.grading_cost --json FILE --page FILE.md

PSNR, SSIM, MSE and CIEDE2000 of pairs of a true and a colorized image: ours in batches of 100,
scikit-image's functions image by image, both in turns on the same arrays and by the same
definitions, which is checked. The last row leaves scikit-image its own window for SSIM. Then what
each other grading of a bake-off takes. With --page nothing is timed: the figures of the JSON file
go between the lines of a page that mark their place.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import argparse
import functools
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import numpy as np
from keras import ops
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from benchmarks.command import parse_recorded, status_of
from benchmarks.timing import Comparison, Target, comparison_table, images_per_second, interleave
from experiments.command_line.numbers import positive
from experiments.report.markdown import table
from experiments.report.readme_block import publish
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.compiling import compiled
from polychrome.files import read_json
from polychrome.metrics.perceptual import CIEDE2000, SSIM
from polychrome.metrics.pixel import MSE255, PSNR

BEGIN, END = "<!-- grading-cost:begin -->", "<!-- grading-cost:end -->"
BATCH = 100
# Of the means of an image; scikit-image computes in float64.
TOLERANCES = {"psnr": 2e-3, "ssim": 1e-4, "mse": 0.05, "ciede2000": 5e-3}
TARGET = Target(">=", 5.0)
# Images that a grading other than these is timed on, at most.
_FEW = 500

Pairs = tuple[np.ndarray, np.ndarray]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grading_cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--images", type=positive, default=10_000, metavar="N", help="in all turns (10000)")
    add("--side", type=positive, default=64, metavar="N", help="of an image in pixels (64)")
    add("--turns", type=positive, default=5, metavar="N", help="of each way (5)")
    options = parse_recorded(parser, arguments)
    if options.page is not None:
        return publish(lambda: markdown(read_json(options.json)), options.page, BEGIN, END)

    def measured() -> dict[str, object]:
        results = compare(options.images, options.side, options.turns)
        return results | {"others": others(min(_FEW, options.images), options.side)}

    return status_of(measured, options.json, **{"scikit-image": version("scikit-image")})


def pairs(count: int, side: int, seed: int = 0) -> Pairs:
    """True and colorized images, uint8 `[count, side, side, 3]`: cuts of a photograph, their chroma
    made duller and noisy.
    """
    photograph = data.astronaut()
    rng = np.random.default_rng(seed)
    places = rng.integers(0, np.subtract(photograph.shape[:2], side) + 1, (count, 2))
    truth = np.stack([photograph[y : y + side, x : x + side] for y, x in places])
    made = []
    for start in range(0, count, BATCH):
        lab = np.asarray(ops.convert_to_numpy(rgb_to_lab(truth[start : start + BATCH])))
        lab[..., 1:] = 0.6 * lab[..., 1:] + rng.normal(0, 4, (len(lab), 1, 1, 2))
        made.append(np.asarray(ops.convert_to_numpy(to_uint8(lab_to_rgb(lab)))))
    return truth, np.concatenate(made)


@functools.cache
def _measure() -> Callable:
    metrics = (PSNR(), SSIM(), MSE255(), CIEDE2000())
    return compiled(
        lambda truth, made: {metric.key: metric.per_image(truth, made) for metric in metrics}
    )


def ours(images: Pairs) -> dict[str, np.ndarray]:
    """Values of each image by metric, batch by batch."""
    found: dict[str, list[np.ndarray]] = {key: [] for key in TOLERANCES}
    for start in range(0, len(images[0]), BATCH):
        measured = _measure()(*(each[start : start + BATCH] for each in images))
        for key, values in measured.items():
            found[key].append(np.asarray(ops.convert_to_numpy(values)))
    return {key: np.concatenate(values) for key, values in found.items()}


def scikit_image(images: Pairs, gaussian: bool = True) -> dict[str, np.ndarray]:
    """The same, image by image.

    Args:
        images: true and colorized.
        gaussian: SSIM by its authors' window, as ours; False: by scikit-image's own.
    """
    window = (
        {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False} if gaussian else {}
    )
    found: dict[str, list[float]] = {key: [] for key in TOLERANCES}
    for truth, made in zip(*images, strict=True):
        found["psnr"].append(peak_signal_noise_ratio(truth, made, data_range=255))
        found["ssim"].append(
            structural_similarity(truth, made, channel_axis=-1, data_range=255, **window)
        )
        found["mse"].append(mean_squared_error(truth, made))
        found["ciede2000"].append(deltaE_ciede2000(rgb2lab(truth), rgb2lab(made)).mean())
    return {key: np.array(values) for key, values in found.items()}


def check_same_numbers(images: Pairs) -> dict[str, float]:
    """Largest difference of an image's value, by metric.

    Raises:
        ArithmeticError: one exceeds its tolerance.
    """
    mine, theirs = ours(images), scikit_image(images)
    largest = {key: float(np.abs(mine[key] - theirs[key]).max()) for key in TOLERANCES}
    for key, difference in largest.items():
        if not difference <= TOLERANCES[key]:
            raise ArithmeticError(f"{key}: differs by {difference:g} from scikit-image's")
    return largest


def compare(count: int, side: int, turns: int) -> dict[str, object]:
    """Time both ways in turns of `count / turns` images; print and return all figures."""
    each = max(1, count // turns)
    images = pairs(each, side)
    largest = check_same_numbers(tuple(array[:BATCH] for array in images))
    begun = peak_mib()
    rows = []
    for name, gaussian in (("the same definitions", True), ("its own window for SSIM", False)):
        spent = interleave(
            lambda: ours(images), functools.partial(scikit_image, images, gaussian), turns
        )
        target = TARGET if gaussian else None
        rows.append(Comparison(f"scikit-image, {name}", *spent, images=each, target=target))
    grown = peak_mib() - begun
    print(f"\n{comparison_table(rows)}")
    print(f"{turns} turns of {each:,} images of {side}x{side}; peak of memory: +{grown:.0f} MiB")
    return {
        "images": each * turns,
        "turns": turns,
        "side": side,
        "largest_difference": largest,
        "comparisons": [row.as_json() for row in rows],
        "memory_growth_mib": grown,
    }


def others(count: int, side: int) -> dict[str, float]:
    """Milliseconds an image of each further grading of a bake-off; print and return them."""
    from experiments.grading.lite0 import Lite0
    from experiments.grading.protocol import grade_colorizers
    from experiments.grading.st_lpips import STLPIPS
    from experiments.grading.superpixels import grade_on_superpixels
    from tf_data.store import Store
    from tf_data.superpixels.segmentation import Superpixels

    truth, made = pairs(count, side)
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


def peak_mib() -> float:
    """Peak of this process's memory so far."""
    unit = 1024 if sys.platform != "darwin" else 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def markdown(record: Mapping) -> str:
    """The tables of a page, from what was recorded."""
    rows = []
    for item in record["comparisons"]:
        mine, theirs = (
            1e3 * float(np.median(item[f"{who}_seconds"]["wall"])) / item["images"]
            for who in ("ours", "rival")
        )
        low, high = item["ratio_range"]
        aim = "" if item["target"] is None else f"at least {TARGET.value:g}"
        aim += ", **missed**" if item["met"] is False else ""
        ratio = f"{item['ratio']:.1f} ({low:.1f}–{high:.1f})"
        by_processor = f"{item['processor_ratio']:.1f}"
        rows.append([item["name"], f"{mine:.2f}", f"{theirs:.2f}", ratio, by_processor, aim])
    headings = ["PSNR, SSIM, MSE, CIEDE2000 against", "ours, ms", "rival, ms", "ratio"]
    headings += ["by processor time", "aim"]
    beside = [[name, f"{milliseconds:.2f}"] for name, milliseconds in record["others"].items()]
    machine = record["environment"]
    said = (
        f"Milliseconds an image of {record['side']}x{record['side']} pixels; medians of "
        f"{record['turns']} turns over {record['images']:,} images in all, on {machine['cores']} "
        f"cores of an {machine['processor']}, load average {machine['load_average']:.1f} before. "
        f"The peak of memory grew by {record['memory_growth_mib']:.0f} MiB over all turns."
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
