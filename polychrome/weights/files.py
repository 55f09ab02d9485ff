"""Keras weights files, and trainable layers."""

import warnings
from pathlib import Path

import keras

from polychrome.errors import InputError


def load_weights(network: keras.Model, path: Path) -> None:
    """Load weights, and the optimizer's state if the file has it; errors name the file."""
    try:
        build_optimizer(network)
        with warnings.catch_warnings():
            # If the file holds other layers or another optimizer, Keras only warns.
            warnings.filterwarnings("error", message="Skipping")
            network.load_weights(path)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not the weights of {network.name} ({reason})") from error


def build_optimizer(network: keras.Model) -> None:
    """Create the optimizer's state, which files then hold; a network may not be compiled."""
    optimizer = getattr(network, "optimizer", None)
    if optimizer is not None and not optimizer.built:
        optimizer.build(network.trainable_variables)


def unfreeze(layer: keras.Layer) -> None:
    """Make a layer or network and all layers in it trainable; call before compiling.

    Under TensorFlow, setting `trainable` on a model whose flag is already `True` does nothing, even
    if layers in it are frozen.
    """
    for inner in getattr(layer, "layers", ()):
        unfreeze(inner)
    layer.trainable = True
