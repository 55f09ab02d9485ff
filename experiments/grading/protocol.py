"""The common grading protocol: predict, join with the true lightness, measure each image.

This is Padova's protocol: a* and b* are joined with the true L*, converted to RGB, and clipped;
every metric is the mean of per-image values.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from tqdm import tqdm

from polychrome.color.scaling import PADOVA, Scaling
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_float, to_uint8
from polychrome.compiling import compiled
from polychrome.errors import InputError
from polychrome.inference.runtimes import NetworkRuntime
from polychrome.metrics.auc import AUC, AUC_REBALANCED
from polychrome.metrics.base import SetMetric
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.metrics.table import grading_metrics
from tf_data.pipeline import image_batches
from tf_data.store import Store

_BATCH = 100

# L* 0...100 [B, H, W, 1] to a*, b* [B, H, W, 2] or anything that broadcasts to it.
Colorizer = Callable[[np.ndarray], np.ndarray]


class Oracle:
    """A colorizer that is told the truth: a bound on what others can reach, never a system.

    Args:
        of_truth: RGB uint8 `[B, H, W, 3]` to a*, b* `[B, H, W, 2]` or anything that broadcasts.
    """

    def __init__(self, of_truth: Callable[[np.ndarray], np.ndarray]):
        self.of_truth = of_truth


class Answer(NamedTuple):
    """The colors that a system gives a batch of images.

    Attributes:
        system: its name.
        images: the truth, uint8 `[B, H, W, 3]`.
        lab: of the truth, float32 `[B, H, W, 3]`.
        ab: its a* and b*, float32 `[B, H, W, 2]`.
    """

    system: str
    images: np.ndarray
    lab: np.ndarray
    ab: np.ndarray


# System to metric key to float32 [n], one value per image; NaN if undefined.
PerImage = dict[str, dict[str, np.ndarray]]

# Over true and predicted a* and b*, as predicted: before colors outside of sRGB are clipped.
SETS_ON_CHROMA = (AUC, AUC_REBALANCED)


class Graded(NamedTuple):
    """Values by system and metric key: one for each image, and one for all of them."""

    per_image: PerImage
    of_sets: dict[str, dict[str, float]]


def metrics_in_order() -> tuple:
    """Every metric of a grading, in table order; the last two are over ab / 128, not RGB."""
    return (*grading_metrics(), ChromaPSNR(), ReportChromaPSNR())


def mean_ab(store: Store) -> np.ndarray:
    """Mean a* and b* over all pixels of a store, float32 `[2]`."""
    average = _compiled_average()
    total = np.zeros(2, np.float64)
    for images in image_batches(store, _BATCH).as_numpy_iterator():
        total += len(images) * np.asarray(ops.convert_to_numpy(average(images)), np.float64)
    return (total / len(store)).astype("float32")


@functools.cache
def _compiled_average() -> Callable:
    """Images to their mean a* and b*, compiled once per process."""
    return compiled(lambda images: ops.mean(rgb_to_lab(images)[..., 1:], axis=(0, 1, 2)))


@functools.cache
def images_to_lab() -> Callable:
    """RGB images to Lab, compiled once per process for all who grade."""
    return compiled(rgb_to_lab)


def colorizer(network: keras.Model, scaling: Scaling) -> Colorizer:
    """A network as a function on NumPy batches, as in `polychrome.Colorizer`."""
    runtime = NetworkRuntime(network, scaling, image_size=1)
    return lambda lightness: runtime.predict(lightness).ab


def grade_colorizers(
    systems: Mapping[str, Colorizer | Oracle], store: Store, sets_on_rgb: Sequence[SetMetric] = ()
) -> Graded:
    """Values of `metrics_in_order` and of whole-set metrics, for systems on a store.

    Args:
        systems: name to colorizer.
        store: the test images.
        sets_on_rgb: whole-set metrics of true and colorized RGB images, besides `SETS_ON_CHROMA`.

    Raises:
        InputError: a system predicts NaN or infinity.
    """
    measure, _ = _compiled()
    values: dict[str, dict[str, list]] = {system: {} for system in systems}
    for answer in answers(systems, store):
        columns = values[answer.system]
        for key, column in measure(*answer[1:]).items():
            columns.setdefault(key, []).append(ops.convert_to_numpy(column))
        for metric in sets_on_rgb:
            observed = metric.observe(to_float(answer.images), colored(answer))
            columns.setdefault(metric.key, []).append(ops.convert_to_numpy(observed))
    order = [metric.key for metric in metrics_in_order()]
    return Graded(
        {
            system: {key: np.concatenate(columns[key]) for key in order}
            for system, columns in values.items()
        },
        {
            system: {
                metric.key: metric.compute(np.concatenate(columns[metric.key]))
                for metric in (*SETS_ON_CHROMA, *sets_on_rgb)
            }
            for system, columns in values.items()
        },
    )


def answers(systems: Mapping[str, Colorizer | Oracle], store: Store) -> Iterator[Answer]:
    """The answers of all systems, batch by batch.

    Args:
        systems: name to colorizer.
        store: the images.

    Raises:
        InputError: a system predicts NaN or infinity.
    """
    to_lab = images_to_lab()
    with tqdm(total=len(store) * len(systems), desc="grade", unit="image", leave=False) as bar:
        for images in image_batches(store, _BATCH).as_numpy_iterator():
            lab = ops.convert_to_numpy(to_lab(images))
            for system, colorize in systems.items():
                ab = colors_of(system, colorize, images, lab[..., :1])
                yield Answer(system, images, lab, ab)
                bar.update(len(images))


def colors_of(
    system: str, colorize: Colorizer | Oracle, images: np.ndarray, lightness: np.ndarray
) -> np.ndarray:
    """What a system makes of a batch: a* and b*, float32 `[B, H, W, 2]`.

    Args:
        system: its name, for errors.
        colorize: the system.
        images: the truth, which oracles see.
        lightness: of the truth, which others see.

    Raises:
        InputError: it predicts NaN or infinity.
    """
    ab = colorize.of_truth(images) if isinstance(colorize, Oracle) else colorize(lightness)
    # Broadcast here; otherwise metrics would be compiled again for every shape.
    ab = np.broadcast_to(np.asarray(ab, np.float32), (*lightness.shape[:-1], 2))
    if not np.isfinite(ab).all():  # metrics would silently skip NaN
        raise InputError(f"{system} predicts NaN or infinity: its weights are broken")
    return ab


def colored(answer: Answer):
    """The image that a system's colors make with the true lightness: RGB in [0, 1], a tensor."""
    return _compiled()[1](answer.lab, answer.ab)


@functools.cache
def _compiled() -> tuple[Callable, Callable]:
    """((images, Lab, ab) to metrics by key, (Lab, ab) to RGB).

    Compiled once per process, because compiling takes longer than grading.
    """
    on_rgb, on_chroma = grading_metrics(), (ChromaPSNR(), ReportChromaPSNR())

    def to_rgb(lab, ab):
        return lab_to_rgb(ops.concatenate([lab[..., :1], ab], axis=-1))

    def measure(images, lab, ab):
        rgb, prediction = to_float(images), to_rgb(lab, ab)
        values = {metric.key: metric.per_image(rgb, prediction) for metric in on_rgb}
        true, predicted = lab[..., 1:] / PADOVA.chroma_scale, ab / PADOVA.chroma_scale
        values |= {metric.key: metric.per_image(true, predicted) for metric in on_chroma}
        return values | {metric.key: metric.observe(lab[..., 1:], ab) for metric in SETS_ON_CHROMA}

    return compiled(measure), compiled(to_rgb)


def colorize_examples(
    systems: Mapping[str, Colorizer], images: np.ndarray
) -> dict[str, np.ndarray]:
    """The same images gray, by each system, and true: uint8 `[n, H, W, 3]` by heading."""
    lab = ops.convert_to_numpy(rgb_to_lab(images))
    lightness = lab[..., :1]

    def joined(ab) -> np.ndarray:
        ab = np.broadcast_to(np.asarray(ab, np.float32), (*lab.shape[:-1], 2))
        whole = np.concatenate([lab[..., :1], ab], axis=-1)
        return ops.convert_to_numpy(to_uint8(lab_to_rgb(whole)))

    columns = {"gray": joined(np.zeros(2))}
    columns |= {system: joined(colorize(lightness)) for system, colorize in systems.items()}
    return columns | {"truth": images}
