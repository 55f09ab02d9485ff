"""Random layers, and ways to fix their noise or keep it on outside of training.

A network with noise colorizes one photograph in many ways. `draw_samples` returns several of them;
grading and export need the same one each time and use `with_fixed_noise`.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from polychrome.layers.seeding import seed_layers
from polychrome.tensors import Shape, Tensor

_register = keras.saving.register_keras_serializable("polychrome")


@_register
class NoiseVector(keras.layers.Layer):
    """`size` numbers from [-1, 1] for each image of a batch: `[B, ...]` to `[B, size]`.

    Args:
        size: length of the vector.
        seed: None draws anew at every call, in training or not; a number gives every image in every
            batch the same vector.
    """

    def __init__(self, size: int, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.size, self.seed = size, seed
        self.seed_generator = keras.random.SeedGenerator(0) if seed is None else None

    def call(self, inputs: Tensor) -> Tensor:
        shape = (ops.shape(inputs)[0], self.size)
        if self.seed is None:
            return keras.random.uniform(
                shape, -1.0, 1.0, dtype=self.compute_dtype, seed=self.seed_generator
            )
        # NumPy, so that all backends draw the same numbers.
        fixed = np.random.default_rng(self.seed).uniform(-1.0, 1.0, (1, self.size))
        return ops.broadcast_to(ops.convert_to_tensor(fixed, self.compute_dtype), shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "seed": self.seed}


@_register
class GaussianCode(keras.layers.Layer):
    """The code of a variational autoencoder, sampled from mean and log-variance.

    In training it adds the Kullback-Leibler divergence from N(0, 1) to the network's losses,
    averaged over images and pixels like the reconstruction error.

    Takes mean and log-variance, both `[B, h, w, C]`, and the image `[B, H, W, ...]` whose pixels
    are counted; returns `[B, h, w, C]`.

    Args:
        kl_weight: weight of the divergence.
        always: sample outside of training too; otherwise the code is the mean there.
    """

    def __init__(self, kl_weight: float, always: bool = False, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})  # exponentials and sums
        self.kl_weight, self.always = kl_weight, always
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(
        self, mean: Tensor, log_variance: Tensor, image: Tensor, training: bool = False
    ) -> Tensor:
        if training:
            height, width = ops.shape(image)[1:3]
            pixels = ops.cast(height * width, "float32")
            divergence = ops.mean(kl_divergence(mean, log_variance))
            self.add_loss(self.kl_weight * divergence / pixels)
        if not (training or self.always):
            return mean
        drawn = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * drawn

    def compute_output_shape(
        self, mean_shape: Shape, log_variance_shape: Shape, image_shape: Shape
    ) -> Shape:
        return mean_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kl_weight": self.kl_weight, "always": self.always}


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """`-1/2 sum(1 + log var - var - mean^2)` per image (UCI report, section 2.2).

    Args:
        mean, log_variance: `[B, ...]`.

    Returns:
        float32 `[B]`: the divergence of N(mean, var) from N(0, 1), 0 or more.
    """
    mean, log_variance = ops.cast(mean, "float32"), ops.cast(log_variance, "float32")
    terms = 1.0 + log_variance - ops.exp(log_variance) - ops.square(mean)
    return -0.5 * ops.sum(terms, axis=tuple(range(1, len(terms.shape))))


@_register
class NoiseDropout(keras.layers.Dropout):
    """Dropout that stays on outside of training."""

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        return super().call(inputs, training=True)


def with_fixed_noise(network: keras.Model, seed: int) -> keras.Model:
    """The network with noise fixed by `seed` for every image; weights are shared."""

    def fixed(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, NoiseVector):
            return NoiseVector.from_config({**layer.get_config(), "seed": seed})
        return layer

    return _replaced(network, fixed)


def with_noise(network: keras.Model) -> keras.Model:
    """The network with dropout and codes drawn outside of training too; weights are shared."""

    def noisy(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, GaussianCode):
            return GaussianCode.from_config({**layer.get_config(), "always": True})
        if isinstance(layer, keras.layers.Dropout):
            return NoiseDropout.from_config(layer.get_config())
        return layer

    return _replaced(network, noisy)


def _replaced(
    network: keras.Model, replacement: Callable[[keras.layers.Layer], keras.layers.Layer]
) -> keras.Model:
    # The same layers called again, so that the networks share what they learn.
    return keras.models.clone_model(network, clone_function=replacement, call_function=_call)


def _call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def draw_samples(network: keras.Model, lightness: Tensor, count: int, seed: int) -> np.ndarray:
    """Several colorizations of the same images, with noise seeds derived from `seed`.

    Args:
        network: scaled lightness to scaled chroma, with noise outside of training: as built (cGAN)
            or from `with_noise` (dropout, VAE). Without noise all colorizations are the same.
        lightness: `[B, H, W, 1]`.

    Returns:
        float32 `[count, B, H, W, 2]`.
    """
    colorizations = []
    for index in range(count):
        seed_layers(network, seed, index)
        colorizations.append(network.predict_on_batch(lightness))
    return np.stack(colorizations)
