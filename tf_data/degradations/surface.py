"""Degradations of the surface: blur, grain, scratches, dust.

Levels, strengths, and seeds as in `tf_data.degradations.tones`.
"""

import numpy as np
import tensorflow as tf

# Largest numbers in an image.
MOST_SCRATCHES = 12
MOST_SPECKS = 60
# Offsets from the middle of a speck, pixels.
_AROUND = np.stack(np.meshgrid(np.arange(-2, 4), np.arange(-2, 4), indexing="ij"), -1)


def blur(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Gaussian blur of a soft lens, or of a scan that was enlarged.

    Args:
        strength: standard deviation in pixels; Wan et al., "Bringing Old Photos Back to Life",
            2020, draw 1 to 5 in windows of at most 7 pixels (standard deviation 2), at 256 pixels.
        seed: unused; blur is not random.
    """

    def spread(side: tf.Tensor) -> tf.Tensor:
        place = tf.cast(tf.range(side), tf.float32)
        distance = (place[:, None] - place) / tf.maximum(strength, 0.05)[:, None, None]
        weights = tf.exp(-0.5 * distance * distance)
        return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)

    shape = tf.shape(levels)
    # Products with matrices: exact for every strength, and faster than shifted sums.
    rows = tf.matmul(spread(shape[1]), levels[..., 0])
    return tf.matmul(rows, spread(shape[2]), transpose_b=True)[..., None]


def grain(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Grain of film, or noise of a scan: strongest in midtones, finer or coarser by image.

    Args:
        strength: standard deviation in levels at middle gray; Wan et al. 2020 draw 0.02 to 0.2.
    """
    noise_seed, size_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    noise = tf.random.stateless_normal(tf.shape(levels), noise_seed)
    # A mean with the neighbors above and to the left makes grain coarser.
    share = tf.random.stateless_uniform(tf.shape(strength), size_seed, 0.0, 0.5)
    share, strength = share[:, None, None, None], strength[:, None, None, None]
    for axis in (1, 2):
        noise = (1.0 - share) * noise + share * tf.roll(noise, 1, axis)
    amplitude = strength / (1.0 - 2.0 * share * (1.0 - share))
    midtones = 0.2 + 3.2 * levels * (1.0 - levels)
    return tf.clip_by_value(levels + amplitude * midtones * noise, 0.0, 1.0)


def scratches(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Long, thin, slightly bent lines; most of them light, as on a print, the others dark.

    Args:
        strength: their number, at most `MOST_SCRATCHES`.
    """
    return _cover(levels, _strokes(levels, strength, seed, MOST_SCRATCHES, (0.2, 1.2), 0.4))


def dust(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Specks of 1 to 5 pixels, and a hair for ten of them; most of them light.

    Args:
        strength: number of specks, at most `MOST_SPECKS`.
    """
    speck_seed, hair_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    number = tf.round(strength / 10.0)
    hairs = _strokes(levels, number, hair_seed, MOST_SPECKS // 10, (0.03, 0.2), 6.0)
    return _cover(levels, hairs + _specks(levels, strength, speck_seed))


def _cover(levels: tf.Tensor, coverage: tf.Tensor) -> tf.Tensor:
    """Toward white where the coverage is positive, toward black where it is negative."""
    coverage = tf.clip_by_value(coverage, -1.0, 1.0)
    target = tf.cast(coverage > 0.0, tf.float32)
    return levels + tf.abs(coverage) * (target - levels)


def _specks(levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    shape = tf.shape(levels)
    draws = tf.random.stateless_uniform([shape[0], MOST_SPECKS, 4], seed)
    place = draws[..., :2] * tf.cast(shape[1:3], tf.float32)
    radius = 0.3 + 1.5 * draws[..., 2] ** 3  # most are small
    sides = _sides(draws[..., 3], strength)
    pixel = tf.floor(place)[:, :, None, None, :] + tf.constant(_AROUND, tf.float32)
    distance = tf.norm(pixel + 0.5 - place[:, :, None, None, :], axis=-1)
    covered = tf.clip_by_value(radius[..., None, None] + 0.5 - distance, 0.0, 1.0)
    return _painted(pixel, covered * sides[..., None, None], shape)


def _strokes(
    levels: tf.Tensor,
    strength: tf.Tensor,
    seed: tf.Tensor,
    most: int,
    lengths: tuple[float, float],
    bend: float,
) -> tf.Tensor:
    """Coverage -1...1 `[B, H, W, 1]` by lines.

    Args:
        lengths: in sides of the image.
        bend: largest change of direction over a side of the image, radians.
    """
    shape = tf.shape(levels)
    draws = tf.random.stateless_uniform([shape[0], most, 7], seed)
    side = tf.cast(tf.maximum(shape[1], shape[2]), tf.float32)
    steps = tf.range(tf.math.ceil(side * lengths[1]))
    bend_of_each = (2.0 * draws[..., 2:3] - 1.0) * bend / side
    angle = 2.0 * np.pi * draws[..., 3:4] + bend_of_each * steps
    start = draws[..., None, :2] * tf.cast(shape[1:3], tf.float32)
    place = start + tf.cumsum(tf.stack([tf.sin(angle), tf.cos(angle)], axis=-1), axis=2)
    length = side * (lengths[0] + (lengths[1] - lengths[0]) * draws[..., 4:5])
    opacity = (0.1 + 0.8 * draws[..., 5]) * _sides(draws[..., 6], strength)
    weight = tf.where(steps < length, opacity[..., None], 0.0)
    # Each point is shared between the four pixels around it.
    corner = tf.floor(place)
    part = place - corner
    coverage = tf.zeros(shape)
    for down in (0, 1):
        for right in (0, 1):
            share = tf.abs(1.0 - down - part[..., 0]) * tf.abs(1.0 - right - part[..., 1])
            pixel = corner + tf.constant([down, right], tf.float32)
            coverage += _painted(pixel, weight * share, shape)
    return coverage


def _sides(draw: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """1 (light) for seven of ten, -1 (dark), and 0 for those beyond the strength; `[B, n]`."""
    present = tf.range(tf.cast(tf.shape(draw)[1], tf.float32)) < strength[:, None]
    return tf.where(present, tf.where(draw < 0.7, 1.0, -1.0), 0.0)


def _painted(pixel: tf.Tensor, weight: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
    """Sums of the weights `[B, ...]` at pixels `[B, ..., 2]` (row, column) inside the image."""
    pixel = tf.cast(pixel, tf.int32)
    image = tf.broadcast_to(
        tf.reshape(tf.range(shape[0]), [-1] + [1] * (len(weight.shape) - 1)), tf.shape(weight)
    )
    inside = tf.reduce_all((pixel >= 0) & (pixel < shape[1:3]), axis=-1) & (weight != 0.0)
    where = tf.concat([image[..., None], pixel], axis=-1)
    return tf.scatter_nd(where[inside], weight[inside], shape[:3])[..., None]
