"""Weights of ST-LPIPS from its authors' package, `stlpips-pytorch` (BSD-2-Clause).

They are no ImageNet weights. Ghildyal and Liu trained each whole network to judge, as people do,
which of two distorted patches is nearer to a third; the filters of its VGG16 are still as large as
the random ones that such a network begins with, the first to 0.1 %. PyTorch is not needed.
"""

import importlib.util
from pathlib import Path

import keras
import numpy as np

from polychrome.errors import InputError
from polychrome.files import sha256_of
from polychrome.weights.imagenet import Loaded
from polychrome.weights.pytorch_files import read_pytorch

PACKAGE = "stlpips-pytorch==0.0.2"
_MODULE, _FOLDER = "stlpips_pytorch", "weights/vST0.0"
# Its convolutions by their names in `polychrome.losses.perceptual.shift_tolerant_features`.
_KEYS = {
    "block1_conv1": "slice1.0",
    "block1_conv2": "slice1.2",
    "block2_conv1": "slice2.6",
    "block2_conv2": "slice2.8",
    "block3_conv1": "slice3.12",
    "block3_conv2": "slice3.14",
    "block3_conv3": "slice3.16",
    "block4_conv1": "slice4.20",
    "block4_conv2": "slice4.22",
    "block4_conv3": "slice4.24",
}


def weights_file(network: str) -> Path | None:
    """The file of a network in the installed package, without loading it or PyTorch.

    Args:
        network: "alex" or "vgg".

    Returns:
        None if the package is not installed.
    """
    package = importlib.util.find_spec(_MODULE)
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / _FOLDER / f"{network}_shift_tolerant.pth"


def load_shift_tolerant(features: keras.Model) -> Loaded:
    """Load the authors' weights into `polychrome.losses.perceptual.shift_tolerant_features()`.

    Args:
        features: changed in place.

    Returns:
        Where the weights are from.

    Raises:
        InputError: the package is not installed, or its file is not usable.
    """
    path = weights_file("vgg")
    if path is None:
        raise InputError(f"ST-LPIPS's VGG16 is not installed: pip install {PACKAGE}")
    state = read_pytorch(path)
    for name, key in _KEYS.items():
        kernel = np.transpose(state[f"net.{key}.weight"], (2, 3, 1, 0))
        if name == "block1_conv1":
            kernel = kernel[:, :, ::-1]  # our images are BGR
        features.get_layer(name).set_weights([kernel, state[f"net.{key}.bias"]])
    return Loaded(f"the VGG16 of ST-LPIPS ({PACKAGE})", sha256_of(path))
