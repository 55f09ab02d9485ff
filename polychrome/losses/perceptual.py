"""Perceptual loss: distance between VGG16 features of the true and the predicted image."""

from typing import Any

import keras
from keras import layers, ops

from polychrome.color.scaling import Scaling
from polychrome.layers.blur_pool import BlurPool
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


# Of ST-LPIPS for red, green, and blue in -1...1.
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
# Filters and convolutions of each block.
_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3))
# Smaller images have no features at the end.
LEAST_SIDE = 16


def shift_tolerant_features() -> keras.Model:
    """The VGG16 of ST-LPIPS up to its fourth block, to compare by as `vgg16_features`; frozen.

    Source: Ghildyal and Liu, "Shift-tolerant Perceptual Similarity Metric", 2022. Where VGG16
    halves by the maximum of four pixels, this takes the maximum of each four neighbors and halves
    by a blur, so that small shifts change little. Weights are random; those of its authors are
    loaded by `polychrome.weights.shift_tolerant`.

    Returns:
        Model: `[B, H, W, 3]`, H and W `LEAST_SIDE` or more, BGR 0...255 less the means of ImageNet,
        to the last map of each block.
    """
    images = keras.Input((None, None, 3), name="images")
    # To RGB as ST-LPIPS has it, channel by channel; the order stays that of the input.
    scale = [2.0 / 255.0 / spread for spread in reversed(_SCALE)]
    offset = [
        (2.0 * mean / 255.0 - 1.0 - shift) / spread
        for mean, shift, spread in zip(_MEANS, reversed(_SHIFT), reversed(_SCALE), strict=True)
    ]
    x = layers.Rescaling(scale, offset, name="st_lpips")(images)
    features = []
    for block, (filters, count) in enumerate(_BLOCKS, start=1):
        if block > 1:
            x = layers.MaxPooling2D(2, strides=1, name=f"block{block}_max")(x)
            x = BlurPool(name=f"block{block}_blur")(x)
        for step in range(1, count + 1):
            name = f"block{block}_conv{step}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        features.append(x)
    network = keras.Model(images, features, name="shift_tolerant_vgg16")
    network.trainable = False
    return network


class Perceptual(keras.losses.Loss):
    """Mean squared difference of VGG16 features, each layer divided by its mean square.

    Source: DTU report, section 4.3, after Johnson et al. 2016. Both images use the true lightness.

    Args:
        features: as from `vgg16_features` or `shift_tolerant_features`.
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
