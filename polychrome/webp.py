"""WebP files to RGB in a graph, with and without alpha, still and animated.

TensorFlow's decoder gives a file's own channels and refuses to add or drop one, so they are read
from the header first. Asking it for whatever the file has (`channels=0`) is no way out: for an
animation without alpha it reserves three channels, writes four, and corrupts memory (TensorFlow
2.21).
"""

import tensorflow as tf

from polychrome.graph_bytes import Reader

_CHUNKS = 12  # where they start
_FLAGS = _CHUNKS + 8  # of a file whose first chunk is VP8X
_ALPHA, _ANIMATION = 0x10, 0x02
_WITH_ALPHA = [bytes([flags | _ALPHA]) for flags in range(256)]


def is_webp(encoded: tf.Tensor) -> tf.Tensor:
    """Whether a string scalar begins like a WebP file: bool scalar."""
    # A part that begins behind the end of a string would be an error.
    start = tf.strings.join([tf.strings.substr(encoded, 0, _CHUNKS), bytes(_CHUNKS)])
    is_riff = tf.equal(tf.strings.substr(start, 0, 4), b"RIFF")
    return is_riff & tf.equal(tf.strings.substr(start, 8, 4), b"WEBP")


def decode_webp(encoded: tf.Tensor) -> tf.Tensor:
    """Decode a WebP file, of an animation the first frame, and drop alpha.

    Args:
        encoded: string scalar, the bytes of a file for which `is_webp` holds.

    Returns:
        uint8 `[height, width, 3]`.

    Raises:
        tf.errors.InvalidArgumentError: the file is damaged.
    """
    read = Reader(encoded)
    is_animated = read.says(_CHUNKS, b"VP8X") & read.has(_FLAGS, _ANIMATION)

    def animated() -> tf.Tensor:
        # Frames are decoded with alpha whether or not the file says that it has some.
        flags = tf.gather(tf.constant(_WITH_ALPHA), read.byte(_FLAGS))
        before, after = (
            tf.strings.substr(encoded, start, length)
            for start, length in ((0, _FLAGS), (_FLAGS + 1, tf.strings.length(encoded)))
        )
        return _decoded(tf.strings.join([before, flags, after]), 4)

    def still() -> tf.Tensor:
        return tf.cond(_has_alpha(read), lambda: _decoded(encoded, 4), lambda: _decoded(encoded, 3))

    return tf.cond(is_animated, animated, still)


def _decoded(encoded: tf.Tensor, channels: int) -> tf.Tensor:
    image = tf.io.decode_image(encoded, channels=channels, expand_animations=False)
    return image[..., :3]


def _has_alpha(read: Reader) -> tf.Tensor:
    """Whether libwebp finds alpha in a still image: bool scalar.

    A flag of VP8X or a chunk ALPH before lossy pixels says so, and a bit in lossless ones.
    """

    def next_chunk(
        at: tf.Tensor, alpha: tf.Tensor, _: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        is_lossless = read.says(at, b"VP8L")
        alpha |= (read.says(at, b"VP8X") & read.has(at + 8, _ALPHA)) | read.says(at, b"ALPH")
        # Behind the signature, 14 bits each of width and height.
        alpha = tf.where(is_lossless, read.has(at + 12, 1 << 4), alpha)
        size = read.number(at + 4, 4, big=False)
        return at + 8 + size + size % 2, alpha, is_lossless | read.says(at, b"VP8 ")

    return tf.while_loop(
        lambda at, alpha, found: (at < read.end) & ~found,
        next_chunk,
        [tf.constant(_CHUNKS, tf.int64), tf.constant(False), tf.constant(False)],
    )[1]
