"""The random state of layers that draw numbers."""

import keras
import numpy as np


def seed_layers(model: keras.Model, seed: int, epoch: int) -> None:
    """Set the random state of every dropout-like layer to a function of seed and epoch.

    So a resumed epoch draws what it would have drawn, and no random state needs saving.
    """
    # The states are unsigned, in which TensorFlow has no randomness of its own to disturb.
    states = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for index, state in enumerate(states):
        drawn = np.random.SeedSequence([seed, epoch, index]).generate_state(2)
        state.assign(drawn.astype("uint32"))
