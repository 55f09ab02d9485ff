"""Grade a run's colorizer and the trivial baselines, and record the result."""

import dataclasses
from pathlib import Path

import keras
import numpy as np

from experiments.grading import protocol
from experiments.grading.baseline_names import MEAN_COLOR
from experiments.grading.baselines import compare_with_best, verdict
from experiments.grading.grading import grade_systems
from experiments.grading.samples import sample_colorizations
from experiments.plan import Plan
from experiments.report.drawing import draw_grid
from experiments.stages.budget import Training, in_words, inherited
from experiments.stages.data import Data
from experiments.stages.initial_weights import RECORD
from experiments.stages.train import Trained
from polychrome.files import read_json, replacing, write_json


def grade_run(
    plan: Plan, colorizer: keras.Model, trained: list[Trained], data: Data, folder: Path
) -> None:
    """Write `metrics.json`, `per_image.npz` and `test_grid.png` into the folder of a run.

    Args:
        colorizer: the assembled one: lightness to both channels.
        trained: the plan's networks.
    """
    recipe, seed = plan.recipe, plan.options.seed
    store = data.graded(plan)
    labels, systems = _systems(plan, colorizer, trained)
    systems |= data.baselines.systems()
    samples = {}
    if recipe.sampler is not None:
        sampler = recipe.sampler(*(each.network for each in trained))
        drawn = sample_colorizations(sampler, store, recipe.scaling, seed)
        draw_grid(drawn.pictures(), folder / "samples.png")
        samples[recipe.name] = drawn
    grading = grade_systems(systems, store, superpixels=plan.superpixels, samples=samples)
    table = grading.table(seed)
    compared = {name: compare_with_best(grading, name, seed) for name in labels}
    first = recipe.name
    write_json(
        folder / "metrics.json",
        {
            "metrics": grading.described(),
            "rows": _rows(plan, labels, trained, data, table, compared),
            "images": _images(plan, data),
            "baselines": data.baselines.record(),
            "verdict": verdict(labels[first], table[first], compared[first], table),
        },
    )
    with replacing(folder / "per_image.npz") as temporary:
        np.savez_compressed(
            temporary,
            names=np.array(store.names),
            **{
                f"{system}/{key}": v
                for system, m in grading.per_image.items()
                for key, v in m.items()
            },
        )
    shown = {labels[name]: systems[name] for name in labels} | {"mean color": systems[MEAN_COLOR]}
    columns = protocol.colorize_examples(shown, store.examples())
    draw_grid(columns, folder / "test_grid.png")


def _systems(
    plan: Plan, colorizer: keras.Model, trained: list[Trained]
) -> tuple[dict[str, str], dict[str, protocol.Colorizer]]:
    """Labels and colorizers by name: the recipe's, its variants, and the best epoch."""
    recipe = plan.recipe
    labels, networks = {recipe.name: _label(plan)}, {recipe.name: colorizer}
    for heading, make in recipe.variants.items():
        name = f"{recipe.name}/{heading}"
        labels[name] = f"{plan.label}, {heading}"
        networks[name] = make(*(each.network for each in trained))
    # Reports that train a fixed number of epochs publish the last one; selecting by validation
    # images is a different system.
    if any(each.state.best_epoch not in (0, each.state.epoch) for each in trained):
        name = f"{recipe.name}/best epoch"
        labels[name] = f"{_label(plan)}, best epoch"
        best = [each.at_best(plan.image_size) for each in trained]
        networks[name] = plan.assembled(best)
    scaling = recipe.scaling
    return labels, {name: protocol.colorizer(each, scaling) for name, each in networks.items()}


def _label(plan: Plan) -> str:
    """Label of the recipe's first colorizer among its variants."""
    heading = plan.recipe.heading
    return f"{plan.label}, {heading}" if heading else plan.label


def _rows(
    plan: Plan,
    labels: dict[str, str],
    trained: list[Trained],
    data: Data,
    table: dict,
    compared: dict,
) -> list[dict]:
    """The table's rows: ours, the reports', and the trivial baselines."""
    recipe = plan.recipe

    def row(system: str, label: str, kind: str, values: dict, **more: object) -> dict:
        return {
            "system": system,
            "label": label,
            "kind": kind,
            "source": "",
            "budget": "",
            "values": values,
        } | more

    budget = _budget(plan, trained, data.counts["train"])
    best = f"{budget}, epoch {', '.join(str(each.state.best_epoch) for each in trained)}"
    rows = [
        row(
            system,
            label,
            "ours",
            table[system],
            budget=best if system.endswith("/best epoch") else budget,
            against_best_baseline=compared[system],
        )
        for system, label in labels.items()
    ]
    for published in recipe.published:
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
                training=dict(published.training),
                # Tiny ImageNet's pictures at another size are other pictures.
                same_images=plan.image_size == plan.native_size
                and published.same_images(
                    plan.options.data, recipe.graded_split, len(data.graded(plan))
                ),
            )
        )
    return rows + data.baselines.rows(table)


def _images(plan: Plan, data: Data) -> dict:
    """Numbers of used, gray, and skipped images by split."""
    store = data.graded(plan)
    return {
        "graded": len(store),
        "split": plan.recipe.graded_split,
        "gray": store.gray,
        "train": data.counts["train"],
        "validation": data.counts["validation"],
        "skipped": {
            split: [{"name": name, "reason": reason} for name, reason in store.skipped]
            for split, store in data.stores.items()
        },
    }


def _budget(plan: Plan, trained: list[Trained], images: int) -> str:
    if plan.options.weights is not None:
        record = read_json(trained[-1].folder / RECORD)
        published = plan.recipe.released.release.is_published(record["weights_sha256"])
        return "the authors' weights" if published else "weights in the authors' format"
    graded_only = not any(each.state.epoch for each in trained)
    here = Training(0, images, plan.parts(images), plan.image_size, plan.options.precision)
    said = in_words(
        [
            inherited(each.folder / RECORD)
            + [dataclasses.replace(here, epochs=each.state.epoch)] * (not graded_only)
            for each in trained
        ]
    )
    return f"{said}; graded as they are" if graded_only else said
