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
from experiments.studies.skin import skin_by_tercile, skin_errors
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.metrics.pixel import ColoredPSNR
from tf_data.degradations.aging import DEGRADATIONS, degrade
from tf_data.pipeline import image_batches
from tf_data.store import Store

SYSTEM = "system"
_BATCH = 25
_PSNR = "psnr_colored"


@dataclasses.dataclass(frozen=True)
class Robustness:
    """What was measured, for each image of a store.

    Attributes:
        psnr: dB by `SYSTEM`, by trivial baseline, and by degradation, float32 `[n]`; NaN if the
            truth is gray.
        shifts: see `changes_under_shifts`, `[n, 8]`.
        steps, true_steps: see `color_steps`, of the prediction and of the truth, `[n, 3]`.
        skin: see `skin_errors`, `[n, LEVELS, 4]`.
    """

    psnr: Mapping[str, np.ndarray]
    shifts: np.ndarray
    steps: np.ndarray
    true_steps: np.ndarray
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
    to_lab, psnr = compiled(rgb_to_lab), _psnr()
    colors = baselines.colors()
    parts: dict[str, list] = {}

    def keep(key: str, values) -> None:
        parts.setdefault(key, []).append(np.asarray(ops.convert_to_numpy(values)))

    with tqdm(total=len(store), desc="robustness", unit="image", leave=False) as bar:
        for number, images in enumerate(image_batches(store, _BATCH).as_numpy_iterator()):
            lab = np.asarray(ops.convert_to_numpy(to_lab(images)))
            ab = _predicted(colorize, lab[..., :1])
            keep(SYSTEM, psnr(images, lab, ab))
            for name, color in colors.items():
                keep(name, psnr(images, lab, np.broadcast_to(color, ab.shape)))
            for name, degradation in DEGRADATIONS.items():
                strength = tf.fill([len(images)], float(degradation.graded))
                old = degrade(tf.constant(images), {name: strength}, tf.constant([seed, number]))
                keep(name, psnr(images, lab, _predicted(colorize, old.numpy())))
            keep("shifts", changes_under_shifts(colorize, lab[..., :1]))
            keep("steps", color_steps(lab[..., :1], ab))
            keep("true_steps", color_steps(lab[..., :1], lab[..., 1:]))
            keep("skin", skin_errors(images, lab, ab))
            bar.update(len(images))
    whole = {key: np.concatenate(values) for key, values in parts.items()}
    fields = {key: whole.pop(key) for key in ("shifts", "steps", "true_steps", "skin")}
    return Robustness(whole, **fields)


def set_names(store: Store) -> dict[str, np.ndarray]:
    """The sets of a collection, from names that begin with split/SET/: rows by set, bool `[n]`.

    Empty unless there are several sets.
    """
    parts = [name.split("/") for name in store.names]
    sets = [part[1] if len(part) > 2 else "" for part in parts]
    found = sorted(set(sets) - {""})
    if len(found) < 2:
        return {}
    return {name: np.array([each == name for each in sets]) for name in found}


def summarize(measured: Robustness, rows: np.ndarray | None = None, seed: int = 0) -> dict | None:
    """Figures over the colored images among `rows` (bool `[n]`; None: all), as JSON values.

    Returns:
        None if no image counts. Otherwise "images"; "psnr" of the system and the baselines, and
        "gain" over the best of them; "degradations", each with "strength", "psnr" and "drop";
        "shifts", the mean change at each and over all; "edges", the sharpness of prediction and
        truth; "skin", see `skin_by_tercile`. Intervals are of 95 %, over images; drops and gain are
        paired.
    """
    counted = measured.colored if rows is None else measured.colored & rows
    if not counted.any():
        return None
    scores = Scores({name: {_PSNR: values[counted]} for name, values in measured.psnr.items()})
    table = {name: values[_PSNR] for name, values in scores.table(seed).items()}
    baselines = [name for name in table if name != SYSTEM and name not in DEGRADATIONS]
    best = max(baselines, key=lambda name: table[name]["mean"])
    shifts = measured.shifts[counted].mean(axis=0, dtype=np.float64)
    return {
        "images": int(counted.sum()),
        "psnr": {name: table[name] for name in (SYSTEM, *baselines)},
        "gain": {"baseline": best} | scores.difference(SYSTEM, best, _PSNR, seed),
        "degradations": {
            name: {
                "strength": degradation.graded,
                "psnr": table[name],
                "drop": scores.difference(SYSTEM, name, _PSNR, seed),
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
        "skin": skin_by_tercile(measured.skin[counted]),
    }


def _predicted(colorize: Colorizer, lightness: np.ndarray) -> np.ndarray:
    ab = np.asarray(colorize(lightness), np.float32)
    if not np.isfinite(ab).all():  # PSNR would silently skip NaN
        raise InputError("the system predicts NaN or infinity: its weights are broken")
    return np.broadcast_to(ab, (*lightness.shape[:-1], 2))


def _psnr() -> Callable:
    """(images, Lab, ab) to the PSNR of each with the true lightness; NaN for gray images."""
    metric = ColoredPSNR()  # outside, because a metric has variables

    def psnr(images, lab, ab):
        rgb = lab_to_rgb(ops.concatenate([lab[..., :1], ab], axis=-1))
        return metric.per_image(to_float(images), rgb)

    return compiled(psnr)
