"""Weights and images that PyTorch and Keras are both given, without storing them.

`RandomState`, because NumPy promises its numbers for good; of `default_rng` it does not.
"""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

WIDTH = 4


def random_state(shapes: Mapping[str, Sequence[int]]) -> dict[str, np.ndarray]:
    """A state dict of those shapes, in PyTorch's order of axes, that keeps activations near 1.

    Each array depends on its key and shape alone. Statistics of batch norm are not 0 and 1.
    """
    return {key: _numbers(key, tuple(shape)) for key, shape in shapes.items()}


def _numbers(key: str, shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.RandomState(zlib.crc32(key.encode()))
    if key == "model_out.weight":  # of ECCV16: centers as wide as the ab plane
        numbers = random.uniform(-1.0, 1.0, shape)
    elif len(shape) == 4:
        # Of a transposed convolution with stride 2, a quarter of 4x4 weights reaches each pixel.
        inputs = shape[0] * 4 if "up." in key or key == "model8.0.weight" else np.prod(shape[1:])
        numbers = random.normal(0.0, np.sqrt(2.0 / inputs), shape)
        if key == "model8.6.weight":  # of ECCV16: probabilities that prefer some bins
            numbers *= 4.0
    elif len(shape) == 2:
        numbers = random.normal(0.0, np.sqrt(1.0 / shape[1]), shape)
    elif key.endswith("running_var"):
        numbers = random.uniform(0.5, 2.0, shape)
    elif key.endswith("weight"):
        numbers = random.uniform(0.5, 1.5, shape)
    else:
        numbers = random.normal(0.0, 0.3, shape)
    return numbers.astype("float32")


def example(height: int = 24, width: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lightness, hints and mask in the units of Zhang et al., `[1, height, width, 1 or 2]`."""
    random = np.random.RandomState(0)
    lightness = random.uniform(-0.5, 0.5, (1, height, width, 1))
    mask = random.uniform(size=lightness.shape) < 0.1
    hints = mask * random.uniform(-1.0, 1.0, (1, height, width, 2))
    return lightness.astype("float32"), hints.astype("float32"), mask.astype("float32")


def images(height: int = 32, width: int = 64) -> np.ndarray:
    """RGB as ImageNet's networks take it, normalized, `[1, height, width, 3]`."""
    return np.random.RandomState(1).normal(size=(1, height, width, 3)).astype("float32")


def photograph_crops() -> np.ndarray:
    """A hundred crops of six photographs in scikit-image, uint8 `[100, 224, 224, 3]`.

    PNG files alone: decoders agree on them to the bit.
    """
    from skimage import data

    motorcycles = data.stereo_motorcycle()[:2]
    pictures = [data.astronaut(), data.chelsea(), data.coffee(), data.immunohistochemistry()]
    pictures += motorcycles
    random = np.random.RandomState(3)
    crops = []
    for index in range(100):
        picture = pictures[index % len(pictures)]
        row, column = (random.randint(side - 223) for side in picture.shape[:2])
        crops.append(picture[row : row + 224, column : column + 224])
    return np.stack(crops)


def logits() -> np.ndarray:
    """Of 12 pixels over the 313 bins, from nearly flat to nearly certain, `[12, 313]`."""
    sharpness = np.geomspace(0.1, 10.0, 12)[:, None]
    return (np.random.RandomState(2).normal(size=(12, 313)) * sharpness).astype("float32")
