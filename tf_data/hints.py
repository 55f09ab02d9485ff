"""Simulated user hints for training SIGGRAPH17: patches with their mean color.

Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors", 2017, section 3,
and the authors' training code. TensorFlow code, for `tf.data`; on other Keras backends the color
conversion goes through Python.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from polychrome.color.spaces import rgb_to_lab
from tf_data.python_call import python_call

# Number of hints: P(n) = (1 - CHANCE)^n CHANCE, 7 on average, 0 for one image in eight.
CHANCE = 1 / 8
LARGEST_SIDE = 9
# Largest number of hints. One image in 5,900 would have more: (7/8)^65.
MOST = 64


class Patches(NamedTuple):
    """Squares in a batch of images, in painting order.

    Attributes:
        image: int32 `[n]`, index into the batch, ascending.
        top: int32 `[n]`, first row.
        left: int32 `[n]`, first column.
        side: int32 `[n]`, pixels.
    """

    image: tf.Tensor
    top: tf.Tensor
    left: tf.Tensor
    side: tf.Tensor


def draw_hints(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Simulated hints for each image.

    Args:
        images: uint8 `[B, H, W, 3]`.
        seed: int32 `[2]`; determines the patches.

    Returns:
        float32 `[B, H, W, 3]`: a* and b* of the hint, 0 without a hint, and a mask of 0 or 1.
    """
    shape = tf.shape(images)
    hints = paint(images, draw_patches(shape[0], shape[1], shape[2], seed))
    return tf.ensure_shape(hints, images.shape)


def draw_patches(count, height, width, seed: tf.Tensor) -> Patches:
    """Random squares in `count` images of `height` x `width`; `seed` is int32 `[2]`.

    Their number is geometric (see `CHANCE` and `MOST`); their side is uniform from 1 to
    `LARGEST_SIDE` or the image's shorter side; their position is normal around the center, with a
    quarter of the free space as standard deviation, clipped to the image.
    """
    number_seed, side_seed, place_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 3))
    # In (0, 1], so that the logarithm is finite; its floor has the geometric distribution.
    uniform = 1.0 - tf.random.stateless_uniform([count], number_seed)
    number = tf.cast(tf.math.log(uniform) / tf.math.log(1.0 - CHANCE), tf.int32)
    drawn = tf.where(tf.range(MOST) < number[:, None])  # (image, its hint), in this order

    longest = tf.minimum(LARGEST_SIDE, tf.minimum(height, width))
    side = tf.random.stateless_uniform([count, MOST], side_seed, 1, longest + 1, tf.int32)
    side = tf.gather_nd(side, drawn)
    normal = tf.gather_nd(tf.random.stateless_normal([count, MOST, 2], place_seed), drawn)

    def place(extent, normal):
        room = extent - side
        center = tf.cast(room + 1, tf.float32)
        drawn_place = tf.cast(tf.floor(center / 2.0 + normal * center / 4.0), tf.int32)
        return tf.clip_by_value(drawn_place, 0, room)

    return Patches(
        image=tf.cast(drawn[:, 0], tf.int32),
        top=place(height, normal[:, 0]),
        left=place(width, normal[:, 1]),
        side=side,
    )


def paint(images: tf.Tensor, patches: Patches) -> tf.Tensor:
    """Paint each patch with the mean a* and b* under it, later ones over earlier ones.

    Only pixels under patches are converted and written: with an average of 7 patches of 32 pixels,
    that is 5 % of a 64x64 image.

    Args:
        images: uint8 `[B, H, W, 3]`.
        patches: inside the images.

    Returns:
        float32 `[B, H, W, 3]`, as `draw_hints`.
    """
    shape = tf.shape(images)
    height, width = shape[1], shape[2]
    offsets = tf.range(LARGEST_SIDE)
    rows, columns = (edge[:, None] + offsets for edge in (patches.top, patches.left))
    within = offsets < patches.side[:, None]
    inside = within[:, :, None] & within[:, None, :]  # [n, 9, 9]
    place = (patches.image[:, None, None] * height + rows[:, :, None]) * width + columns[:, None, :]
    place = place[inside]  # index of each covered pixel in the flattened batch, [m]
    owner = tf.cast(tf.where(inside)[:, 0], tf.int32)  # index of the patch that covers it, [m]

    ab = _ab(tf.gather(tf.reshape(images, [-1, 3]), place))
    means = tf.math.segment_mean(ab, owner)  # [n, 2]; every patch has a pixel
    # Numbers increase in painting order, so the largest one is on top.
    pixels = shape[0] * height * width
    top = tf.tensor_scatter_nd_max(tf.zeros([pixels], tf.int32), place[:, None], owner + 1)
    shown = tf.concat([means, tf.ones_like(means[:, :1])], axis=-1)
    nothing = tf.zeros([1, 3])
    return tf.reshape(tf.gather(tf.concat([nothing, shown], axis=0), top), shape)


def _ab(rgb: tf.Tensor) -> tf.Tensor:
    """uint8 `[m, 3]` to a* and b*, float32 `[m, 2]`."""
    if keras.backend.backend() == "tensorflow":
        return rgb_to_lab(rgb)[:, 1:]

    def on_host(rgb: np.ndarray) -> list[np.ndarray]:
        # JAX compiles for every new length, so pad to powers of two.
        padded = np.zeros([1 << len(rgb).bit_length(), 3], np.uint8)
        padded[: len(rgb)] = rgb
        with keras.device("cpu"):
            return [keras.ops.convert_to_numpy(rgb_to_lab(padded))[: len(rgb), 1:]]

    return python_call(on_host, [rgb], [tf.TensorSpec([None, 2], tf.float32)])[0]
