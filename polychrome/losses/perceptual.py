"""Perceptual loss: distance between VGG16 features of the true and of the predicted picture."""

import keras
from keras import ops

from polychrome.color.scaling import Scaling

# Last convolution of the first four blocks; the DTU report says four layers, not which.
LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
# Means of ImageNet's blue, green and red in levels of 0...255, which VGG16 was trained without.
_MEANS = (103.939, 116.779, 123.68)


def vgg16_features() -> keras.Model:
    """VGG16 up to its fourth block: `[B, H, W, 3]` to features at strides 1, 2, 4, 8; frozen.

    Random weights, which also tell structure apart, though worse than those of ImageNet that
    `polychrome.weights.imagenet.load_vgg16` gives it.
    """
    vgg = keras.applications.VGG16(include_top=False, weights=None, input_shape=(None, None, 3))
    features = keras.Model(vgg.input, [vgg.get_layer(name).output for name in LAYERS])
    features.trainable = False
    return features


class Perceptual(keras.losses.Loss):
    """Mean squared difference of VGG16 features, each layer's divided by their own mean square.

    Source: DTU report, section 4.3, after Johnson et al. 2016. Both pictures are joined with the
    true lightness.

    Args:
        features: as `vgg16_features` gives.
        scaling: of lightness and chroma.
    """

    def __init__(self, features: keras.Model, scaling: Scaling, **options):
        super().__init__(**options)
        self.features, self.scaling = features, scaling

    def call(self, y_true, y_pred):
        """`[B, H, W, 3]`, true lightness and chroma, and `[B, H, W, 2]`, chroma, to `[B]`."""
        lightness = y_true[..., :1]
        true = self._features(lightness, y_true[..., 1:])
        predicted = self._features(lightness, y_pred)
        return sum(_distance(*pair) for pair in zip(true, predicted, strict=True)) / len(true)

    def _features(self, lightness, chroma):
        rgb = self.scaling.join(lightness, chroma) * 255.0
        features = self.features(ops.flip(rgb, axis=-1) - ops.convert_to_tensor(_MEANS, "float32"))
        return [ops.cast(feature, "float32") for feature in features]


def _distance(true, predicted):
    """`[B, h, w, C]` twice to `[B]`; the layers' scales differ a hundredfold."""
    axes = (1, 2, 3)
    scale = ops.mean(ops.square(true), axis=axes) + 1e-6
    return ops.mean(ops.square(true - predicted), axis=axes) / scale
