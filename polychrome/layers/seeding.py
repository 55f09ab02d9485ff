"""The random state of layers."""

import keras
import numpy as np


def seed_layers(model: keras.Model, seed: int, epoch: int) -> None:
    """Reset the random state of every dropout-like layer from seed and epoch.

    A resumed epoch then draws what it would have drawn, and no random state needs saving.
    """
    # NumPy draws the uint32 states, so the random state of TensorFlow itself is untouched.
    states = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for index, state in enumerate(states):
        drawn = np.random.SeedSequence([seed, epoch, index]).generate_state(2)
        state.assign(drawn.astype("uint32"))
