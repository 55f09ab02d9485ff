"""Ways to grade pairs of images, each in a process of its own.

    python -m benchmarks.ways.grading WAY SIDE

grades, for each line "FIRST COUNT" on standard input, COUNT pairs from number FIRST on, and answers
with a line of JSON: "wall" and "processor" (seconds of grading, without those of making the pairs),
"before_mib" (memory before the very first pair), "peak_mib" (the highest while it graded, these
pairs included), and "values" (by metric, of each pair). Linux only: other systems don't tell the
peak of a part of a process.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from polychrome.errors import InputError

BATCH = 100
METRICS = ("psnr", "ssim", "mse", "ciede2000")

Values = dict[str, np.ndarray]
Way = Callable[[np.ndarray, np.ndarray], Values]


def pairs(first: int, count: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """True and colorized images, uint8 `[count, side, side, 3]`: cuts of a photograph, no place
    twice, their colors made duller, each tinted in its own way.

    Args:
        first: number of the first one; a pair depends on its number alone.
        count: of pairs.
        side: in pixels.

    Raises:
        InputError: the photograph has fewer places.
    """
    from skimage import data

    photograph = data.coffee()
    rows, columns = np.subtract(photograph.shape[:2], side) + 1
    if side > min(photograph.shape[:2]) or first + count > rows * columns:
        raise InputError(
            f"{first + count} images of {side}x{side}, should be as many as are in one of 600x400; "
            "take fewer or smaller ones"
        )
    places = np.random.default_rng(0).permutation(rows * columns)[first : first + count]
    truth, made = np.empty((2, count, side, side, 3), np.uint8)
    for number, (y, x) in enumerate(zip(*divmod(places, columns), strict=True)):
        truth[number] = cut = photograph[y : y + side, x : x + side]
        gray = cut @ np.array([0.299, 0.587, 0.114])
        tint = np.random.default_rng([1, first + number]).normal(0, 6, 3)
        made[number] = np.clip(np.rint(0.4 * gray[..., None] + 0.6 * cut + tint), 0, 255)
    return truth, made


def ours() -> Way:
    """The metrics of the gradings, in batches."""
    from keras import ops

    from polychrome.compiling import compiled
    from polychrome.metrics.perceptual import CIEDE2000, SSIM
    from polychrome.metrics.pixel import MSE255, PSNR

    metrics = dict(zip(METRICS, (PSNR(), SSIM(), MSE255(), CIEDE2000()), strict=True))
    measure = compiled(
        lambda truth, made: {key: each.per_image(truth, made) for key, each in metrics.items()}
    )

    def grade(truth: np.ndarray, made: np.ndarray) -> Values:
        found: dict[str, list[np.ndarray]] = {key: [] for key in METRICS}
        for start in range(0, len(truth), BATCH):
            batch = (each[start : start + BATCH] for each in (truth, made))
            for key, values in measure(*batch).items():
                found[key].append(np.asarray(ops.convert_to_numpy(values)))
        return {key: np.concatenate(values) for key, values in found.items()}

    return grade


def scikit_image(gaussian: bool = True) -> Way:
    """Its functions, image by image.

    Args:
        gaussian: SSIM by its authors' window, as ours; False: by scikit-image's own.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab
    from skimage.metrics import (
        mean_squared_error,
        peak_signal_noise_ratio,
        structural_similarity,
    )

    window = (
        {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False} if gaussian else {}
    )

    def grade(truth: np.ndarray, made: np.ndarray) -> Values:
        found: dict[str, list[float]] = {key: [] for key in METRICS}
        for one, other in zip(truth, made, strict=True):
            found["psnr"].append(peak_signal_noise_ratio(one, other, data_range=255))
            found["ssim"].append(
                structural_similarity(one, other, channel_axis=-1, data_range=255, **window)
            )
            found["mse"].append(mean_squared_error(one, other))
            found["ciede2000"].append(deltaE_ciede2000(rgb2lab(one), rgb2lab(other)).mean())
        return {key: np.array(values) for key, values in found.items()}

    return grade


WAYS: dict[str, Callable[[], Way]] = {
    "ours": ours,
    "scikit-image": scikit_image,
    "scikit-image-window": lambda: scikit_image(gaussian=False),
}


def forget_peak() -> None:
    """Let the peak of this process's memory be what it has now."""
    Path("/proc/self/clear_refs").write_text("5")


def memory_mib(field: str) -> float:
    """Memory of this process: "VmRSS" now, "VmHWM" at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) / 1024


def main(name: str, side: int) -> None:
    """Answer the lines of standard input until it ends."""
    grade = WAYS[name]()
    before = memory_mib("VmRSS")
    for line in sys.stdin:
        first, count = map(int, line.split())
        images = pairs(first, count, side)
        forget_peak()
        wall, processor = time.perf_counter(), time.process_time()
        values = grade(*images)
        answer = {
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
            "before_mib": before,
            "peak_mib": memory_mib("VmHWM"),
            "values": {key: column.tolist() for key, column in values.items()},
        }
        print(json.dumps(answer), flush=True)
        del images, values, answer  # before the next ones are made


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
