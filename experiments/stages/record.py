"""What a run writes down of its grades: `metrics.json` and `per_image.npz`."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments.grading.baselines import compare_with_best, verdict
from experiments.grading.scores import Scores
from experiments.plan import Plan
from experiments.recipe import Recipe
from experiments.report.earlier_runs import AS_THEY_ARE, in_words
from experiments.stages.data import Data
from experiments.stages.initial_weights import RECORD
from experiments.stages.train import Trained
from experiments.training import Training, inherited
from polychrome.files import read_json, replacing, write_json
from polychrome.training.callbacks import TrainingState


def record_grades(
    plan: Plan,
    trained: list[Trained],
    data: Data,
    scores: Scores,
    labels: Mapping[str, str],
    folder: Path,
) -> None:
    """Write `metrics.json`, and `per_image.npz` with the value of each image.

    Args:
        scores: of our systems and the trivial baselines.
        labels: of our systems, by name; the recipe's own among them.
    """
    recipe, seed = plan.recipe, plan.options.seed
    table = scores.table(seed)
    compared = {name: compare_with_best(scores, name, seed) for name in labels}
    first = recipe.name
    write_json(
        folder / "metrics.json",
        {
            "metrics": scores.described(),
            "rows": _rows(plan, labels, trained, data, table, compared),
            "images": _images(plan, data),
            "baselines": data.baselines.record(),
            "verdict": verdict(labels[first], table[first], compared[first], table),
        },
    )
    with replacing(folder / "per_image.npz") as temporary:
        np.savez_compressed(
            temporary,
            names=np.array(data.graded(plan).names),
            **{
                f"{system}/{key}": values
                for system, metrics in scores.per_image.items()
                for key, values in metrics.items()
            },
        )


def _rows(
    plan: Plan,
    labels: Mapping[str, str],
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
    best = f"{budget}, {best_epochs(recipe, [each.state for each in trained])}"
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


def best_epochs(recipe: Recipe, states: Sequence[TrainingState]) -> str:
    """The epochs of least validation loss in words, with a caveat where these images are graded."""
    chosen = [
        (network.name, state.best_epoch)
        for network, state in zip(recipe.networks, states, strict=True)
        if state.best_epoch
    ]
    if len(chosen) < len(states):
        words = [f"{epoch} of {name}" for name, epoch in chosen]
    else:  # in the order of the networks
        words = [f"{epoch}" for _, epoch in chosen]
    said = f"epoch {', '.join(words)}"
    return f"{said} (chosen on the graded images)" if recipe.graded_split == "validation" else said


def _images(plan: Plan, data: Data) -> dict:
    """Numbers of used images, and names of those left out as gray and of skipped ones by split."""
    store = data.graded(plan)
    return {
        "graded": len(store),
        "split": plan.recipe.graded_split,
        "gray": store.gray,
        "train": data.counts["train"],
        "validation": data.counts["validation"],
        "left_out": {split: list(store.left_out) for split, store in data.stores.items()},
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
        {
            each.described.name: inherited(each.folder / RECORD)
            + [dataclasses.replace(here, epochs=each.state.epoch)] * (each.state.epoch > 0)
            for each in trained
        }
    )
    return said + AS_THEY_ARE if graded_only else said
