"""Numbers and names in the bytes of a file, read in a graph.

Positions are int64 scalars from the start of the file; reading past the end gives zeros, so that no
file can fail.
"""

import tensorflow as tf


class Reader:
    """Reads numbers from bytes.

    Args:
        encoded: string scalar, the bytes of a file.

    Attributes:
        end: number of bytes, an int64 scalar.
    """

    def __init__(self, encoded: tf.Tensor):
        # The zero is read past the end.
        self._data = tf.io.decode_raw(tf.strings.join([encoded, b"\0"]), tf.uint8)
        self.end = tf.size(self._data, tf.int64) - 1

    def byte(self, at: tf.Tensor | int) -> tf.Tensor:
        """int64, of the shape of `at`."""
        at = tf.clip_by_value(tf.cast(at, tf.int64), 0, self.end)
        return tf.cast(tf.gather(self._data, at), tf.int64)

    def number(self, at: tf.Tensor, size: int, big: tf.Tensor | bool) -> tf.Tensor:
        """An unsigned number of `size` bytes, big-endian or little-endian."""
        total = tf.zeros_like(self.byte(at))
        for index in range(size):
            place = tf.where(big, 256 ** (size - 1 - index), 256**index)
            total += self.byte(at + index) * tf.cast(place, tf.int64)
        return total

    def says(self, at: tf.Tensor | int, text: bytes) -> tf.Tensor:
        """Whether the data has these bytes at this position."""
        found = self.byte(at + tf.range(len(text), dtype=tf.int64))
        return tf.reduce_all(tf.equal(found, tf.constant(list(text), tf.int64)))

    def has(self, at: tf.Tensor | int, bit: int) -> tf.Tensor:
        """Whether a bit of the byte at this position is set; `bit` is its value, 1, 2, 4, ..."""
        return tf.not_equal(self.byte(at) // bit % 2, 0)
