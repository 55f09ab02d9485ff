"""How a colorization looks: structure, color difference, colorfulness."""

import keras
from keras import ops

from polychrome.color.difference import delta_e_2000
from polychrome.color.spaces import rgb_to_lab
from polychrome.metrics.base import ImageMetric
from polychrome.metrics.structural_similarity import structural_similarity

_register = keras.saving.register_keras_serializable(package="polychrome")


@_register
class SSIM(ImageMetric):
    """Structural similarity on RGB: -1...1, 1 for equal images, higher is better.

    Source: Wang et al. 2004 as `tf.image.ssim(filter_size=11, filter_sigma=1.5)`, as in the Padova
    report. Trap: scikit-image's defaults differ. Images smaller than 11 pixels get a smaller window
    (see `structural_similarity`).
    """

    key = "ssim"
    label = "SSIM"
    better = "higher"
    meaning = "Structural similarity on RGB, Gaussian window of 11 pixels, mean over images."

    def _grade(self, truth, prediction):
        return structural_similarity(truth, prediction)


@_register
class CIEDE2000(ImageMetric):
    """Mean CIEDE2000 difference over pixels: 0 for equal images, about 1 is just visible.

    Source: Sharma et al. 2005 (see `delta_e_2000`), on CIELAB under D65. Trap: the Euclidean
    distance in Lab, which many papers call ΔE too, is another and mostly larger number.
    """

    key = "ciede2000"
    label = "CIEDE2000"
    better = "lower"
    meaning = "Perceived color difference, mean over pixels; about 1 is just visible."

    def _grade(self, truth, prediction):
        return ops.mean(delta_e_2000(rgb_to_lab(truth), rgb_to_lab(prediction)), axis=(1, 2))


def _colorfulness(rgb):
    """`[B, H, W, 3]` in [0, 1] to `[B]`."""
    rgb = rgb * 255.0
    red, green, blue = (rgb[..., i] for i in range(3))
    opponents = ops.stack([red - green, (red + green) / 2.0 - blue], axis=-1)
    mean = ops.mean(opponents, axis=(1, 2))
    variance = ops.var(opponents, axis=(1, 2))
    return ops.sqrt(ops.sum(variance, -1)) + 0.3 * ops.sqrt(ops.sum(ops.square(mean), -1))


@_register
class Colorfulness(ImageMetric):
    """Colorfulness of the prediction: 0 for gray, 15 is slight, 45 average, 109 extreme.

    `sigma + 0.3 mu` of the opponents R-G and (R+G)/2-B in levels of 0...255. Source: Hasler and
    Süsstrunk, "Measuring colourfulness in natural images", 2003. Trap: the opponents are signed;
    several published repositories take absolute values, which moves the mean by several percent.
    Neither high nor low is good in itself; the truth is not used.
    """

    key = "colorfulness"
    label = "Colorfulness"
    better = None
    meaning = "How colorful the prediction is (Hasler and Süsstrunk, signed opponents)."

    def _grade(self, truth, prediction):
        return _colorfulness(prediction)


@_register
class ColorfulnessDifference(ImageMetric):
    """`Colorfulness` of the prediction minus that of the truth: best 0, below 0 is too dull.

    Trap: signed, so that dull and garish images cancel in the mean.
    """

    key = "colorfulness_difference"
    label = "Colorfulness difference"
    better = None
    meaning = "Colorfulness of the prediction minus that of the truth; negative is too dull."

    def _grade(self, truth, prediction):
        return _colorfulness(prediction) - _colorfulness(truth)
