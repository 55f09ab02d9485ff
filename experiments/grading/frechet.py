"""The Fréchet distance on EfficientNet-Lite0, for gradings that ask for it."""

from experiments.grading.lite0 import Lite0
from polychrome.metrics.base import SetMetric
from polychrome.metrics.frechet import frechet_metric


def frechet_on_lite0() -> SetMetric:
    """Fréchet distance on the encoder's 1,280 pooled features.

    Not FID, whose features are those of Inception: figures of the two do not compare.

    Raises:
        InputError: the package with the encoder's ImageNet weights is not installed.
    """
    network = Lite0()
    return frechet_metric(
        lambda rgb: network(rgb)["pooled"],
        key="frechet_lite0",
        label="Fréchet, EfficientNet-Lite0",
        meaning="Fréchet distance of the 1,280 pooled features of EfficientNet-Lite0 at 224x224 "
        "pixels between true and colorized images; not FID, and larger with fewer images.",
    )
