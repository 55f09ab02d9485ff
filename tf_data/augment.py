"""Random changes to training batches, each determined by a seed alone."""

import tensorflow as tf


def flip_horizontally(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirror each image of uint8 `[B, H, W, 3]` with probability 1/2; `seed` is int32 `[2]`."""
    chance = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed)
    return tf.where(chance < 0.5, tf.reverse(images, axis=[2]), images)
