"""The last stage: the colorizer as a preset and as a SavedModel."""

from collections.abc import Mapping
from pathlib import Path

import keras

from experiments.plan import Plan
from experiments.stages.data_section import data_section
from experiments.stages.earlier_weights import RECORD, network_origins
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
) -> list[Path]:
    """Write `preset/` into the folder of a run and the next version of its SavedModel.

    Published weights also become `preset_256/` and a SavedModel of that name, which feed images at
    the size that their authors use. Done once for each set of weights; each export is compared with
    the network.

    Returns:
        The folders of the versions.
    """
    weights = [each.state.weights for each in trained]
    sizes = {"": plan.image_size}
    if plan.options.weights is not None:
        authors = plan.recipe.released.release.image_size
        sizes |= {f"_{authors}": authors} if authors != plan.image_size else {}
    directories = [saved_models / f"{plan.recipe.name}{suffix}" for suffix in sizes]
    path = folder / "export.json"
    if path.exists() and all((folder / f"preset{suffix}").is_dir() for suffix in sizes):
        record = read_json(path)
        known = [Path(record["path"]), *map(Path, record.get("more", {}))]
        same = record["weights"] == weights and [each.parent for each in known] == directories
        if same and all(each.is_dir() for each in known):
            return known
    encoded = [encode_png(image).numpy() for image in graded.examples()[:2]]
    metrics, scaling = read_json(folder / "metrics.json"), plan.recipe.scaling
    images = metrics["images"]
    about = data_section(
        plan, trained, images["train"], len(images.get("left_out", {}).get("train", ()))
    )
    differences = {}
    for (suffix, size), directory in zip(sizes.items(), directories, strict=True):
        preset = _write_preset(plan, colorizer, metrics, folder, suffix, size, about)
        exported = export_colorizer(colorizer, scaling, size, directory, card=read_card(preset))
        difference = verify_export(exported, colorizer, scaling, size, encoded)
        differences[str(exported)] = float(difference)
    first, *more = differences
    write_json(
        path,
        {
            "path": first,
            "weights": weights,
            "largest_ab_difference": differences[first],
            "more": {other: differences[other] for other in more},
        },
    )
    return [Path(exported) for exported in differences]


def _write_preset(
    plan: Plan,
    colorizer: keras.Model,
    metrics: Mapping,
    folder: Path,
    suffix: str,
    size: int,
    about: Mapping[str, str],
) -> Path:
    """Write a preset that feeds images at `size`, and return its folder.

    Its grades are those of the row of that size.
    """
    name = plan.recipe.name
    graded = f"{name}/fed at {size}x{size}" if suffix else name
    row = next(row for row in metrics["rows"] if row["system"] == graded)
    return write_preset(
        folder / f"preset{suffix}",
        colorizer,
        scaling=plan.recipe.scaling,
        image_size=size,
        name=f"{name}{suffix}",
        title=f"{plan.recipe.label}, fed at {size}x{size}" if suffix else plan.recipe.label,
        grades=dict(row["values"]),
        over_baseline=row.get("against_best_baseline"),
        license=LICENSE if plan.options.weights is None else plan.recipe.released.release.license,
        source={
            "recipe": name,
            "data": plan.options.data,
            "budget": row["budget"],
            "graded_images": metrics["images"]["graded"],
            "graded_size": plan.image_size,
            "command": read_json(folder / "recipe.json")["command"],
            "networks": network_origins(folder, [network.name for network in plan.networks]),
            **_published(plan, folder),
        },
        about=about,
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
