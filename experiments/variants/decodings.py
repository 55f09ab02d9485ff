"""Grades of a finished run's decodings, without training it again."""

from pathlib import Path

import keras
import numpy as np

from experiments.grading.baselines import best_factor
from experiments.grading.protocol import Colorizer, colorizer, grade_colorizers
from experiments.plan import Plan, plan_of
from experiments.recipe import Recipe
from experiments.stages.earlier_weights import last_weights
from experiments.variants.of_tiny import DECODINGS, Decoding, Variant
from polychrome.files import read_json, write_json
from polychrome.weights.files import load_weights
from tf_data.sources.split import Source
from tf_data.store import Store, load_store

FILE = "decodings.json"
# Training images to which a factor is fitted.
_FITTED = 2_000


def grade_decodings(run: Path, recipe: Recipe, variant: Variant, source: Source) -> dict:
    """Grade the decodings of a variant that are not graded yet; return all of them.

    Args:
        run: folder of the finished run.
        recipe, variant: what was trained there.
        source: the data set that it was trained on.

    Returns:
        Decoding to "factor" (of its chroma) and "values" (mean by metric), as in `decodings.json`
        in the run's folder.
    """
    known = read_json(run / FILE) if (run / FILE).exists() else {}
    wanted = [name for name in variant.decodings if name not in known]
    if not wanted:
        return known
    plan = plan_of(recipe, read_json(run / "recipe.json"))
    keras.config.set_dtype_policy("float32")  # as runs are graded, whatever they train in
    (described,) = plan.networks
    network = described.build(plan.image_size)
    load_weights(network, last_weights(run, described.name))
    train, test = _stores(plan, source)

    systems, factors = {}, {}
    for name in wanted:
        decoding = DECODINGS[name]
        to_chroma = decoding.to_chroma or described.to_chroma
        decoded = _decoded(to_chroma(network), plan, decoding)
        factors[name] = best_factor(train, decoded)[0] if decoding.scaled else 1.0
        systems[name] = _times(factors[name], decoded)
    for name, values in grade_colorizers(systems, test).per_image.items():
        means = {key: _mean(column) for key, column in values.items()}
        known[name] = {"factor": factors[name], "values": means}
    train.close()
    test.close()
    write_json(run / FILE, known)
    return known


def _stores(plan: Plan, source: Source) -> tuple[Store, Store]:
    """Training images to fit factors to, and the graded ones."""
    stores = []
    for split, most in (("train", _FITTED), (plan.recipe.graded_split, None)):
        limits = [limit for limit in (plan.limits[split], most) if limit is not None]
        limit = min(limits, default=None)
        images = source.splits[split]
        if split == plan.recipe.graded_split:
            images = images.with_gray()
        stores.append(load_store(images, plan.image_size, label=split, limit=limit))
    return stores[0], stores[1]


def _decoded(network: keras.Model, plan: Plan, decoding: Decoding) -> Colorizer:
    colorize = colorizer(network, plan.recipe.scaling)
    return mirrored(colorize) if decoding.mirrored else colorize


def mirrored(colorize: Colorizer) -> Colorizer:
    """The mean of a colorizer's answers to an image and, mirrored back, to its mirror image."""

    def both(lightness: np.ndarray) -> np.ndarray:
        return (colorize(lightness) + colorize(lightness[:, :, ::-1])[:, :, ::-1]) / 2

    return both


def _times(factor: float, colorize: Colorizer) -> Colorizer:
    return lambda lightness: np.float32(factor) * colorize(lightness)


def _mean(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.mean(dtype=np.float64)) if len(finite) else None
