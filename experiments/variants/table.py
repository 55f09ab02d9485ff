"""The table of an ablation, made from its records."""

import math
import statistics
from collections.abc import Mapping, Sequence

from scipy.stats import t as students_t
from tabulate import tabulate

from experiments.report.durations import duration
from experiments.variants.of_tiny import BASE, DECODINGS, PLAIN, VARIANTS
from experiments.variants.records import CPU, IMAGES, Record
from polychrome.errors import InputError

# Fewer seeds tell nothing: a difference of two runs may be luck.
LEAST_SEEDS = 3
_HEADINGS = (
    "Variant",
    "Change",
    "Colors",
    "Images",
    "CPU time",
    "Seeds",
    "PSNR, colored only (dB)",
    "Difference (dB)",
    "SSIM",
    "Colorfulness",
)
_TITLES = {
    IMAGES: "At equal images:",
    CPU: "At the process CPU time of the base, in whole epochs:",
}
# By seed.
Values = Mapping[int, float]


def difference(values: Values, base: Values) -> tuple[float, float] | None:
    """Mean difference over the seeds that both have, and half its 95 % interval (Student's t).

    Runs with one seed see the same images in the same order. None without a common seed; the half
    is infinite with one.
    """
    pairs = [values[seed] - base[seed] for seed in sorted(values.keys() & base.keys())]
    if not pairs:
        return None
    count = len(pairs)
    if count == 1:
        return pairs[0], math.inf
    error = statistics.stdev(pairs) / math.sqrt(count)
    return statistics.mean(pairs), float(students_t.ppf(0.975, count - 1)) * error


def markdown(records: Sequence[Record]) -> str:
    """All tables, each with the runs that make it and what it shows.

    Raises:
        InputError: the runs are of different data, images, or precisions; or there is no base.
    """
    alike = {(each.data, each.graded, each.precision) for each in records}
    if len(alike) > 1:
        raise InputError(f"runs of different kinds have no table in common: {sorted(alike)}")
    base = [each for each in records if each.variant == BASE and each.equal == IMAGES]
    if not base:
        raise InputError(f"there are no runs of {BASE}, with which the others are compared")
    parts = []
    for equal, title in _TITLES.items():
        found = [each for each in records if each.equal == equal]
        if found:
            parts += [title, _table(found, base)]
    ((data, graded, precision),) = alike
    machines = " or ".join(sorted({each.processor for each in records}))
    parts.append(
        f"{graded:,} test images of {data}, {precision}. Mean and standard deviation over seeds; "
        "the difference is from the base with the same seed, with a 95 % interval (Student's t). "
        f"CPU time is that of the gradient steps, all threads together, on {machines}.<br>\n"
        f"† fewer than {LEAST_SEEDS} seeds: no claim"
    )
    return "\n\n".join(parts)


def _table(records: Sequence[Record], base: Sequence[Record]) -> str:
    rows, better, worse = [], [], []
    theirs = _values(base, PLAIN, "psnr_colored")
    with_base = [*base, *(each for each in records if each.variant != BASE)]
    names = dict.fromkeys(each.variant for each in with_base)
    order = [*VARIANTS, *sorted(names.keys() - VARIANTS.keys())]
    for name in filter(names.__contains__, order):
        runs = [each for each in with_base if each.variant == name]
        for decoding in dict.fromkeys(key for run in runs for key in run.grades):
            values = _values(runs, decoding, "psnr_colored")
            itself = name == BASE and decoding == PLAIN
            found = None if itself else difference(values, theirs)
            rows.append(_row(runs, decoding, values, found))
            if found is not None and len(values) >= LEAST_SEEDS and abs(found[0]) > found[1]:
                called = name if decoding == PLAIN else f"{name} ({_says(decoding)})"
                (better if found[0] > 0 else worse).append(called)
    table = tabulate(rows, _HEADINGS, "pipe", disable_numparse=True, colalign=_ALIGNED)
    told = [
        f"{verb} the base, by an interval that leaves out 0: {', '.join(names_)}."
        for verb, names_ in (("Better than", better), ("Worse than", worse))
        if names_
    ]
    return "\n\n".join([table, " ".join(told) or "No difference's interval leaves out 0."])


_ALIGNED = (*["left"] * 3, *["right"] * 7)


def _row(
    runs: Sequence[Record], decoding: str, values: Values, found: tuple[float, float] | None
) -> list[str]:
    first = runs[0]
    says = {"scaled": f"{_says(decoding)} ({_factors(runs, decoding)})"}
    few = " †" if len(values) < LEAST_SEEDS else ""
    return [
        f"{first.variant}{few}",
        f"{first.group}: {first.says}",
        says.get(decoding, _says(decoding)),
        f"{statistics.mean(each.images for each in runs):,.0f}",
        duration(statistics.mean(each.cpu_seconds for each in runs)),
        str(len(values)),
        _spread(values, 2),
        "" if found is None else _signed(*found),
        _spread(_values(runs, decoding, "ssim"), 4),
        _spread(_values(runs, decoding, "colorfulness"), 1),
    ]


def _values(runs: Sequence[Record], decoding: str, metric: str) -> Values:
    """A metric by seed, of the runs that have it."""
    values = {}
    for run in runs:
        value = run.grades.get(decoding, {}).get("values", {}).get(metric)
        if value is not None:
            values[run.seed] = value
    return values


def _factors(runs: Sequence[Record], decoding: str) -> str:
    factors = [run.grades[decoding]["factor"] for run in runs if decoding in run.grades]
    return f"{statistics.mean(factors):.2f}"


def _says(decoding: str) -> str:
    return DECODINGS[decoding].says if decoding in DECODINGS else decoding


def _spread(values: Values, digits: int) -> str:
    mean = f"{statistics.mean(values.values()):.{digits}f}" if values else "–"
    return f"{mean} ± {statistics.stdev(values.values()):.{digits}f}" if len(values) > 1 else mean


def _signed(mean: float, half: float) -> str:
    if math.isinf(half):
        return f"{mean:+.2f}"
    return f"{mean:+.2f} [{mean - half:+.2f}, {mean + half:+.2f}]"
