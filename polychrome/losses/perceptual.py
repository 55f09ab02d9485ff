"""Perceptual loss: distance between VGG16 features of the true and the predicted image."""

from typing import Any

import keras
from keras import ops

from polychrome.color.scaling import Scaling
from polychrome.tensors import Tensor

# Last convolution of the first four blocks; the DTU report says four layers but not which.
LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
# Means of ImageNet's blue, green, and red in levels of 0...255, which VGG16 expects subtracted.
_MEANS = (103.939, 116.779, 123.68)


def vgg16_features() -> keras.Model:
    """VGG16 up to its fourth block: `[B, H, W, 3]` to features at strides 1, 2, 4, 8; frozen.

    Weights are random, which also captures structure, but less well than the ImageNet weights that
    `polychrome.weights.imagenet.load_vgg16` loads.
    """
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(None, None, 3))
    features = keras.Model(vgg.input, [vgg.get_layer(name).output for name in LAYERS])
    features.trainable = False
    return features


class Perceptual(keras.losses.Loss):
    """Mean squared difference of VGG16 features, each layer divided by its mean square.

    Source: DTU report, section 4.3, after Johnson et al. 2016. Both images use the true lightness.

    Args:
        features: as from `vgg16_features`.
        scaling: of lightness and chroma.
    """

    def __init__(self, features: keras.Model, scaling: Scaling, **options: Any):
        super().__init__(**options)
        self.features, self.scaling = features, scaling

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """True lightness and chroma `[B, H, W, 3]`, and chroma `[B, H, W, 2]`, to `[B]`."""
        lightness = y_true[..., :1]
        true = self._features(lightness, y_true[..., 1:])
        predicted = self._features(lightness, y_pred)
        return sum(_distance(*pair) for pair in zip(true, predicted, strict=True)) / len(true)

    def _features(self, lightness: Tensor, chroma: Tensor) -> list[Tensor]:
        rgb = self.scaling.join(lightness, chroma) * 255.0
        features = self.features(ops.flip(rgb, axis=-1) - ops.convert_to_tensor(_MEANS, "float32"))
        return [ops.cast(feature, "float32") for feature in features]


def _distance(true: Tensor, predicted: Tensor) -> Tensor:
    """Two `[B, h, w, C]` to `[B]`; the layers' scales differ a hundredfold."""
    axes = (1, 2, 3)
    scale = ops.mean(ops.square(true), axis=axes) + 1e-6
    return ops.mean(ops.square(true - predicted), axis=axes) / scale
