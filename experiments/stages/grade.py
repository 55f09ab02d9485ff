"""Grade a run's colorizer, its variants, and the trivial baselines."""

from pathlib import Path

import keras

from experiments.grading import protocol
from experiments.grading.baseline_names import MEAN_COLOR
from experiments.grading.frechet import frechet_on_lite0
from experiments.grading.samples import sample_colorizations
from experiments.grading.scores import grade_systems
from experiments.plan import Plan
from experiments.report.figures.drawing import draw_grid
from experiments.stages.data import Data
from experiments.stages.record import record_grades
from experiments.stages.train import Trained


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
    scores = grade_systems(
        systems,
        store,
        superpixels=plan.superpixels,
        painted_input=plan.sees_superpixels,
        samples=samples,
        sets_on_rgb=[frechet_on_lite0()] if plan.options.frechet else [],
    )
    record_grades(plan, trained, data, scores, labels, folder)
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
    best = at_best_epochs(plan, trained)
    if best is not None:
        name = f"{recipe.name}/best epoch"
        labels[name], networks[name] = f"{_label(plan)}, best epoch", best
    scaling = recipe.scaling
    return labels, {name: protocol.colorizer(each, scaling) for name, each in networks.items()}


def at_best_epochs(plan: Plan, trained: list[Trained]) -> keras.Model | None:
    """The colorizer of each network's epoch of least validation loss.

    Reports that train a fixed number of epochs publish the last one; selecting by validation images
    is a different system.

    Returns:
        None if each best epoch was the last, or a network began with the weights of another, which
        were those of the last epoch. In `tiny` and `photo` the second network holds them, and its
        faithful answer is theirs whatever its own epoch is.
    """
    if any(each.described.start is not None for each in trained):
        return None
    if all(each.state.best_epoch in (0, each.state.epoch) for each in trained):
        return None
    return plan.assembled([each.at_best(plan.image_size) for each in trained])


def _label(plan: Plan) -> str:
    """Label of the recipe's first colorizer among its variants."""
    heading = plan.recipe.heading
    return f"{plan.label}, {heading}" if heading else plan.label
