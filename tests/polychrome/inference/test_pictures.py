"""What a colorizer sees of paths, PIL images, and arrays."""

import io
import os

import numpy as np
import pytest
from icc_profiles import gamma_curve, gray_profile, matrix_profile
from odd_files import deep_picture, exif, picture, pillow, tiff
from PIL import Image

from polychrome.errors import InputError
from polychrome.inference import pictures
from polychrome.photographs.opening import open_photograph

RGB, DEEP = picture(), deep_picture()
FILES = {
    "orientation 6": pillow(RGB, "TIFF", exif=exif(6)),
    "orientation 8, gray": pillow(RGB[..., 1], "TIFF", exif=exif(8)),
    "gray profile": pillow(RGB[..., 1], "PNG", icc_profile=gray_profile(gamma_curve(1.8))),
    "Adobe RGB": pillow(RGB, "JPEG", icc_profile=matrix_profile()),
    "16-bit white is zero": tiff(DEEP[..., 1], photometric="miniswhite"),
    "16-bit planes": tiff(
        DEEP.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"
    ),
    "half": tiff((DEEP / 65535).astype(np.float16), photometric="rgb"),
    "alpha": pillow(np.dstack([RGB, RGB[..., 0]]), "PNG"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_path_is_read_as_the_command_reads_it(tmp_path, name):
    path = tmp_path / "picture"
    path.write_bytes(FILES[name])
    expected, found = open_photograph(path), pictures.read(path)
    assert found.pixels.dtype == expected.pixels.dtype
    np.testing.assert_array_equal(found.pixels, expected.pixels)
    result = found.restored(np.zeros((*found.pixels.shape[:2], 3), found.pixels.dtype))
    assert isinstance(result, Image.Image) == (found.pixels.dtype == np.uint8)
    if expected.alpha is not None:
        np.testing.assert_array_equal(np.asarray(result)[..., 3], expected.alpha)


@pytest.mark.parametrize("name", ["orientation 6", "gray profile", "Adobe RGB", "alpha"])
def test_an_open_image_is_seen_as_its_file_is(tmp_path, name):
    path = tmp_path / "picture"
    path.write_bytes(FILES[name])
    with Image.open(io.BytesIO(FILES[name])) as image:
        found = pictures.read(image)
    np.testing.assert_array_equal(found.pixels, pictures.read(path).pixels)


def test_what_does_not_end_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"pipe\.png: not a regular file"):
        pictures.read(tmp_path / "pipe.png")


@pytest.mark.parametrize("depth", [">u2", ">f4", "<f8"])
def test_arrays_keep_their_order_of_bytes(depth):
    levels = DEEP if depth == ">u2" else DEEP / 65535
    found = pictures.read(levels.astype(depth))
    assert found.pixels.dtype.isnative and found.pixels.dtype in (np.uint16, np.float32)
    np.testing.assert_allclose(found.pixels, levels, rtol=1e-6)
    assert found.restored(found.pixels).dtype == np.dtype(depth)
