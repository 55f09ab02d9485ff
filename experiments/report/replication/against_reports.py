"""The reports' figures beside ours, each with the outcome of its replication.

Outcomes are those of ReScience C (reviewer guidelines, https://rescience.github.io/edit/): a report
is replicated in full if all of its figures are, in part if some are, and a replication failed if
results can't be obtained again. Figures that nobody could try to obtain here are neither.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from experiments.grading.baseline_names import NOTHING
from experiments.report.kept_runs import KeptRun, Measured
from experiments.report.markdown import escaped, table
from experiments.report.replication.clauses import (
    both_budgets,
    budget_in_words,
    distance,
    notes_of,
    shown,
    two_digits,
    what_is_kept,
)
from experiments.reported.figure import (
    PARAMETERS,
    Budget,
    Figure,
    Place,
)
from experiments.reported.figures import AUTHORS_WEIGHTS, PLACES

REPLICATED, FAILED = "replicated", "failed"
# Not run so: runs on other images may well be kept.
UNFINISHED, NOT_RUN = "unfinished", "not run by the protocol"
DESCRIPTION = "description"
DATA, MACHINE = "data", "machine"
OUT_OF_REACH = "out of reach"
# Of a published figure. ReScience C has no such number: "there are no absolute criteria for two
# results being equal"; this one is ours.
TOLERANCE = 0.01
# Hours of one core that are out of reach: two days and nights of a machine with two.
CORE_HOURS = 96.0
COMMON_DATA, COMMON_SPLIT, COMMON_IMAGES, COMMON_SIDE = "tiny_imagenet", "test", 10_000, 64
# A bake-off may grade some of the images, evenly spread.
LEAST_IMAGES = 2_000
# Recipes that differ in the loss of a pixel, the learning rate, the size of a batch, or the length
# of training alone, and so hardly in the time of an image.
ONE_NETWORK = (
    (
        "dtu_mse",
        "dtu_mse_93",
        "dtu_mse_101",
        "dtu_mse_lr1e-3",
        "dtu_l1",
        "dtu_smooth_l1",
        "dtu_smooth_l1_lr1e-3",
        "dtu_color_weighted",
        "dtu_color_weighted_lr1e-3",
    ),
    ("polychromify_v4", "polychromify_v5"),
)
HEADINGS = (
    "system",
    "figure",
    "report",
    "ours, same protocol",
    "ours, common protocol",
    "doing nothing, common protocol",
    "outcome",
    "difference",
)
_NONE = "–"


@dataclasses.dataclass(frozen=True)
class Here:
    """What this suite has to set against the reports.

    Attributes:
        runs: the kept ones, and records of the trivial baselines.
        speeds: images that each network of a recipe trains on in a second of processor time, at
            64x64, timed once.
        parameters: of networks, by recipe.
        processor: of the timings.
    """

    runs: Sequence[KeptRun]
    speeds: Mapping[str, Sequence[float]]
    parameters: Mapping[str, int]
    processor: str = ""

    def timed_run(self, recipe: str) -> KeptRun | None:
        """The longest kept run whose records say what a processor trained on in a second.

        Of the system, or else of one whose network it shares.
        """
        alike = next((names for names in ONE_NETWORK if recipe in names), ())
        for names in ((recipe,), alike):
            found = [
                run
                for run in self.runs
                if run.recipe in names and run.rates and run.graded.side == COMMON_SIDE
            ]
            if found:
                return max(found, key=lambda run: run.seen)
        return None

    def core_hours(self, figure: Figure) -> float | None:
        """What a report's training takes on one core here; None if that is not known.

        At the speed of a kept run, see `timed_run`, or else of the system's timing.
        """
        run = self.timed_run(figure.recipe)
        rates = self.speeds.get(figure.recipe) if run is None else run.rates
        if figure.budget is None or figure.budget.seen is None or not rates:
            return None
        pixels = (figure.size / COMMON_SIDE) ** 2
        return sum(figure.budget.seen * pixels / rate for rate in rates) / 3600


@dataclasses.dataclass(frozen=True)
class Compared:
    """A figure with what was measured of it here.

    Attributes:
        lacks: data that it takes and that are not here.
        same: the run by the report's protocol, if there is one.
        common: the run graded on the test images of Tiny ImageNet; of another system if the own
            one was never run.
        nothing: the same quantity of doing nothing on the images of `common`; without that, on all
            of Tiny ImageNet's test images.
        kept: all runs of the system, of whatever length and images.
    """

    figure: Figure
    lacks: str
    same: KeptRun | None
    common: KeptRun | None
    nothing: Measured | None
    core_hours: float | None
    kept: Sequence[KeptRun] = ()

    @property
    def stands_in(self) -> bool:
        return self.common is not None and self.common.recipe != self.figure.recipe

    @property
    def outcome(self) -> str:
        """One of the words above; what is out of reach says for want of what."""
        figure = self.figure
        if figure.key == PARAMETERS:
            return DESCRIPTION
        if self.same is not None:
            needed = figure.budget.seen if figure.budget else None
            if needed is not None and self.same.in_epochs < needed:
                return UNFINISHED
            return REPLICATED if _near(self.same.measured(figure.key), figure) else FAILED
        slow = bool(figure.machine) or (self.core_hours or 0) > CORE_HOURS
        wants = [DATA] * bool(self.lacks) + [MACHINE] * slow
        return f"{OUT_OF_REACH}: {', '.join(wants)}" if wants else NOT_RUN


def compare(figure: Figure, here: Here, lacks: str = "") -> Compared:
    """Find the runs for a figure; of several the shortest that had its budget, or else the longest.

    Args:
        lacks: data that all figures of its place take and that are not here.
    """
    known = [run for run in here.runs if figure.key and run.measured(figure.key) is not None]
    own = [run for run in known if run.recipe == figure.recipe]
    same = [run for run in own if _same_protocol(figure, run)]
    common = [run for run in own if _is_common(run)] or [
        run for run in known if run.recipe == figure.instead and _is_common(run)
    ]
    nearest = _nearest(common, figure.budget)
    whole = [run for run in here.runs if _is_common(run) and run.graded.images == COMMON_IMAGES]
    fewer = nearest is not None and nearest.graded.images < COMMON_IMAGES
    beside = [nearest] if fewer else whole
    baselines = [run.measured(figure.key, NOTHING) for run in beside]
    return Compared(
        figure,
        "; ".join(filter(None, (figure.lacks, lacks))),
        _nearest(same, figure.budget),
        nearest,
        next((value for value in baselines if value is not None), None),
        here.core_hours(figure),
        [run for run in here.runs if run.recipe == figure.recipe],
    )


def _nearest(runs: Sequence[KeptRun], budget: Budget | None) -> KeptRun | None:
    needed = budget.seen if budget else None
    enough = [] if needed is None else [run for run in runs if run.in_epochs >= needed]
    if enough:
        return min(enough, key=lambda run: run.seen)
    return max(runs, key=lambda run: run.seen, default=None)


def markdown(here: Here, places: Iterable[Place] = PLACES) -> str:
    """All tables, a heading and the protocol above each."""
    parts = []
    for place in places:
        rows = [_cells(compare(figure, here, place.lacks), here) for figure in place.figures]
        lacks = f" Not here: {place.lacks}." * bool(place.lacks)
        heading = f"### {place.report}, {place.name.lower()}"
        parts += [heading, place.protocol + lacks, table(HEADINGS, rows)]
    return "\n\n".join(parts)


def counts(here: Here, report: str, places: Iterable[Place] = PLACES) -> str:
    """The outcome of a report as a whole, in the words of ReScience C, and how many figures say so.

    Descriptions of networks don't count.
    """
    outcomes = [
        compare(figure, here, place.lacks).outcome
        for place in places
        if place.report == report
        for figure in place.figures
    ]
    results = [outcome for outcome in outcomes if outcome != DESCRIPTION]
    if not results:
        return "no figure to replicate: it publishes no result as a number"
    replicated, failed = results.count(REPLICATED), results.count(FAILED)
    name = "no replication"
    if replicated:
        name = "full replication" if replicated == len(results) else "partial replication"
    elif failed:
        name = "failed replication"
    kinds = dict.fromkeys(results)
    said = "; ".join(f"{results.count(kind)} {kind}" for kind in kinds)
    return f"{name} ({len(results)} figures: {said})"


def missed(here: Here, report: str, places: Iterable[Place] = PLACES) -> list[str]:
    """Clauses on a report's figures whose replication failed, one for each table that has any."""
    said = []
    for place in places:
        if place.report != report:
            continue
        failed = [
            f"{figure.system}, {figure.quantity}: {figure.printed}, here "
            f"{shown(each.same.measured(figure.key), figure.key)}"
            for figure in place.figures
            if (each := compare(figure, here, place.lacks)).outcome == FAILED
        ]
        if failed:
            said.append(
                f"by the report's protocol and with at least its budget, figures of {place.name} "
                f"({'; '.join(failed)})"
            )
    return said


def _same_protocol(figure: Figure, run: KeptRun) -> bool:
    graded = run.graded
    # On random features it would be another system that fails, or not.
    random = bool(figure.encoder) and run.random_encoder
    if graded.side != figure.size or random or _trained_instead(figure, run):
        return False
    if figure.graded is None:
        return bool(figure.data) and graded.data == figure.data
    return figure.graded.same_images(graded.data, graded.split, graded.images)


def _trained_instead(figure: Figure, run: KeptRun) -> bool:
    """Whether a figure is of weights that its authors published, and the run is not."""
    return figure.lacks == AUTHORS_WEIGHTS and not run.authors_weights


def _is_common(run: KeptRun) -> bool:
    graded = run.graded
    images = (graded.data, graded.split, graded.side)
    return (
        images == (COMMON_DATA, COMMON_SPLIT, COMMON_SIDE)
        and LEAST_IMAGES <= graded.images <= COMMON_IMAGES
    )


def _near(measured: Measured | None, figure: Figure) -> bool:
    if measured is None or figure.value is None:
        return False
    low, high = figure.value if isinstance(figure.value, tuple) else (figure.value, figure.value)
    return low * (1 - TOLERANCE) <= measured.mean <= high * (1 + TOLERANCE)


def _cells(compared: Compared, here: Here) -> list[str]:
    figure, key = compared.figure, compared.figure.key
    if key == PARAMETERS:
        count = here.parameters.get(figure.recipe)
        ours = _NONE if count is None else f"{count:,}"
        cells = [ours, _NONE, _NONE]
    else:
        cells = [
            _NONE if run is None else shown(run.measured(key), key)
            for run in (compared.same, compared.common)
        ]
        cells.append(_NONE if compared.nothing is None else shown(compared.nothing, key))
    said = [figure.system, figure.quantity, figure.printed, *cells]
    return [*map(escaped, said), compared.outcome, difference(compared)]


def difference(compared: Compared) -> str:
    """One sentence on what parts the two figures."""
    figure = compared.figure
    if figure.key == PARAMETERS:
        clauses = ["counted from the network, with the statistics of batch norm"]
    elif compared.same is not None:
        measured = compared.same.measured(figure.key)
        clauses = [distance(measured, figure), *notes_of(compared.same, figure)]
        clauses.append(both_budgets(compared.same, figure))
    elif compared.common is not None:
        notes = notes_of(compared.common, figure)
        what = "ours, on other images" if notes else "the same system on other images"
        if compared.stands_in:
            what = f"`{compared.common.recipe}` in its place, {figure.instead_is}"
        elif _trained_instead(figure, compared.common):
            what = "the same network, trained here"
        clauses = [what, *notes]
        clauses.append(both_budgets(compared.common, figure))
    else:
        hours = compared.core_hours
        took = (
            f"{budget_in_words(figure.budget)} take about {two_digits(hours)} core-hours"
            if hours
            else ""
        )
        clauses = [what_is_kept(compared.kept, figure), took]
    if compared.same is None and figure.key != PARAMETERS:
        clauses += [f"not here: {what}" for what in (figure.lacks, figure.machine) if what]
    if compared.common is not None and compared.common.graded.images < COMMON_IMAGES:
        clauses.append(
            f"the common protocol on {compared.common.graded.images:,} of its images, evenly spread"
        )
    sentence = "; ".join(filter(None, [*clauses, figure.remark]))
    return f"{sentence[:1].upper()}{sentence[1:]}."
