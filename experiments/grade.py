"""One protocol for every system: predict, join with the true lightness, measure each image.

Padova's: chroma is joined with the true L*, converted to RGB and clipped; every metric is a mean of
per-image values. Two yardsticks are graded beside every system on the same images: *do nothing*
(chroma zero) and *mean color* (the training set's mean a* and b* everywhere).
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import ops
from tqdm import tqdm

from polychrome.color import Scaling, to_float, to_uint8
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.metrics import ChromaPSNR, ReportChromaPSNR, grading_metrics
from tf_data.pipeline import image_batches
from tf_data.store import Store

_BATCH = 100
# Resamplings of the test images behind every 95 % interval.
_RESAMPLES = 1000

# Scaled lightness [B, H, W, 1] to scaled chroma [B, H, W, 2] or anything that broadcasts to it.
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
    """Every metric of a grading, in table order; the last two are over scaled chroma, not RGB."""
    return (*grading_metrics(), ChromaPSNR(), ReportChromaPSNR())


def mean_chroma(store: Store, scaling: Scaling) -> np.ndarray:
    """Mean over all pixels of a store of the scaled chroma, float32 `[2]`."""
    average = compiled(lambda images: ops.mean(scaling.split(images)[1], axis=(0, 1, 2)))
    total = np.zeros(2, np.float64)
    for images in image_batches(store, _BATCH).as_numpy_iterator():
        total += len(images) * np.asarray(ops.convert_to_numpy(average(images)), np.float64)
    return (total / len(store)).astype("float32")


def colorizer(network: keras.Model) -> Colorizer:
    """A network as a function over NumPy batches."""
    return lambda lightness: network.predict_on_batch(lightness)


def grade(systems: Mapping[str, Colorizer], store: Store, scaling: Scaling) -> Grades:
    """Grade systems on every image of a store.

    Args:
        systems: name to colorizer.
        store: the test images.
        scaling: of the colorizers' input and output.
    """
    split, measure = _compiled(scaling)
    values: dict[str, dict[str, list]] = {system: {} for system in systems}
    with tqdm(total=len(store) * len(systems), desc="grade", unit="image", leave=False) as bar:
        for images in image_batches(store, _BATCH).as_numpy_iterator():
            lightness, truth = (ops.convert_to_numpy(part) for part in split(images))
            for system, colorize in systems.items():
                # Broadcast here: `measure` would be compiled once more for every other shape.
                chroma = np.broadcast_to(np.asarray(colorize(lightness), np.float32), truth.shape)
                if not np.isfinite(chroma).all():  # metrics leave NaN out: it must not get there
                    raise InputError(f"{system} predicts NaN or infinity: its weights are broken")
                for key, column in measure(images, lightness, truth, chroma).items():
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
    """(images to lightness and chroma, (images, lightness, true chroma, chroma) to metrics by key).

    Compiled once for a scaling, however many runs a process grades: it takes longer than grading.
    """
    on_rgb, on_chroma = grading_metrics(), (ChromaPSNR(), ReportChromaPSNR())

    def measure(images, lightness, truth, chroma):
        rgb, prediction = to_float(images), scaling.join(lightness, chroma)
        values = {metric.key: metric.per_image(rgb, prediction) for metric in on_rgb}
        return values | {metric.key: metric.per_image(truth, chroma) for metric in on_chroma}

    return compiled(scaling.split), compiled(measure)


def colorize_examples(
    systems: Mapping[str, Colorizer], images: np.ndarray, scaling: Scaling
) -> dict[str, np.ndarray]:
    """The same images gray, by each system, and as they were: uint8 `[n, H, W, 3]` by heading."""
    lightness, truth = (ops.convert_to_numpy(part) for part in scaling.split(images))

    def joined(chroma) -> np.ndarray:
        chroma = np.broadcast_to(np.asarray(chroma, np.float32), truth.shape)
        return ops.convert_to_numpy(to_uint8(scaling.join(lightness, chroma)))

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
