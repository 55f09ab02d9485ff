"""The table of a bake-off as Markdown, from the JSON of its report."""

import math
from collections.abc import Mapping, Sequence

from experiments.comparison.kinds import BASELINE, IN_WORDS, ORACLE, TAKEN, TRAINED
from experiments.comparison.tables.cells import digits, rank_of, seeds_of
from experiments.report.markdown import escaped, table
from polychrome.errors import InputError

# Columns where none are named.
COLUMNS = (
    "psnr_colored",
    "psnr",
    "ssim",
    "ciede2000",
    "colorfulness",
    "auc_rebalanced",
    "st_lpips",
    "frechet_lite0",
    "top1",
)
_FEWEST = 3
# The data where none are named, and what is to say of them.
SAMPLE = "sample"
SAMPLE_SAYS = (
    "Of the sample, tiles of a few photographs: it shows that everything works, and its figures "
    "mean nothing."
)
_BRACKETS = (
    "In brackets: the 95 % interval over the graded images, for these weights; how far the seeds "
    "of a system scatter stands beside its mean. A rank is a range, which rows that can't be told "
    "apart share. They are compared on the same images, where intervals that overlap may belong to "
    "rows that are told apart."
)

_ONE_SEED = "What is said of a system of one seed is said of these weights alone."


def markdown(record: Mapping, columns: Sequence[str] | None = None, rows: int | None = None) -> str:
    """What a bake-off found.

    Args:
        record: of `bakeoff.json`.
        columns: keys of metrics; None: `COLUMNS`, as far as they were measured.
        rows: number of rows, at least 3, see `chosen`; None: all, with everything that is to say.

    Raises:
        InputError: a column is unknown, or the rows are too few.
    """
    known = record["metrics"]
    for key in columns or ():
        if key not in known:
            raise InputError(f"--columns: {key!r} was not measured; there are: {', '.join(known)}")
    keys = [key for key in columns or COLUMNS if key in known]
    shown = ordered(record) if rows is None else chosen(record, rows)
    headings = ["Rank", "System", *(escaped(known[key]["label"]) for key in keys), "Budget"]
    lines = [_line(row, record, keys, whole=rows is None) for row in shown]
    parts = [_of_what(record), table(headings, lines, [0, *range(2, 2 + len(keys))]), _BRACKETS]
    notes = record["notes"]
    if rows is not None:
        alone = any(row["kind"] == TRAINED and len(row["seeds"]) == 1 for row in shown)
        notes = [*notes[:1], *[_ONE_SEED] * alone]
    return "\n\n".join([*parts, *map(escaped, notes)])


def ordered(record: Mapping) -> list[Mapping]:
    """All rows from the best on, oracles last."""
    main = record["ranked_by"]

    def place(row: Mapping) -> tuple[bool, float]:
        mean = row["values"][main]["mean"]
        return row["kind"] == ORACLE, -math.inf if mean is None else -mean

    return sorted(record["rows"], key=place)


def chosen(record: Mapping, count: int) -> list[Mapping]:
    """The best row of each kind but oracles, then the best systems, then the best baselines.

    Args:
        record: of `bakeoff.json`.
        count: of rows, at least 3.

    Returns:
        At most so many rows, in the order of `ordered`.

    Raises:
        InputError: the rows are too few to have one of each kind.
    """
    if count < _FEWEST:
        raise InputError(f"--rows: {count} should be {_FEWEST} or more, one for each kind")
    order = [row for row in ordered(record) if row["kind"] != ORACLE]
    firsts = [
        next((row for row in order if row["kind"] == kind), None)
        for kind in (TRAINED, TAKEN, BASELINE)
    ]
    found = [row for row in firsts if row is not None]
    rest = sorted(
        (row for row in order if row not in found), key=lambda row: row["kind"] == BASELINE
    )
    found += rest[: count - len(found)]
    return [row for row in order if row in found]


def _of_what(record: Mapping) -> str:
    """Data, images and budget."""
    said = SAMPLE_SAYS + " " if record["data"] == SAMPLE else ""
    images = record["images"]
    if images:
        side = images["size"]
        said += (
            f"{images['images']:,} {record['split']} images of `{record['data']}`, {side}x{side} "
        )
        said += f"pixels, {images['gray']:,} of them gray. "
    said += f"Budget of each training run: {record['budget']}."
    if record["unfinished"]:
        said += f" Not finished: {escaped('; '.join(record['unfinished']))}."
    return said


def _line(row: Mapping, record: Mapping, keys: Sequence[str], whole: bool) -> list[str]:
    cells = [rank_of(row, record) or "–", escaped(row["label"])]
    main = record["ranked_by"]
    cells += [_value(row["values"].get(key), digits(record, key), key == main) for key in keys]
    return [*cells, _budget(row, whole)]


def _value(value: Mapping | None, places: int, with_seeds: bool) -> str:
    if value is None or value["mean"] is None:
        return "–"
    text = f"{value['mean']:.{places}f}"
    if value["low"] is not None:
        text += f" [{value['low']:.{places}f}, {value['high']:.{places}f}]"
    seeds = seeds_of(value, places) if with_seeds else ""
    return f"{text}; {seeds}" if seeds else text


def _budget(row: Mapping, whole: bool) -> str:
    """What was spent on a row; in short, what kind of budget."""
    if row["kind"] == TRAINED:
        return escaped(row["budget"] + ", one seed" * (len(row["seeds"]) == 1))
    if row["kind"] == TAKEN:
        return f"its own: {escaped(row['budget'])}" if whole and row["budget"] else "its own"
    said = IN_WORDS[row["kind"]]
    return f"{said}: {escaped(row['says'])}" if whole and row["says"] else said
