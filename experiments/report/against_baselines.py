"""Which rows of a table beat its best trivial baseline in PSNR, and the sentence that says so."""

import math
from collections.abc import Mapping

from experiments.grading.baseline_names import BASELINES, COMPARED, IN_WORDS
from experiments.grading.bootstrap import too_few_to_say

_WHERE = {"psnr": "all images", "psnr_colored": "colored images"}


def mean_of(row: Mapping, key: str) -> float | None:
    """A row's mean of a metric; None if it has none that is finite."""
    mean = row["values"].get(key, {}).get("mean")
    return mean if mean is not None and math.isfinite(mean) else None


def best_baseline(metrics: Mapping, key: str) -> tuple[str, float] | None:
    """Kind and mean of the baseline that has the highest mean of a metric; None without any."""
    means = {
        row["kind"]: mean
        for row in metrics["rows"]
        if row["kind"] in BASELINES and (mean := mean_of(row, key)) is not None
    }
    best = max(means, key=means.__getitem__, default=None)
    return None if best is None else (best, means[best])


def beats(row: Mapping, metrics: Mapping, key: str) -> bool | None:
    """Whether a row beats the best baseline of its table in a metric of `COMPARED`.

    It does if its mean is higher and, where its record has the paired difference from the best
    baseline of its run, all of that 95 % interval is above 0. None if there is nothing to compare.
    """
    value, best = mean_of(row, key), best_baseline(metrics, key)
    if value is None or best is None:
        return None
    gain = row.get("against_best_baseline", {}).get(key)
    if gain is not None and gain["low"] is None:  # of one image
        return False
    return value > best[1] and (gain is None or gain["low"] > 0)


def too_few(metrics: Mapping) -> str:
    """A sentence, if a table's images are too few for what intervals and marks say."""
    images = metrics["images"]
    # Of the colored ones, which are fewer.
    number = (images.get("graded") or 0) - (images.get("gray") or 0)
    return too_few_to_say(number, "row")


def remaining(metrics: Mapping) -> str:
    """How many of a table's own rows beat its best baseline, and which; empty without any row."""
    ours = [row for row in metrics["rows"] if row["kind"] == "ours"]
    sentences, paired = [], True
    for key in reversed(COMPARED):
        best = best_baseline(metrics, key)
        compared = [row for row in ours if beats(row, metrics, key) is not None]
        if best is None or not compared:
            continue
        names = [row["label"] for row in compared if beats(row, metrics, key)]
        sentences.append(
            f"On {_WHERE[key]}, {len(names) or 'none'} of {len(compared)} trained "
            f"row{'s'[: len(compared) > 1]} beat{'s'[: len(names) < 2]} the best trivial baseline, "
            f"{IN_WORDS[best[0]]} ({best[1]:.2f} dB){': ' * bool(names)}{'; '.join(names)}."
        )
        paired &= all(key in row.get("against_best_baseline", {}) for row in compared)
    if sentences and (few := too_few(metrics)):
        sentences.append(few)
    if sentences and not paired:
        sentences.append("Means are compared where a record has no paired differences.")
    return " ".join(sentences)


def strongest(metrics: Mapping) -> str:
    """Which trivial baseline is the best of a table, on colored images and on all."""
    best = {key: best_baseline(metrics, key) for key in reversed(COMPARED)}
    said = [
        f"on {_WHERE[key]}, {IN_WORDS[found[0]]} with {found[1]:.2f} dB"
        for key, found in best.items()
        if found is not None
    ]
    return f"Best trivial baseline in PSNR: {'; '.join(said)}."
