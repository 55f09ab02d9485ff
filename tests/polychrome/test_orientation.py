"""The EXIF orientation in a graph: as Pillow reads it, and never an error."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from polychrome.images import decode_upright
from polychrome.orientation import exif_orientation, may_be_turned

_TAG = 0x0112


@pytest.fixture(scope="module")
def photo(smooth):
    return Image.fromarray(smooth(1, 30, 41, seed=2)[0])


@pytest.fixture(scope="module")
def read():
    """As an export reads it: in a graph, from bytes."""
    graph = tf.function(exif_orientation, input_signature=[tf.TensorSpec([], tf.string)])
    return lambda encoded: int(graph(tf.constant(encoded)))


def _encoded(image, file_format="JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def _tiff(orientation: int, order: str = "<", kind: int = 3, before: int = 0) -> bytes:
    """TIFF data with `before` other tags before the orientation."""
    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    others = b"".join(struct.pack(order + "HHII", 0x100 + n, 4, 1, 6) for n in range(before))
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *[orientation, 0][: 5 - kind])
    tag = struct.pack(order + "HHI", _TAG, kind, 1) + value
    return header + struct.pack(order + "H", before + 1) + others + tag + struct.pack("I", 0)


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _jpeg(photo, *segments: bytes) -> bytes:
    """A JPEG file with these segments at its start."""
    encoded = _encoded(photo)
    return encoded[:2] + b"".join(segments) + encoded[2:]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_pillow_turns_them(photo, file_format, orientation):
    exif = photo.getexif()
    exif[_TAG] = orientation
    encoded = _encoded(photo, file_format, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded))).convert("RGB")
    graph = tf.function(decode_upright, input_signature=[tf.TensorSpec([], tf.string)])
    turned = graph(tf.constant(encoded)).numpy()
    assert turned.shape == np.asarray(expected).shape
    assert np.abs(turned.astype(int) - np.asarray(expected)).max() <= 2
    assert may_be_turned(encoded) and not may_be_turned(_encoded(photo, file_format))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", [3, 4])
@pytest.mark.parametrize("before", [0, 40])
def test_both_byte_orders_and_number_sizes(photo, read, order, kind, before):
    exif = b"Exif\0\0" + _tiff(6, order, kind, before)
    encoded = _jpeg(photo, _segment(0xE1, exif))
    assert Image.open(io.BytesIO(encoded)).getexif()[_TAG] == 6
    assert read(encoded) == 6


def test_segments_before_it_are_passed_over(photo, read):
    exif = _segment(0xE1, b"Exif\0\0" + _tiff(8))
    profile = [_segment(0xE2, b"ICC_PROFILE\0" + b"\xff\xe1" * 30_000)] * 3
    description = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0Exif")
    assert read(_jpeg(photo, *profile, description, b"\xff\xff", exif)) == 8


def test_a_prefix_in_webp_is_passed_over(photo, read):
    exif = photo.getexif()
    exif[_TAG] = 5
    encoded = _encoded(photo, "WEBP", exif=b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0"))
    assert read(encoded) == 5


UPRIGHT = {
    "nothing": b"",
    "one byte": b"\xff",
    "a start only": b"\xff\xd8",
    "text": b"Exif\0\0II",
    "a segment of length 0": b"\xff\xd8\xff\xe0\0\0" * 3,
    "exif behind the end": b"\xff\xd8\xff\xe1\xff\xffExif\0\0",
    "no TIFF": b"\xff\xd8" + _segment(0xE1, b"Exif\0\0" + b"XX" + _tiff(6)[2:]),
    "tags behind the end": b"\xff\xd8"
    + _segment(0xE1, b"Exif\0\0" + b"II" + struct.pack("<HI", 42, 2**32 - 1)),
    "more tags than bytes": b"\xff\xd8"
    + _segment(0xE1, b"Exif\0\0" + b"II" + struct.pack("<HIH", 42, 8, 65535)),
    "an orientation of 0": b"\xff\xd8" + _segment(0xE1, b"Exif\0\0" + _tiff(0)),
    "an orientation of 9": b"\xff\xd8" + _segment(0xE1, b"Exif\0\0" + _tiff(9)),
    "exif behind the scan": b"\xff\xd8\xff\xda" + _segment(0xE1, b"Exif\0\0" + _tiff(6)),
    "half a PNG": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffeXI",
    "half a WebP": b"RIFF\0\0\0\0WEBPEXI",
}


@pytest.mark.parametrize("name", UPRIGHT)
def test_what_has_none_is_upright(read, name):
    assert read(UPRIGHT[name]) == 1


def test_no_bytes_are_an_error(photo, read):
    rng = np.random.default_rng(0)
    whole = [_jpeg(photo, _segment(0xE1, b"Exif\0\0" + _tiff(6, "<", 3, 5)))[:200]]
    whole += [_encoded(photo, kind, exif=b"Exif\0\0" + _tiff(6)) for kind in ("PNG", "WEBP")]
    found = set()
    for index in range(300):
        encoded = np.frombuffer(whole[index % 3], np.uint8).copy()
        places = rng.integers(0, min(len(encoded), 200), rng.integers(1, 6))
        encoded[places] = rng.integers(0, 256, len(places))
        encoded = encoded[: rng.integers(len(encoded))].tobytes()
        found.add(read(encoded))
        assert read(encoded) == 1 or may_be_turned(encoded)
    assert found <= set(range(1, 9)) and 6 in found
