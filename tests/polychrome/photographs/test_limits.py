"""Sizes and their limit, and that nothing of the process changes when files are opened."""

import contextlib
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest
from odd_files import AVIF, deep_picture, picture, pillow, png_chunk, tiff
from PIL import Image

from polychrome.errors import InputError
from polychrome.photographs.opening import open_photograph, size_of

RGB, DEEP = picture(), deep_picture()
IMAGE = Image.fromarray(RGB)
GRAY = np.asarray(IMAGE.convert("L"))


def _lying(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1 << 20))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def test_the_size_is_that_of_the_header_as_stored(tmp_path):
    path = tmp_path / "file"
    turned = {0x0112: 6}
    exif = Image.Exif()
    exif.update(turned)
    for encoded in (
        pillow(RGB, "JPEG", exif=exif),
        pillow(RGB, "PNG", exif=exif),
        pillow(RGB, "WEBP", exif=exif),
        pillow(RGB, "TIFF", tiffinfo=turned),
        pillow(RGB, "TIFF", tiffinfo=turned, compression="tiff_lzw"),
        tiff(DEEP, photometric="rgb", extratags=[(0x0112, 3, 1, 6, True)]),
    ):
        path.write_bytes(encoded)
        assert size_of(path) == (56, 40)
        assert open_photograph(path).pixels.shape[:2] == (56, 40)
    # Nothing is decoded, and the limit of `open_photograph` is not its own.
    path.write_bytes(_lying(30_000, 20_000))
    assert size_of(path) == (30_000, 20_000)
    pages = IMAGE, IMAGE.resize((31, 17))
    path.write_bytes(pillow(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [size_of(path, page=page) for page in (1, 2)] == [(56, 40), (31, 17)]
    for page, told in ((None, "it has 2 pages; choose one"), (3, "page 3, but it has 2 pages")):
        with pytest.raises(InputError, match=told):
            size_of(path, page=page)
    path.write_bytes(pillow(IMAGE, "TIFF"))
    with pytest.raises(InputError, match="page 2, but it has 1 page;"):
        size_of(path, page=2)
    with pytest.raises(InputError, match="no such file"):
        size_of(tmp_path / "missing")


def test_too_many_pixels_are_refused_by_the_header(opened):
    width = struct.pack("<HHII", 256, 4, 1, 56)
    small = tiff(GRAY)
    assert width in small
    wide = small.replace(width, struct.pack("<HHII", 256, 4, 1, 2**31))
    for encoded in (_lying(100_000, 100_000), _lying(2**31 - 1, 2**31 - 1), wide):
        with pytest.raises(InputError, match="more than 200 megapixels") as caught:
            opened(encoded)
        assert caught.value.settings == ("max_pixels",)
    for kind in ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", *AVIF):
        with pytest.raises(InputError, match="56 x 40 pixels, more than 0.002 megapixels"):
            opened(pillow(RGB, kind), max_pixels=2000)
        assert opened(pillow(RGB, kind), max_pixels=2240).pixels.shape[:2] == (40, 56)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", *AVIF, "large"])
def test_the_limit_of_pillow_is_not_ours(opened, monkeypatch, kind):
    if kind == "large":  # decoded in strips
        encoded = pillow(np.full((2100, 2100), 7, np.uint8), "PNG")
    else:
        encoded = pillow(RGB, kind)
    wanted = opened(encoded).pixels
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", wanted.size // 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(opened(encoded).pixels, wanted)
    # Of the process, it still holds.
    assert Image.MAX_IMAGE_PIXELS == wanted.size // 100


def test_a_header_that_promises_more_than_there_is_fails(opened):
    with pytest.raises(InputError, match="cannot be read"):
        opened(_lying(3000, 3000))


DAMAGED_TAG = tiff(GRAY, extratags=[(315, 2, 9, "Somebody", True)]).replace(
    struct.pack("<HHI", 315, 2, 9), struct.pack("<HHI", 315, 2, 900_000)
)


def test_threads_leave_warnings_and_logs_as_they_were(tmp_path):
    """Files are opened and closed in the order in which threads may do it."""
    import cv2

    import polychrome.photographs.decoding.deep as deep
    from polychrome.photographs.opening import _opened

    (tmp_path / "file").write_bytes(pillow(RGB, "PNG"))
    before = list(warnings.filters), cv2.utils.logging.getLogLevel()
    with contextlib.ExitStack() as later:
        first = contextlib.ExitStack()
        for enter in (lambda: _opened(tmp_path / "file"), lambda: deep._QUIET):
            first.enter_context(enter())
            later.enter_context(enter())
        assert warnings.filters == before[0]
        first.close()
    assert warnings.filters == before[0]
    assert cv2.utils.logging.getLogLevel() == before[1]


def test_damaged_metadata_is_read_without_a_word(tmp_path):
    (tmp_path / "file.tif").write_bytes(DAMAGED_TAG)
    (tmp_path / "file.jpg").write_bytes(
        pillow(RGB, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0" + bytes(9))
    )
    program = (
        "import sys, warnings\n"
        "from polychrome.photographs.opening import open_photograph\n"
        "for path in sys.argv[1:]: open_photograph(path)\n"
        "warnings.warn('of others')\n"
    )
    arguments = [sys.executable, "-c", program, *sorted(map(str, tmp_path.iterdir()))]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True).stderr
    assert told == "<string>:4: UserWarning: of others\n"
