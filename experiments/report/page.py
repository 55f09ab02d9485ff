"""The report page of a run: ``report.html``, one self-contained file.

Pictures are data URIs and the style sheet is inline; it has no scripts, and its content security
policy forbids requests. Parts that a run does not have (no grading yet, no
history) are left out.
"""

import base64
import json
import math
import re
import statistics
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from experiments.grading.baseline_names import BASELINES, COMPARED
from experiments.process.clock import read_timings
from experiments.report.against_baselines import beats
from experiments.report.durations import duration, time_in_words
from experiments.report.figures.drawing import draw_curves
from experiments.report.tables import (
    BELOW,
    format_value,
    mark,
    notes,
    ordered_rows,
    read_metrics,
)
from experiments.training import read_history
from polychrome.errors import InputError
from polychrome.files import read_json, write_text

_TEMPLATES = Path(__file__).parent / "templates"
# The full list is in metrics.json: a page with 100,000 names does not open on a phone.
_MOST_SKIPPED = 500
_KIND_NAMES = {
    "ours": "ours",
    "reported": "report's figure",
    **dict.fromkeys(BASELINES, "trivial baseline"),
}


def write_report(run: Path) -> Path:
    """Draw ``curves.png``, render ``report.html`` in the folder `run` and return its path.

    Reads recipe.json, environment.json, metrics.json, timings.json, test_grid.png, samples.png,
    histogram.png and, for each network, history.csv, steps.png, filmstrip.png and pictures/; each
    may be missing. Raises InputError when one of them is there but broken, or when the page cannot
    be written.
    """
    recipe, environment = (
        read_json(path) if (path := run / name).exists() else {}
        for name in ("recipe.json", "environment.json")
    )
    timings = read_timings(path) if (path := run / "timings.json").exists() else {}
    metrics = read_metrics(run) if (run / "metrics.json").exists() else None
    histories = _histories(run, [network["name"] for network in recipe.get("networks", [])])
    if any(histories.values()):
        draw_curves({name: rows for name, rows in histories.items() if rows}, run / "curves.png")

    jinja = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,  # by file ending it would be off for ".j2"
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(plain=_plain, duration=duration, time_in_words=time_in_words)
    page = jinja.get_template("report.html.j2").render(
        title=recipe.get("title") or recipe.get("name") or run.name,
        recipe=recipe,
        environment=environment,
        timings=timings,
        metrics=metrics,
        table=_table(metrics) if metrics else None,
        skipped=_skipped(metrics["images"]) if metrics else [],
        left_out=_left_out(metrics["images"]) if metrics else [],
        networks=_networks(recipe, histories),
        curves=_data_uri(run / "curves.png"),
        steps=_step_pictures(run, list(histories)),
        histogram=_data_uri(run / "histogram.png"),
        samples=_data_uri(run / "samples.png"),
        grid=_data_uri(run / "test_grid.png"),
        epochs=_epoch_pictures(run, list(histories)),
    )
    path = run / "report.html"
    write_text(path, page)
    return path


def _histories(run: Path, order: list[str]) -> dict[str, list[dict[str, float]]]:
    """History by network: first in the recipe's order, then folders that it does not name."""
    folders = {path.name: path for path in sorted((run / "networks").glob("*")) if path.is_dir()}
    names = [name for name in order if name in folders]
    names += [name for name in folders if name not in names]
    files = {name: folders[name] / "history.csv" for name in names}
    return {name: read_history(file) if file.exists() else [] for name, file in files.items()}


def _table(metrics: dict) -> dict:
    """The table turned on its side: systems as columns, since metrics are the longer list."""
    rows = ordered_rows(metrics)
    systems = []
    for row in rows:
        sign = mark(row, metrics)
        origin = [text for text in (row.get("source"), row.get("budget")) if text]
        kind = _KIND_NAMES[row["kind"]]
        if "seconds" in row.get("training", {}):
            spent = time_in_words(row["training"], row.get("accelerator", ""))
            origin.append(f"trained for {spent}")
        systems.append({"label": row["label"], "kind": kind, "mark": sign, "origin": origin})
    lines = []
    for key, metric in metrics["metrics"].items():
        cells = []
        for row, system in zip(rows, systems, strict=True):
            value, interval = format_value(row, key, metrics)
            # One mark is about single values of PSNR, the other about the whole column.
            below = key in COMPARED and beats(row, metrics, key) is False
            sign = BELOW if below and system["mark"] == BELOW else ""
            cells.append({"value": value, "interval": interval, "mark": sign, "kind": row["kind"]})
        lines.append({**metric, "cells": cells})
    return {"systems": systems, "lines": lines, "notes": notes(metrics)}


def _skipped(images: dict) -> list[dict]:
    """Skipped files by split: their number and the first names with reasons."""
    return [
        {"split": split, "count": len(files), "files": files[:_MOST_SKIPPED]}
        for split, files in images.get("skipped", {}).items()
        if files
    ]


def _left_out(images: dict) -> list[str]:
    """How many photographs of which split were left out as gray; earlier runs left none out."""
    return [
        f"{len(names):,} of {split}" for split, names in images.get("left_out", {}).items() if names
    ]


def _networks(recipe: dict, histories: dict[str, list[dict[str, float]]]) -> list[dict]:
    """Cost and result of each network: facts from the recipe, and the best epoch."""
    facts = {network["name"]: network for network in recipe.get("networks", [])}
    networks = []
    for name in [*facts, *(name for name in histories if name not in facts)]:
        rows = histories.get(name, [])
        losses = [(row.get("val_loss", math.nan), row["epoch"]) for row in rows]
        best = min((pair for pair in losses if math.isfinite(pair[0])), default=None)
        seconds = [row.get("seconds", math.nan) for row in rows]
        speeds = [row.get("images_per_second", math.nan) for row in rows]
        speeds = list(filter(math.isfinite, speeds))
        networks.append(
            {
                "name": name,
                "parameters": facts.get(name, {}).get("parameters"),
                "epochs": facts.get(name, {}).get("epochs"),
                "done": len(rows),
                "best": best,
                "seconds": sum(filter(math.isfinite, seconds)) or None,
                # The median, because the first epoch includes compilation.
                "speed": statistics.median(speeds) if speeds else None,
            }
        )
    return networks


def _epoch_pictures(run: Path, names: list[str]) -> list[dict[str, str]]:
    """For each network its film strip if it has one, else the picture of its last epoch."""
    pictures = []
    for name in names:
        folder = run / "networks" / name
        numbered = {
            int(match[1]): path
            for path in (folder / "pictures").glob("epoch-*.png")
            if (match := re.fullmatch(r"epoch-(\d+)\.png", path.name))
        }
        strip = folder / "filmstrip.png"
        if strip.exists():
            pictures.append({"caption": f"{name}, epoch by epoch", "image": _data_uri(strip)})
        elif numbered:
            last = max(numbered)
            caption = f"{name}, after epoch {last}"
            pictures.append({"caption": caption, "image": _data_uri(numbered[last])})
    return pictures


def _step_pictures(run: Path, names: list[str]) -> list[dict[str, str]]:
    """Curves over steps, recorded in adversarial training."""
    pictures = ((name, _data_uri(run / "networks" / name / "steps.png")) for name in names)
    return [
        {"caption": f"{name}, generator and discriminator step by step", "image": image}
        for name, image in pictures
        if image is not None
    ]


def _data_uri(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def _plain(value: object) -> str:
    """A JSON value in readable form; nested values keep their keys."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(
            # In brackets, or the keys of one inside another would run on into the next.
            f"{key}: ({_plain(inner)})"
            if inner and isinstance(inner, dict)
            else f"{key}: {_plain(inner)}"
            for key, inner in value.items()
        )
    if isinstance(value, list):
        nested = any(isinstance(inner, dict) for inner in value)
        return ("\n" if nested else ", ").join(map(_plain, value))
    return value if isinstance(value, str) else json.dumps(value)
