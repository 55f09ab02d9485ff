"""Files to square images, in graphs of TensorFlow."""

import functools
from typing import Literal

import tensorflow as tf

from polychrome.images import (
    FORMATS,
    decode_jpeg,
    decode_rgb,
    decode_upright,
    resize,
    resize_and_crop,
)

# Images smaller than this are useless for training and grading.
SMALLEST_SIDE = 8
# How images become square: see `load_store`.
Fit = Literal["crop", "stretch"]


@tf.function(reduce_retracing=True, autograph=False)
def decode_jpegs(encoded: tf.Tensor, image_size: int, count: int) -> tf.Tensor:
    """Like `decode_all`, but for `count` JPEG files of the right size; fails on others.

    The per-image decisions in `decode_all` cost half as much as decoding 64x64 pixels.
    """
    shape = [image_size, image_size, 3]
    return tf.stack([tf.ensure_shape(decode_jpeg(encoded[i]), shape) for i in range(count)])


@tf.function(reduce_retracing=True, autograph=False)
def decode_all(encoded: tf.Tensor, image_size: int, fit: Fit, turned: bool) -> tf.Tensor:
    """Bytes of files `[n]` to uint8 `[n, image_size, image_size, 3]`."""
    return tf.map_fn(
        functools.partial(_decode, image_size=image_size, fit=fit, turned=turned),
        encoded,
        fn_output_signature=tf.TensorSpec([image_size, image_size, 3], tf.uint8),
        parallel_iterations=1,
    )


@tf.function(reduce_retracing=True, autograph=False)
def decode_one(
    encoded: tf.Tensor, image_size: int, fit: Fit, turned: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    """Bytes of a file to its square, as by `decode_all`, and all of it, uint8 `[h, w, 3]`."""
    image = decode_upright(encoded) if turned else decode_rgb(encoded)
    return _square(image, image_size, fit), image


def _decode(encoded: tf.Tensor, image_size: int, fit: Fit, turned: bool) -> tf.Tensor:
    """Bytes of a file to uint8 `[image_size, image_size, 3]`; upright, if it may be `turned`."""
    image = decode_upright(encoded) if turned else decode_rgb(encoded)
    return _square(image, image_size, fit)


def _square(image: tf.Tensor, image_size: int, fit: Fit) -> tf.Tensor:
    """uint8 `[h, w, 3]` to `[image_size, image_size, 3]`."""
    fits = tf.reduce_all(tf.equal(tf.shape(image)[:2], image_size))

    def fitted():
        if fit == "stretch":
            return resize(_usable(image), image_size, image_size)
        return resize_and_crop(_usable(image), image_size)

    # One condition for both steps: each condition costs a third of decoding 64x64 pixels.
    square = tf.cond(fits, lambda: image, fitted)
    return tf.ensure_shape(square, [image_size, image_size, 3])


def _usable(image: tf.Tensor) -> tf.Tensor:
    """The image itself; fails if it is too small."""
    shape = tf.shape(image)
    side = tf.reduce_min(shape[:2])
    with tf.control_dependencies(
        [tf.debugging.assert_greater_equal(side, SMALLEST_SIDE, message="smaller than 8 pixels")]
    ):
        return tf.identity(image)


def reason_against(encoded: bytes) -> str:
    """The reason why a file is not usable, in a few words."""
    if not encoded:
        return "empty file"
    try:
        height, width = decode_rgb(tf.constant(encoded)).shape[:2]
    except tf.errors.InvalidArgumentError as error:
        known = "Unknown image file format" not in error.message
        return "broken or truncated image" if known else f"not a {FORMATS} file"
    return f"{width}x{height} pixels: smaller than {SMALLEST_SIDE} on a side"
