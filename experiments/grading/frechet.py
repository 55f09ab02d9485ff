"""The Fréchet distance on EfficientNet-Lite0, for gradings that ask for it."""

import keras
import numpy as np
from keras import ops

from polychrome.metrics.base import SetMetric
from polychrome.metrics.frechet import frechet_metric
from polychrome.models.efficientnet_lite import (
    IMAGENET_OFFSET,
    IMAGENET_SCALE,
    build_efficientnet_lite0,
)
from polychrome.weights.imagenet import load_efficientnet_lite0

SIDE = 224  # pixels, of the encoder's training


def frechet_on_lite0() -> SetMetric:
    """Fréchet distance on the encoder's 1,280 pooled features.

    Images are resized to 224x224 bilinearly, with antialiasing where they shrink. Not FID, whose
    features are those of Inception: figures of the two do not compare.

    Raises:
        InputError: the package with the encoder's ImageNet weights is not installed.
    """
    network = build_efficientnet_lite0(norm=False)
    load_efficientnet_lite0(network)
    pooled = keras.Model(network.input, network.output["pooled"])

    def features(rgb):
        rgb = ops.image.resize(rgb, (SIDE, SIDE), interpolation="bilinear", antialias=True)
        scaled = (255.0 * rgb - IMAGENET_OFFSET) / IMAGENET_SCALE
        return pooled.predict_on_batch(np.asarray(ops.convert_to_numpy(scaled), np.float32))

    return frechet_metric(
        features,
        key="frechet_lite0",
        label="Fréchet, EfficientNet-Lite0",
        meaning="Fréchet distance of the 1,280 pooled features of EfficientNet-Lite0 at 224x224 "
        "pixels between true and colorized images; not FID, and larger with fewer images.",
    )
