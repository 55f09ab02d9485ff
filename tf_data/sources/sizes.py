"""Photographs of a split that are large enough to be graded at a size."""

import tensorflow as tf

from polychrome.errors import InputError
from polychrome.images import decode_rgb
from tf_data.sources.split import Split, subset


def at_least(split: Split, side: int) -> Split:
    """The photographs with so many pixels on both sides, which need not be enlarged to a square.

    Files that can't be read or decoded stay: `tf_data.store.load_store` says what is wrong.

    Args:
        split: encoded images; all are read, JPEG files to their header.
        side: in pixels.

    Raises:
        InputError: none is large enough.
    """
    rows = [row for row in range(len(split)) if _shorter_side(split, row, side) >= side]
    if not rows:
        raise InputError(
            f"no photograph of {side}x{side} pixels or more; choose a smaller size", ("image_size",)
        )
    if len(rows) == len(split):
        return split
    return subset(split, rows, f"at least {side}")


def _shorter_side(split: Split, row: int, otherwise: int) -> int:
    try:
        encoded = split.read(row)
        if encoded.startswith(b"\xff\xd8"):
            shape = tf.io.extract_jpeg_shape(encoded).numpy()
        else:
            shape = decode_rgb(tf.constant(encoded)).shape
    except (OSError, tf.errors.InvalidArgumentError):
        return otherwise
    return min(shape[0], shape[1])
