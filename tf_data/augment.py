"""Random augmentation of training batches, each step determined by a seed alone."""

from collections.abc import Callable

import tensorflow as tf

# uint8 [B, H, W, 3] and a seed (int32 [2]) to augmented images, in TensorFlow.
Augment = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def flip_horizontally(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Flip uint8 `[B, H, W, 3]` left to right with probability 1/2; `seed` is int32 `[2]`."""
    return _flip(images, seed, axis=2)


def flip_vertically(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Flip each image of uint8 `[B, H, W, 3]` top to bottom with probability 1/2.

    The DTU report uses augmentation "to prevent the neural network from colouring the top part of
    the images blue due to the presence of sky". With this flip, the sky is at the bottom half of
    the time.
    """
    return _flip(images, seed, axis=1)


def zoom_in(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Enlarge a random part of each image to the size of the whole.

    Args:
        images: uint8 `[B, H, W, 3]`.
        seed: int32 `[2]`.

    Returns:
        uint8 `[B, H, W, 3]`: parts of 70 to 100 % of the sides, all sizes and positions equally
        likely, resized bilinearly from corner pixel to corner pixel.
    """
    count, height, width = tf.unstack(tf.shape(images)[:3])
    draws = tf.random.stateless_uniform([count, 3], seed)
    side = 0.7 + 0.3 * draws[:, 0]
    top, left = ((1.0 - side) * draws[:, place] for place in (1, 2))
    boxes = tf.stack([top, left, top + side, left + side], axis=1)
    parts = tf.image.crop_and_resize(images, boxes, tf.range(count), [height, width])
    return tf.ensure_shape(tf.cast(tf.round(parts), tf.uint8), images.shape)


def random_crop(size: int) -> Augment:
    """A step that crops each image at random to `[B, size, size, 3]`.

    All positions are equally likely. Zhang et al., "Colorful Image Colorization", 2016, train on
    images stored at 256 pixels and cropped to 176. Validate on `Store.center_crop`.

    Raises:
        ValueError: when called with images smaller than `size`.
    """

    def random_crop(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        height, width = images.shape[1:3]
        if min(height, width) < size:
            raise ValueError(f"images of {width}x{height} are too small for crops of {size} pixels")
        room = tf.constant([height - size + 1, width - size + 1], tf.float32)
        place = tf.random.stateless_uniform([tf.shape(images)[0], 2], seed)
        corner = tf.cast(place * room, tf.int32)
        rows, columns = (corner[:, i : i + 1] + tf.range(size) for i in range(2))
        cropped = tf.gather(images, rows, axis=1, batch_dims=1)
        cropped = tf.gather(cropped, columns, axis=2, batch_dims=1)
        return tf.ensure_shape(cropped, [images.shape[0], size, size, 3])

    return random_crop


def compose(*steps: Augment) -> Augment:
    """Chain steps into one; each draws independently of the others.

    The first step gets the seed itself, so a chain of one step equals that step.
    """

    def composed(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        for number, step in enumerate(steps):
            own = tf.random.experimental.stateless_fold_in(seed, number) if number else seed
            images = step(images, own)
        return images

    return composed


def _flip(images: tf.Tensor, seed: tf.Tensor, axis: int) -> tf.Tensor:
    chance = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed)
    return tf.where(chance < 0.5, tf.reverse(images, axis=[axis]), images)
