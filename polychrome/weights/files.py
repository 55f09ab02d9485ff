"""Weights files of Keras, and which layers are trained."""

import hashlib
import warnings
from pathlib import Path

import keras

from polychrome.errors import InputError


def load_weights(network: keras.Model, path: Path) -> None:
    """Load weights, and the optimizer's state if the file has it; say which file does not fit."""
    try:
        optimizer = getattr(network, "optimizer", None)  # a network may not be compiled
        if optimizer is not None and not optimizer.built:
            optimizer.build(network.trainable_variables)
        with warnings.catch_warnings():
            # Where the file holds other layers or another optimizer, Keras warns and goes on.
            warnings.filterwarnings("error", message="Skipping")
            network.load_weights(path)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not the weights of {network.name} ({reason})") from error


def unfreeze(layer: keras.Layer) -> None:
    """Make a layer or network, and all layers in it, trainable; before it is compiled.

    Setting `trainable` on a model whose flag is `True` already does nothing under TensorFlow, even
    where layers within it are frozen.
    """
    for inner in getattr(layer, "layers", ()):
        unfreeze(inner)
    layer.trainable = True


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        InputError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
