"""Graded systems as tables: for the terminal, for Markdown, and several runs as one.

All functions take the content of a run's ``metrics.json`` (see ``experiments/stages/grade.py``). A
value is printed as ``mean [low, high]``; a report's figure has no interval and names its source.
A row that does not beat the best of the trivial baselines in PSNR is marked.
"""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from experiments.grading.baseline_names import BASELINES, COMPARED, NOTHING
from experiments.report import markdown
from experiments.report.against_baselines import beats, mean_of, remaining, too_few
from experiments.report.durations import accelerator, time_in_words, training_time
from experiments.report.earlier_runs import (
    budget_of,
    in_brief,
    number_of_runs,
    trained_networks,
)
from experiments.training import read_if_there
from polychrome.errors import InputError
from polychrome.files import read_json

MAIN_COLUMNS = ("psnr", "psnr_colored", "ssim", "ciede2000", "colorfulness")
BELOW = "†"
ELSEWHERE = "‡"
NOTES = {
    BELOW: "does not beat the best trivial baseline in PSNR, on all or on colored images",
    ELSEWHERE: "measured on the report's own test images, not on the ones graded here",
}
_MISSING = "–"
_KINDS = ("ours", "reported", *BASELINES)


def read_metrics(run: Path) -> dict:
    """Content of a run's ``metrics.json``, with the training of its networks in its own rows.

    "training" is the time that this run took, on "accelerator" if not on a CPU; "trained" tells of
    earlier runs too, and so does "budget", of each network if they differ.

    Raises InputError when ``metrics.json`` is missing or not one.
    """
    path = run / "metrics.json"
    metrics = read_json(path)
    if not isinstance(metrics, dict) or not {"metrics", "rows", "images"} <= metrics.keys():
        raise InputError(f"{path}: has no metrics, rows and images; grade the run again")
    spent, trained = training_time(run), trained_networks(run)
    device = accelerator(read_if_there(run / "environment.json"))
    for row in metrics["rows"]:
        if row["kind"] == "ours":
            row |= {"training": spent, "accelerator": device, "trained": trained}
            row["budget"] = budget_of(trained, row.get("budget", ""))
    return metrics


def ordered_rows(metrics: dict) -> list[dict]:
    """Rows in table order: ours, reported, trivial baselines; otherwise as they were."""
    return sorted(metrics["rows"], key=lambda row: _KINDS.index(row["kind"]))


def row_name(row: dict) -> str:
    """Label of a row in a table; reported figures are marked as such."""
    return f"{row['label']} (reported)" if row["kind"] == "reported" else row["label"]


def mark(row: dict, metrics: dict) -> str:
    """Mark of a row: BELOW, ELSEWHERE or nothing. ELSEWHERE wins: the numbers don't compare.

    A report's figure compares only where the grading found that it is of the same images
    (`experiments.reported.published.Published.same_images`).
    """
    if row["kind"] in BASELINES:
        return ""
    if row["kind"] == "reported" and not row.get("same_images", False):
        return ELSEWHERE
    return BELOW if any(beats(row, metrics, key) is False for key in COMPARED) else ""


def notes(metrics: dict) -> list[str]:
    """Footnotes: few images, what the rows' marks mean, the caveats of the reports' figures."""
    used = {mark(row, metrics) for row in metrics["rows"]}
    remarks = (f"{row_name(row)}: {row['note']}" for row in metrics["rows"] if row.get("note"))
    marks = [f"{sign} {note}" for sign, note in NOTES.items() if sign in used]
    return [*filter(None, [too_few(metrics)]), *marks, *dict.fromkeys(remarks)]


def main_columns(metrics: dict) -> list[str]:
    """Keys of the columns of a narrow table: five, and any that a report gives a figure for."""
    reported = {
        key for row in metrics["rows"] if row["kind"] == "reported" for key in row["values"]
    }
    more = [key for key in metrics["metrics"] if key in reported and key not in MAIN_COLUMNS]
    return [key for key in (*MAIN_COLUMNS, *more) if key in metrics["metrics"]]


def format_value(row: dict, key: str, metrics: dict) -> tuple[str, str]:
    """``("22.14", "[22.05, 22.23]")``; the interval is empty when it is not known.

    Decimals belong to a column: four where no mean exceeds 1 (SSIM, accuracies), else two.
    """
    mean = mean_of(row, key)
    if mean is None:
        return _MISSING, ""
    means = [value for other in metrics["rows"] if (value := mean_of(other, key)) is not None]
    digits = 4 if max(map(abs, means)) <= 1 else 2
    low, high = (row["values"][key].get(end) for end in ("low", "high"))
    interval = f"[{low:.{digits}f}, {high:.{digits}f}]" if _known(low) and _known(high) else ""
    return f"{mean:.{digits}f}", interval


def text_table(metrics: dict, width: int = 100) -> str:
    """Aligned table of the main columns for a terminal of `width` characters.

    Columns that don't fit go to a second block below, with the rows' names repeated. Footnotes and
    the sources of reported figures close the table.
    """
    rows = ordered_rows(metrics)
    names = [f"{row_name(row)} {mark(row, metrics)}".rstrip() for row in rows]
    names = [textwrap.shorten(name, width=40, placeholder="…") for name in names]
    columns = [["", *names]]
    for key in main_columns(metrics):
        pairs = [format_value(row, key, metrics) for row in rows]
        number = max(len(value) for value, _ in pairs)
        cells = [f"{value:>{number}} {interval}".rstrip() for value, interval in pairs]
        columns.append([metrics["metrics"][key]["label"], *cells])
    if _any_time(rows):
        columns.append(["Time", *(_time(row) for row in rows)])

    blocks, block = [], [columns[0]]
    for column in columns[1:]:
        if len(block) > 1 and _width([*block, column]) > width:
            blocks.append(block)
            block = [columns[0]]
        block.append(column)
    blocks.append(block)
    footer = [textwrap.fill(note, width) for note in (*notes(metrics), *_sources(rows))]
    return "\n\n".join([_aligned(block) for block in blocks] + ["\n".join(footer)]).rstrip()


def markdown_table(metrics: dict, keys: Sequence[str] | None = None, *, brief: bool = False) -> str:
    """GitHub Markdown table of the metrics `keys` (default: the main ones), footnotes below it.

    A report without a figure for any of them gets no row. With `brief`, the budget of weights that
    went through several runs is the images that they have seen.
    """
    keys = main_columns(metrics) if keys is None else list(keys)
    rows = [
        row
        for row in metrics["rows"]
        if row["kind"] != "reported" or any(mean_of(row, key) is not None for key in keys)
    ]
    metrics, timed = {**metrics, "rows": rows}, ["Time"] if _any_time(rows) else []
    labels = [markdown.escaped(metrics["metrics"][key]["label"]) for key in keys]
    headings, lines = ["System", *labels, *timed, "Budget"], []
    for row in ordered_rows(metrics):
        name = f"{row_name(row)} {mark(row, metrics)}".rstrip()
        cells = [" ".join(format_value(row, key, metrics)).rstrip() for key in keys]
        cells += [_time(row)] if timed else []
        trained = row.get("trained", {})
        shortened = brief and number_of_runs(trained) > 1
        budget = in_brief(trained) if shortened else row.get("budget")
        origin = [text for text in (budget, row.get("source")) if text]
        lines.append([markdown.escaped(cell) for cell in (name, *cells, "; ".join(origin))])
    table = markdown.table(headings, lines, right=range(1, len(headings) - 1))
    footer = "<br>\n".join(map(markdown.escaped, notes(metrics)))
    return f"{table}\n\n{footer}" if footer else table


def combine(runs: Sequence[dict], names: Sequence[str] | None = None) -> dict:
    """One table from several runs: all own rows, each reported row and baseline once.

    Mean color and best constant are the first run's that has them: they depend on the training
    images, which may differ. The verdict says how many own rows beat the best baseline.
    `names` call the runs in errors, and their last parts tell rows of one label apart. Raises
    InputError when the runs were graded on different test images, seen in their count or in the
    scores of doing nothing.
    """
    if not runs:
        raise InputError("no run to tabulate: name at least one folder of a run")
    names = names or [f"run {number}" for number in range(1, len(runs) + 1)]
    labels: dict[str, dict] = {}
    rows: list[dict] = []
    origins: list[str] = []
    for metrics, name in zip(runs, names, strict=True):
        _same_test_images(runs[0], names[0], metrics, name)
        labels.update(
            {key: label for key, label in metrics["metrics"].items() if key not in labels}
        )
        for row in metrics["rows"]:
            if row["kind"] == "ours":
                known = row in rows
            elif row["kind"] == "reported":
                identity = ("reported", row["system"], row["source"])
                known = any((r["kind"], r["system"], r["source"]) == identity for r in rows)
            else:
                known = any(r["kind"] == row["kind"] for r in rows)
            if not known:
                rows.append(row)
                origins.append(name)
    images = {key: runs[0]["images"].get(key) for key in ("graded", "gray")}
    rows = _told_apart(rows, origins)
    combined = {"metrics": labels, "rows": rows, "images": images}
    return {**combined, "rows": ordered_rows(combined), "verdict": remaining(combined)}


def select(metrics: dict, systems: Sequence[str]) -> dict:
    """The rows of some systems alone, baselines and reports' figures only where named too.

    Raises InputError when a system has no row.
    """
    known = dict.fromkeys(row["system"] for row in metrics["rows"])
    for system in systems:
        if system not in known:
            raise InputError(f"no run has a row of {system!r}; there are: {', '.join(known)}")
    chosen = {**metrics, "rows": [row for row in metrics["rows"] if row["system"] in systems]}
    return chosen | {"verdict": remaining(chosen)}


def _told_apart(rows: Sequence[dict], origins: Sequence[str]) -> list[dict]:
    """Of own rows with one label, all but the first with the name of their run."""
    used: set[str] = set()
    told = []
    for row, origin in zip(rows, origins, strict=True):
        if row["kind"] == "ours":
            if row["label"] in used:
                row = {**row, "label": f"{row['label']} ({Path(origin).name})"}
            used.add(row["label"])
        told.append(row)
    return told


def _same_test_images(first: dict, first_name: str, other: dict, other_name: str) -> None:
    advice = "tabulate only runs of the same data set and limit"
    settings = ("data", "limit")
    counts = first["images"]["graded"], other["images"]["graded"]
    if counts[0] != counts[1]:
        raise InputError(
            f"{first_name} and {other_name} were graded on different test images "
            f"({counts[0]} against {counts[1]}): {advice}",
            settings,
        )
    nothing, other_nothing = _do_nothing(first, first_name), _do_nothing(other, other_name)
    for key in nothing["values"].keys() & other_nothing["values"].keys():
        one, two = mean_of(nothing, key), mean_of(other_nothing, key)
        # Machines may differ in the last bits of a float32 sum, photographs differ in far more.
        if (one is None) != (two is None) or (
            one is not None and not math.isclose(one, two, rel_tol=1e-4, abs_tol=1e-6)
        ):
            raise InputError(
                f"{first_name} and {other_name} were graded on different test images "
                f"({key} of doing nothing is {one} against {two}): {advice}",
                settings,
            )


def _do_nothing(metrics: dict, name: str) -> dict:
    for row in metrics["rows"]:
        if row["kind"] == NOTHING:
            return row
    raise InputError(f"{name} has no do-nothing row to compare with: grade it again")


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _width(columns: list[list[str]]) -> int:
    return sum(max(map(len, column)) for column in columns) + 2 * (len(columns) - 1)


def _aligned(columns: list[list[str]]) -> str:
    """Columns of cells, each with its heading first, as an aligned table."""
    headings, *rows = zip(*columns, strict=True)
    return tabulate(rows, headings, tablefmt="simple", disable_numparse=True)


def _any_time(rows: list[dict]) -> bool:
    return any("seconds" in row.get("training", {}) for row in rows)


def _time(row: dict) -> str:
    """Of this run: the budget beside it may be that of several."""
    if row["kind"] in BASELINES:
        return ""
    runs = number_of_runs(row.get("trained", {}))
    last = f", the last of {runs} runs" if runs > 1 else ""
    return f"{time_in_words(row.get('training', {}), row.get('accelerator', ''))}{last}"


def _sources(rows: list[dict]) -> list[str]:
    named: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] == "reported" and row.get("source"):
            named.setdefault(row["source"], []).append(row["label"])
    return [f"reported: {source} ({', '.join(labels)})" for source, labels in named.items()]
