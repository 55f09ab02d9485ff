"""Pixels of written photographs, read back by Pillow, OpenCV, and tifffile."""

import io
import os
import stat
import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from polychrome.errors import InputError
from polychrome.photographs.photograph import Metadata, Photograph
from polychrome.photographs.saving import FORMATS, save_photograph

DEEPEST = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def colors_of(dtype, height=37, width=53, channels=3, seed=0):
    """Noise in all values of a type, its ends among them."""
    noise = np.random.default_rng(seed).random((height, width, channels))
    noise[0, 0] = 0
    noise[-1, -1] = 1
    scaled = noise * DEEPEST[dtype]
    return (scaled if dtype == np.float32 else np.rint(scaled)).astype(dtype)


def smooth(height=64, width=96):
    """Colors that lossy formats keep well, uint8."""
    y, x = np.mgrid[:height, :width] / [[[height]], [[width]]]
    return np.rint(255 * np.dstack([x, y, 1 - x * y])).astype(np.uint8)


def of(rgb, alpha=None, **settings):
    return Photograph(rgb[..., 0], alpha, **settings)


def read_exactly(path):
    """Pixels of any depth, RGB or RGBA."""
    if path.suffix == ".tiff":
        return tifffile.imread(path)
    image = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)
    code = cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return cv2.cvtColor(image, code)


def chunks(data):
    """Names and contents of a PNG's chunks, with their checksums verified."""
    at, found = 8, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        body = data[at + 4 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(body)
        found.append((body[:4], body[4:]))
        at += 12 + size
    return found


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("size", [(37, 53), (1, 1), (1, 4000), (4000, 1), (300, 700)])
def test_png_and_tiff_hold_pixels_and_transparency_to_the_bit(
    tmp_path, format, dtype, with_alpha, size
):
    pixels = colors_of(dtype, *size, channels=4 if with_alpha else 3)
    alpha = pixels[..., 3] if with_alpha else None
    path = tmp_path / f"photo{FORMATS[format][0]}"
    assert save_photograph(path, pixels[..., :3], of(pixels, alpha)) == ()
    found = read_exactly(path)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, pixels)
    if alpha is None:  # OpenCV multiplies colors by it
        by_opencv = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)[..., ::-1]
        np.testing.assert_array_equal(by_opencv, pixels)
    with Image.open(path) as image:
        assert image.mode == ("RGBA" if with_alpha else "RGB")
        if dtype == np.uint8:
            np.testing.assert_array_equal(np.asarray(image), pixels)
    if format == "tiff":
        with tifffile.TiffFile(path) as file:
            assert len(file.pages) == 1
            assert file.pages[0].extrasamples == ((2,) if with_alpha else ())  # unassociated


@pytest.mark.parametrize("alpha", [None, 0, 100])
def test_webp_keeps_transparency_and_jpeg_says_that_it_does_not(tmp_path, alpha):
    rgb = smooth()
    given = None if alpha is None else np.full(rgb.shape[:2], alpha, np.uint8)
    lost = save_photograph(tmp_path / "a.jpg", rgb, of(rgb, given))
    assert lost == (() if alpha is None else ("transparency",))
    assert save_photograph(tmp_path / "a.webp", rgb, of(rgb, given)) == ()
    for name in ("a.jpg", "a.webp"):
        with Image.open(tmp_path / name) as image:
            assert image.format == ("JPEG" if name == "a.jpg" else "WEBP")
            difference = np.asarray(image.convert("RGB")).astype(int) - rgb
            assert np.abs(difference).mean() < 1.5
            if given is not None and name == "a.webp":
                np.testing.assert_array_equal(image.getchannel("A"), given)


def test_transparency_that_hides_nothing_is_no_loss(tmp_path):
    rgb = smooth()
    opaque = np.full(rgb.shape[:2], 255, np.uint8)
    assert save_photograph(tmp_path / "a.jpg", rgb, of(rgb, opaque)) == ()


def test_jpeg_has_full_chroma_resolution_and_the_quality_asked_for(tmp_path):
    rgb = colors_of(np.uint8)
    sizes = {}
    for quality in (30, 95, 100):
        path = tmp_path / f"{quality}.jpg"
        save_photograph(path, rgb, of(rgb), quality=quality)
        sizes[quality] = path.stat().st_size
        with Image.open(path) as image:
            assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # 4:4:4
            tables = image.quantization
        reference = io.BytesIO()
        Image.fromarray(rgb).save(reference, "JPEG", quality=quality)
        with Image.open(reference) as image:
            assert tables == image.quantization
    assert sizes[30] < sizes[95] < sizes[100]
    save_photograph(tmp_path / "default.jpg", rgb, of(rgb))
    assert (tmp_path / "default.jpg").read_bytes() == (tmp_path / "95.jpg").read_bytes()


@pytest.mark.parametrize(
    ("format", "dtype", "lost"),
    [
        ("jpeg", np.uint16, "16 bits to 8"),
        ("webp", np.uint16, "16 bits to 8"),
        ("jpeg", np.float32, "float to 8 bits"),
        ("webp", np.float32, "float to 8 bits"),
        ("png", np.float32, "float to 16 bits"),
        ("tiff", np.float32, "float to 16 bits"),
    ],
)
def test_depth_that_a_format_lacks_is_rounded_and_told(tmp_path, format, dtype, lost):
    # The nearest steps, in double precision.
    rgb = colors_of(dtype)
    deepest = 65535 if format in ("png", "tiff") else 255
    nearest = np.rint(rgb.astype(float) / DEEPEST[dtype] * deepest)
    nearest = nearest.astype(np.uint16 if deepest == 65535 else np.uint8)
    path, same = (tmp_path / f"{name}{FORMATS[format][0]}" for name in ("photo", "same"))
    assert save_photograph(path, rgb, of(rgb, rgb[..., 1])) == (
        (lost, "transparency") if format == "jpeg" else (lost,)
    )
    save_photograph(same, nearest, of(nearest, nearest[..., 1]))
    assert path.read_bytes() == same.read_bytes()


def test_all_65536_values_round_to_the_nearest_of_256(tmp_path):
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    rgb = np.zeros((256, 256, 3), np.uint8)
    # Transparency of WebP is lossless.
    save_photograph(tmp_path / "a.webp", rgb, of(rgb, values))
    with Image.open(tmp_path / "a.webp") as image:
        found = np.asarray(image)[..., 3]
    np.testing.assert_array_equal(found, (values.astype(int) + 128) // 257)


def test_float_beyond_its_range_and_numbers_that_are_none_become_ends(tmp_path):
    rgb = np.zeros((1, 4, 3), np.float32)
    rgb[0, :, 0] = [-0.5, 1.5, np.inf, np.nan]
    save_photograph(tmp_path / "a.png", rgb, of(rgb))
    assert read_exactly(tmp_path / "a.png")[0, :, 0].tolist() == [0, 65535, 65535, 0]


def test_arrays_of_any_layout_and_byte_order_are_written(tmp_path):
    rgb = colors_of(np.uint16)
    for number, view in enumerate((rgb[::-1, ::-1], rgb.astype(">u2"), np.asfortranarray(rgb))):
        for suffix in (".png", ".tiff"):
            path = tmp_path / f"{number}{suffix}"
            assert save_photograph(path, view, of(view)) == ()
            np.testing.assert_array_equal(read_exactly(path), view)


@pytest.mark.parametrize("format", FORMATS)
def test_files_with_a_profile_get_one_of_srgb_and_others_none(tmp_path, format):
    rgb = smooth()
    suffix = FORMATS[format][0]
    profiled = of(rgb, metadata=Metadata(had_profile=True))
    save_photograph(tmp_path / f"with{suffix}", rgb, profiled)
    save_photograph(tmp_path / f"without{suffix}", rgb, of(rgb))
    with Image.open(tmp_path / f"without{suffix}") as image:
        assert "icc_profile" not in image.info
    with Image.open(tmp_path / f"with{suffix}") as image:
        content = image.info["icc_profile"]
    profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert len(content) < 1000
    assert struct.unpack(">6H", content[24:36]) == (1999, 10, 18, 0, 0, 0)
    to_srgb = ImageCms.profileToProfile(
        Image.fromarray(rgb), profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert np.abs(np.asarray(to_srgb).astype(int) - rgb).max() <= 1


def test_png_names_srgb_once(tmp_path):
    rgb = smooth()
    for had_profile, expected in ((True, b"iCCP"), (False, b"sRGB")):
        path = tmp_path / f"{had_profile}.png"
        save_photograph(path, rgb, of(rgb, metadata=Metadata(had_profile=had_profile)))
        names = [name for name, _ in chunks(path.read_bytes())]
        assert names[:3] == [b"IHDR", expected, b"IDAT"]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_photograph_gives_the_same_bytes(tmp_path, format):
    rgb = colors_of(np.uint8, 400, 600)
    photograph = of(rgb, metadata=Metadata(had_profile=True))
    paths = [tmp_path / f"{number}{FORMATS[format][0]}" for number in range(2)]
    for path in paths:
        save_photograph(path, rgb, photograph, disclosure="photo")
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("name", "format", "written"),
    [
        ("a.jpg", None, "JPEG"),
        ("a.JPEG", None, "JPEG"),
        ("a.tif", None, "TIFF"),
        ("a.png", "webp", "WEBP"),
        ("a.png", "jpg", "JPEG"),
        ("a.b", "tif", "TIFF"),
        ("without", None, "WEBP"),
    ],
)
def test_the_format_is_the_one_asked_for_or_the_names_or_the_photographs(
    tmp_path, name, format, written
):
    rgb = smooth()
    save_photograph(tmp_path / name, rgb, of(rgb, format="webp"), format=format)
    with Image.open(tmp_path / name) as image:
        assert image.format == written


@pytest.mark.parametrize(
    ("size", "name", "right"),
    [
        ((1, 65_501), "a.jpg", "at most 65500 pixels a side; write png or tiff"),
        ((65_501, 1), "a.jpg", "at most 65500 pixels a side; write png or tiff"),
        ((1, 16_384), "a.webp", "at most 16383 pixels a side; write jpeg or png or tiff"),
        ((1, 1_000_001), "a.png", "at most 1000000 pixels a side; write tiff"),
    ],
)
def test_pictures_too_large_for_a_format_are_refused(tmp_path, size, name, right):
    rgb = np.zeros((*size, 3), np.uint8)
    with pytest.raises(InputError, match=f"{name}: .* is too large for .*{right}"):
        save_photograph(tmp_path / name, rgb, of(rgb))
    assert list(tmp_path.iterdir()) == []


def test_a_tiff_of_more_than_4_gb_is_refused_before_anything_is_computed(tmp_path):
    rgb = np.broadcast_to(np.zeros(3, np.uint16), (30_000, 30_000, 3))  # one pixel in memory
    with pytest.raises(InputError, match=r"a\.tiff: 30000 x 30000 .* 4 GB; use png"):
        save_photograph(tmp_path / "a.tiff", rgb, of(rgb))


@pytest.mark.parametrize("size", [(1, 65_500), (65_500, 1)])
def test_the_longest_jpeg_is_written(tmp_path, size):
    rgb = np.zeros((*size, 3), np.uint8)
    save_photograph(tmp_path / "a.jpg", rgb, of(rgb))
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.size == size[::-1]


@pytest.mark.parametrize(
    ("rgb", "settings", "message"),
    [
        (np.zeros((2, 2), np.uint8), {}, r"\[H, W, 3\], not \[2, 2\]"),
        (np.zeros((2, 2, 4), np.uint8), {}, r"\[H, W, 3\], not \[2, 2, 4\]"),
        (np.zeros((0, 2, 3), np.uint8), {}, r"\[H, W, 3\], not \[0, 2, 3\]"),
        (np.zeros((2, 2, 3)), {}, "uint8, uint16, or float32, not float64"),
        (np.zeros((3, 2, 3), np.uint8), {}, r"transparency is \[2, 2\], but pixels are \[3, 2\]"),
        (np.zeros((2, 2, 3), np.uint8), {"quality": 0}, "quality must be from 1 to 100, not 0"),
        (np.zeros((2, 2, 3), np.uint8), {"quality": 101}, "quality must be .* not 101"),
        (np.zeros((2, 2, 3), np.uint8), {"format": "bmp"}, "'bmp'; one of jpeg, png, tiff, webp"),
    ],
)
def test_arguments_that_cannot_be_written_are_named(tmp_path, rgb, settings, message):
    alpha = np.zeros((2, 2), np.uint8)
    with pytest.raises(InputError, match=message) as error:
        save_photograph(tmp_path / "a.jpg", rgb, Photograph(alpha, alpha), **settings)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_suffix_of_no_format_is_named(tmp_path):
    rgb = smooth()
    with pytest.raises(InputError, match=r"a\.gif: .*\.jpg, \.jpeg, \.png, \.tiff, \.tif, \.webp"):
        save_photograph(tmp_path / "a.gif", rgb, of(rgb))


@pytest.mark.parametrize("format", FORMATS)
def test_results_are_readable_by_others_and_replace_older_ones(tmp_path, format):
    path = tmp_path / "new folder" / f"Großmutter 1920\n{FORMATS[format][0]}"
    for value in (0, 255):
        rgb = np.full((8, 8, 3), value, np.uint8)
        save_photograph(path, rgb, of(rgb))
        with Image.open(path) as image:
            assert abs(int(np.asarray(image).mean()) - value) <= 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]
