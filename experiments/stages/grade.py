"""Grade a run's colorizer beside the trivial baselines and write down the result."""

import dataclasses
from pathlib import Path

import keras
import numpy as np

from experiments.grading import protocol
from experiments.grading.grading import Grading, grade_systems
from experiments.grading.samples import sample_colorizations
from experiments.options import Options
from experiments.recipe import Recipe
from experiments.report.drawing import draw_grid
from experiments.stages.train import Trained
from polychrome.files import replacing, write_json
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels

NOTHING, MEAN_COLOR = "do_nothing", "mean_color"


@dataclasses.dataclass(frozen=True)
class Graded:
    """What a grading needs to know of the data, without holding the training images.

    Attributes:
        store: the images that are graded.
        mean_ab: of the training images, float32 `[2]`.
        counts: number of images by split.
        skipped: (name, reason) of the files that were no usable images, by split.
        superpixels: that the system was trained on, if any.
    """

    store: Store
    mean_ab: np.ndarray
    counts: dict[str, int]
    skipped: dict[str, tuple[tuple[str, str], ...]]
    superpixels: Superpixels | None = None

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        stores: dict[str, Store],
        mean_ab: np.ndarray,
        superpixels: Superpixels | None,
    ) -> "Graded":
        """From the stores of all splits; the recipe says which one is graded."""
        return cls(
            stores[recipe.graded_split],
            mean_ab,
            {split: len(store) for split, store in stores.items()},
            {split: store.skipped for split, store in stores.items()},
            superpixels,
        )


def grade_run(
    recipe: Recipe,
    options: Options,
    network: keras.Model,
    trained: list[Trained],
    graded: Graded,
    folder: Path,
) -> None:
    """Write `metrics.json`, `per_image.npz` and `test_grid.png` into the folder of a run.

    Args:
        network: the assembled colorizer: lightness to both channels.
        trained: the recipe's networks.
    """
    mean = graded.mean_ab.reshape(1, 1, 1, 2)
    labels = {recipe.name: _label(recipe)}
    systems = {recipe.name: protocol.colorizer(network, recipe.scaling)}
    for heading, make in recipe.variants.items():
        name = f"{recipe.name}/{heading}"
        variant = make(*(each.network for each in trained))
        labels[name] = f"{recipe.label}, {heading}"
        systems[name] = protocol.colorizer(variant, recipe.scaling)
    systems |= {
        NOTHING: lambda lightness: np.zeros((1, 1, 1, 2), np.float32),
        MEAN_COLOR: lambda lightness: mean,
    }
    samples = {}
    if recipe.sampler is not None:
        sampler = recipe.sampler(*(each.network for each in trained))
        drawn = sample_colorizations(sampler, graded.store, recipe.scaling, options.seed)
        draw_grid(drawn.pictures(), folder / "samples.png")
        samples[recipe.name] = drawn
    grading = grade_systems(systems, graded.store, superpixels=graded.superpixels, samples=samples)
    table = grading.table(options.seed)
    write_json(
        folder / "metrics.json",
        {
            "metrics": grading.described(),
            "rows": _rows(recipe, options, labels, trained, graded, table),
            "images": _images(recipe, graded),
            "verdict": _verdict(recipe, grading, table, options.seed),
        },
    )
    with replacing(folder / "per_image.npz") as temporary:
        np.savez_compressed(
            temporary,
            names=np.array(graded.store.names),
            **{
                f"{system}/{key}": v
                for system, m in grading.per_image.items()
                for key, v in m.items()
            },
        )
    shown = {labels[name]: systems[name] for name in labels} | {"mean color": systems[MEAN_COLOR]}
    columns = protocol.colorize_examples(shown, graded.store.examples())
    draw_grid(columns, folder / "test_grid.png")


def _label(recipe: Recipe) -> str:
    """What the recipe's first colorizer is called, beside its variants."""
    return f"{recipe.label}, {recipe.heading}" if recipe.heading else recipe.label


def _rows(
    recipe: Recipe,
    options: Options,
    labels: dict[str, str],
    trained: list[Trained],
    graded: Graded,
    table: dict,
) -> list[dict]:
    """The table's rows: ours, the report's, and the trivial baselines."""

    def row(system: str, label: str, kind: str, values: dict, **more: object) -> dict:
        return {
            "system": system,
            "label": label,
            "kind": kind,
            "source": "",
            "budget": "",
            "values": values,
        } | more

    budget = _budget(options, recipe, trained, graded.counts["train"])
    rows = [
        row(system, label, "ours", table[system], budget=budget) for system, label in labels.items()
    ]
    for published in (recipe.published, *recipe.more_published):
        if not published.values:
            continue
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
                same_images=options.data == published.data
                and len(graded.store) == published.images,
            )
        )
    a, b = graded.mean_ab
    return [
        *rows,
        row(NOTHING, "do nothing (ab = 0)", "do_nothing", table[NOTHING]),
        row(MEAN_COLOR, f"mean color (a = {a:.1f}, b = {b:.1f})", "mean_color", table[MEAN_COLOR]),
    ]


def _images(recipe: Recipe, graded: Graded) -> dict:
    """How many images of which split were used, gray and skipped."""
    return {
        "graded": len(graded.store),
        "split": recipe.graded_split,
        "gray": graded.store.gray,
        "train": graded.counts["train"],
        "validation": graded.counts["validation"],
        "skipped": {
            split: [{"name": name, "reason": reason} for name, reason in skipped]
            for split, skipped in graded.skipped.items()
        },
    }


def _budget(options: Options, recipe: Recipe, trained: list[Trained], images: int) -> str:
    states = [each.state for each in trained]
    epochs = " or ".join(map(str, sorted({state.epoch for state in states})))
    best = ", ".join(str(state.best_epoch) for state in states)
    each = f"{len(states)} networks, each " if len(states) > 1 else ""
    unit = "epoch" if epochs == "1" else "epochs"
    size = f" of {recipe.image_size}x{recipe.image_size}"
    return f"{each}{epochs} {unit} of {images:,} images{size} (best: {best}), {options.precision}"


def _verdict(recipe: Recipe, grading: Grading, table: dict, seed: int) -> str:
    """Whether the system beats doing nothing on PSNR: on all images, and on those with color.

    Images that are gray already own the first: doing nothing is perfect on them.
    """
    ours, nothing = (table[system]["psnr"]["mean"] for system in (recipe.name, NOTHING))
    gain, colored = (
        grading.difference(recipe.name, NOTHING, key, seed) for key in ("psnr", "psnr_colored")
    )
    if gain["low"] > 0:
        verdict = "beats doing nothing"
    elif gain["high"] < 0:
        verdict = "does not beat doing nothing"
    else:
        verdict = "can't be told from doing nothing"
    return (
        f"{_label(recipe)} {verdict}: PSNR {ours:.2f} against {nothing:.2f} dB, a difference of "
        f"{_signed(gain)} dB over the same images; {_signed(colored)} dB without those that are "
        "gray already."
    )


def _signed(interval: dict[str, float]) -> str:
    if interval["mean"] is None:
        return "–"
    return f"{interval['mean']:+.2f} [{interval['low']:+.2f}, {interval['high']:+.2f}]"
