"""The two numbers that a claim compares, found in the records, and both as text."""

import dataclasses
import math

from experiments.report.kept_runs import Graded, KeptRun, Measured
from experiments.report.replication.against_reports import COMMON_DATA, COMMON_SIDE, Here
from experiments.report.replication.clauses import shown
from experiments.reported.claim import Claim, OfBaseline, OfReport, OfRun, OfTiming, Side
from experiments.reported.figures import PLACES


@dataclasses.dataclass(frozen=True)
class Found:
    """A side of a claim: what it is of, its number and this as text.

    Attributes:
        run: that it is from.
        graded: the images that it is of, if it is from a record.
        beside: what the report has instead, as a clause.
    """

    words: str
    measured: Measured
    text: str
    run: KeptRun | None = None
    graded: Graded | None = None
    beside: str = ""


def find_pair(claim: Claim, here: Here) -> tuple[Found, Found] | None:
    """Both sides; of records two that are of the same images.

    Runs of equal length or of one bake-off, and of these the longest, unless the claim says which.
    """
    sides = (claim.greater, claim.lesser)
    pairs = [
        (one, two)
        for one in _candidates(sides[0], here)
        for two in _candidates(sides[1], here)
        if (one.graded is None or two.graded is None or one.graded == two.graded)
        and (one.run is None or two.run is None or _comparable(sides, one.run, two.run))
    ]
    ranked = [
        tuple(_rank(side, found) for side, found in zip(sides, pair, strict=True)) for pair in pairs
    ]
    return pairs[ranked.index(max(ranked))] if pairs else None


def _comparable(sides: tuple[Side, Side], one: KeptRun, two: KeptRun) -> bool:
    keys = [side.key for side in sides if isinstance(side, OfRun)]
    any_length = all(isinstance(side, OfRun) and side.most is not None for side in sides)
    at_one_budget = one.bakeoff is not None and one.bakeoff == two.bakeoff
    alike = any_length or one.in_epochs == two.in_epochs or at_one_budget
    return (one is not two or len(set(keys)) > 1) and alike


def _rank(side: Side, found: Found) -> float:
    if found.run is None:
        # A published figure in place of a run comes after any run.
        return -math.inf if isinstance(side, OfRun) else 0
    shortest = isinstance(side, OfRun) and side.most is False
    return -found.run.seen if shortest else found.run.seen


def _candidates(side: Side, here: Here) -> list[Found]:
    if isinstance(side, OfRun):
        theirs = _as_published(side)
        beside = f" where the report has {theirs[0].text}" if theirs else ""
        return [dataclasses.replace(each, text=f"{each.text} in the report") for each in theirs] + [
            Found(side.words, measured, shown(measured, side.key), run, run.graded, beside)
            for run in here.runs
            if run.recipe == side.recipe
            and run.graded.data == COMMON_DATA
            and run.in_epochs >= _least_images(side)
            and (measured := run.measured(side.key)) is not None
        ]
    if isinstance(side, OfBaseline):
        return [
            Found(side.words, measured, shown(measured, side.key), graded=run.graded)
            for run in here.runs
            if not run.recipe and (measured := run.measured(side.key, side.name)) is not None
        ]
    if isinstance(side, OfTiming):
        rates = here.speeds.get(side.recipe, ())
        return [_timing(side, rate) for rate in rates[:1]]
    if isinstance(side, OfReport):
        return _as_published(side)
    return [Found("", Measured(0.0, 0.0, 0.0), "")]


def _as_published(side: OfRun | OfReport) -> list[Found]:
    """The report's own figure, if it has one of the side's key."""
    value = None if side.published is None else side.published.values.get(side.key)
    if value is None:
        return []
    measured = Measured(value, value, value)
    return [Found(side.words, measured, shown(measured, side.key))]


def _least_images(side: OfRun) -> float:
    """The budget of the report; no run has one that it does not give."""
    if side.budget is None and side.published is None:
        return 0
    budgets = [side.budget]
    if side.published is not None:
        figures = [figure for place in PLACES for figure in place.figures]
        budgets = [figure.budget for figure in figures if figure.graded is side.published]
    return next((b.seen for b in budgets if b is not None and b.seen is not None), math.inf)


def _timing(side: OfTiming, rate: float) -> Found:
    per_image = (side.size / COMMON_SIDE) ** 2
    text = f"{rate / per_image:.3g} images a second of processor time"
    if per_image != 1:
        text += f" at {side.size}x{side.size}, from {rate:.3g} at {COMMON_SIDE}x{COMMON_SIDE}"
        text += " and the number of pixels"
    rate /= per_image
    return Found(side.words, Measured(rate, rate, rate), text)


def _start(found: Found) -> str:
    """What makes a run's system another one than a report's."""
    random = found.run is not None and found.run.random_encoder
    return " from an encoder of random weights" * random


def in_words(greater: Found, lesser: Found) -> str:
    """Both numbers, with the images that runs had seen; the truth's 0 goes without saying."""
    both = [each.run for each in (greater, lesser) if each.run is not None]
    equal = len({run.seen for run in both}) == 1 and len(both) == 2
    seen = [
        "" if each.run is None or equal else f" after {each.run.seen:,} images"
        for each in (greater, lesser)
    ]
    after = f", both after {both[0].seen:,} images" if equal else ""
    said = [
        f"{each.words} {each.text}{length}{_start(each)}{each.beside}"
        for each, length in zip((greater, lesser), seen, strict=True)
        if each.text
    ]
    return f"{', '.join(said)}{after}"
