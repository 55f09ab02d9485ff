"""Degradations of tone: the emulsion's response, contrast, fading, toning.

Levels are gray values as in a file: sRGB-encoded, float32 `[B, H, W, 1]` in [0, 1]. Strengths are
float32 `[B]`, and 0 changes nothing; a seed is int32 `[2]`.
"""

import numpy as np
import tensorflow as tf

from polychrome.color.spaces import (
    ENCODED_KNEE,
    EPSILON,
    LINEAR_FROM_BYTE,
    LINEAR_KNEE,
    WHITE_D65,
    XYZ_FROM_RGB,
)

# Shares of linear red, green and blue in a gray.
PANCHROMATIC = (XYZ_FROM_RGB[1] / WHITE_D65[1]).astype("float32")
# Estimates: what the primaries of sRGB emit below 590 nm, where orthochromatic film ends, and below
# 500 nm, where plates without sensitizers end. The ends: Langford, "Basic Photography", 7th ed.,
# chapter 9; the history: earlyphotography.co.uk, "Colour Sensitivity" (from 1882, from 1906).
ORTHOCHROMATIC = np.array([0.03, 0.52, 0.45], "float32")
BLUE_SENSITIVE = np.array([0.01, 0.11, 0.88], "float32")

_BYTES = np.arange(256) / 255.0


def lightness(rgb: tf.Tensor) -> tf.Tensor:
    """L* 0...100 of sRGB: uint8 `[B, H, W, 3]` to float32 `[B, H, W, 1]`.

    As `polychrome.color.spaces.rgb_to_lab`, which on other Keras backends can't be part of a
    TensorFlow graph.
    """
    weights = tf.broadcast_to(PANCHROMATIC[:, None], [tf.shape(rgb)[0], 3, 1])
    return _lightness_of(_luminance(rgb, weights))


def film(rgb: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """Photograph on film that sees little red: uint8 `[B, H, W, 3]` to levels.

    The exposure keeps the mean luminance: a photographer exposes until the picture as a whole is
    right, and blue skies become white.

    Args:
        strength: 0 is panchromatic, 0.5 orthochromatic, 1 sensitive to blue alone.
    """
    share = tf.clip_by_value(strength, 0.0, 1.0)[:, None] * 2.0
    nearer = PANCHROMATIC + tf.minimum(share, 1.0) * (ORTHOCHROMATIC - PANCHROMATIC)
    weights = nearer + tf.maximum(share - 1.0, 0.0) * (BLUE_SENSITIVE - ORTHOCHROMATIC)
    both = tf.stack([tf.broadcast_to(PANCHROMATIC, tf.shape(weights)), weights], axis=-1)
    light = _luminance(rgb, both)
    mean = tf.maximum(tf.reduce_mean(light, axis=(1, 2), keepdims=True), 1e-4)
    exposure = tf.clip_by_value(mean[..., :1] / mean[..., 1:], 0.25, 4.0)
    return encode(tf.minimum(light[..., 1:] * exposure, 1.0))


def contrast(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Hard or soft printing, too dark or too light.

    The curve is a straight line between the log-odds of the levels, which is an S as Hurter and
    Driffield's characteristic curve is; black stays black and white white.

    Args:
        strength: log2 of the curve's slope; negative is soft. Ilford's Multigrade papers have ISO
            ranges of 180 (grade 00) to 40 (grade 5) around the 110 of grade 2: -0.7 to 1.5. The
            print is darker or lighter by up to half of the slope's change, in log-odds.
    """
    slope = _each(tf.pow(2.0, strength))
    shift = tf.random.stateless_uniform(tf.shape(strength), seed, -1.0, 1.0)
    darker = _each(tf.exp(shift * tf.abs(strength)))
    light, dark = _power(levels, slope), _power(1.0 - levels, slope)
    return light / (light + darker * dark)


def fade(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Silver fades and paper darkens: blacks become gray, whites dull, unevenly over the print.

    Args:
        strength: share of the range of levels that is lost. A print's black of density 1.6 is level
            0.17; faded to 1.0, 0.35. Paper yellowed to density 0.2 is level 0.82. Reilly, "Care and
            Identification of 19th-Century Photographic Prints", 1986, describes both; fading starts
            at the edges.
    """
    share_seed, field_seed = _split(seed, 2)
    count = tf.shape(strength)[0]
    # Mostly blacks: 0.4 to 0.9 of the loss.
    of_blacks = tf.random.stateless_uniform([count], share_seed, 0.4, 0.9)
    field = tf.random.stateless_uniform([count, 3, 3, 1], field_seed, 0.6, 1.4)
    field = tf.image.resize(field, tf.shape(levels)[1:3])
    loss = tf.minimum(_each(strength) * field, 0.9)
    return levels * (1.0 - loss) + loss * _each(of_blacks)


def tone(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Sepia, selenium, gold, or cyanotype: levels to RGB, float32 `[B, H, W, 3]` in [0, 1].

    Toning colors the midtones, less black and white; yellowed paper colors the whites. Most prints
    are toned brown, one in five blue or purple.

    Args:
        strength: 1 is a strong sepia: a middle gray becomes (0.60, 0.50, 0.36).
    """
    kind_seed, paper_seed = _split(seed, 2)
    count = tf.shape(strength)[0]
    brown = np.array([-0.26, 0.0, 0.47], "float32")  # log2 of exponents
    blue = np.array([0.3, 0.0, -0.35], "float32")
    kind = tf.random.stateless_uniform([count, 1], kind_seed) < 0.8
    exponents = tf.pow(2.0, strength[:, None] * tf.where(kind, brown, blue))
    yellow = tf.random.stateless_uniform([count, 1], paper_seed) * strength[:, None]
    paper = 1.0 - yellow * np.array([0.02, 0.06, 0.2], "float32")
    return _power(levels, exponents[:, None, None, :]) * paper[:, None, None, :]


def toned_lightness(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """L* 0...100 of the toned picture, `[B, H, W, 1]`, its levels rounded to 8 bits as in a file.

    Toning is a curve for each image, so its 256 values are computed, and looked up.
    """
    ramp = tf.tile(_BYTES.astype("float32")[None, None, :, None], [tf.shape(strength)[0], 1, 1, 1])
    toned = tone(ramp, strength, seed)
    linear = tf.where(toned > ENCODED_KNEE, _power((toned + 0.055) / 1.055, 2.4), toned / 12.92)
    luminance = tf.reduce_sum(linear * PANCHROMATIC, axis=-1)  # [B, 1, 256]
    curve = _lightness_of(luminance[:, 0])
    index = tf.cast(tf.round(tf.clip_by_value(levels, 0.0, 1.0) * 255.0), tf.int32)
    return tf.gather(curve, index, batch_dims=1)


def encode(linear: tf.Tensor) -> tf.Tensor:
    """Linear light in [0, 1] to sRGB levels, any shape."""
    curve = 1.055 * _power(linear, 1 / 2.4) - 0.055
    return tf.where(linear > LINEAR_KNEE, curve, 12.92 * linear)


def _luminance(rgb: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """n weighted sums of linear light: uint8 `[B, H, W, 3]`, `[B, 3, n]` to `[B, H, W, n]`."""
    linear = tf.gather(tf.constant(LINEAR_FROM_BYTE), tf.cast(rgb, tf.int32))
    shape = tf.shape(rgb)
    # A product of matrices takes a quarter of the time of a sum over an axis of three.
    sums = tf.matmul(tf.reshape(linear, [shape[0], shape[1] * shape[2], 3]), weights)
    return tf.reshape(sums, tf.concat([shape[:3], tf.shape(weights)[2:]], 0))


def _power(base: tf.Tensor, exponent: tf.Tensor | float) -> tf.Tensor:
    """`base ** exponent` for a base from 0, in a quarter of the time of `tf.pow`."""
    return tf.exp(exponent * tf.math.log(tf.maximum(base, 1e-7)))


def _lightness_of(luminance: tf.Tensor) -> tf.Tensor:
    root = _power(luminance, 1 / 3)
    return tf.where(luminance > EPSILON, 116.0 * root - 16.0, 903.292 * luminance)


def _each(strength: tf.Tensor) -> tf.Tensor:
    return strength[:, None, None, None]


def _split(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    return tf.unstack(tf.random.experimental.stateless_split(seed, count))
