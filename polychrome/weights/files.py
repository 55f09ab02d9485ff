"""Weights files of Keras."""

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
        raise InputError(
            f"{path}: not the weights of {network.name} ({str(error).splitlines()[0]})"
        ) from error
