"""ST-LPIPS, a learned perceptual distance that small shifts leave as it is.

Ghildyal and Liu, "Shift-tolerant Perceptual Similarity Metric", 2022: the distance of the features
of an AlexNet whose every stride is a blur. The weights are those of the authors' package
`stlpips-pytorch` (extra `st-lpips`); its code, which needs PyTorch, torchvision and more, is not
used. AlexNet is their default.
"""

import functools
import importlib.util
from pathlib import Path

import numpy as np
from keras import ops

from polychrome.errors import InputError
from polychrome.weights.pytorch_files import read_pytorch

KEY, LABEL = "st_lpips", "ST-LPIPS"
MEANING = (
    "Shift-tolerant LPIPS on AlexNet (Ghildyal and Liu 2022), between true and colorized images."
)
# Smaller ones have no features at the end.
LEAST_SIDE = 32
_PACKAGE, _FILE = "stlpips_pytorch", "weights/vST0.0/alex_shift_tolerant.pth"
# Convolutions of the five features: layer in the file, and zeros around the image.
_FIRST = ("slice1.0", 2)
_CONVOLUTIONS = (("slice2.5", 2), ("slice3.9", 1), ("slice4.11", 1), ("slice5.13", 1))
_TINY = 1e-10


def weights_file() -> Path:
    """The file in the installed package; without loading it, TensorFlow or PyTorch.

    Raises:
        InputError: the package is not installed.
    """
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise InputError(
            "ST-LPIPS needs weights in a package that is not installed: "
            "pip install stlpips-pytorch==0.0.2"
        )
    return Path(package.origin).parent / _FILE


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
        x = ops.relu(_blurred(self._convolved((2.0 * rgb - 1.0 - shift) / scale, *_FIRST)))
        maps = [x]
        for place, convolution in enumerate(_CONVOLUTIONS):
            if place < 2:
                x = _blurred(ops.max_pool(x, 3, 1, padding="valid"))
            x = ops.relu(self._convolved(x, *convolution))
            maps.append(x)
        return maps

    def _convolved(self, x, name: str, zeros: int):
        kernel = np.transpose(self._state[f"net.{name}.weight"], (2, 3, 1, 0))
        x = ops.pad(x, [[0, 0], [zeros, zeros], [zeros, zeros], [0, 0]])
        return ops.conv(x, kernel, padding="valid") + self._state[f"net.{name}.bias"]


def _blurred(x):
    """Every second pixel of the image blurred by 1, 2, 1 along both axes, mirrored at its edges."""
    x = ops.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="reflect")
    return ops.depthwise_conv(x, _blur(x.shape[-1]), strides=2, padding="valid")


@functools.lru_cache(maxsize=4)
def _blur(channels: int) -> np.ndarray:
    line = np.array([1.0, 2.0, 1.0], np.float32) / 4.0
    return np.repeat(np.outer(line, line)[:, :, None, None], channels, axis=2)
