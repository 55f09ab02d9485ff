"""The table of systems: their settings, with the owner of each number."""

from collections.abc import Sequence

from experiments.report.markdown import table
from experiments.reported.settings import ROWS, Images, Owned, Settings

HEADINGS = (
    "report",
    "systems",
    "learning rate",
    "batch",
    "epochs",
    "image side",
    "images: train + validation + test",
    "augmentation",
)
LEGEND = (
    "Numbers are the report's own, unless the owner is named: *code* is public code of its authors "
    "(for Zhang et al., of the paper's), *paper* the paper itself, *tutorial* the public one that "
    "VVIT's report follows, and *ours* what none of them gives, or where we depart. Several "
    "numbers are of networks trained one after the other. Smaller images are not enlarged: on Tiny "
    "ImageNet all systems train at 64. Images that are not square are cropped to the middle "
    "(ours), unless the table has them stretched."
)


def markdown(rows: Sequence[Settings] = ROWS) -> str:
    """The table, its legend, and notes on single systems."""
    return "\n".join([table(HEADINGS, map(_cells, rows)), "", LEGEND, "", *_notes(rows)])


def _cells(row: Settings) -> list[str]:
    rate = _said(_series(row.learning_rate[0], _rate), row.learning_rate[1])
    if row.drop_every is not None:
        steps, owner = row.drop_every
        rate += ", " + _said(f"a tenth every {steps:,} steps", owner)
    names = [step.replace("_", " ") for step in row.augmentation[0]]
    return [
        row.report,
        _systems(row),
        rate,
        _said(str(row.batch_size[0]), row.batch_size[1]),
        _said(_series(row.epochs[0], str), row.epochs[1]),
        _side(row),
        _images(row.images),
        _said(", ".join(names) or "none", row.augmentation[1]),
    ]


def _systems(row: Settings) -> str:
    return ", ".join(f"`{name}`" for name in row.systems)


def _side(row: Settings) -> str:
    said = [_said(str(row.image_size[0]), row.image_size[1])]
    if row.resize[0] == "stretch":
        said.append(_said("stretched", row.resize[1]))
    return ", ".join(said)


def _said(text: str, owner: str) -> str:
    return text if owner == "report" else f"{text} ({owner})"


def _series(numbers: Sequence[float], show) -> str:
    """One number for all networks, or one for each."""
    if len(set(numbers)) == 1:
        return show(numbers[0])
    return ", ".join(map(show, numbers))


def _rate(number: float) -> str:
    """0.0001 as 1e-4."""
    return f"{number:.0e}".replace("e-0", "e-")


def _images(images: Images) -> str:
    parts: tuple[Owned, ...] = (images.train, images.validation, images.test)
    owners = {owner for _, owner in parts}
    if len(owners) == 1:
        counts = _said(" + ".join(f"{number:,}" for number, _ in parts), *owners)
    else:
        counts = " + ".join(_said(f"{number:,}", owner) for number, owner in parts)
    return f"`{images.data}`: {'about ' if images.about else ''}{counts}"


def _notes(rows: Sequence[Settings]) -> list[str]:
    systems: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            systems.setdefault(row.note, []).append(_systems(row))
    return [f"- {', '.join(names)}: {note}." for note, names in systems.items()]
