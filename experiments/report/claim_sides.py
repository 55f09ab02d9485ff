"""The two numbers that a claim compares, found in the records, and both as text."""

import dataclasses
from collections.abc import Iterable

from experiments.report.against_reports import COMMON_DATA, Here, shown
from experiments.report.kept_runs import KeptRun, Measured
from experiments.reported.claim import Claim, OfBaseline, OfReport, OfRun, OfTiming, Side


@dataclasses.dataclass(frozen=True)
class Found:
    """A side of a claim: what it is of, its number, this as text, and the run that it is from."""

    words: str
    measured: Measured
    text: str
    run: KeptRun | None = None


def find_pair(claim: Claim, here: Here) -> tuple[Found, Found] | None:
    """Both sides; of runs two that were graded on the same images.

    Runs of equal length, and of these the longest, unless the claim says which.
    """
    sides = (claim.greater, claim.lesser)
    pairs = [
        (one, two)
        for one in _candidates(sides[0], here)
        for two in _candidates(sides[1], here)
        if one.run is None
        or two.run is None
        or (one.run is not two.run or sides[0].key != sides[1].key)
        and one.run.graded == two.run.graded
        and (_any_length(sides) or one.run.seen == two.run.seen)
    ]
    ranked = [
        tuple(_rank(side, found) for side, found in zip(sides, pair, strict=True)) for pair in pairs
    ]
    return pairs[ranked.index(max(ranked))] if pairs else None


def _any_length(sides: Iterable[Side]) -> bool:
    return all(isinstance(side, OfRun) and side.most is not None for side in sides)


def _rank(side: Side, found: Found) -> int:
    if found.run is None:
        return 0
    shortest = isinstance(side, OfRun) and side.most is False
    return -found.run.seen if shortest else found.run.seen


def _candidates(side: Side, here: Here) -> list[Found]:
    if isinstance(side, OfRun):
        return [
            Found(side.words, measured, shown(measured, side.key), run)
            for run in here.runs
            if run.recipe == side.recipe
            and run.graded.data == COMMON_DATA
            and (measured := run.measured(side.key)) is not None
        ]
    if isinstance(side, OfBaseline):
        measured = (run.measured(side.key, side.name) for run in here.runs if not run.recipe)
        return [Found(side.words, each, shown(each, side.key)) for each in measured if each][:1]
    if isinstance(side, OfTiming):
        rates = here.speeds.get(side.recipe, ())
        return [
            Found(side.words, Measured(r, r, r), f"{r:.3g} images a second of processor time")
            for r in rates[:1]
        ]
    if isinstance(side, OfReport):
        value = Measured(*[side.published.values[side.key]] * 3)
        return [Found(side.words, value, shown(value, side.key))]
    return [Found(side.words, Measured(0.0, 0.0, 0.0), "0")]


def in_words(greater: Found, lesser: Found) -> str:
    both = [each.run for each in (greater, lesser) if each.run is not None]
    equal = len({run.seen for run in both}) == 1 and len(both) == 2
    seen = [
        "" if each.run is None or equal else f" after {each.run.seen:,} images"
        for each in (greater, lesser)
    ]
    after = f", both after {both[0].seen:,} images" if equal else ""
    one, two = (
        f"{each.words} {each.text}{length}"
        for each, length in zip((greater, lesser), seen, strict=True)
    )
    return f"{one}, {two}{after}"
