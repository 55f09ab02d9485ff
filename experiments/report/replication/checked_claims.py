"""The reports' claims, decided by the kept records: what held up, what did not, what is open."""

import dataclasses
import math
from collections.abc import Iterable, Sequence

import numpy as np

from experiments.grading.seeds import Seeds, draws_margin, seeds_margin
from experiments.report.kept_runs import Measured
from experiments.report.replication.against_reports import Here, missed
from experiments.report.replication.claim_sides import Found, find_pair, in_words
from experiments.report.replication.clauses import shown
from experiments.report.replication.paired import paired_difference
from experiments.reported.claim import Claim, OfRun, OfTiming, Side
from experiments.reported.claims import CLAIMS

HELD, DID_NOT, OPEN = "held up", "did not", "open"
# Of two runs' images seen: more, and a claim is not decided by them.
_UNEQUAL = 2
# Of two speeds: less, and they are not told apart. Timings of one network were 1.5 times apart
# (`experiments.tables.reports.machines`).
TIMES_APART = 2.0


@dataclasses.dataclass(frozen=True)
class Checked:
    """A claim with its verdict and the numbers that decided it, or the reason why none could.

    Attributes:
        numbers: both, as text.
        why: the reason why they decide nothing, or what to know of how they did.
        alone: whether runs here decided it of which none has several seeds, so that the verdict is
            of their weights and not of the systems.
    """

    claim: Claim
    verdict: str
    numbers: str
    why: str = ""
    alone: bool = False

    @property
    def because(self) -> str:
        return "; ".join(filter(None, (self.numbers, self.why)))

    @property
    def outcome(self) -> tuple[str, str]:
        """The verdict with the kind of its reason, without its numbers."""
        return self.verdict, self.why.partition(":")[0]


def check(claim: Claim, here: Here) -> Checked:
    """Compare two numbers: they decide if they are told apart, over images and over seeds.

    Runs of one bake-off are told apart by their difference on the same images, others if their
    intervals don't overlap. Where seeds are known, both chances are taken together, as in the ranks
    of a bake-off.
    """
    pair = find_pair(claim, here)
    if pair is None:
        return Checked(claim, OPEN, "", "no two runs are kept that could tell")
    greater, lesser = pair
    numbers = in_words(greater, lesser)
    if claim.elsewhere:
        return Checked(claim, OPEN, numbers, claim.elsewhere)
    # Of one system, the length of training is what is compared.
    seen = {each.run.recipe: each.run.seen for each in pair if each.run is not None}
    if max(seen.values(), default=0) > _UNEQUAL * min(seen.values(), default=0):
        return Checked(claim, OPEN, numbers, "too unequal to compare")
    one, two = greater.measured, lesser.measured
    runs = [each.run for each in pair if each.run is not None]
    alone = bool(runs) and not any(run.by_seed for run in runs)
    if claim.within is not None:
        alike = abs(one.mean - two.mean) <= claim.within and _inside(claim, one, two)
        return Checked(claim, HELD if alike else DID_NOT, numbers, alone=alone)
    if isinstance(claim.greater, OfTiming) and isinstance(claim.lesser, OfTiming):
        return _timed(claim, one.mean / two.mean, numbers)
    difference = _difference(claim, pair)
    if difference is None:
        level, ahead = one.low <= two.high and two.low <= one.high, one.low > two.high
    else:
        level, ahead = difference.low <= 0 <= difference.high, difference.low > 0
        apart = f"their difference on the same images {_signed(difference, claim.greater)}"
        numbers = f"{numbers}, {apart}"
    if level:
        why = "the intervals overlap" if difference is None else "not told apart"
        return Checked(claim, OPEN, numbers, why)
    of_images = (
        math.hypot(one.high - one.low, two.high - two.low)
        if difference is None
        else difference.high - difference.low
    )
    scatter = _scatter(claim, pair, here, of_images / 2)
    if scatter:
        return Checked(claim, OPEN, numbers, scatter)
    return Checked(claim, HELD if ahead else DID_NOT, numbers, alone=alone)


def _difference(claim: Claim, pair: tuple[Found, Found]) -> Measured | None:
    """Of one quantity of two runs, if one bake-off has it of each image."""
    sides = (claim.greater, claim.lesser)
    keys = {side.key for side in sides if isinstance(side, OfRun)}
    greater, lesser = pair
    return paired_difference(greater.run, lesser.run, keys.pop()) if len(keys) == 1 else None


def _signed(difference: Measured, side: Side) -> str:
    assert isinstance(side, OfRun)
    return f"{'+' * (difference.mean > 0)}{shown(difference, side.key)}"


def checks(claim: Claim, here: Here) -> list[Checked]:
    """A claim's verdict; one on all and one on colored images where a PSNR differs in outcome.

    A test image that is gray already counts for who adds no color.
    """
    on_all = check(claim, here)
    sides = (claim.greater, claim.lesser)
    keys = {side.key for side in sides if not isinstance(side, OfTiming)}
    if keys != {"psnr"} or claim.elsewhere:
        return [on_all]
    greater, lesser = (dataclasses.replace(side, key="psnr_colored") for side in sides)
    colored = dataclasses.replace(claim, greater=greater, lesser=lesser)
    if find_pair(colored, here) is None:
        return [on_all]
    on_colored = check(colored, here)
    if on_colored.outcome == on_all.outcome:
        return [on_all]
    return [
        dataclasses.replace(
            each, claim=dataclasses.replace(claim, said=f"{claim.said}, on {where}")
        )
        for each, where in ((on_all, "all images"), (on_colored, "colored images"))
    ]


def _inside(claim: Claim, one: Measured, two: Measured) -> bool:
    if claim.inside is None or claim.within is None:
        return True
    low, high = claim.inside[0] - claim.within, claim.inside[1] + claim.within
    return low <= one.mean <= high and low <= two.mean <= high


def _timed(claim: Claim, ratio: float, numbers: str) -> Checked:
    """One timing has no interval: only a factor decides that no two timings of one system have."""
    if 1 / TIMES_APART < ratio < TIMES_APART:
        near = f"timed once each, and less than a factor of {TIMES_APART:g} apart"
        return Checked(claim, OPEN, numbers, near)
    return Checked(claim, HELD if ratio > 1 else DID_NOT, numbers, "timed once each")


def _scatter(claim: Claim, pair: tuple[Found, Found], here: Here, of_images: float) -> str:
    """Why seeds leave a claim open; empty where they allow it, or none are known.

    By the seeds of the two runs. Where each has one, by those that are kept of another run of
    either system: one more draw of each scatters as widely as the wider of them do.

    Args:
        of_images: half of the 95 % interval of the difference over images; each chance alone would
            be left out too often.
    """
    sides = (claim.greater, claim.lesser)
    own = [_seeds(side, found) for side, found in zip(sides, pair, strict=True)]
    if max(len(each.means) for each in own) > 1:
        widest = max(own, key=lambda each: len(each.means))
        side, run = next(
            (side, found.run)
            for side, found, each in zip(sides, pair, own, strict=True)
            if each is widest
        )
        margin, whose = seeds_margin(*own), "not beyond what {} seeds allow"
    else:
        known = [
            (np.std(run.by_seed[side.key], ddof=1), side, run)
            for side in sides
            if isinstance(side, OfRun)
            for run in here.runs
            if run.recipe == side.recipe and side.key in run.by_seed
        ]
        if not known:
            return ""
        _, side, run = max(known, key=lambda each: each[0])
        draws = sum(not each.fixed for each in own)
        margin = draws_margin(run.by_seed[side.key], draws)
        whose = "of one seed, and not beyond what {} seeds of another run allow"
    difference = float(np.mean(own[0].means)) - float(np.mean(own[1].means))
    if abs(difference) > math.hypot(margin, of_images) or run is None:
        return ""
    seeds = " and ".join(shown(Measured(m, m, m), side.key) for m in run.by_seed[side.key])
    count = len(run.by_seed[side.key])
    return f"{whose.format(count)}: `{run.recipe}` has {seeds} after {run.seen:,} images"


def _seeds(side: Side, found: Found) -> Seeds:
    if found.run is None:
        return Seeds([found.measured.mean], fixed=True)
    return Seeds(found.run.by_seed.get(side.key) or [found.measured.mean])


def paragraphs(report: str, here: Here, claims: Iterable[Claim] = CLAIMS) -> list[str]:
    """A sentence on what held up, one on what did not, and a list of what is open, if any is."""
    own = [claim for claim in claims if claim.report == report]
    checked = [each for claim in own for each in checks(claim, here)]
    held, did_not, opened = (
        [each for each in checked if each.verdict == verdict] for verdict in (HELD, DID_NOT, OPEN)
    )
    figures = missed(here, report)
    said = [f"What held up: {_listed(held)}.", f"What did not: {_listed(did_not, figures)}."]
    if opened:
        clauses = [_clause(each) for each in opened]
        points = "\n".join(f"- {clause[:1].upper()}{clause[1:]}." for clause in clauses)
        said.append(f"Still open:\n\n{points}")
    return said


def _listed(checked: Sequence[Checked], figures: Sequence[str] = ()) -> str:
    """Those of one verdict, and apart from them what is of single seeds; figures come first."""
    parts = [*figures, *(_clause(each) for each in checked if not each.alone)]
    alone = "; ".join(_clause(each) for each in checked if each.alone)
    if alone:
        parts.append(f"of these weights alone, one seed each, {alone}")
    return "; ".join(parts) or "nothing that could be tested"


def _clause(checked: Checked) -> str:
    return f"{checked.claim.said} ({checked.claim.place}: {checked.because})"
