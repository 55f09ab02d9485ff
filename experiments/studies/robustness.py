"""How a colorizer does on photographs that are not as clean as its test images.

`measure_robustness` goes once over the images; `summarize` makes a table of any of them.
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf
from keras import ops
from tqdm import tqdm

from experiments.grading.baselines import Baselines
from experiments.grading.protocol import Colorizer
from experiments.grading.scores import Scores
from experiments.studies.edges import color_steps, sharpness
from experiments.studies.shifts import SHIFTS, changes_under_shifts
from experiments.studies.skin import skin_by_tercile, skin_errors, skin_of_faces
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.metrics.perceptual import CIEDE2000, Colorfulness
from polychrome.metrics.pixel import ColoredPSNR
from tf_data.degradations.aging import degrade
from tf_data.degradations.strengths import DEGRADATIONS
from tf_data.pipeline import image_batches
from tf_data.sources.collection import set_of
from tf_data.store import Store

SYSTEM, TRUTH = "system", "truth"
_BATCH = 25


@dataclasses.dataclass(frozen=True)
class Robustness:
    """What was measured, for each image of a store.

    Attributes:
        psnr: dB by `SYSTEM`, by trivial baseline, and by degradation, float32 `[n]`; NaN if the
            truth is gray.
        ciede2000: mean over pixels, by `SYSTEM` and by trivial baseline, `[n]`.
        colorfulness: of Hasler and Suesstrunk, by `SYSTEM` and `TRUTH`, `[n]`.
        shifts: see `changes_under_shifts`, `[n, 8]`.
        steps, true_steps: see `color_steps`, of the prediction and of the truth, `[n, 3]`.
        faces: number of them, `[n]`.
        skin: see `skin_errors`, of the skin of these, `[n, LEVELS, 4]`.
    """

    psnr: Mapping[str, np.ndarray]
    ciede2000: Mapping[str, np.ndarray]
    colorfulness: Mapping[str, np.ndarray]
    shifts: np.ndarray
    steps: np.ndarray
    true_steps: np.ndarray
    faces: np.ndarray
    skin: np.ndarray

    @property
    def colored(self) -> np.ndarray:
        """Which images count, bool `[n]`."""
        return np.isfinite(self.psnr[SYSTEM])


def measure_robustness(
    colorize: Colorizer, store: Store, baselines: Baselines, seed: int = 0
) -> Robustness:
    """Measure a colorizer on clean, degraded and shifted images.

    A degraded photograph's colors are joined with the true lightness, so PSNR falls by what the
    degradation does to the colors alone, and that of the baselines does not fall.

    Args:
        colorize: the system.
        store: the test images, with sides of more than 16 pixels.
        baselines: of the training images.
        seed: of noise, scratches, and the like.

    Raises:
        InputError: the system predicts NaN or infinity.
    """
    to_lab, measures = compiled(rgb_to_lab), _measures()
    colors = baselines.colors()
    parts: dict[tuple[str, str], list] = {}

    def keep(group: str, key: str, values) -> None:
        parts.setdefault((group, key), []).append(np.asarray(ops.convert_to_numpy(values)))

    def grade(key: str, images, lab, ab, groups=("psnr", "ciede2000")) -> None:
        found = measures(images, lab, np.broadcast_to(ab, (*lab.shape[:-1], 2)))
        for group in groups:
            keep(group, key, found[group])

    with tqdm(total=len(store), desc="robustness", unit="image", leave=False) as bar:
        for number, images in enumerate(image_batches(store, _BATCH).as_numpy_iterator()):
            lab = np.asarray(ops.convert_to_numpy(to_lab(images)))
            ab = _predicted(colorize, lab[..., :1])
            grade(SYSTEM, images, lab, ab, ("psnr", "ciede2000", "colorfulness"))
            grade(TRUTH, images, lab, lab[..., 1:], ("colorfulness",))
            for name, color in colors.items():
                grade(name, images, lab, color)
            for name, degradation in DEGRADATIONS.items():
                strength = tf.fill([len(images)], float(degradation.graded))
                old = degrade(tf.constant(images), {name: strength}, tf.constant([seed, number]))
                grade(name, images, lab, _predicted(colorize, old.numpy()), ("psnr",))
            keep("fields", "shifts", changes_under_shifts(colorize, lab[..., :1]))
            keep("fields", "steps", color_steps(lab[..., :1], ab))
            keep("fields", "true_steps", color_steps(lab[..., :1], lab[..., 1:]))
            faces, skin = skin_of_faces(images)
            keep("fields", "faces", faces)
            keep("fields", "skin", skin_errors(skin, lab, ab))
            bar.update(len(images))
    groups: dict[str, dict] = {}
    for (group, key), values in parts.items():
        groups.setdefault(group, {})[key] = np.concatenate(values)
    return Robustness(**groups.pop("fields"), **groups)


def set_names(store: Store) -> dict[str, np.ndarray]:
    """The sets of a collection, from names that begin with split/SET/: rows by set, bool `[n]`.

    Empty unless there are several sets.
    """
    sets = [set_of(name) for name in store.names]
    found = sorted(set(sets) - {""})
    if len(found) < 2:
        return {}
    return {name: np.array([each == name for each in sets]) for name in found}


def summarize(measured: Robustness, rows: np.ndarray | None = None, seed: int = 0) -> dict | None:
    """Figures over the colored images among `rows` (bool `[n]`; None: all), as JSON values.

    Returns:
        None if no image counts. Otherwise "images"; "psnr" of the system and the baselines, "gain"
        over the best of them, and "gains" over each; "ciede2000" likewise, and "ciede2000_gain",
        the system's less that of the nearest baseline; "colorfulness" of the system and the truth;
        "degradations", each with "strength", "psnr" and "drop"; "shifts", the mean change at each
        and over all; "edges", the sharpness of prediction and truth; "faces", their number, and
        "skin", theirs, see `skin_by_tercile`. Intervals are of 95 %, over images, and None of one
        image; drops and gains are paired.
    """
    counted = measured.colored if rows is None else measured.colored & rows
    if not counted.any():
        return None
    scores = {
        group: Scores({name: {group: values[counted]} for name, values in named.items()})
        for group, named in (
            ("psnr", measured.psnr),
            ("ciede2000", measured.ciede2000),
            ("colorfulness", measured.colorfulness),
        )
    }
    table = {
        group: {name: values[group] for name, values in each.table(seed).items()}
        for group, each in scores.items()
    }
    baselines = [name for name in table["ciede2000"] if name != SYSTEM]

    def over(name: str, group: str) -> dict[str, float | None]:
        return scores[group].difference(SYSTEM, name, group, seed)

    best = max(baselines, key=lambda name: table["psnr"][name]["mean"])
    nearest = min(baselines, key=lambda name: table["ciede2000"][name]["mean"])
    shifts = measured.shifts[counted].mean(axis=0, dtype=np.float64)
    return {
        "images": int(counted.sum()),
        "psnr": {name: table["psnr"][name] for name in (SYSTEM, *baselines)},
        "gain": {"baseline": best} | over(best, "psnr"),
        "gains": {name: over(name, "psnr") for name in baselines},
        "ciede2000": table["ciede2000"],
        "ciede2000_gain": {"baseline": nearest} | over(nearest, "ciede2000"),
        "colorfulness": table["colorfulness"],
        "degradations": {
            name: {
                "strength": degradation.graded,
                "psnr": table["psnr"][name],
                "drop": over(name, "psnr"),
            }
            for name, degradation in DEGRADATIONS.items()
        },
        "shifts": {str(shift): float(mean) for shift, mean in zip(SHIFTS, shifts, strict=True)}
        | {"mean": float(shifts.mean())},
        "edges": {
            "prediction": sharpness(measured.steps[counted]),
            "truth": sharpness(measured.true_steps[counted]),
            "number": int(measured.true_steps[counted, 2].sum()),
        },
        "faces": int(measured.faces[counted].sum()),
        "skin": skin_by_tercile(measured.skin[counted]),
    }


def _predicted(colorize: Colorizer, lightness: np.ndarray) -> np.ndarray:
    ab = np.asarray(colorize(lightness), np.float32)
    if not np.isfinite(ab).all():  # PSNR would silently skip NaN
        raise InputError("the system predicts NaN or infinity: its weights are broken")
    return np.broadcast_to(ab, (*lightness.shape[:-1], 2))


def _measures() -> Callable:
    """(images, Lab, ab) to figures of each image with the true lightness, by name.

    PSNR is NaN for gray images.
    """
    # Outside, because a metric has variables.
    psnr, difference, colorfulness = ColoredPSNR(), CIEDE2000(), Colorfulness()

    def measure(images, lab, ab):
        rgb, truth = lab_to_rgb(ops.concatenate([lab[..., :1], ab], axis=-1)), to_float(images)
        return {
            "psnr": psnr.per_image(truth, rgb),
            "ciede2000": difference.per_image(truth, rgb),
            "colorfulness": colorfulness.per_image(truth, rgb),
        }

    return compiled(measure)
