"""Aging: degradations of random strengths, one after the other, as they happen to a photograph."""

from collections.abc import Callable, Mapping

import tensorflow as tf

from tf_data.degradations.jpeg import jpeg
from tf_data.degradations.strengths import DEGRADATIONS
from tf_data.degradations.surface import blur, dust, grain, scratches
from tf_data.degradations.tones import contrast, fade, film, lightness, toned_lightness
from tf_data.pipeline import Draw

_ON_LEVELS: tuple[Callable, ...] = (blur, contrast, grain, fade, scratches, dust, jpeg)


def degrade(rgb: tf.Tensor, strengths: Mapping[str, tf.Tensor], seed: tf.Tensor) -> tf.Tensor:
    """The lightness of degraded photographs.

    Args:
        rgb: uint8 `[B, H, W, 3]`, the truth.
        strengths: names in `DEGRADATIONS` to float32 `[B]`; those left out are 0.
        seed: int32 `[2]`; determines noise, scratches, and the like.

    Returns:
        float32 `[B, H, W, 1]`, L* 0...100: exactly the truth's where all strengths are 0.
    """
    nothing = tf.zeros(tf.shape(rgb)[:1])
    strengths = {name: strengths.get(name, nothing) for name in DEGRADATIONS}
    degraded = tf.reduce_any(tf.stack(list(strengths.values())) != 0.0, axis=0)
    clean, old = (tf.where(mask)[:, 0] for mask in (~degraded, degraded))
    aged = _aged(tf.gather(rgb, old), {n: tf.gather(s, old) for n, s in strengths.items()}, seed)
    parts = [lightness(tf.gather(rgb, clean)), aged]
    result = tf.dynamic_stitch([tf.cast(rows, tf.int32) for rows in (clean, old)], parts)
    return tf.ensure_shape(result, [*rgb.shape[:3], 1])


def aging(probability: float) -> Draw:
    """A `Draw` step that makes old photographs of some images and leaves the others clean.

    Args:
        probability: share of the images that are old; each of the `DEGRADATIONS` then happens by
            its own chance.

    Returns:
        A step from uint8 `[B, H, W, 3]` and a seed to `degrade`'s lightness.
    """

    def age(rgb: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        own, draw_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        return degrade(rgb, draw_strengths(tf.shape(rgb)[0], probability, draw_seed), own)

    return age


def draw_strengths(count: int, probability: float, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """Strengths of every degradation in `count` images, float32 `[count]`; see `aging`."""
    draws = tf.random.stateless_uniform([2 * len(DEGRADATIONS) + 1, count], seed)
    old = draws[0] < probability
    return {
        name: tf.where(old & (happens < each.chance), each.low + much * (each.high - each.low), 0.0)
        for (name, each), happens, much in zip(
            DEGRADATIONS.items(),
            tf.unstack(draws[1::2], len(DEGRADATIONS)),
            tf.unstack(draws[2::2], len(DEGRADATIONS)),
            strict=True,
        )
    }


def _aged(rgb: tf.Tensor, strengths: Mapping[str, tf.Tensor], seed: tf.Tensor) -> tf.Tensor:
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, len(_ON_LEVELS) + 1))
    levels = film(rgb, strengths["film"])
    for function, own in zip(_ON_LEVELS, seeds, strict=False):
        levels = _where_it_is(function, levels, strengths[function.__name__], own)
    return toned_lightness(levels, strengths["tone"], seeds[-1])


def _where_it_is(
    function: Callable, levels: tf.Tensor, strength: tf.Tensor, seed: tf.Tensor
) -> tf.Tensor:
    """Apply a degradation to the images that have it: most have few, and each takes time."""
    rows = tf.where(strength != 0.0)
    changed = function(tf.gather_nd(levels, rows), tf.gather_nd(strength, rows), seed)
    return tf.tensor_scatter_nd_update(levels, rows, changed)
