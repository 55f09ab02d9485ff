"""Grade one row of a bake-off, and keep what the tables and figures need of it."""

import time
from pathlib import Path

import numpy as np
from keras import ops

from experiments.comparison.colorizers import Contestant, contestant
from experiments.comparison.details import Details
from experiments.comparison.images import (
    Images,
    load_images,
    load_training_images,
    wall_rows,
)
from experiments.comparison.judges import Judges
from experiments.comparison.kinds import TAKEN, TRAINED
from experiments.comparison.progress import GRADES
from experiments.comparison.settings import YARDSTICKS, Entry, Settings
from experiments.comparison.shared import made_once
from experiments.comparison.tables.records import FRONTIER
from experiments.comparison.training import train_entry
from experiments.comparison.yardsticks import yardsticks
from experiments.grading.baselines import measure_baselines
from experiments.grading.protocol import (
    Colorizer,
    Oracle,
    answers,
    colorize_examples,
)
from experiments.grading.scores import grade_systems
from experiments.grading.superpixels import paint_store
from experiments.process.clock import Clock
from experiments.process.environment import environment
from experiments.report.earlier_runs import in_brief, in_words
from experiments.studies.frontier import measure_frontier
from polychrome.color.spaces import rgb_to_lab
from polychrome.files import replacing, write_json
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels

TRUE_SUPERPIXELS = "true_superpixels.npy"
# Pictures of each system that it colors best and worst.
EXTREMES = 3
# The frontier is that of the suite's own model for small images.
_FRONTIER_OF = "tiny"
_TIMED, _REPEATS = 100, 3
_COLOR_DISTANCE = {
    "label": "Colorfulness, mean difference",
    "better": "lower",
    "meaning": "Absolute difference of the colorfulness of prediction and truth, mean over images.",
}
_COLOR_OF_MEANS = {
    "label": "Colorfulness, difference of means",
    "better": "lower",
    "meaning": "Absolute difference of the mean colorfulness of all predictions and all truths.",
}


def work(settings: Settings, entry: Entry, out: Path, clock: Clock) -> None:
    """Train and grade an entry, as far as it is not done, and leave its files in `out/grades`.

    Args:
        settings: of the bake-off.
        entry: a system with a seed, or the yardsticks.
        out: folder of the bake-off.
        clock: for the stages "train" and "grade".

    Raises:
        InputError: it can't be trained or graded; finished epochs are kept.
        KeyboardInterrupt: likewise.
    """
    system = None if entry == YARDSTICKS else settings.system(entry.system)
    if system is not None and system.taken is None:
        with clock.time("train"):
            train_entry(settings, entry, out)
    with clock.time("grade"):
        # First, because it may fail.
        found = None if system is None else contestant(settings, entry, out)
        images = load_images(settings)
        judges = Judges(settings, images, out)
        if found is None:
            _grade_yardsticks(settings, images, judges, out)
        else:
            _grade_system(settings, entry, found, images, judges, out)


def _grade_system(
    settings: Settings, entry: Entry, found: Contestant, images: Images, judges: Judges, out: Path
) -> None:
    taken = settings.system(entry.system).taken is not None
    facts = {
        "kind": TAKEN if taken else TRAINED,
        "label": found.label,
        "says": "",
        "budget": in_words(found.trainings),
        "budget_in_brief": in_brief(found.trainings),
        "parameters": found.parameters,
        "training": found.training,
        "inference": _speed(found, images),
        # Speeds are of the machine that graded, which need not be that of training.
        "environment": environment(),
    }
    _grade(settings, entry, found.colorize, images, judges, facts, out)


def _grade_yardsticks(settings: Settings, images: Images, judges: Judges, out: Path) -> None:
    """All baselines and oracles, and the frontier; their entry is done when the last one is."""
    train = load_training_images(settings)
    rows = yardsticks(train, measure_baselines(train), images.size)
    for row in rows.values():
        entry = Entry(row.name, 0)
        if (out / GRADES / entry.place.with_suffix(".json")).exists():
            continue
        facts = {"kind": row.kind, "label": row.label, "says": row.says, "budget": ""}
        facts |= {"parameters": None, "training": {}, "inference": {}}
        _grade(settings, entry, row.colorize, images, judges, facts, out)
    if not (out / GRADES / FRONTIER).exists():
        write_json(out / GRADES / FRONTIER, _frontier(images))
    write_json(
        out / GRADES / YARDSTICKS.place.with_suffix(".json"),
        {
            "images": len(images.graded),
            "gray": images.graded.gray,
            "labeled": 0 if images.labeled is None else len(images.labeled),
            "size": images.size,
            "train": len(train),
            "environment": environment(),
        },
    )


def _grade(
    settings: Settings,
    entry: Entry,
    colorize: Colorizer | Oracle,
    images: Images,
    judges: Judges,
    facts: dict,
    out: Path,
) -> None:
    name, store = entry.system, images.graded
    superpixels = None if "superpixels" in settings.skipped else Superpixels.uci(images.size)
    scores = grade_systems(
        {name: colorize},
        store,
        superpixels=superpixels,
        painted_input=False,
        painted_store=None if superpixels is None else _painted_once(store, superpixels, out),
    )
    per_image, of_set = dict(scores.per_image[name]), dict(scores.of_sets[name])
    difference = per_image["colorfulness_difference"]
    per_image["colorfulness_distance"] = np.abs(difference)
    of_set["colorfulness_of_means"] = abs(float(difference.mean(dtype=np.float64)))

    has_color = np.isfinite(per_image["psnr_colored"])
    rows = _pictured(per_image["psnr_colored"])
    wanted = np.unique(np.concatenate(list(rows.values())))
    # Kept here, because what is compiled for a batch would be compiled again for fewer pictures.
    colors: dict[int, np.ndarray] = {}
    seen, details, start = judges.begin(), Details(images.size), 0
    for answer in answers({name: colorize}, store):
        seen.add(answer)
        end = start + len(answer.lab)
        of_color = has_color[start:end]
        details.add(answer.lab[of_color], answer.ab[of_color])
        here = wanted[(start <= wanted) & (wanted < end)]
        colors |= {int(row): answer.ab[row - start].copy() for row in here}
        start = end
    judged, judged_set = judges.finish(seen, name, colorize)
    per_image |= judged
    of_set |= judged_set

    shown = {
        f"{place}/{what}": pictures
        for place, chosen in rows.items()
        for what, pictures in _pictures(
            np.asarray(store.images[chosen]), np.stack([colors[int(row)] for row in chosen])
        ).items()
    }
    path = out / GRADES / entry.place
    with replacing(path.with_suffix(".npz")) as temporary:
        np.savez_compressed(
            temporary,
            **{f"per_image/{key}": values for key, values in per_image.items()},
            **{f"details/{key}": values for key, values in details.arrays().items()},
            **{f"pictures/{key}": values for key, values in shown.items()},
            **{f"rows/{place}": chosen for place, chosen in rows.items()},
        )
    described = scores.described() | judges.described()
    described |= {
        "colorfulness_distance": _COLOR_DISTANCE,
        "colorfulness_of_means": _COLOR_OF_MEANS,
    }
    write_json(  # last: with it the entry is done
        path.with_suffix(".json"),
        {"system": name, "seed": entry.seed, **facts, "of_set": of_set, "metrics": described},
    )


def _painted_once(store: Store, superpixels: Superpixels, out: Path) -> np.ndarray:
    """The true images on superpixels, painted once for all systems; not read into memory."""
    return made_once(
        out / TRUE_SUPERPIXELS, len(store), lambda: paint_store(store, superpixels), mmap_mode="r"
    )


def _pictured(psnr: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the images on the wall, and of a system's best and worst."""
    has_color = np.isfinite(psnr)
    order = np.argsort(np.where(has_color, psnr, np.inf), kind="stable")[: int(has_color.sum())]
    return {
        "wall": wall_rows(has_color),
        "best": order[::-1][:EXTREMES],
        "worst": order[:EXTREMES],
    }


def _pictures(images: np.ndarray, ab: np.ndarray) -> dict[str, np.ndarray]:
    """The images true, and with the colors that a system gave them: uint8 `[n, H, W, 3]`."""
    made = colorize_examples({"made": lambda lightness: ab}, images)
    return {"made": made["made"], "truth": made["truth"]}


def _speed(found: Contestant, images: Images) -> dict[str, float]:
    """Images per second, of the wall clock and of process CPU time, of the fastest of some runs."""
    batch = np.asarray(images.graded.images[:_TIMED])
    lightness = np.asarray(ops.convert_to_numpy(rgb_to_lab(batch)))[..., :1]
    np.asarray(found.colorize(lightness))  # compiles
    took = []
    for _ in range(_REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        np.asarray(found.colorize(lightness))
        took.append((time.perf_counter() - wall, time.process_time() - cpu))
    seconds, cpu_seconds = map(min, zip(*took, strict=True))
    return {
        "images_per_second": len(batch) / seconds,
        "images_per_cpu_second": len(batch) / max(cpu_seconds, 1e-6),
    }


def _frontier(images: Images) -> dict:
    """What more color costs the suite's own model, along its dial."""
    import polychrome

    frontier = measure_frontier(polychrome.load(_FRONTIER_OF).predict, images.graded)
    return {
        "of": _FRONTIER_OF,
        "images": len(images.graded),
        **{
            way: [point._asdict() for point in points] for way, points in frontier._asdict().items()
        },
    }
