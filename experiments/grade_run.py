"""Grade a run's colorizer beside the yardsticks and write down the result."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from experiments import grade
from experiments.drawing import draw_grid
from experiments.options import Options
from experiments.recipe import Recipe
from polychrome.callbacks import TrainingState
from polychrome.files import replacing, write_json
from tf_data.store import Store


def grade_run(
    recipe: Recipe,
    options: Options,
    network: keras.Model,
    states: list[TrainingState],
    stores: dict[str, Store],
    folder: Path,
) -> None:
    """Write `metrics.json`, `per_image.npz` and `test_grid.png` into the folder of a run.

    Args:
        network: the assembled colorizer: lightness to both channels.
        states: of its networks' trainings.
        stores: of all splits; the recipe says which one is graded.
    """
    graded = stores[recipe.graded_split]
    mean = grade.mean_chroma(stores["train"], recipe.scaling)
    systems = {
        recipe.name: grade.colorizer(network),
        "do_nothing": lambda lightness: np.zeros((1, 1, 1, 2), np.float32),
        "mean_color": lambda lightness: mean.reshape(1, 1, 1, 2),
    }
    grades = grade.grade(systems, graded, recipe.scaling)
    table = grades.table(options.seed)
    write_json(
        folder / "metrics.json",
        {
            "metrics": {
                metric.key: {
                    "label": metric.label,
                    "better": metric.better,
                    "meaning": metric.meaning,
                }
                for metric in grade.metrics_in_order()
            },
            "rows": _rows(
                recipe, options, states, len(stores["train"]), len(graded), mean, table
            ),
            "images": _images(recipe, stores),
            "verdict": _verdict(recipe, grades, table, options.seed),
        },
    )
    with replacing(folder / "per_image.npz") as temporary:
        np.savez_compressed(
            temporary,
            names=np.array(graded.names),
            **{f"{system}/{key}": v for system, m in grades.values.items() for key, v in m.items()},
        )
    shown = {recipe.label: systems[recipe.name], "mean color": systems["mean_color"]}
    columns = grade.colorize_examples(shown, graded.examples(), recipe.scaling)
    draw_grid(columns, folder / "test_grid.png")


def _rows(
    recipe: Recipe,
    options: Options,
    states: list[TrainingState],
    images: int,
    graded: int,
    mean: np.ndarray,
    table: dict,
) -> list[dict]:
    """The table's rows: ours, the report's, and the two yardsticks."""
    a, b = ops.convert_to_numpy(recipe.scaling.chroma_to_ab(mean))

    def row(system: str, label: str, kind: str, values: dict, **more: object) -> dict:
        return {
            "system": system,
            "label": label,
            "kind": kind,
            "source": "",
            "budget": "",
            "values": values,
        } | more

    budget = _budget(options, states, images)
    rows = [row(recipe.name, recipe.label, "ours", table[recipe.name], budget=budget)]
    published = recipe.published
    if published.values:
        values = {
            key: {"mean": value, "low": None, "high": None}
            for key, value in published.values.items()
        }
        rows.append(
            row(
                recipe.name,
                recipe.label,
                "reported",
                values,
                source=published.source,
                note=published.note,
                same_images=graded == published.images,
            )
        )
    mean_label = f"mean color (a = {a:.1f}, b = {b:.1f})"
    return [
        *rows,
        row("do_nothing", "do nothing (ab = 0)", "do_nothing", table["do_nothing"]),
        row("mean_color", mean_label, "mean_color", table["mean_color"]),
    ]


def _images(recipe: Recipe, stores: dict[str, Store]) -> dict:
    """How many images of which split were used, gray and skipped."""
    graded = stores[recipe.graded_split]
    return {
        "graded": len(graded),
        "split": recipe.graded_split,
        "gray": graded.gray,
        "train": len(stores["train"]),
        "validation": len(stores["validation"]),
        "skipped": {
            split: [{"name": name, "reason": reason} for name, reason in store.skipped]
            for split, store in stores.items()
        },
    }


def _budget(options: Options, states: list[TrainingState], images: int) -> str:
    epochs = " or ".join(map(str, sorted({state.epoch for state in states})))
    best = ", ".join(str(state.best_epoch) for state in states)
    each = f"{len(states)} networks, each " if len(states) > 1 else ""
    unit = "epoch" if epochs == "1" else "epochs"
    return f"{each}{epochs} {unit} of {images:,} images (best: {best}), {options.precision}"


def _verdict(recipe: Recipe, grades: grade.Grades, table: dict, seed: int) -> str:
    """Whether the system beats doing nothing on PSNR: on all images, and on those with color.

    Images that are gray already own the first: doing nothing is perfect on them.
    """
    ours, nothing = (table[system]["psnr"]["mean"] for system in (recipe.name, "do_nothing"))
    gain, colored = (
        grades.difference(recipe.name, "do_nothing", key, seed) for key in ("psnr", "psnr_colored")
    )
    if gain["low"] > 0:
        verdict = "beats doing nothing"
    elif gain["high"] < 0:
        verdict = "does not beat doing nothing"
    else:
        verdict = "can't be told from doing nothing"
    return (
        f"{recipe.label} {verdict}: PSNR {ours:.2f} against {nothing:.2f} dB, a difference of "
        f"{_signed(gain)} dB over the same images; {_signed(colored)} dB without those that are "
        "gray already."
    )


def _signed(interval: dict[str, float]) -> str:
    if interval["mean"] is None:
        return "–"
    return f"{interval['mean']:+.2f} [{interval['low']:+.2f}, {interval['high']:+.2f}]"
