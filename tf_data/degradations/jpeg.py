"""The blocks of a JPEG file, computed for whole batches."""

import numpy as np
import tensorflow as tf

# Luminance, ITU-T T.81, table K.1.
_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    "float32",
)


def _transform() -> np.ndarray:
    """Orthonormal DCT of flattened blocks of 8x8 pixels, `[64, 64]`."""
    number, place = np.mgrid[:8, :8]
    matrix = np.cos(np.pi * number * (2 * place + 1) / 16) / 2
    matrix[0] /= np.sqrt(2)
    return np.kron(matrix, matrix).astype("float32")


_DCT = _transform()


def jpeg(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Levels `[B, H, W, 1]` after saving as a gray JPEG file: quantized in blocks of 8x8 pixels.

    Args:
        strength: 100 minus libjpeg's quality; its default quality is 75, Wan et al. 2020 draw 40
            to 100.
        seed: unused; blocks are not random.
    """
    quality = tf.clip_by_value(100.0 - strength, 1.0, 100.0)
    scale = tf.where(quality < 50.0, 5000.0 / quality, 200.0 - 2.0 * quality)
    table = tf.floor((_TABLE.reshape(-1) * scale[:, None] + 50.0) / 100.0)
    table = tf.clip_by_value(table, 1.0, 255.0)[:, None, None, :]
    height, width = tf.shape(levels)[1], tf.shape(levels)[2]
    for axis, side in ((1, height), (2, width)):  # as libjpeg, repeat the edge
        whole = -(-side // 8) * 8
        levels = tf.gather(levels, tf.minimum(tf.range(whole), side - 1), axis=axis)
    pixels = tf.round(levels * 255.0) - 128.0
    blocks = tf.nn.space_to_depth(pixels, 8)
    found = tf.round(tf.tensordot(blocks, _DCT.T, 1) * 8.0) / 8.0  # libjpeg has eighths
    kept = _round_half_away(found / table) * table
    pixels = tf.nn.depth_to_space(tf.tensordot(kept, _DCT, 1), 8)[:, :height, :width]
    return tf.clip_by_value(tf.round(pixels + 128.0), 0.0, 255.0) / 255.0


def _round_half_away(values: tf.Tensor) -> tf.Tensor:
    """As libjpeg rounds: coefficients in eighths are often halfway between two levels."""
    return tf.sign(values) * tf.floor(tf.abs(values) + 0.5)
