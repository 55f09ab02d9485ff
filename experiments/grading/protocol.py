"""One protocol for every system: predict, join with the true lightness, measure each image.

Padova's: a* and b* are joined with the true L*, converted to RGB and clipped; every metric is the
mean of per-image values. Two yardsticks are graded beside every system on the same images: *do
nothing* (ab zero) and *mean color* (the training set's mean a* and b* everywhere).
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import ops
from tqdm import tqdm

from polychrome.color.scaling import PADOVA, Scaling
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float, to_uint8
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.metrics.grading import grading_metrics
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from tf_data.pipeline import image_batches
from tf_data.store import Store

_BATCH = 100
# Resamplings of the test images behind every 95 % interval.
_RESAMPLES = 1000

# Scaled lightness [B, H, W, 1] to a*, b* [B, H, W, 2] or anything that broadcasts to it.
Colorizer = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Grades:
    """Values by system and metric key, float32 `[n]`, one an image; NaN where it has no meaning."""

    values: Mapping[str, Mapping[str, np.ndarray]]

    def table(self, seed: int = 0) -> dict[str, dict[str, dict[str, float]]]:
        """Mean and 95 % percentile-bootstrap interval over images, by system and metric key."""
        count = len(next(iter(next(iter(self.values.values())).values())))
        draws = _resamplings(count, seed)
        return {
            system: {key: _interval(values, draws) for key, values in metrics.items()}
            for system, metrics in self.values.items()
        }

    def difference(self, system: str, other: str, key: str, seed: int = 0) -> dict[str, float]:
        """Mean of `system` minus `other` over images, with its paired bootstrap interval."""
        difference = self.values[system][key] - self.values[other][key]
        return _interval(difference, _resamplings(len(difference), seed))


def metrics_in_order() -> tuple:
    """Every metric of a grading, in table order; the last two are over ab / 128, not RGB."""
    return (*grading_metrics(), ChromaPSNR(), ReportChromaPSNR())


def mean_ab(store: Store) -> np.ndarray:
    """Mean a* and b* over all pixels of a store, float32 `[2]`."""
    average = compiled(lambda images: ops.mean(rgb_to_lab(images)[..., 1:], axis=(0, 1, 2)))
    total = np.zeros(2, np.float64)
    for images in image_batches(store, _BATCH).as_numpy_iterator():
        total += len(images) * np.asarray(ops.convert_to_numpy(average(images)), np.float64)
    return (total / len(store)).astype("float32")


def colorizer(network: keras.Model, scaling: Scaling) -> Colorizer:
    """A network as a function over NumPy batches."""

    def colorize(lightness: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(scaling.to_ab(lightness, network.predict_on_batch(lightness)))

    return colorize


def grade(systems: Mapping[str, Colorizer], store: Store, scaling: Scaling) -> Grades:
    """Grade systems on every image of a store.

    Args:
        systems: name to colorizer.
        store: the test images.
        scaling: of the colorizers' input.
    """
    look, measure = _compiled(scaling)
    values: dict[str, dict[str, list]] = {system: {} for system in systems}
    with tqdm(total=len(store) * len(systems), desc="grade", unit="image", leave=False) as bar:
        for images in image_batches(store, _BATCH).as_numpy_iterator():
            lightness, lab = (ops.convert_to_numpy(part) for part in look(images))
            for system, colorize in systems.items():
                # Broadcast here: `measure` would be compiled once more for every other shape.
                shape = (*lab.shape[:-1], 2)
                ab = np.broadcast_to(np.asarray(colorize(lightness), np.float32), shape)
                if not np.isfinite(ab).all():  # metrics leave NaN out: it must not get there
                    raise InputError(f"{system} predicts NaN or infinity: its weights are broken")
                for key, column in measure(images, lab, ab).items():
                    values[system].setdefault(key, []).append(ops.convert_to_numpy(column))
                bar.update(len(images))
    order = [metric.key for metric in metrics_in_order()]
    return Grades(
        {
            system: {key: np.concatenate(columns[key]) for key in order}
            for system, columns in values.items()
        }
    )


@functools.cache
def _compiled(scaling: Scaling) -> tuple[Callable, Callable]:
    """(images to scaled lightness and Lab, (images, Lab, ab) to metrics by key).

    Compiled once for a scaling, however many runs a process grades: it takes longer than grading.
    """
    on_rgb, on_chroma = grading_metrics(), (ChromaPSNR(), ReportChromaPSNR())

    def look(images):
        return scaling.split(images)[0], rgb_to_lab(images)

    def measure(images, lab, ab):
        rgb = to_float(images)
        prediction = lab_to_rgb(ops.concatenate([lab[..., :1], ab], axis=-1))
        values = {metric.key: metric.per_image(rgb, prediction) for metric in on_rgb}
        true, predicted = lab[..., 1:] / PADOVA.chroma_scale, ab / PADOVA.chroma_scale
        return values | {metric.key: metric.per_image(true, predicted) for metric in on_chroma}

    return compiled(look), compiled(measure)


def colorize_examples(
    systems: Mapping[str, Colorizer], images: np.ndarray, scaling: Scaling
) -> dict[str, np.ndarray]:
    """The same images gray, by each system, and as they were: uint8 `[n, H, W, 3]` by heading."""
    lightness = ops.convert_to_numpy(scaling.split(images)[0])
    lab = ops.convert_to_numpy(rgb_to_lab(images))

    def joined(ab) -> np.ndarray:
        ab = np.broadcast_to(np.asarray(ab, np.float32), (*lab.shape[:-1], 2))
        whole = np.concatenate([lab[..., :1], ab], axis=-1)
        return ops.convert_to_numpy(to_uint8(lab_to_rgb(whole)))

    columns = {"gray": joined(np.zeros(2))}
    columns |= {system: joined(colorize(lightness)) for system, colorize in systems.items()}
    return columns | {"truth": images}


def _resamplings(count: int, seed: int) -> np.ndarray:
    """How often each image is drawn in each resampling: float32 `[resamples, count]`."""
    generator = np.random.default_rng(seed)
    drawn = [generator.integers(0, count, count) for _ in range(_RESAMPLES)]
    return np.stack([np.bincount(rows, minlength=count) for rows in drawn]).astype("float32")


def _interval(values: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    """Mean of the finite values and its 2.5 % and 97.5 % bootstrap quantiles."""
    counted = np.isfinite(values)
    if not counted.any():
        return {"mean": None, "low": None, "high": None}
    finite = np.where(counted, values, 0.0)
    numbers = np.maximum(draws @ counted.astype("float32"), 1.0)
    low, high = np.quantile((draws @ finite.astype("float32")) / numbers, [0.025, 0.975])
    return {"mean": float(values[counted].mean()), "low": float(low), "high": float(high)}
