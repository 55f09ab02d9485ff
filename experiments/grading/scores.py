"""All gradings of a run, by each protocol, with 95 % intervals over images."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from experiments.grading.bootstrap import interval, resamplings
from experiments.grading.protocol import (
    SETS_ON_CHROMA,
    Colorizer,
    Oracle,
    grade_colorizers,
    metrics_in_order,
)
from experiments.grading.samples import Samples
from experiments.grading.superpixels import OnSuperpixels, grade_on_superpixels, superpixel_metrics
from polychrome.metrics.base import ImageMetric, SetMetric
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores of systems.

    Attributes:
        per_image: values by system and metric key, float32 `[n]`, one per image; NaN if undefined.
        of_sets: values of whole-set metrics by system and key; some only of few systems.
        metrics: the declarations of all keys, in table order.
    """

    per_image: Mapping[str, Mapping[str, np.ndarray]]
    of_sets: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    metrics: tuple[ImageMetric | OnSuperpixels | SetMetric, ...] = ()

    def table(self, seed: int = 0) -> dict[str, dict[str, dict[str, float | None]]]:
        """By system and metric key: "mean", "low" and "high".

        For per-image values, the mean and 95 % percentile-bootstrap interval over images. For a
        whole-set metric, its value as the mean, without an interval.
        """
        count = len(next(iter(next(iter(self.per_image.values())).values())))
        draws = resamplings(count, seed)
        return {
            system: {key: interval(values, draws) for key, values in metrics.items()}
            | {
                key: {"mean": value, "low": None, "high": None}
                for key, value in self.of_sets.get(system, {}).items()
            }
            for system, metrics in self.per_image.items()
        }

    def described(self) -> dict[str, dict[str, str | None]]:
        """Description of each metric, by key: "label", "better", and "meaning"."""
        return {
            metric.key: {"label": metric.label, "better": metric.better, "meaning": metric.meaning}
            for metric in self.metrics
        }

    def difference(
        self, system: str, other: str, key: str, seed: int = 0
    ) -> dict[str, float | None]:
        """Mean of `system` minus `other` over images, with its paired bootstrap interval."""
        difference = self.per_image[system][key] - self.per_image[other][key]
        return interval(difference, resamplings(len(difference), seed))


def grade_systems(
    systems: Mapping[str, Colorizer | Oracle],
    store: Store,
    *,
    superpixels: Superpixels | None = None,
    painted_input: bool = True,
    painted_store: np.ndarray | None = None,
    samples: Mapping[str, Samples] | None = None,
    sets_on_rgb: Sequence[SetMetric] = (),
) -> Scores:
    """Grade systems by every protocol that applies.

    Args:
        systems: name to colorizer; the trivial baselines among them.
        store: the test images.
        superpixels: if given, also grade by UCI's protocol on images painted with these.
        painted_input, painted_store: for UCI's protocol; see `grade_on_superpixels`.
        samples: of systems with more than one answer, to measure diversity.
        sets_on_rgb: further whole-set metrics, of true and colorized RGB images.

    Raises:
        InputError: a system predicts NaN or infinity.
    """
    metrics = [*metrics_in_order()]
    per_image, of_sets = grade_colorizers(systems, store, sets_on_rgb)
    if superpixels is not None:
        metrics += superpixel_metrics(superpixels, painted_input=painted_input)
        painted = grade_on_superpixels(
            systems, store, superpixels, painted_input=painted_input, painted_store=painted_store
        )
        per_image = {system: values | painted[system] for system, values in per_image.items()}
    metrics += [*SETS_ON_CHROMA, *sets_on_rgb]
    samples = samples or {}
    metrics += dict.fromkeys(metric for each in samples.values() for metric in each.metrics)
    of_sets |= {system: of_sets[system] | each.measure() for system, each in samples.items()}
    return Scores(per_image, of_sets, tuple(metrics))
