"""Published PyTorch weights as Keras weights.

    python -m polychrome.checkpoints convert FILE.pth [--out FILE.weights.h5]

takes the authors' `colorization_release_v2-9b330a0b.pth` (ECCV16) and `siggraph17-df00044c.pth`
(SIGGRAPH17), and torchvision's `resnet18-f37072fd.pth`. Only reading them needs PyTorch:
`pip install 'polychrome[convert]'`.
"""

import argparse
import dataclasses
import hashlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers

from polychrome.errors import InputError
from polychrome.files import replacing
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.resnet import build_resnet18
from polychrome.models.siggraph17 import build_siggraph17

SUFFIX = ".weights.h5"

# As PyTorch hub names files: a hyphen and the head of the SHA-256.
_NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.pth$")

# PyTorch's names of a layer's variables, in the order of `layer.weights`, and how their axes move.
_OUT_IN_ROWS_COLUMNS = (2, 3, 1, 0)
_VARIABLES = {
    layers.Conv2D: {"weight": _OUT_IN_ROWS_COLUMNS, "bias": (0,)},
    # PyTorch keeps input before output here, Keras output before input: the same move.
    layers.Conv2DTranspose: {"weight": _OUT_IN_ROWS_COLUMNS, "bias": (0,)},
    layers.BatchNormalization: {
        "weight": (0,),
        "bias": (0,),
        "running_mean": (0,),
        "running_var": (0,),
    },
}
# A counter that newer releases of PyTorch add to each batch norm.
_COUNTER = "num_batches_tracked"


@dataclasses.dataclass(frozen=True)
class Release:
    """A network of which there are published weights.

    Attributes:
        name: for people.
        build: width to the network, whose layers bear the names of the state dict.
        left_out: keys of the state dict that the network has no use for.
    """

    name: str
    build: Callable[[int], keras.Model]
    left_out: frozenset[str] = frozenset()


ECCV16 = Release("ECCV16", lambda width: as_released(build_eccv16(width)))
SIGGRAPH17 = Release("SIGGRAPH17", build_siggraph17)
RESNET18 = Release(
    "ResNet-18", lambda width: build_resnet18(width=width), frozenset({"fc.weight", "fc.bias"})
)
RELEASES = (ECCV16, SIGGRAPH17, RESNET18)

WIDTH = 64  # of all published weights


def torch_variables(network: keras.Model) -> dict[str, tuple[keras.Variable, tuple[int, ...]]]:
    """PyTorch's key of each variable of a network, and the axes by which to transpose its value."""
    return {
        f"{layer.name}.{part}": (variable, axes)
        for layer in network.layers
        if layer.weights
        for variable, (part, axes) in zip(
            layer.weights,
            _torch_names(layer).items(),
            strict=False,  # no bias, maybe
        )
    }


def _torch_names(layer: keras.Layer) -> dict[str, tuple[int, ...]]:
    return next(names for kind, names in _VARIABLES.items() if isinstance(layer, kind))


def assign(
    network: keras.Model, state: Mapping[str, np.ndarray], left_out: frozenset[str] = frozenset()
) -> None:
    """Give a network all weights of a PyTorch state dict.

    Raises:
        InputError: a key is missing, has another shape, or is one that the network has not and that
            is not in `left_out`; the network is then unchanged.
    """
    wanted = torch_variables(network)
    for key, (variable, axes) in wanted.items():
        if key not in state:
            raise InputError(f"{key} is missing")
        # The inverse move: what PyTorch's shape has to be.
        shape = tuple(variable.shape[axes.index(axis)] for axis in range(len(axes)))
        if state[key].shape != shape:
            raise InputError(f"{key} has the shape {state[key].shape} instead of {shape}")
    for key in state:
        if key not in wanted and key not in left_out and not key.endswith(_COUNTER):
            raise InputError(f"{key} is not in it")
    for key, (variable, axes) in wanted.items():
        variable.assign(state[key].transpose(axes))


def recognize(state: Mapping[str, np.ndarray]) -> Release | None:
    """The release that shares most keys with a state dict, complete or not; None if none does."""

    def shared(release: Release) -> int:
        return len(state.keys() & torch_variables(release.build(1)).keys())

    best = max(RELEASES, key=shared)
    return best if shared(best) else None


def check_hash(path: Path) -> None:
    """Compare a file with the head of its SHA-256 in its name; a name without one passes.

    Raises:
        InputError: they differ, or the file cannot be read.
    """
    named, digest = _NAMED_HASH.search(path.name), hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    found = digest.hexdigest()
    if named and not found.startswith(named[1]):
        raise InputError(
            f"{path}: its SHA-256 begins with {found[: len(named[1])]}, not as its name says; the "
            "file is damaged or incomplete, download it again"
        )


def read_state(path: Path) -> dict[str, np.ndarray]:
    """The float32 arrays of a PyTorch state dict, by key, in PyTorch's order of axes.

    Nothing that the file contains is executed.

    Raises:
        InputError: PyTorch is not installed, or the file is not what its name says, is cut short,
            or holds anything but a state dict.
    """
    path = Path(path)
    check_hash(path)
    try:
        import torch
    except ImportError as error:
        raise InputError(
            f"reading {path} takes PyTorch: pip install 'polychrome[convert]', or convert it "
            "elsewhere (python -m polychrome.checkpoints convert)"
        ) from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file fails wherever the reader happens to stand
        raise InputError(f"{path}: not a whole PyTorch file of weights") from error
    if not isinstance(state, dict) or not all(
        isinstance(value, torch.Tensor) for value in state.values()
    ):
        raise InputError(f"{path}: holds something else than a state dict, tensors by name")
    return {str(key): value.to(torch.float32).numpy() for key, value in state.items()}


def load(path: Path, release: Release | None = None) -> tuple[Release, keras.Model]:
    """The published network in a PyTorch file, with its weights.

    Args:
        path: a `.pth` file.
        release: which it has to be; None takes the one whose keys it has.

    Raises:
        InputError: see `read_state` and `assign`.
    """
    state = read_state(path)
    release = release or recognize(state)
    if release is None:
        known = ", ".join(known.name for known in RELEASES)
        raise InputError(f"{path}: has no weight of any of {known}")
    network = release.build(WIDTH)
    try:
        assign(network, state, release.left_out)
    except InputError as error:
        raise InputError(f"{path}: not the weights of {release.name}: {error}") from error
    return release, network


def convert(path: Path, out: Path | None = None) -> tuple[Release, Path]:
    """Write the weights of a PyTorch file as Keras weights, whole or not at all.

    Args:
        path: a `.pth` file.
        out: ends in `.weights.h5`; None puts it beside `path`.

    Returns:
        What was recognized, and the file written.

    Raises:
        InputError: see `load`; or `out` has another ending or cannot be written.
    """
    path = Path(path)
    out = path.with_suffix(SUFFIX) if out is None else Path(out)
    if not out.name.endswith(SUFFIX):
        raise InputError(f"--out {out}: its name has to end in {SUFFIX}")
    release, network = load(path)
    with replacing(out) as temporary:
        network.save_weights(temporary)
    return release, out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0, or 2 after one line on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m polychrome.checkpoints", description="Published PyTorch weights for Keras."
    )
    commands = parser.add_subparsers(required=True, metavar="convert")
    command = commands.add_parser("convert", help="write a PyTorch file's weights as Keras weights")
    command.add_argument("file", metavar="FILE.pth", type=Path)
    command.add_argument("--out", metavar=f"FILE{SUFFIX}", type=Path, help="default: beside FILE")
    options = parser.parse_args(arguments)
    try:
        release, out = convert(options.file, options.out)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{release.name}: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
