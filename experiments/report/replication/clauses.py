"""What the tables' sentences are made of: numbers in their units, distances, budgets and notes."""

from collections.abc import Sequence

from experiments.report.durations import duration
from experiments.report.kept_runs import KeptRun, Measured
from experiments.reported.figure import (
    ACCURACY_FAKE,
    ACCURACY_REAL,
    BEST_EPOCH,
    OF_PHOTOGRAPH,
    SECONDS,
    Budget,
    Figure,
)

_ON_SUPERPIXELS = ("max_channel_superpixels", "gray_luma_superpixels")
_RATIOS = {
    ACCURACY_REAL,
    ACCURACY_FAKE,
    *(key + ending for key in _ON_SUPERPIXELS for ending in ("", OF_PHOTOGRAPH)),
}
_UNITS = {"psnr": " dB", "psnr_chroma_report": " dB", BEST_EPOCH: " epochs"}
_DECIMALS = {"ssim": 4, "st_lpips": 4, BEST_EPOCH: 0}
_SHORTER, _OTHER = "shorter ones", "of other images"


def shown(measured: Measured, key: str) -> str:
    """A number with its interval, in the unit of its quantity."""
    if key == SECONDS:
        return duration(measured.mean)
    scale, digits = (100, 1) if key in _RATIOS else (1, _DECIMALS.get(key, 2))
    mean, low, high = (
        f"{scale * each:.{digits}f}" for each in (measured.mean, measured.low, measured.high)
    )
    interval = "" if measured.low == measured.high else f" [{low}, {high}]"
    return f"{mean}{' %' if key in _RATIOS else ''}{interval}"


def notes_of(run: KeptRun, figure: Figure) -> list[str]:
    """What the run's records say of it, as clauses; of an encoder also what the report's was."""
    notes = [f"{note[:1].lower()}{note[1:]}".replace("; ", ", ") for note in run.notes]
    beside = f", {figure.encoder}" * bool(figure.encoder)
    return [note + beside * note.startswith("encoder of") for note in notes]


def distance(measured: Measured, figure: Figure) -> str:
    """How far ours is from the published figure, or from the nearer end of its range."""
    low, high = figure.value if isinstance(figure.value, tuple) else (figure.value, figure.value)
    gap = max(low - measured.mean, measured.mean - high)
    if gap <= 0:
        return "ours is the same"
    key = figure.key
    digits = _DECIMALS.get(key, 2)
    size = f"{100 * gap:.1f} points" if key in _RATIOS else f"{gap:.{digits}f}{_UNITS.get(key, '')}"
    return f"ours is {size} {'lower' if measured.mean < low else 'higher'}"


def two_digits(hours: float) -> str:
    """Two digits: the speeds are single measurements."""
    return f"{float(f'{hours:.2g}'):,g}"


def both_budgets(run: KeptRun, figure: Figure) -> str:
    """Both budgets where they differ, or ours where the report does not give its own."""
    ours = f"ours had {run.budget}"
    if figure.budget is None:
        return ours
    if run.in_epochs == figure.budget.seen:
        return ""
    return f"{ours}, the report's {budget_in_words(figure.budget)}"


def budget_in_words(budget: Budget) -> str:
    """A report's budget: its epochs or iterations, and of how many images."""
    if budget.images is None:
        return f"{budget.epochs:,} {budget.unit} of a number of images that it does not give"
    what = "images a batch" if budget.unit == "iterations" else "images"
    return f"{budget.epochs:,} {budget.unit} of {budget.images:,} {what}"


def what_is_kept(runs: Sequence[KeptRun], figure: Figure) -> str:
    """Why no run tells anything of a figure: which there are, if there are any.

    Args:
        runs: all of the figure's system.
    """
    if not runs:
        return "no run is kept"
    kinds = [_shortcomings(run, figure) for run in runs]
    of_all = [kind for kind in (_SHORTER, _OTHER) if all(kind in each for each in kinds)]
    if of_all:
        what = ", ".join(of_all)
    elif all(kinds):
        what = " or ".join((_SHORTER, _OTHER))
    elif any(figure.key and run.measured(figure.key) is not None for run in runs):
        what = "none by its protocol"
    else:
        what = "their records do not hold this"
    return f"runs are kept, but {what}"


def _shortcomings(run: KeptRun, figure: Figure) -> list[str]:
    needed = figure.budget.seen if figure.budget else None
    data = figure.data or (figure.graded.data if figure.graded else "")
    graded = run.graded
    other = graded.side != figure.size or (data and graded.data != data)
    return [_SHORTER] * (needed is not None and run.in_epochs < needed) + [_OTHER] * bool(other)
