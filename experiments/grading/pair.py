"""UCI's three grading algorithms on one pair of images.

On plain images and, as in the report, on images painted with superpixels, each segmented on its
own. Source: UCI report, section 3.4; definitions: `polychrome.metrics.channels`. Trap: for the mean
gray, the report's code adds three bytes, which wrap around at 256; here they do not.
"""

import math

import numpy as np
from keras import ops

from polychrome.errors import InputError
from polychrome.metrics.base import ImageMetric
from polychrome.metrics.channels import BacktrackedGrayAccuracy, MaxChannelAccuracy
from tf_data.superpixels.segmentation import Superpixels, painted


def uci_metrics() -> tuple[ImageMetric, ...]:
    """New instances in table order: largest channel, overall and for each; gray with both bounds.

    The report's threshold of 20 levels includes the bounds; its code excludes them.
    """
    return (
        MaxChannelAccuracy(),
        *(MaxChannelAccuracy(channel) for channel in MaxChannelAccuracy.CHANNELS),
        *(
            BacktrackedGrayAccuracy(formula, 20, inclusive)
            for formula in BacktrackedGrayAccuracy.FORMULAS
            for inclusive in (True, False)
        ),
    )


def compare_pair(
    truth: np.ndarray, prediction: np.ndarray, superpixels: Superpixels
) -> dict[str, dict[str, float | None]]:
    """Similarity of two images by each of `uci_metrics`.

    Args:
        truth, prediction: uint8 `[H, W, 3]`.
        superpixels: with which both images are segmented and painted, each on its own.

    Returns:
        "superpixels" and "plain", each with the values of `uci_metrics` by key; None if the truth
        has no pixel of a channel.

    Raises:
        InputError: the images differ in size.
    """
    if truth.shape != prediction.shape:
        sizes = [f"{image.shape[1]}x{image.shape[0]}" for image in (truth, prediction)]
        raise InputError(
            f"the truth has {sizes[0]} pixels and the prediction {sizes[1]}: they should be equal"
        )
    plain = truth[None], prediction[None]
    pairs = {"superpixels": [painted(image, superpixels) for image in plain], "plain": plain}
    similarity: dict[str, dict[str, float | None]] = {name: {} for name in pairs}
    for name, pair in pairs.items():
        for metric in uci_metrics():
            value = float(ops.convert_to_numpy(metric.per_image(*pair))[0])
            similarity[name][metric.key] = value if math.isfinite(value) else None
    return similarity
