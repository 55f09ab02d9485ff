"""The last stage: the colorizer as a preset and as a SavedModel."""

from collections.abc import Mapping
from pathlib import Path

import keras

from experiments.plan import Plan
from experiments.stages.initial_weights import RECORD
from experiments.stages.train import Trained
from polychrome.export.saved_model import export_colorizer
from polychrome.export.verify import verify_export
from polychrome.files import read_json, write_json
from polychrome.images import encode_png
from polychrome.presets import read_card, write_preset
from tf_data.store import Store

# Of weights that are trained here.
LICENSE = "Apache-2.0"


def export(
    plan: Plan,
    colorizer: keras.Model,
    trained: list[Trained],
    graded: Store,
    folder: Path,
    saved_models: Path,
) -> Path:
    """Write `preset/` into the folder of a run and the next version of its SavedModel.

    Done once for each set of weights; the export is compared with the network.

    Returns:
        The folder of the version.
    """
    weights = [each.state.weights for each in trained]
    directory = saved_models / plan.recipe.name
    path = folder / "export.json"
    if path.exists() and (folder / "preset").is_dir():
        record = read_json(path)
        known = Path(record["path"])
        if record["weights"] == weights and known.parent == directory and known.is_dir():
            return known
    scaling, size = plan.recipe.scaling, plan.image_size
    write_run_preset(plan, colorizer, read_json(folder / "metrics.json"), folder)
    card = read_card(folder / "preset")
    exported = export_colorizer(colorizer, scaling, size, directory, card=card)
    encoded = [encode_png(image).numpy() for image in graded.examples()[:2]]
    difference = verify_export(exported, colorizer, scaling, size, encoded)
    write_json(
        path,
        {"path": str(exported), "weights": weights, "largest_ab_difference": float(difference)},
    )
    return exported


def write_run_preset(plan: Plan, colorizer: keras.Model, metrics: Mapping, folder: Path) -> Path:
    """Write `preset/`, which `polychrome.load` accepts, into the folder of a run."""
    row = metrics["rows"][0]
    return write_preset(
        folder / "preset",
        colorizer,
        scaling=plan.recipe.scaling,
        image_size=plan.image_size,
        name=plan.recipe.name,
        title=plan.recipe.label,
        grades={key: value for key, value in row["values"].items()},
        license=LICENSE if plan.options.weights is None else plan.recipe.released.release.license,
        source={
            "recipe": plan.recipe.name,
            "data": plan.options.data,
            "budget": row["budget"],
            "graded_images": metrics["images"]["graded"],
            "command": read_json(folder / "recipe.json")["command"],
            **_published(plan, folder),
        },
    )


def _published(plan: Plan, folder: Path) -> dict[str, str]:
    """File, origin and SHA-256 of weights that were not trained in this run."""
    if plan.options.weights is None:
        return {}
    release = plan.recipe.released.release
    record = read_json(folder / "networks" / plan.networks[-1].name / RECORD)
    return {
        "weights": record["weights"],
        "weights_sha256": record["weights_sha256"],
        "published_at": release.url,
    }
