"""Several colorizations of the same image, for systems with more than one answer."""

import dataclasses

import numpy as np
from keras import ops

from experiments.recipe import Sampler
from polychrome.color.scaling import Scaling
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.metrics.base import SetMetric
from polychrome.metrics.diversity import DIVERSITY, DIVERSITY_FIXED
from tf_data.store import Store

_SHOWN, _MEASURED, _SAMPLES = 6, 100, 5


@dataclasses.dataclass(frozen=True)
class Samples:
    """Colorizations of some images under several noises, and again under the first.

    Attributes:
        images: uint8 `[n, H, W, 3]`.
        ab: float32 `[noises, n, H, W, 2]`.
        again: float32 `[n, H, W, 2]`, as `ab[0]` should be.
    """

    images: np.ndarray
    ab: np.ndarray
    again: np.ndarray

    @property
    def metrics(self) -> tuple[SetMetric, ...]:
        """The metrics, with the numbers of colorizations and images."""
        of = f" {len(self.ab)} colorizations each, {len(self.images)} images."
        return tuple(
            dataclasses.replace(metric, meaning=metric.meaning + of)
            for metric in (DIVERSITY, DIVERSITY_FIXED)
        )

    def measure(self) -> dict[str, float]:
        """Diversity by key: under the several noises, and under one."""
        fixed = np.stack([self.ab[0], self.again])
        return {
            metric.key: metric.compute(ops.convert_to_numpy(metric.observe(colorizations)))
            for metric, colorizations in ((DIVERSITY, self.ab), (DIVERSITY_FIXED, fixed))
        }

    def pictures(self) -> dict[str, np.ndarray]:
        """Some of the images under each noise and true, for `draw_grid`."""
        count = len(self.images)
        rows = np.linspace(0, count - 1, min(_SHOWN, count)).round().astype(int)
        lightness = ops.convert_to_numpy(rgb_to_lab(self.images[rows]))[..., :1]

        def picture(ab: np.ndarray) -> np.ndarray:
            joined = lab_to_rgb(np.concatenate([lightness, ab[rows]], axis=-1))
            return ops.convert_to_numpy(to_uint8(joined))

        columns = {f"noise {index + 1}": picture(one) for index, one in enumerate(self.ab)}
        return columns | {"noise 1 again": picture(self.again), "truth": self.images[rows]}


def sample_colorizations(sampler: Sampler, store: Store, scaling: Scaling, seed: int) -> Samples:
    """Colorize some images of a store under several noises.

    Args:
        sampler: of the system.
        store: the test images.
        scaling: of the sampler's input and output.
        seed: of the noises.
    """
    images = store.examples(_MEASURED)
    lab = ops.convert_to_numpy(rgb_to_lab(images))
    lightness = ops.convert_to_numpy(scaling.lab_to_lightness(lab[..., :1]))

    def ab(row: int, count: int) -> np.ndarray:
        given = lightness[row : row + 1]
        chroma = sampler(given, count, seed)
        return ops.convert_to_numpy(scaling.to_ab(np.repeat(given, count, 0), chroma))

    several = np.stack([ab(row, _SAMPLES) for row in range(len(images))], axis=1)
    again = np.concatenate([ab(row, 1) for row in range(len(images))])
    return Samples(images, several, again)
