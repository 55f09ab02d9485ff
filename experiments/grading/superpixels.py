"""UCI's protocol for a whole run: its grading algorithms on images painted with superpixels."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from keras import ops
from tqdm import tqdm

from experiments.grading.painted_input import FROM_PAINTED, FROM_PHOTOGRAPH
from experiments.grading.pair import uci_metrics
from experiments.grading.protocol import Colorizer, Oracle, PerImage, colors_of
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.metrics.base import ImageMetric
from tf_data.pipeline import image_batches
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels, painted

_BATCH = 32


@dataclasses.dataclass(frozen=True)
class OnSuperpixels:
    """One of `uci_metrics` on images painted with superpixels instead of plain images.

    Attributes:
        metric: on the painted images.
        superpixels: with which truth and prediction are painted, each on its own.
        painted_input: whether systems see the painted image too, or the photograph.
    """

    metric: ImageMetric
    superpixels: Superpixels
    painted_input: bool = True

    @property
    def key(self) -> str:
        """The key of `metric`, with this protocol's suffix."""
        return f"{self.metric.key}_superpixels"

    @property
    def label(self) -> str:
        """Heading."""
        return f"{self.metric.label}, superpixels"

    @property
    def better(self) -> str | None:
        """See `metric`."""
        return self.metric.better

    @property
    def meaning(self) -> str:
        """One sentence, and how the images are painted."""
        return (
            f"{self.metric.meaning} Truth and prediction painted with the mean colors of about "
            f"{self.superpixels.n_segments} superpixels ({self.superpixels.method}), "
            f"{FROM_PAINTED if self.painted_input else FROM_PHOTOGRAPH}."
        )


def superpixel_metrics(
    superpixels: Superpixels, *, painted_input: bool = True
) -> tuple[OnSuperpixels, ...]:
    """`uci_metrics` on images painted with superpixels, in table order."""
    return tuple(OnSuperpixels(metric, superpixels, painted_input) for metric in uci_metrics())


def paint_store(store: Store, superpixels: Superpixels) -> np.ndarray:
    """All images of a store painted with their superpixels: uint8 `[n, H, W, 3]`."""
    batches = image_batches(store, _BATCH).as_numpy_iterator()
    return np.concatenate([np.asarray(painted(images, superpixels)) for images in batches])


def grade_on_superpixels(
    systems: Mapping[str, Colorizer | Oracle],
    store: Store,
    superpixels: Superpixels,
    *,
    painted_input: bool = True,
    painted_store: np.ndarray | None = None,
) -> PerImage:
    """Values of `superpixel_metrics` for systems on every image of a store.

    Source: UCI report, sections 3.1 and 3.4. A system's output is segmented and painted on its own,
    then compared with the painted truth.

    Args:
        systems: name to colorizer, as for `experiments.grading.protocol.grade_colorizers`.
        store: the test images, as photographed.
        superpixels: of truth and predictions.
        painted_input: True: systems see the lightness of the painted image, on whose like UCI's
            were trained. False: that of the photograph, as Zhang et al.'s did; the grades are then
            those of `experiments.grade` on the photograph and its colorization.
        painted_store: of `paint_store`, where it was painted before, which takes half of the time.

    Raises:
        InputError: a system predicts NaN or infinity.
    """
    metrics = superpixel_metrics(superpixels, painted_input=painted_input)
    values: dict[str, dict[str, list]] = {system: {} for system in systems}
    total = len(store) * len(systems)
    start = 0
    with tqdm(total=total, desc="grade superpixels", unit="image", leave=False) as bar:
        for images in image_batches(store, _BATCH).as_numpy_iterator():
            if painted_store is None:
                truth = painted(images, superpixels)
            else:
                truth = np.asarray(painted_store[start : start + len(images)])
            start += len(images)
            seen = truth if painted_input else images
            lightness = ops.convert_to_numpy(rgb_to_lab(seen)[..., :1])
            for system, colorize in systems.items():
                ab = colors_of(system, colorize, seen, lightness)
                joined = lab_to_rgb(np.concatenate([lightness, ab], axis=-1))
                prediction = painted(ops.convert_to_numpy(to_uint8(joined)), superpixels)
                for each in metrics:
                    column = ops.convert_to_numpy(each.metric.per_image(truth, prediction))
                    values[system].setdefault(each.key, []).append(column)
                bar.update(len(images))
    return {
        system: {key: np.concatenate(parts) for key, parts in columns.items()}
        for system, columns in values.items()
    }
