"""A batch of photographs, and how to degrade all of it."""

import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from PIL import Image

from tf_data.degradations.aging import degrade


@pytest.fixture(scope="session")
def photographs():
    """uint8 `[4, 61, 83, 3]`: sides that 8 does not divide."""
    names = ("coffee", "astronaut", "chelsea", "rocket")
    images = [Image.fromarray(getattr(skimage.data, name)()).resize((83, 61)) for name in names]
    return np.stack([np.asarray(image) for image in images])


@pytest.fixture(scope="session")
def degraded():
    """Function: images, name and strength of a degradation, number of a seed to L* `[B, H, W]`."""

    def degraded(images, name, strength, seed=1):
        strengths = {name: tf.fill([len(images)], float(strength))}
        return degrade(tf.constant(images), strengths, tf.constant([2, seed])).numpy()[..., 0]

    return degraded


@pytest.fixture(scope="session")
def rgb():
    """Function: the linear gray of each pixel's levels, as an image with the given sides."""

    def rgb(*color, height=32, width=40, count=2):
        return np.broadcast_to(np.array(color, np.uint8), (count, height, width, 3)).copy()

    return rgb
