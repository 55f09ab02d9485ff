"""Colorizing one photograph in TensorFlow: resize, lightness, network, join at full size.

Exports contain these steps. `polychrome.inference.full_size` has them without TensorFlow, so a
served model and `Colorizer.colorize(..., upsampling="bilinear")` agree.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from keras import ops

from polychrome import images
from polychrome.color import spaces as color
from polychrome.inference.sizes import MAX_ASPECT
from polychrome.inference.types import Prediction, dialed

# Full-size steps work on bands of about this many pixels: float32 Lab and the gamut search take
# some hundred bytes per pixel, or tens of gigabytes for a whole panorama.
BAND_PIXELS = 2**18


def network_size(height: Any, width: Any, image_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """`polychrome.inference.sizes.network_size` for sizes known in the graph: int32 scalars."""
    sides = images.cover_size(height, width, image_size)
    longest = tf.cast(tf.maximum(*sides), tf.float64)
    shrink = tf.minimum(tf.constant(1.0, tf.float64), MAX_ASPECT * image_size / longest)

    def shrunk(side: tf.Tensor) -> tf.Tensor:
        return tf.maximum(1, tf.cast(tf.round(tf.cast(side, tf.float64) * shrink), tf.int32))

    return shrunk(sides[0]), shrunk(sides[1])


def join_full_size(rgb: Any, ab: Any) -> tf.Tensor:
    """Join the lightness of a full-size image with chroma of any resolution.

    Args:
        rgb: `[H, W, 3]`, uint8 or float32 in [0, 1]; only its L* is used.
        ab: float32 `[h, w, 2]`, a* and b*; resized bilinearly to `[H, W, 2]`.

    Returns:
        `[H, W, 3]` of the type of `rgb`, with its L* up to rounding: colors outside sRGB at that
        lightness lose chroma, not lightness.
    """
    rgb, ab = tf.convert_to_tensor(rgb), tf.convert_to_tensor(ab)
    height, width = tf.unstack(tf.shape(rgb)[:2])
    rows = tf.maximum(1, BAND_PIXELS // width)
    bands = -(-height // rows)

    def join_band(index: tf.Tensor, joined: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        top = index * rows
        bottom = tf.minimum(top + rows, height)
        chroma = tf.image.resize(_resize_rows(ab, top, bottom, height), [bottom - top, width])
        lightness = color.rgb_to_lab(ops.convert_to_tensor(rgb[top:bottom]))[..., :1]
        lab = ops.concatenate([lightness, ops.convert_to_tensor(chroma)], axis=-1)
        band = color.lab_to_rgb(color.fit_gamut(lab))
        band = color.to_uint8(band) if rgb.dtype == tf.uint8 else band
        return index + 1, joined.write(index, tf.convert_to_tensor(band))

    joined = tf.TensorArray(rgb.dtype, bands, infer_shape=False, element_shape=[None, None, 3])
    _, joined = tf.while_loop(
        lambda index, _: index < bands, join_band, (0, joined), parallel_iterations=1
    )
    return tf.ensure_shape(joined.concat(), rgb.shape)


def _resize_rows(ab: tf.Tensor, top: Any, bottom: Any, height: Any) -> tf.Tensor:
    """Rows top...bottom of `ab` `[h, w, C]` resized to `[height, w, C]`, like TensorFlow.

    Resizing each band on its own would leave seams.
    """
    last = tf.shape(ab)[0] - 1
    scale = tf.cast(last + 1, tf.float32) / tf.cast(height, tf.float32)
    y = (tf.cast(tf.range(top, bottom), tf.float32) + 0.5) * scale - 0.5
    y = tf.clip_by_value(y, 0.0, tf.cast(last, tf.float32))
    above = tf.cast(y, tf.int32)
    upper, lower = tf.gather(ab, above), tf.gather(ab, tf.minimum(above + 1, last))
    return upper + (lower - upper) * (y - tf.floor(y))[:, None, None]


def colorize_rgb(
    run: Callable[[Any], Prediction],
    image_size: int,
    rgb: Any,
    vivid: Any = 0.0,
    saturation: Any = 1.0,
) -> tf.Tensor:
    """Colorize one image of any size, eagerly or, on the TensorFlow backend, also in a graph.

    Args:
        run: L* 0...100, float32 `[1, h, w, 1]`, to a prediction, such as a `traced_predict`.
        image_size: length of the image's shorter side as the network sees it (see `network_size`).
        rgb: uint8 `[H, W, 3]`, H and W at least 1; colors are ignored.
        vivid, saturation: see `dialed`.

    Returns:
        uint8 `[H, W, 3]`, see `join_full_size`.
    """
    rgb = tf.convert_to_tensor(rgb)
    prediction = run(network_lightness(rgb, image_size))
    return join_full_size(rgb, dialed(prediction, vivid, saturation)[0])


def network_lightness(rgb: Any, image_size: int) -> Any:
    """L* `[1, h, w, 1]` of uint8 `[H, W, 3]` at the size of `network_size`."""
    height, width = tf.unstack(tf.shape(rgb)[:2])
    small = images.resize(rgb, *network_size(height, width, image_size))
    return color.rgb_to_lab(ops.convert_to_tensor(small[None]))[..., :1]
