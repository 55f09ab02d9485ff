"""Pictures that a network in training colorizes, predicted as in grading and export."""

import keras
import numpy as np
from keras import layers

from experiments.grading.protocol import Colorizer, colorize_examples, colorizer
from experiments.recipe import Network
from polychrome.color.scaling import Scaling


class Preview:
    """A network in training to rows of pictures: gray, colorized, true.

    Args:
        network: its description.
        scaling: of its lightness and chroma.
        shown: the true pictures, uint8 `[n, H, W, 3]`.
    """

    def __init__(self, network: Network, scaling: Scaling, shown: np.ndarray):
        self.network, self.scaling, self.shown = network, scaling, shown
        self._made: tuple[keras.Model, Colorizer] | None = None

    def __call__(self, trained: keras.Model) -> tuple[np.ndarray, ...]:
        """The rows with the present weights, each uint8 `[n, H, W, 3]`."""
        # Once, because it is compiled.
        if self._made is None or self._made[0] is not trained:
            whole = _both_channels(self.network.to_chroma(trained), self.network.channels)
            self._made = trained, colorizer(whole, self.scaling)
        return tuple(colorize_examples({"now": self._made[1]}, self.shown).values())


def _both_channels(network: keras.Model, channels: tuple[int, ...]) -> keras.Model:
    """A network of one chroma channel with the other at zero; one of both as it is."""
    if channels == (0, 1):
        return network
    lightness = keras.Input((None, None, 1), name="lightness")
    chroma = network(lightness)
    parts = [layers.Rescaling(0.0, dtype=chroma.dtype, name="zero")(chroma)] * 2
    parts[channels[0]] = chroma
    joined = layers.Concatenate(dtype=chroma.dtype, name="chroma")(parts)
    return keras.Model(lightness, joined, name=network.name)
