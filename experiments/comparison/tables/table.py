"""The table of a bake-off: values with intervals, ranks, and what may be said of them."""

import csv
import io
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.comparison.kinds import BASELINE, ORACLE, RANKED, TAKEN, TRAINED
from experiments.comparison.tables.cells import listed
from experiments.comparison.tables.ranking import Ranking, rank
from experiments.comparison.tables.rows import Row
from experiments.grading.bootstrap import interval, resamplings, too_few_to_say
from experiments.report.durations import duration

# Systems are ranked by it.
MAIN = "psnr_colored"
# Columns of the page; all others are in the files.
COLUMNS = (
    MAIN,
    "psnr",
    "ssim",
    "mse",
    "ciede2000",
    "colorfulness",
    "colorfulness_of_means",
    "colorfulness_distance",
    "auc",
    "auc_rebalanced",
    "st_lpips",
    "frechet_lite0",
    "top1",
    "top1_among",
    "max_channel",
    "gray_mean",
    "gray_luma",
    "max_channel_superpixels",
    "gray_mean_superpixels",
    "gray_luma_superpixels",
)
# (group, key, label, meaning) of numbers that are no grades.
COSTS = (
    ("training", "images", "Images seen", "Images that all gradient steps saw, counted each time."),
    (
        "training",
        "cpu_seconds",
        "Training, CPU s",
        "Process CPU time of the gradient steps, all threads together.",
    ),
    (
        "training",
        "images_per_cpu_second",
        "Training, images per CPU s",
        "Images of a typical epoch's steps in a second of process CPU time.",
    ),
    (
        "training",
        "images_per_second",
        "Training, images/s",
        "The same by the wall clock, which counts what else ran on the machine.",
    ),
    (
        "inference",
        "images_per_cpu_second",
        "Inference, images per CPU s",
        "Images colorized in a second of process CPU time, in batches of 100.",
    ),
    (
        "inference",
        "images_per_second",
        "Inference, images/s",
        "The same by the wall clock, which counts what else ran on the machine.",
    ),
    ("", "parameters", "Parameters", "Of the network that colorizes."),
)
_SEED = 0


def make_table(rows: Sequence[Row]) -> dict[str, Any]:
    """The table as JSON values.

    Returns:
        "metrics" (by key: "label", "better", "meaning"), "ranked_by", "rows", "differences" and
        "notes". A row has "system", "label", "kind", "says", "budget" and "budget_in_brief" (what
        was spent here; of what is taken, what its record says), "seeds", "values" (by key: "mean",
        "low", "high", and "by_seed"), "ranks" (by key, the best and the worst that it may
        have), "best" (the keys in which it has the best mean of the ranked), "level" (those in
        which it can't be told from the row that has), and "costs". A difference is
        of two ranked systems on the same images in what ranks them: "system" less "other", which is
        behind, with its "mean", "low" and "high" over images, and whether they are told "apart",
        by seeds too.
    """
    metrics = _metrics(rows)
    rankings = {
        key: ranking
        for key, metric in metrics.items()
        if metric["better"] and (ranking := _ranking(rows, key, metric["better"]))
    }
    found = [_described(row, metrics, rankings) for row in rows]
    return {
        "metrics": metrics,
        "ranked_by": MAIN,
        "rows": found,
        "differences": _differences(rankings.get(MAIN)),
        "notes": notes(found, rankings.get(MAIN)),
    }


def _metrics(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Of all rows, in table order, in the longest words: earlier versions said less of some."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for key, metric in row.first.facts["metrics"].items():
            if len(metric["meaning"]) > len(found.get(key, metric)["meaning"]) or key not in found:
                found[key] = metric
    return {key: found[key] for key in sorted(found, key=_column)}


def _column(key: str) -> int:
    return COLUMNS.index(key) if key in COLUMNS else len(COLUMNS)


def _ranking(rows: Sequence[Row], key: str, better: str) -> Ranking | None:
    by_seed = {row.name: row.by_seed(key) for row in rows if row.kind in RANKED}
    by_seed = {name: values for name, values in by_seed.items() if values}
    # What was taken is these weights, whatever another training would have given.
    fixed = [row.name for row in rows if row.kind in (BASELINE, TAKEN)]
    return rank(by_seed, better, _SEED, fixed) if by_seed else None


def _differences(ranking: Ranking | None) -> list[dict[str, Any]]:
    """Of each system and those behind it."""
    if ranking is None or not np.isfinite(ranking.means).all():
        return []
    return [
        {
            "system": name,
            "other": other,
            "mean": float(ranking.means[place, behind]),
            "low": float(ranking.low[place, behind]),
            "high": float(ranking.high[place, behind]),
            "apart": bool(ranking.apart[place, behind]),
        }
        for place, name in enumerate(ranking.order)
        for behind, other in enumerate(ranking.order)
        if place < behind
    ]


def _described(row: Row, metrics: Mapping, rankings: Mapping[str, Ranking]) -> dict[str, Any]:
    facts = row.first.facts
    costs = {
        f"{group}_{key}".strip("_"): facts.get(key) if not group else row.mean_fact(group, key)
        for group, key, _, _ in COSTS
    }
    spent = _spent(row, costs)
    return {
        "system": row.name,
        "label": row.label,
        "kind": row.kind,
        "says": facts["says"],
        "budget": spent or facts["budget"],
        "budget_in_brief": spent or facts.get("budget_in_brief", facts["budget"]),
        "seeds": [run.facts["seed"] for run in row.runs],
        "values": {key: value for key in metrics if (value := _value(row, key)) is not None},
        "ranks": {
            key: list(ranking.ranks[row.name])
            for key, ranking in rankings.items()
            if row.name in ranking.ranks
        },
        "best": [key for key, ranking in rankings.items() if row.name == ranking.best[0]],
        "level": [key for key, ranking in rankings.items() if row.name in ranking.best[1:]],
        "costs": costs,
    }


def _spent(row: Row, costs: Mapping[str, float]) -> str:
    """What training here took, mean over the seeds; empty for what was not trained here."""
    if row.kind != TRAINED or costs["training_images"] is None:
        return ""
    said = f"{costs['training_images']:,.0f} images, "
    said += f"{duration(costs['training_cpu_seconds'])} of CPU time"
    if len(row.runs) == 1:
        return said
    seen = [run.facts["training"]["images"] for run in row.runs]
    of = f" that saw {min(seen):,} to {max(seen):,}" if min(seen) < max(seen) else ""
    return f"{said}, mean of {len(seen)} seeds{of}"


def _value(row: Row, key: str) -> dict[str, Any] | None:
    """Mean over images and seeds, its interval over images, and the mean of each seed."""
    values = row.over_seeds(key)
    if values is not None:
        found = interval(values, resamplings(len(values), _SEED))
        by_seed = [_finite_mean(run) for run in row.by_seed(key)]
        return found | {"by_seed": by_seed}
    of_sets = [run.facts["of_set"].get(key) for run in row.runs]
    if None in of_sets:
        return None
    return {"mean": statistics.mean(of_sets), "low": None, "high": None, "by_seed": of_sets}


def _finite_mean(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.mean(dtype=np.float64)) if len(finite) else None


def notes(rows: Sequence[Mapping], ranking: Ranking | None) -> list[str]:
    """What the table allows to say, as sentences."""
    said = []
    if ranking is not None:
        said.append(_first_places(rows, ranking))
    alone = [row["label"] for row in rows if row["kind"] == TRAINED and len(row["seeds"]) == 1]
    several = [_by_seed(row) for row in rows if row["kind"] == TRAINED and len(row["seeds"]) > 1]
    if alone:
        said.append(
            f"One seed: {listed(alone)}. No claim goes beyond these weights: another seed may "
            "rank otherwise."
        )
    if several:
        said.append(
            f"Several seeds, and the PSNR on colored images of each: {listed(several)}. The table "
            "has means over seeds, and such systems are told from others by an interval over "
            "images and seeds together. That over seeds is Welch's from each other, Student's from "
            "what is not trained here and from a system of one seed, which is taken to scatter as "
            "they do."
        )
    if any(row["kind"] == TAKEN for row in rows):
        taken = listed(row["label"] for row in rows if row["kind"] == TAKEN)
        said.append(f"Taken as it is, these weights alone, at a budget of its own: {taken}.")
    said.append(
        "Two can't be told apart where the 95 % interval of their difference on the same images, "
        "by a paired bootstrap, or with that over their seeds, holds 0. A rank is from behind all "
        "that are better and told apart to before all that are worse and told apart, so that those "
        "that can't be told apart share ranks. Intervals are of single pairs. Oracles know the "
        "truth and have no rank."
    )
    return said


def _by_seed(row: Mapping) -> str:
    found = row["values"]["psnr_colored"]["by_seed"]
    return f"{row['label']} {', '.join('–' if dB is None else f'{dB:.2f}' for dB in found)} dB"


def _first_places(rows: Sequence[Mapping], ranking: Ranking) -> str:
    label = {row["system"]: row["label"] for row in rows}
    kind = {row["system"]: row["kind"] for row in rows}
    first, *level = ranking.best
    said = f"Best in PSNR on colored images: {label[first]}"
    said += f"; not told from it: {listed(label[name] for name in level)}." if level else "."
    baselines = [name for name in ranking.order if kind[name] == BASELINE]
    if baselines and set(kind.values()) & {TRAINED, TAKEN}:
        best = baselines[0]
        # By the pair itself: a rank may be shared with a system far below.
        systems = [name for name in ranking.order if kind[name] not in (BASELINE, ORACLE)]
        above = [name for name in systems if ranking.above(name, best)]
        beaten = [label[name] for name in systems if name not in above]
        said += f" Above the best baseline ({label[best]}): {len(above)} of "
        said += f"{len(above) + len(beaten)} systems"
        said += f"; not: {listed(beaten)}." if beaten else "."
    few = too_few_to_say(ranking.images, "system")
    return f"{said} {few}" if few else said


def as_csv(table: Mapping) -> str:
    """The table as CSV: a line for a row, three columns for a metric, costs, and the data.

    Args:
        table: of `bakeoff.json`.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = list(table["metrics"])
    costs = list(table["rows"][0]["costs"])
    heads = [f"{key}{end}" for key in keys for end in ("", "_low", "_high")]
    writer.writerow(
        ["system", "label", "kind", "best_rank", "worst_rank", "seeds", *heads, *costs, "budget"]
        + ["data", "split"]
    )
    for row in table["rows"]:
        cells: list[object] = []
        for key in keys:
            value = row["values"].get(key, {})
            cells += [value.get(end) for end in ("mean", "low", "high")]
        writer.writerow(
            [row["system"], row["label"], row["kind"]]
            + [*row["ranks"].get(table["ranked_by"], (None, None))]
            + [len(row["seeds"]), *cells, *row["costs"].values(), row["budget"]]
            + [table["data"], table["split"]]
        )
    return out.getvalue()
