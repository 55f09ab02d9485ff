"""A claim of a report: that one number is greater than another, or about the same.

Nothing here is a result: numbers are named, and read from records or from
`experiments.reported.published`.
"""

import dataclasses

from experiments.reported.figure import Budget
from experiments.reported.published import Published


@dataclasses.dataclass(frozen=True)
class OfRun:
    """A number of a kept run.

    Attributes:
        words: what it is of, in a sentence.
        recipe: of the run.
        key: of the number.
        most: the longest run; else the shortest. Without a choice, None, runs of equal length.
        published: what the report has of the same system. Then only runs count that had at least
            the report's budget, and without one the published figure does.
        budget: of the report, where it publishes no such number, or where its numbers are the
            claim itself: only runs that had at least this count. None: all do.
    """

    words: str
    recipe: str
    key: str
    most: bool | None = None
    published: Published | None = None
    budget: Budget | None = None


@dataclasses.dataclass(frozen=True)
class OfBaseline:
    """A grade of a trivial baseline, on Tiny ImageNet's test images.

    Attributes:
        words: what it is of, in a sentence.
        name: of the baseline in records (`experiments.grading.baseline_names`).
        key: of the grade.
    """

    words: str
    name: str
    key: str


@dataclasses.dataclass(frozen=True)
class OfReport:
    """A figure as a report publishes it."""

    words: str
    published: Published
    key: str


@dataclasses.dataclass(frozen=True)
class OfTiming:
    """Images that a system trains on in a second of processor time here.

    Attributes:
        words: what it is of, in a sentence.
        recipe: of the system.
        size: side of the images in pixels. Timings are of 64x64; other sizes cost by their pixels.
    """

    words: str
    recipe: str
    size: int = 64


@dataclasses.dataclass(frozen=True)
class OfTruth:
    """Zero: what the true pictures have of a difference from them, and goes without saying."""

    key: str


Side = OfRun | OfBaseline | OfReport | OfTiming | OfTruth


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of a report.

    Attributes:
        report, place: whose, and where it stands.
        said: it, as a clause.
        greater, lesser: the numbers that it compares.
        within: None, or how near the two are if the claim is that they are alike.
        inside: the range in which the report has both, if they are alike elsewhere too; here they
            may be as far from it as from each other.
        elsewhere: why these numbers can't settle it; empty if they can.
    """

    report: str
    place: str
    said: str
    greater: Side
    lesser: Side
    within: float | None = None
    inside: tuple[float, float] | None = None
    elsewhere: str = ""
