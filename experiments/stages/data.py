"""The first stage: decode images and measure the training images."""

import dataclasses
from pathlib import Path

from experiments.grading.baselines import Baselines, measure_baselines
from experiments.plan import Plan
from experiments.report.figures.histogram import draw_histogram
from polychrome.color.histogram import ChromaHistogram
from polychrome.files import read_json, write_json
from tf_data.decoding import SMALLEST_SIDE
from tf_data.gray import MEAN_SPREAD
from tf_data.measure_colors import measure_histogram
from tf_data.sources.source import SPLITS
from tf_data.sources.split import Split
from tf_data.store import Store, load_store
from tf_data.superpixels.painted import paint_store

# Where a series of runs keeps what `count_images` found.
COUNTS = "counts.json"


@dataclasses.dataclass(frozen=True)
class Data:
    """The images of a run.

    Attributes:
        stores: by split; training and validation images are painted if the plan says so.
        baselines: the trivial ones, of the training images.
        histogram: of the training images' colors, if an objective needs it.
        counts: number of images by split, including released ones.
    """

    stores: dict[str, Store]
    baselines: Baselines
    histogram: ChromaHistogram | None
    counts: dict[str, int]

    def graded(self, plan: Plan) -> Store:
        """The images used for grading."""
        return self.stores[plan.recipe.graded_split]


def load_data(plan: Plan, folder: Path) -> Data:
    """Decode all splits of the plan's source; leave `histogram.npz` in the folder where needed."""
    stores = {}
    for name in SPLITS:
        # Training images are cropped at random later; validation uses the center.
        size = plan.image_size if name == "test" else plan.stored_size
        split, limit = _split(plan, name), plan.limits[name]
        stores[name] = load_store(split, size, label=name, limit=limit, fit=plan.resize)
        if name == "validation" and size > plan.image_size:
            stores[name] = stores[name].center_crop(plan.image_size)
        _print_store(name, stores[name])
    if plan.sees_superpixels:
        painted = ("train", "validation")  # test images are graded plain as well as painted
        stores |= {n: paint_store(stores[n], plan.superpixels, label=n) for n in painted}
    return Data(
        stores,
        measure_baselines(stores["train"]),
        _histogram(plan, stores["train"], folder),
        {name: len(store) for name, store in stores.items()},
    )


def count_images(plan: Plan, name: str, kept: Path) -> int:
    """The `Data.counts` of a split that a run will have, before it is begun.

    Which files are gray or no usable images is known when they are decoded. What was counted is
    kept, so that the same files are decoded for it once.

    Args:
        plan: of the run.
        name: of the split.
        kept: JSON file, written as needed.

    Raises:
        InputError: see `load_store`.
    """
    split, limit = _split(plan, name), plan.limits[name]
    key = f"{split.fingerprint}-{limit}-{SMALLEST_SIDE}"
    key += f"-color{MEAN_SPREAD}" if split.color_only else ""
    counts = read_json(kept) if kept.exists() else {}
    if key not in counts:
        # Small, because none of them is looked at.
        counts[key] = len(load_store(split, SMALLEST_SIDE, label=name, limit=limit))
        write_json(kept, counts)
    return counts[key]


def _split(plan: Plan, name: str) -> Split:
    """One of the plan's source; what is graded is graded with gray photographs."""
    split = plan.source.splits[name]
    return split.with_gray() if name == plan.recipe.graded_split else split


def _histogram(plan: Plan, train: Store, folder: Path) -> ChromaHistogram | None:
    """The color histogram for losses, from the given file or else the training images."""
    if not any("histogram" in network.objective.needs for network in plan.networks):
        return None
    own, given = folder / "histogram.npz", plan.options.histogram
    if not own.exists():
        found = measure_histogram(train) if given is None else ChromaHistogram.load(Path(given))
        found.save(own)
    histogram = ChromaHistogram.load(own)
    title = given or f"{plan.options.data}, {len(train):,} training images"
    draw_histogram(histogram, folder / "histogram.png", title)
    return histogram


def _print_store(split: str, store: Store) -> None:
    notes = [f"{store.gray} already gray"] if store.gray else []
    notes += [f"{len(store.left_out)} gray left out"] if store.left_out else []
    notes += [f"{len(store.skipped)} skipped"] if store.skipped else []
    print(f"{split:10} {len(store):7,} images" + (f" ({', '.join(notes)})" if notes else ""))
    for name, reason in store.skipped[:5]:
        print(f"           skipped {name}: {reason}")
    if len(store.skipped) > 5:
        print("           ... all skipped files are listed in the report")
