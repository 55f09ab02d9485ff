"""The figures and pictures of a bake-off's page, from its rows."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison.details import AB_EDGES, CHROMA_EDGES, LIGHTNESS_EDGES
from experiments.comparison.figures import charts
from experiments.comparison.figures.charts import Series
from experiments.comparison.figures.outliers import axis_from, axis_to
from experiments.comparison.figures.palette import DASHES, LIGHT
from experiments.comparison.figures.pictures import data_uri, heat_map, jpeg_uri
from experiments.comparison.figures.scatter import scatter
from experiments.comparison.figures.wall import Wall
from experiments.comparison.kinds import BASELINE, ORACLE, TAKEN, TRAINED
from experiments.comparison.progress import RUNS
from experiments.comparison.tables.rows import Row
from experiments.comparison.tables.table import MAIN
from experiments.training import read_history
from polychrome.files import read_json

TRUTH, NOTHING = "truth", "do_nothing"
# What is more decibels worse than doing nothing is not in the magnified chart of quality and color.
NEAR = 1.0


def styles(rows: Sequence[Row]) -> dict[str, str]:
    """Classes by row: those of the style sheet, and a last one that no other row has."""
    systems = [row.name for row in rows if row.kind in (TRAINED, TAKEN)]
    count, dashes = len(LIGHT), len(DASHES)
    found = {
        name: f"s{i % count} d{i // count % dashes} system-{i}" for i, name in enumerate(systems)
    }
    return {row.name: found.get(row.name, row.kind) for row in rows}


def systems_of(rows: Sequence[Row]) -> list[Row]:
    """Those rows that are systems."""
    return [row for row in rows if row.kind in (TRAINED, TAKEN)]


def named(rows: Sequence[Row], name: str) -> Row | None:
    """The row of a name, if it is graded."""
    return next((row for row in rows if row.name == name), None)


def quality_against_color(rows: Sequence[Row], frontier: dict | None) -> str:
    """PSNR against colorfulness on images with color, and the frontier of the suite's own model.

    Most systems are near doing nothing or better, so that a second chart magnifies these.
    """
    found, points = styles(rows), []
    marks = []
    for row in rows:
        psnr, color = row.over_seeds(MAIN), row.over_seeds("colorfulness")
        assert psnr is not None and color is not None
        counted = np.isfinite(psnr)
        at = float(color[counted].mean())
        if row.kind != ORACLE:
            points.append(Series(row.label, found[row.name], [at], [float(psnr[counted].mean())]))
        elif row.name == TRUTH:
            marks.append(("truth", at))
    curves = []
    # The color of the model's point, if it has one; a further dash belongs to that alone.
    own = found.get((frontier or {}).get("of"), "apart").split()[0]
    for way, name in (("dial", "dial"), ("factor", "times a factor")):
        along = (frontier or {}).get(way) or []
        if way == "dial":
            # Beyond 1 they are saturations of its end.
            along = [point for point in along if point["setting"] <= 1.0]
        if along:
            curves.append(
                Series(
                    f"{frontier['of']}'s {name}" if way == "dial" else f"{frontier['of']} {name}",
                    f"frontier {way} {own}",
                    [point["colorfulness"] for point in along],
                    [point["psnr"] for point in along],
                )
            )
    nothing = named(rows, NOTHING)
    psnr = None if nothing is None else nothing.over_seeds(MAIN)
    low = None if psnr is None else float(np.nanmean(psnr)) - NEAR
    return scatter(points, curves, "colorfulness", "PSNR (dB)", marks, magnified_from=low)


def error_charts(rows: Sequence[Row]) -> dict[str, str]:
    """Error against the truth's lightness, and against its chroma, of systems and doing nothing."""
    found = styles(rows)
    shown = [*systems_of(rows), *(row for row in rows if row.name == NOTHING)]
    made = {}
    for key, edges, label in (
        ("by_lightness", LIGHTNESS_EDGES, "true L*"),
        ("by_chroma", CHROMA_EDGES, "true chroma"),
    ):
        series = [
            Series(row.label, found[row.name], charts.steps(edges), row.first.details[key])
            for row in shown
        ]
        y_to, note = axis_to(series)
        made[key] = charts.lines(series, label, "mean distance in a* and b*", y_to=y_to, note=note)
    return made


def color_maps(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each system's shares of colors, the truth's first, and how far they overlap."""
    truth = named(rows, TRUTH)
    if truth is None:
        return []
    true = truth.first.details["colors"]
    top = np.log10(true.max())
    made = []
    for row in [truth, *systems_of(rows)]:
        colors = row.first.details["colors"]
        # a* to the right and b* upward, by the logarithm: most colors are rare.
        image = np.log10(np.maximum(colors, 1e-6)).T[::-1]
        made.append(
            {
                "label": row.label,
                "image": heat_map(image, -6.0, top),
                "overlap": float(np.minimum(colors, true).sum()),
            }
        )
    return made


def error_maps(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Where in the image each system errs, each on its own scale: a failed one hides others."""
    shown = [*systems_of(rows), *(row for row in rows if row.name == NOTHING)]
    maps = [row.first.details["where"] for row in shown]
    return [
        {
            "label": row.label,
            "image": heat_map(values, low, high),
            "low": low,
            "high": high,
            "mean": float(values.mean()),
        }
        for row, values in zip(shown, maps, strict=True)
        for low, high in [(float(values.min()), float(values.max()))]
    ]


def training_curves(rows: Sequence[Row], out: Path) -> dict[str, str]:
    """PSNR of the same validation images after each epoch, over images and over CPU minutes."""
    found = styles(rows)
    over: dict[str, list[Series]] = {"images": [], "minutes": []}
    for row in rows:
        if row.kind != TRAINED:
            continue
        for run in row.runs:
            for network, images, minutes, psnr in _curves(out, row.name, run.facts["seed"]):
                name = " ".join(filter(None, (row.label, network)))
                name += f", seed {run.facts['seed']}" if len(row.runs) > 1 else ""
                over["images"].append(Series(name, found[row.name], images, psnr))
                over["minutes"].append(Series(name, found[row.name], minutes, psnr))
    label = "PSNR of validation images (dB)"
    # Systems differ by up to 40 times in the images that they see at one time.
    axes = {"images": ("images seen", True), "minutes": ("minutes of process CPU time", False)}
    made = {}
    for key, series in over.items():
        if not any(np.isfinite(each.ys).any() for each in series):
            continue
        # First epochs would flatten all the rest.
        y_from, note = axis_from(series, margin=1.0)
        x_label, logarithmic = axes[key]
        x_from = None if logarithmic else 0.0
        made[key] = charts.lines(
            series,
            x_label,
            label,
            x_from=x_from,
            x_logarithmic=logarithmic,
            y_from=y_from,
            note=note,
        )
    return made


def _curves(out: Path, name: str, seed: int):
    """(network, images, minutes, PSNR) of each network of a run; each begins where another ends."""
    run = out / RUNS / name / f"seed-{seed}"
    networks = read_json(run / "recipe.json")["networks"] if run.exists() else []
    images = minutes = 0.0
    for network in networks:
        folder = run / "networks" / network["name"]
        if not (folder / "epoch_grades.csv").exists():
            continue
        grades = {row["epoch"]: row[MAIN] for row in read_history(folder / "epoch_grades.csv")}
        history = read_history(folder / "history.csv")
        seen = [row["images_per_second"] * row["training_seconds"] for row in history]
        spent = [row["training_cpu_seconds"] / 60 for row in history]
        xs = list(itertools.accumulate(seen, initial=images))[1:]
        times = list(itertools.accumulate(spent, initial=minutes))[1:]
        images, minutes = xs[-1], times[-1]
        alone = len(networks) == 1
        psnr = [grades.get(row["epoch"], np.nan) for row in history]
        called = "" if alone else f"({network['name']})"
        if len(network.get("channels", (0, 1))) == 1:
            called = f"({network['name']}, the other channel at 0)"
        yield called, xs, times, psnr


def wall_table(rows: Sequence[Row], wall: Wall) -> dict[str, Any]:
    """A wall as a table: rows are images, columns systems, with the truth of each.

    Args:
        rows: of the bake-off; those that the wall lacks have no column.
        wall: its pictures.
    """
    columns = [row for row in rows if row.name == NOTHING] + systems_of(rows)
    columns += [row for row in rows if row.kind == BASELINE and row.name != NOTHING]
    columns = [row for row in columns if row.name in wall.made]
    encode = data_uri if wall.of_data else jpeg_uri
    return {
        "says": wall.says,
        "columns": [{"label": row.label, "kind": row.kind} for row in columns],
        "rows": [
            {
                "truth": encode(wall.truth[number]),
                "name": name,
                "made": [encode(wall.made[row.name][number]) for row in columns],
            }
            for number, name in enumerate(wall.names)
        ],
    }


def extremes(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each system's best and worst pictures by its own PSNR, of those that have pictures."""
    return [
        {
            "label": row.label,
            **{
                place: [
                    {
                        "made": data_uri(made),
                        "truth": data_uri(truth),
                        "psnr": float(row.first.per_image[MAIN][number]),
                    }
                    for made, truth, number in zip(
                        row.first.pictures[f"{place}/made"],
                        row.first.pictures[f"{place}/truth"],
                        row.first.rows[place],
                        strict=True,
                    )
                ]
                for place in ("best", "worst")
            },
        }
        for row in systems_of(rows)
        if row.first.pictures
    ]


def axis_note() -> str:
    """What the color maps show, in words."""
    low, high = int(AB_EDGES[0]), int(AB_EDGES[-1])
    return f"a* from {low} (left) to {high}, b* from {low} (bottom) to {high}, squares of 10"
