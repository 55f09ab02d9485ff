"""The reports' claims, decided by the kept records, as two sentences for each report."""

import dataclasses
from collections.abc import Iterable

from experiments.report.against_reports import COMMON_DATA, Here, shown
from experiments.report.kept_runs import KeptRun, Measured
from experiments.reported.claims import (
    CLAIMS,
    Claim,
    OfBaseline,
    OfReport,
    OfRun,
    OfTiming,
    Side,
)

HELD, DID_NOT, OPEN = "held up", "did not", "open"
# Of two runs' images seen: more, and a claim is not decided by them.
_UNEQUAL = 2


@dataclasses.dataclass(frozen=True)
class Found:
    """A side of a claim: what it is of, its number, this as text, and the run that it is from."""

    words: str
    measured: Measured
    text: str
    run: KeptRun | None = None


@dataclasses.dataclass(frozen=True)
class Checked:
    """A claim with its verdict and the numbers that decided it, or the reason why none could."""

    claim: Claim
    verdict: str
    because: str


def check(claim: Claim, here: Here) -> Checked:
    """Compare two intervals: they decide if they don't overlap."""
    pair = _pair(claim, here)
    if pair is None:
        return Checked(claim, OPEN, "no two runs are kept that could tell")
    greater, lesser = pair
    numbers = _said(greater, lesser)
    if claim.elsewhere:
        return Checked(claim, OPEN, f"{numbers}; {claim.elsewhere}")
    # Of one system, the length of training is what is compared.
    seen = {each.run.recipe: each.run.seen for each in pair if each.run is not None}
    if max(seen.values(), default=0) > _UNEQUAL * min(seen.values(), default=0):
        return Checked(claim, OPEN, f"{numbers}; too unequal to compare")
    one, two = greater.measured, lesser.measured
    if claim.within is not None:
        near = abs(one.mean - two.mean) <= claim.within
        return Checked(claim, HELD if near else DID_NOT, numbers)
    if one.low > two.high:
        return Checked(claim, HELD, numbers)
    if one.high < two.low:
        return Checked(claim, DID_NOT, numbers)
    return Checked(claim, OPEN, f"{numbers}; the intervals overlap")


def sentences(report: str, here: Here, claims: Iterable[Claim] = CLAIMS) -> tuple[str, str]:
    """What held up, and what did not or is open."""
    checked = [check(claim, here) for claim in claims if claim.report == report]
    by = {
        verdict: "; ".join(_clause(each) for each in checked if each.verdict == verdict)
        for verdict in (HELD, DID_NOT, OPEN)
    }
    held = f"What held up: {by[HELD] or 'nothing that could be tested'}."
    did_not = f"What did not: {by[DID_NOT] or 'nothing that could be tested'}"
    return held, f"{did_not}{'; still open: ' * bool(by[OPEN])}{by[OPEN]}."


def _clause(checked: Checked) -> str:
    return f"{checked.claim.said} ({checked.claim.place}: {checked.because})"


def _pair(claim: Claim, here: Here) -> tuple[Found, Found] | None:
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


def _said(greater: Found, lesser: Found) -> str:
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
