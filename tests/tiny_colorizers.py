"""Networks that colorize at once, without training, and presets of them."""

import keras
import numpy as np
from keras import layers

from polychrome.color.scaling import PADOVA
from polychrome.presets import write_preset

IMAGE_SIZE = 16


def violet(seed: int = 3) -> keras.Model:
    """Paints all a saturated violet, tanh of (1.2, -1.5), a bit depending on lightness; PADOVA."""
    keras.utils.set_random_seed(seed)
    lightness = keras.Input((None, None, 1))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(lightness / 100.0)
    strong = keras.initializers.Constant([1.2, -1.5])
    chroma = layers.Conv2D(2, 1, activation="tanh", bias_initializer=strong)(x)
    return keras.Model(lightness, chroma, name="violet")


def dialed_violet() -> keras.Model:
    """`violet` at a quarter of its chroma, with itself as the vivid end; its spread is 0.1."""
    lightness = keras.Input((None, None, 1))
    vivid = violet()(lightness)
    outputs = {"ab": 0.25 * vivid, "vivid_ab": vivid, "spread": 0.0 * lightness + 0.1}
    return keras.Model(lightness, outputs, name="dialed_violet")


def lively(network: keras.Model, seed: int = 0) -> keras.Model:
    """The network, with random weights that let every layer matter for its output."""
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        kind, shape = weight.path.split("/")[-1], weight.shape
        if kind == "kernel":
            # A depthwise kernel is [height, width, channels, 1].
            inputs = shape[:2] if "depthwise" in weight.path else shape[:-1]
            weight.assign(rng.normal(0.0, np.sqrt(2.0 / np.prod(inputs)), shape))
        elif kind in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, shape))
        else:
            weight.assign(rng.normal(0.0, 0.3, shape))
    return network


def preset_of(network: keras.Model, folder, **options):
    """The folder of a preset of one of these networks."""
    described = {
        "scaling": PADOVA,
        "image_size": IMAGE_SIZE,
        "name": network.name,
        "title": network.name.capitalize(),
        "grades": {"psnr": {"mean": 20.5, "low": 20.25, "high": 20.75}, "ssim": 0.75},
        "license": "Apache-2.0",
        "source": {"recipe": "none", "data": "no images", "command": "pytest"},
    }
    return write_preset(folder, network, **{**described, **options})
