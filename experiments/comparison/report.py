"""The report of a bake-off: one page, the table as CSV, and all figures as JSON."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from experiments.command_line.options import Options
from experiments.command_line.parser import run_parser
from experiments.comparison.figures import sections
from experiments.comparison.figures.outliers import CUT_OFF
from experiments.comparison.figures.palette import DARK, DASHES, LIGHT
from experiments.comparison.figures.pictures import scale_bar
from experiments.comparison.figures.standalone import standalone
from experiments.comparison.figures.wall import Wall, read_wall, wall_of_data
from experiments.comparison.kinds import IN_WORDS, ORACLE, TAKEN, TRAINED
from experiments.comparison.progress import DONE, GRADES, REPORT, RUNS, SCATTER, history_of, states
from experiments.comparison.settings import CURVE_IMAGES, YARDSTICKS, Settings
from experiments.comparison.tables.cells import digits, listed, rank_of, seeds_of, several_seeds
from experiments.comparison.tables.classifier import classifier_notes
from experiments.comparison.tables.machines import machine_notes, training_commits
from experiments.comparison.tables.markdown import SAMPLE, SAMPLE_SAYS, ordered
from experiments.comparison.tables.records import read_frontier, read_recipe
from experiments.comparison.tables.rows import Row, read_rows
from experiments.comparison.tables.table import COLUMNS, COSTS, as_csv, make_table
from experiments.recipes import RECIPES
from experiments.report.durations import duration
from polychrome.files import read_json, replacing_folder, write_json, write_text

PAGE, RECORD = "bakeoff.html", "bakeoff.json"
_TEMPLATES = Path(__file__).parent / "templates"
_PROGRAM = ("python", "-m", "experiments.bakeoff")
# Costs that are in the files alone: other work on a machine can halve them.
_BY_THE_WALL = {"training_images_per_second", "inference_images_per_second"}


def write_report(settings: Settings, out: Path, pictures: bool = True) -> Path:
    """Write `report/bakeoff.html`, `.csv`, `.json` and charts below a bake-off's folder, or none.

    Args:
        settings, out: of the bake-off.
        pictures: whether the page shows pictures of the data.

    Returns:
        The path of the page.

    Raises:
        InputError: nothing is graded yet, a record is damaged, or the folder can't be written.
    """
    rows = read_rows(settings, out)
    table = make_table(rows)
    frontier = read_frontier(out)
    yardsticks = out / GRADES / YARDSTICKS.place.with_suffix(".json")
    images = read_json(yardsticks) if yardsticks.exists() else {}
    unfinished = [str(each.entry) for each in states(settings, out) if each.state != DONE]
    painted = _painted(rows, out)
    given = run_parser().parse_args(list(settings.passed))
    record = {
        "command": _command(settings),
        "budget": str(settings.budget),
        "data": given.data or SAMPLE,
        "precision": given.precision or Options().precision,
        "split": settings.split,
        "images": images,
        "commits": training_commits(rows, out),
        "trained_on_superpixels": painted,
        "unfinished": unfinished,
        **table,
        "notes": [
            *table["notes"],
            *classifier_notes(rows, settings, out),
            *_of_runs(rows, out),
            *_said_of_painted(painted),
            *machine_notes(rows, out),
            *_took(settings, out),
            *_without_dropped(settings),
        ],
    }
    # Walls, maps and charts have the order of the table.
    place = {line["system"]: number for number, line in enumerate(ordered(record))}
    rows = sorted(rows, key=lambda row: place[row.name])
    charts = _charts(rows, frontier, out)
    # Photographs that may be shown take the place of the data's pictures.
    wall = read_wall(out) or (wall_of_data(rows) if pictures else None)
    page = _page(rows, record, charts, frontier, wall, pictures)
    with replacing_folder(out / REPORT) as folder:
        write_json(folder / RECORD, record)
        write_text(folder / "bakeoff.csv", as_csv(record))
        write_text(folder / PAGE, page)
        for name, chart in charts.items():
            write_text(folder / f"{name}.svg", standalone(chart, _legend_of(name, rows)))
    return out / REPORT / PAGE


def _of_runs(rows: Sequence[Row], out: Path) -> list[str]:
    """What the runs' records say that a reader must know, such as where an encoder is from."""
    return [
        f"{row.label}: {note}."
        for row in rows
        for note in dict.fromkeys(
            note
            for path in sorted((out / RUNS / row.name).glob("seed-*/recipe.json"))
            for note in read_recipe(path).get("notes", ())
        )
    ]


def _took(settings: Settings, out: Path) -> list[str]:
    """What finished epochs of all training took with their validation, but not the grading."""
    histories = [history_of(out, entry) for entry in settings.entries]
    epochs = [row for history in histories for row in history]
    runs = sum(map(bool, histories))
    if not runs or not all({"seconds", "cpu_seconds"} <= row.keys() for row in epochs):
        return []
    wall, processor = (sum(row[key] for row in epochs) for key in ("seconds", "cpu_seconds"))
    return [
        f"The epochs of all {runs} training runs, validation included, took "
        f"{duration(processor)} of process CPU time and {duration(wall)} by the wall clock, which "
        "counts what else ran on the machine."
    ]


def _painted(rows: Sequence[Row], out: Path) -> list[str]:
    """The systems that learned from painted images."""
    found = []
    for row in rows:
        recipe = RECIPES.get(row.name)
        records = [read_recipe(path) for path in (out / RUNS / row.name).glob("seed-*/recipe.json")]
        # Kept records of earlier versions left it out. Superpixels may be asked for in grading too,
        # but only a recipe of its own has its training images painted.
        own = recipe is not None and recipe.superpixels is not None
        if own and any(record.get("superpixels", True) for record in records):
            found.append(row.label)
    return found


def _said_of_painted(systems: Sequence[str]) -> list[str]:
    """What must be said of them, since all systems colorize photographs here."""
    if not systems:
        return []
    return [
        "Trained and validated on the same images with superpixels painted on them, as the "
        f"report's, and graded on photographs as all are: {listed(systems)}."
    ]


def _charts(rows: Sequence[Row], frontier: dict | None, out: Path) -> dict[str, str]:
    """All charts by the name of their file."""
    return {
        SCATTER: sections.quality_against_color(rows, frontier),
        **{f"training_{key}": chart for key, chart in sections.training_curves(rows, out).items()},
        **{f"error_{key}": chart for key, chart in sections.error_charts(rows).items()},
    }


def _legend(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Name and style of each system."""
    found = sections.styles(rows)
    return [(row.label, found[row.name]) for row in sections.systems_of(rows)]


def _command(settings: Settings) -> str:
    """That repeats the bake-off, with placeholders for folders of this machine."""
    settings = settings.without_places()
    words = list(_PROGRAM)
    words += [
        f"{system.name}:{system.seeds}" if system.seeds > 1 else system.name
        for system in settings.systems
        if system.taken is None
    ]
    taken = [system for system in settings.systems if system.taken is not None]
    if taken:
        words += ["--take", *(_taken(system.name, str(system.taken)) for system in taken)]
    words += ["--out", "DIR"]
    if settings.budget.images is not None:
        words += ["--images", str(settings.budget.images)]
    elif settings.budget.cpu_seconds is not None:
        words += ["--cpu-minutes", f"{settings.budget.cpu_seconds / 60:g}"]
    words += ["--split", settings.split]
    words += ["--graded", str(settings.graded)] if settings.graded else []
    words += ["--skip", *settings.skipped] if settings.skipped else []
    passed = settings.passed
    return shlex.join([*words, "--", *passed] if passed else words)


def _without_dropped(settings: Settings) -> list[str]:
    """What `_command` can't say, since --drop takes out only: it alone would train these too."""
    dropped = [f"{system.name}:{seed}" for system in settings.systems for seed in system.dropped]
    if not dropped:
        return []
    command = shlex.join([*_PROGRAM, "--out", "DIR", "--drop", *dropped])
    return [
        "The command that repeats this bake-off names seeds that were taken out of it before they "
        f"were done. To leave them out, stop it as soon as it has begun, run {command}, and go on."
    ]


def _taken(name: str, source: str) -> str:
    return source if source == name else f"{name}={source}"


def _legend_of(chart: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Of a chart in a file of its own."""
    if chart == SCATTER:  # points have their names beside them
        return []
    if chart.startswith("training"):
        trained = {row.label for row in rows if row.kind == TRAINED}
        return [named for named in _legend(rows) if named[0] in trained]
    gray = sections.named(rows, sections.NOTHING)
    return _legend(rows) + ([] if gray is None else [(gray.label, gray.kind)])


def _page(
    rows: Sequence[Row],
    record: Mapping[str, Any],
    charts: Mapping[str, str],
    frontier: dict | None,
    wall: Wall | None,
    pictures: bool,
) -> str:
    jinja = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return jinja.get_template("bakeoff.html.j2").render(
        record=record,
        columns=_columns(record),
        lines=[_line(row, place, record) for place, row in enumerate(ordered(record), 1)],
        warning=SAMPLE_SAYS if record["data"] == SAMPLE else "",
        palettes={"light": LIGHT, "dark": DARK},
        dashes=DASHES,
        legend=_legend(rows),
        legend_of_training=_legend_of("training", rows),
        charts=charts,
        curve_images=CURVE_IMAGES,
        first_seed=" Of several seeds, the first one's." if several_seeds(record) else "",
        frontier=frontier,
        near=sections.NEAR,
        cut_off=CUT_OFF,
        colors=sections.color_maps(rows),
        color_note=sections.axis_note(),
        where=sections.error_maps(rows),
        wall=None if wall is None else sections.wall_table(rows, wall),
        extremes=sections.extremes(rows) if pictures else [],
        scale=scale_bar(),
    )


def _columns(record: Mapping) -> list[dict[str, Any]]:
    """Headings of the page's table, without those that no row has."""
    found = [{"key": key, **record["metrics"][key]} for key in COLUMNS if key in record["metrics"]]
    for group, key, label, meaning in COSTS:
        name = f"{group}_{key}".strip("_")
        if name in _BY_THE_WALL:
            continue
        if any(row["costs"][name] is not None for row in record["rows"]):
            found.append({"key": name, "label": label, "better": None, "meaning": meaning})
    return found


def _line(row: Mapping, place: int, record: Mapping) -> dict[str, Any]:
    """A row of the page's table, and its place by the mean."""
    cells = []
    for column in _columns(record):
        key = column["key"]
        value = row["values"].get(key)
        if value is None:
            cells.append(_cost_cell(row["costs"].get(key)))
            continue
        places = digits(record, key)
        cells.append(
            {
                "sort": value["mean"],
                "text": _number(value["mean"], places),
                "interval": ""
                if value["low"] is None
                else f"[{value['low']:.{places}f}, {value['high']:.{places}f}]",
                "seeds": seeds_of(value, places),
                "style": "best" if key in row["best"] else "level" if key in row["level"] else "",
            }
        )
    return {
        "label": row["label"],
        "kind": row["kind"],
        "kind_says": IN_WORDS[row["kind"]],
        "oracle": row["kind"] == ORACLE,
        "system": row["kind"] in (TRAINED, TAKEN),
        "says": row["says"] or row["budget_in_brief"],
        "rank": rank_of(row, record),
        "rank_sort": place if row["ranks"].get(record["ranked_by"]) else None,
        "seeds": len(row["seeds"]),
        "cells": cells,
    }


def _cost_cell(value: float | None) -> dict[str, Any]:
    text = "–" if value is None else f"{value:,.0f}"
    return {"sort": value, "text": text, "interval": "", "seeds": "", "style": ""}


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
