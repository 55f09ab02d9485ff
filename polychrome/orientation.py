"""EXIF orientation of a photograph, read from encoded bytes in a graph.

TensorFlow's decoders ignore it, and a SavedModel cannot run Python.
"""

from collections.abc import Callable

import tensorflow as tf

from polychrome.graph_bytes import Reader

_ORIENTATION_TAG = 0x0112
_LONG = 4  # a TIFF field of 32 bits; orientations are normally 16 bits
_JPEG_EXIF, _PNG_EXIF, _WEBP_EXIF = b"Exif\0\0", b"eXIf", b"EXIF"


def may_be_turned(encoded: bytes) -> bool:
    """Whether a file may have an EXIF orientation: fast, and False only if it has none.

    Args:
        encoded: the bytes of a file.
    """
    return any(mark in encoded for mark in (_JPEG_EXIF, _PNG_EXIF, _WEBP_EXIF))


def exif_orientation(encoded: tf.Tensor) -> tf.Tensor:
    """The EXIF orientation stored in a file.

    Args:
        encoded: string scalar, the bytes of a file: JPEG (APP1 segment), PNG (eXIf chunk) or WebP
            (EXIF chunk). XMP and ImageMagick's text chunks are ignored.

    Returns:
        int32 scalar, 1...8; 1, upright, for other files and if there is none.
    """
    read = Reader(encoded)
    places = [
        (read.says(0, b"\xff\xd8"), _walk(read, 2, _jpeg_segment)),
        (read.says(0, b"\x89PNG\r\n\x1a\n"), _walk(read, 8, _png_chunk)),
        (read.says(0, b"RIFF") & read.says(8, b"WEBP"), _walk(read, 12, _webp_chunk)),
    ]
    place = tf.constant(0, tf.int64)
    for is_format, find in places:
        place = tf.cond(is_format, find, lambda place=place: place)
    return tf.cond(place > 0, lambda: _tiff_orientation(read, place), lambda: tf.constant(1))


def upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Rotate and flip `[H, W, C]` according to an EXIF orientation, int32 scalar 1...8."""

    def changed(
        image: tf.Tensor, orientations: list[int], change: Callable[[tf.Tensor], tf.Tensor]
    ) -> tf.Tensor:
        wanted = tf.reduce_any(tf.equal(orientation, orientations))
        return tf.cond(wanted, lambda: change(image), lambda: image)

    image = changed(image, [5, 6, 7, 8], lambda image: tf.transpose(image, [1, 0, 2]))
    image = changed(image, [2, 3, 6, 7], lambda image: tf.reverse(image, [1]))
    return changed(image, [3, 4, 7, 8], lambda image: tf.reverse(image, [0]))


# For the part of a file that starts at a position: where its TIFF data starts, 0 if it has none,
# and where the next part starts.
_Part = Callable[[Reader, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def _walk(read: Reader, start: int, part: _Part) -> Callable[[], tf.Tensor]:
    """Make a function that searches the parts of a file for TIFF data: its position, or 0."""

    def find() -> tf.Tensor:
        return tf.while_loop(
            lambda at, tiff: (at < read.end) & tf.equal(tiff, 0),
            lambda at, _: part(read, at)[::-1],
            [tf.constant(start, tf.int64), tf.constant(0, tf.int64)],
        )[1]

    return find


def _jpeg_segment(read: Reader, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    marker = read.byte(at + 1)
    is_exif = tf.equal(marker, 0xE1) & read.says(at + 4, _JPEG_EXIF)
    after = at + 2 + read.number(at + 2, 2, big=True)
    after = tf.where(tf.equal(marker, 0xFF), at + 1, after)  # fill bytes, any number of them
    # There are no segments after the start of scan (DA).
    is_segment = tf.equal(read.byte(at), 0xFF) & ~tf.equal(marker, 0xDA)
    return tf.where(is_segment & is_exif, at + 10, 0), tf.where(is_segment, after, read.end)


def _png_chunk(read: Reader, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    is_exif = read.says(at + 4, _PNG_EXIF)
    return tf.where(is_exif, at + 8, 0), at + 12 + read.number(at, 4, big=True)


def _webp_chunk(read: Reader, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    is_exif = read.says(at, _WEBP_EXIF)
    # Some writers put JPEG's prefix before the TIFF data.
    tiff = tf.where(read.says(at + 8, _JPEG_EXIF), at + 14, at + 8)
    size = read.number(at + 4, 4, big=False)
    return tf.where(is_exif, tiff, 0), at + 8 + size + size % 2


def _tiff_orientation(read: Reader, tiff: tf.Tensor) -> tf.Tensor:
    big = read.says(tiff, b"MM")
    directory = tiff + read.number(tiff + 4, 4, big)
    count = read.number(directory, 2, big)
    entries = directory + 2 + 12 * tf.range(count)
    is_orientation = tf.equal(read.number(entries, 2, big), _ORIENTATION_TAG)
    found = tf.boolean_mask(entries, is_orientation)
    entry = tf.concat([[read.end], found], 0)[-1]
    long = tf.equal(read.number(entry + 2, 2, big), _LONG)
    value = tf.where(long, read.number(entry + 8, 4, big), read.number(entry + 8, 2, big))
    is_tiff = big | read.says(tiff, b"II")
    return tf.where(is_tiff & (value >= 1) & (value <= 8), tf.cast(value, tf.int32), 1)
