"""ST-LPIPS, a learned perceptual distance that small shifts leave as it is.

Ghildyal and Liu, "Shift-tolerant Perceptual Similarity Metric", 2022: the distance of the features
of an AlexNet whose every stride is a blur. The weights are those of the authors' package
`stlpips-pytorch` (extra `st-lpips`); its code, which needs PyTorch, torchvision and more, is not
used. AlexNet is their default.
"""

from pathlib import Path

import numpy as np
from keras import ops

from polychrome.errors import InputError
from polychrome.layers.blur_pool import blur_pool
from polychrome.weights.pytorch_files import read_pytorch
from polychrome.weights.shift_tolerant import PACKAGE
from polychrome.weights.shift_tolerant import weights_file as weights_file_of

KEY, LABEL = "st_lpips", "ST-LPIPS"
MEANING = (
    "Shift-tolerant LPIPS on AlexNet (Ghildyal and Liu 2022), between true and colorized images."
)
# Smaller ones have no features at the end.
LEAST_SIDE = 32
# Convolutions of the five features: layer in the file, and zeros around the image.
_FIRST = ("slice1.0", 2)
_CONVOLUTIONS = (("slice2.5", 2), ("slice3.9", 1), ("slice4.11", 1), ("slice5.13", 1))
_TINY = 1e-10


def weights_file() -> Path:
    """The file in the installed package; without loading it, TensorFlow or PyTorch.

    Raises:
        InputError: the package is not installed.
    """
    path = weights_file_of("alex")
    if path is None:
        raise InputError(
            f"ST-LPIPS needs weights in a package that is not installed: pip install {PACKAGE}"
        )
    return path


class STLPIPS:
    """The distance of pairs of images.

    Raises:
        InputError: its package is not installed.
    """

    def __init__(self) -> None:
        self._state = read_pytorch(weights_file())

    def __call__(self, truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
        """Two batches of RGB in [0, 1], `[B, H, W, 3]`, to float32 `[B]`: 0 for equal images.

        Raises:
            InputError: the images are smaller than 32 pixels.
        """
        if min(truth.shape[1:3]) < LEAST_SIDE:
            raise InputError(
                f"ST-LPIPS: images of {truth.shape[1:3]}, should have 32 pixels a side"
            )
        # Not compiled: XLA's convolutions take five times as long on a CPU.
        pair = (np.asarray(each, np.float32) for each in (truth, prediction))
        return np.asarray(ops.convert_to_numpy(self._distance(*pair)))

    def _distance(self, truth, prediction):
        total = 0.0
        for index, maps in enumerate(self._features(ops.concatenate([truth, prediction]))):
            norm = ops.sqrt(ops.sum(ops.square(maps), axis=-1, keepdims=True))
            ours, theirs = ops.split(maps / (norm + _TINY), 2)
            weights = self._state[f"lin{index}.model.1.weight"].reshape(-1)
            away = ops.sum(ops.square(ours - theirs) * weights, axis=-1)
            total += ops.mean(away, axis=(1, 2))
        return total

    def _features(self, rgb):
        """Five feature maps of RGB in [0, 1], after each ReLU."""
        shift, scale = (
            self._state[f"scaling_layer.{name}"].reshape(-1) for name in ("shift", "scale")
        )
        x = ops.relu(blur_pool(self._convolved((2.0 * rgb - 1.0 - shift) / scale, *_FIRST)))
        maps = [x]
        for place, convolution in enumerate(_CONVOLUTIONS):
            if place < 2:
                x = blur_pool(ops.max_pool(x, 3, 1, padding="valid"))
            x = ops.relu(self._convolved(x, *convolution))
            maps.append(x)
        return maps

    def _convolved(self, x, name: str, zeros: int):
        kernel = np.transpose(self._state[f"net.{name}.weight"], (2, 3, 1, 0))
        x = ops.pad(x, [[0, 0], [zeros, zeros], [zeros, zeros], [0, 0]])
        return ops.conv(x, kernel, padding="valid") + self._state[f"net.{name}.bias"]
