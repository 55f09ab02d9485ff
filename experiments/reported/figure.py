"""A figure that a report publishes as a result: what it is of, and where it stands."""

import dataclasses

from experiments.reported.published import Published

# Keys of quantities that are no metrics, as `experiments.report.kept_runs` finds them.
SECONDS, PARAMETERS = "seconds", "parameters"
ACCURACY_REAL, ACCURACY_FAKE = "accuracy_real", "accuracy_fake"
BEST_EPOCH = "best_epoch"
# Ends the keys of gradings on superpixels where the system saw the photograph. UCI's own saw the
# painted image, as in training: their keys end without it.
OF_PHOTOGRAPH = "_of_photograph"


@dataclasses.dataclass(frozen=True)
class Budget:
    """What a report trained one network on.

    Attributes:
        epochs: of `images` images; or steps of a batch of `images`, if `unit` is "iterations".
        images: None if the report does not give it.
    """

    epochs: int
    images: int | None = None
    unit: str = "epochs"

    @property
    def seen(self) -> int | None:
        """Images that each network saw, counted as often as it saw them."""
        return None if self.images is None else self.epochs * self.images


@dataclasses.dataclass(frozen=True)
class Figure:
    """One published figure.

    Attributes:
        system: as its report names it.
        quantity: in words.
        printed: the figure as the report prints it.
        key: of the same quantity in the records of our runs; empty if they have none.
        value: in the records' unit; a range has its ends. None: no single number.
        recipe: of ours, the same system.
        instead: of ours, another system to stand in where the first has no record.
        instead_is: how that one differs.
        budget: of the report; None if it trained nothing or does not say.
        size: side of the report's images in pixels.
        graded: what it was measured on; None for what is no grade.
        data: the data set (`tf_data.sources`) that it was trained on, for what is no grade.
        lacks: data that it takes, besides those of its place, and that are not here.
        machine: what it was timed on.
        remark: what else there is to know.
        encoder: a clause on what the report's began with, said beside ours; empty without one.
    """

    system: str
    quantity: str
    printed: str
    key: str
    value: float | tuple[float, float] | None
    recipe: str
    instead: str = ""
    instead_is: str = ""
    budget: Budget | None = None
    size: int = 64
    graded: Published | None = None
    data: str = ""
    lacks: str = ""
    machine: str = ""
    remark: str = ""
    encoder: str = ""


@dataclasses.dataclass(frozen=True)
class Place:
    """A table or a section of a report, the figures of which have a protocol in common.

    Attributes:
        report, name: where it is.
        protocol: what was measured, and on what.
        lacks: data that all its figures take and that are not here.
        figures: of it.
    """

    report: str
    name: str
    protocol: str
    lacks: str
    figures: tuple[Figure, ...]
