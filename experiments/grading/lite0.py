"""EfficientNet-Lite0 with its ImageNet weights, as a judge of colorized images."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import ops

from polychrome.errors import InputError
from polychrome.models.efficientnet_lite import (
    IMAGENET_OFFSET,
    IMAGENET_SCALE,
    build_efficientnet_lite0,
)
from polychrome.weights.imagenet import load_efficientnet_lite0

SIDE = 224  # pixels, of the network's training


class Lite0:
    """The network on RGB images of any size.

    Images are resized to 224x224 bilinearly, with antialiasing where they shrink.

    Raises:
        InputError: the package with its ImageNet weights is not installed.
    """

    def __init__(self) -> None:
        network = build_efficientnet_lite0(norm=False)
        load_efficientnet_lite0(network)
        self._network = keras.Model(
            network.input, {name: network.output[name] for name in ("pooled", "logits")}
        )

    def __call__(self, rgb) -> dict[str, np.ndarray]:
        """RGB in [0, 1], `[B, H, W, 3]`, to "pooled", `[B, 1280]`, and "logits", `[B, 1000]`."""
        rgb = ops.image.resize(rgb, (SIDE, SIDE), interpolation="bilinear", antialias=True)
        scaled = (255.0 * rgb - IMAGENET_OFFSET) / IMAGENET_SCALE
        return self._network.predict_on_batch(np.asarray(ops.convert_to_numpy(scaled), np.float32))


def imagenet_classes() -> tuple[str, ...]:
    """The WordNet ids of ImageNet's 1,000 classes in the order of the logits.

    Source: the list that `tensorflow-datasets` has with its ImageNet 2012, which is sorted, as the
    classes of all networks trained on it are.

    Raises:
        InputError: the package lacks it.
    """
    package = importlib.util.find_spec("tensorflow_datasets")
    assert package is not None and package.origin is not None  # polychrome requires it
    path = Path(package.origin).parent / "datasets" / "imagenet2012" / "labels.txt"
    try:
        return tuple(path.read_text(encoding="utf-8").split())
    except OSError as error:
        raise InputError(f"{path}: should list ImageNet's classes ({error.strerror})") from error


def among_imagenet(classes: Sequence[str]) -> np.ndarray | None:
    """The logits of a data set's classes, int `[classes]`; None if they are not all ImageNet's.

    Args:
        classes: WordNet ids, such as Tiny ImageNet's 200.
    """
    place = {name: index for index, name in enumerate(imagenet_classes())}
    if not classes or not place.keys() >= set(classes):
        return None
    return np.array([place[name] for name in classes])


def hits(logits: np.ndarray, labels: np.ndarray, places: np.ndarray) -> dict[str, np.ndarray]:
    """Whether the class of the largest logit is the true one, 0 or 1 for each image.

    Args:
        logits: `[n, 1000]`.
        labels: `[n]`, indices into the data set's classes.
        places: of `among_imagenet`.

    Returns:
        "top1" among all 1,000 classes, and "top1_among" among those of the data set.
    """
    return {
        "top1": (logits.argmax(axis=1) == places[labels]).astype("float32"),
        "top1_among": (logits[:, places].argmax(axis=1) == labels).astype("float32"),
    }
