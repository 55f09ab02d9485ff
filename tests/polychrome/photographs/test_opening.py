"""Photographs as they come: every format, depth and layout, and files that are none."""

import os
import struct

import numpy as np
import pytest
from odd_files import (
    AVIF,
    deep_picture,
    opencv,
    picture,
    pillow,
    png,
    png_with,
    tiff,
)
from PIL import Image

from polychrome.errors import InputError
from polychrome.photographs.opening import open_photograph, pages_of

RGB, DEEP = picture(), deep_picture()
FLOAT = (DEEP / 65535).astype(np.float32)
GRAY = np.asarray(Image.fromarray(RGB).convert("L"))
ALPHA = DEEP[..., 1]
IMAGE = Image.fromarray(RGB)
PALETTE = IMAGE.quantize(64)
ROW = np.tile(RGB[:1, :1], (1, 4000, 1))


def _alpha(color, alpha=ALPHA):
    return np.dstack([color, alpha])


LOSSLESS = {
    "PNG": (pillow(RGB, "PNG"), RGB),
    "gray PNG": (pillow(GRAY, "PNG"), GRAY),
    "1-bit PNG": (png(GRAY >> 7, 1, 0), (GRAY >> 7) * 255),
    "2-bit PNG": (png(GRAY >> 6, 2, 0), (GRAY >> 6) * 85),
    "4-bit PNG": (png(GRAY >> 4, 4, 0), (GRAY >> 4) * 17),
    "16-bit gray PNG": (opencv(ALPHA, ".png"), ALPHA),
    "16-bit PNG": (opencv(DEEP, ".png"), DEEP),
    "palette PNG": (
        pillow(IMAGE.quantize(64), "PNG"),
        np.asarray(IMAGE.quantize(64).convert("RGB")),
    ),
    "TIFF": (pillow(RGB, "TIFF"), RGB),
    "gray TIFF": (pillow(GRAY, "TIFF"), GRAY),
    "1-bit TIFF": (pillow(Image.fromarray(GRAY).convert("1"), "TIFF", compression="group4"), None),
    "LZW TIFF": (pillow(RGB, "TIFF", compression="tiff_lzw"), RGB),
    "packbits TIFF": (pillow(RGB, "TIFF", compression="packbits"), RGB),
    "deflate TIFF": (pillow(RGB, "TIFF", compression="tiff_adobe_deflate"), RGB),
    "white is zero": (tiff(GRAY, photometric="miniswhite"), 255 - GRAY),
    "16-bit gray TIFF": (tiff(ALPHA, byteorder=">", tile=(16, 16)), ALPHA),
    "16-bit white is zero": (tiff(ALPHA, photometric="miniswhite"), 65535 - ALPHA),
    "16-bit TIFF": (tiff(DEEP, photometric="rgb"), DEEP),
    "16-bit LZW TIFF": (opencv(DEEP, ".tif", (259, 5)), DEEP),
    "16-bit tiled BigTIFF": (tiff(DEEP, photometric="rgb", bigtiff=True, tile=(16, 16)), DEEP),
    "16-bit planes": (
        tiff(DEEP.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"),
        DEEP,
    ),
    "float gray TIFF": (tiff(FLOAT[..., 0]), FLOAT[..., 0]),
    "float TIFF": (tiff(FLOAT, photometric="rgb", compression="zlib"), FLOAT),
    "half TIFF": (tiff(FLOAT.astype(np.float16), photometric="rgb"), FLOAT.astype(np.float16)),
    "WebP": (pillow(RGB, "WEBP", lossless=True), RGB),
    "GIF": (pillow(Image.fromarray(GRAY), "GIF"), GRAY),
    "BMP": (pillow(RGB, "BMP"), RGB),
    "one pixel": (pillow(RGB[:1, :1], "PNG"), RGB[:1, :1]),
    "one row": (
        pillow(np.tile(RGB[:1, :1], (1, 4000, 1)), "PNG"),
        np.tile(RGB[:1, :1], (1, 4000, 1)),
    ),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_pixels_and_depth_are_those_of_the_file(opened, name):
    encoded, wanted = LOSSLESS[name]
    if wanted is None:
        wanted = np.asarray(Image.fromarray(GRAY).convert("1")) * np.uint8(255)
    found = opened(encoded)
    assert found.pixels.shape == wanted.shape
    assert found.pixels.dtype == ("float32" if wanted.dtype.kind == "f" else wanted.dtype)
    np.testing.assert_array_equal(found.pixels, wanted)
    assert found.alpha is None
    known = {"PNG": "png", "TIFF": "tiff", "WebP": "webp"}
    assert name.split()[-1] not in known or found.format == known[name.split()[-1]]


@pytest.mark.parametrize("name, encoded, most", [
    ("jpeg", pillow(RGB, "JPEG", quality=98, subsampling=0), 5),
    ("progressive", pillow(RGB, "JPEG", quality=98, subsampling=0, progressive=True), 5),
    ("webp", pillow(RGB, "WEBP", quality=98), 30),
    *(("avif", pillow(RGB, kind, quality=98), 20) for kind in AVIF),
])  # fmt: skip
def test_lossy_files_come_close(opened, name, encoded, most):
    found = opened(encoded)
    assert found.pixels.shape == RGB.shape and found.pixels.dtype == np.uint8
    assert np.abs(found.pixels.astype(int) - RGB).max() <= most
    assert found.format == {"progressive": "jpeg", "avif": "png"}.get(name, name)


def test_gray_jpeg_stays_gray(opened):
    assert opened(pillow(GRAY, "JPEG")).pixels.shape == GRAY.shape


def test_mpo_is_its_first_picture(opened):
    found = opened(pillow(RGB, "MPO", save_all=True, append_images=[IMAGE.rotate(180)]))
    assert np.abs(found.pixels.astype(int) - RGB).mean() < 5
    assert found.format == "jpeg"


def test_cmyk_is_read_with_and_without_adobes_inversion(opened):
    cmyk = IMAGE.convert("CMYK")
    wanted = np.asarray(cmyk.convert("RGB")).astype(int)
    adobe = pillow(cmyk, "JPEG", quality=100)
    marker = adobe.index(b"\xff\xee")
    assert np.abs(opened(adobe).pixels - wanted).max() <= 6
    # Without the marker, ink is stored as it is.
    inverted = Image.frombytes("CMYK", cmyk.size, bytes(255 - np.asarray(cmyk)))
    plain = pillow(inverted, "JPEG", quality=100)
    plain = plain[:marker] + plain[marker + 16 :]
    assert b"Adobe" not in plain
    assert np.abs(opened(plain).pixels - wanted).max() <= 6
    np.testing.assert_array_equal(opened(pillow(cmyk, "TIFF")).pixels, wanted)


WITH_ALPHA = {
    "RGBA PNG": (pillow(_alpha(RGB, GRAY), "PNG"), RGB, GRAY),
    "LA PNG": (pillow(Image.fromarray(_alpha(GRAY, RGB[..., 2])), "PNG"), GRAY, RGB[..., 2]),
    "16-bit RGBA PNG": (opencv(_alpha(DEEP), ".png"), DEEP, ALPHA),
    "16-bit LA PNG": (png(_alpha(DEEP[..., 0]), 16, 4), DEEP[..., 0], ALPHA),
    "RGBA TIFF": (pillow(_alpha(RGB, GRAY), "TIFF"), RGB, GRAY),
    "16-bit RGBA TIFF": (
        tiff(_alpha(DEEP), photometric="rgb", extrasamples=["unassalpha"]),
        DEEP,
        ALPHA,
    ),
    "16-bit LA TIFF": (
        tiff(_alpha(DEEP[..., 0]), photometric="minisblack", extrasamples=["unassalpha"],
             planarconfig="contig"),
        DEEP[..., 0],
        ALPHA,
    ),
    "float RGBA TIFF": (
        tiff(_alpha(FLOAT, FLOAT[..., 1]), photometric="rgb", extrasamples=["unassalpha"]),
        FLOAT,
        FLOAT[..., 1],
    ),
    "WebP": (pillow(_alpha(RGB, GRAY | 1), "WEBP", lossless=True, exact=True), RGB, GRAY | 1),
}  # fmt: skip


@pytest.mark.parametrize("name", WITH_ALPHA)
def test_alpha_is_kept_straight(opened, name):
    encoded, color, alpha = WITH_ALPHA[name]
    found = opened(encoded)
    np.testing.assert_array_equal(found.pixels, color)
    np.testing.assert_array_equal(found.alpha, alpha)
    assert found.alpha.dtype == found.pixels.dtype


def test_premultiplied_colors_become_straight(opened):
    alpha = np.maximum(ALPHA, 20000)
    stored = np.round(DEEP * (alpha[..., None] / 65535)).astype(np.uint16)
    encoded = tiff(_alpha(stored, alpha), photometric="rgb", extrasamples=["assocalpha"])
    found = opened(encoded)
    assert np.abs(found.pixels.astype(int) - DEEP).max() <= 2
    np.testing.assert_array_equal(found.alpha, alpha)


def test_a_color_can_stand_for_transparency(opened):
    levels = DEEP[3, 5]
    deep = png_with(opencv(DEEP, ".png"), (b"tRNS", struct.pack(">3H", *levels)))
    found = opened(deep)
    assert found.alpha[3, 5] == 0 and (found.alpha == 0).sum() == 1
    np.testing.assert_array_equal(found.pixels, DEEP)
    two_bits = png(GRAY >> 6, 2, 0, (b"tRNS", struct.pack(">H", 2)))
    np.testing.assert_array_equal(opened(two_bits).alpha, np.where(GRAY >> 6 == 2, 0, 255))
    palette = pillow(IMAGE.quantize(64), "PNG", transparency=3)
    found = opened(palette)
    np.testing.assert_array_equal(
        found.alpha, np.where(np.asarray(IMAGE.quantize(64)) == 3, 0, 255)
    )


@pytest.mark.parametrize("factor", [3.0, -1.0, np.nan])
def test_floats_outside_of_the_range_are_refused(opened, factor):
    for floats, kind in ((FLOAT, "rgb"), (FLOAT[..., 0], "minisblack")):
        with pytest.raises(InputError, match=r"values from .* should lie in \[0, 1\]"):
            opened(tiff(floats * np.float32(factor), photometric=kind))


def test_whole_numbers_of_32_bits_are_levels_of_16(opened):
    levels = np.array([[0, 1000, 65535]] * 2)
    for kind in (np.uint32, np.int32):
        found = opened(tiff(levels.astype(kind))).pixels
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, levels)
    for numbers, told in (
        (np.array([[0, 2**32 - 1]], np.uint32), "0 to 4294967295"),
        (np.array([[5, 65536]], np.uint32), "5 to 65536"),
        (np.array([[-7, 2**31 - 1]], np.int32), "-7 to 2147483647"),
        (np.array([[-7, 9]], np.int16), "-7 to 9"),
    ):
        with pytest.raises(InputError, match=f"values from {told}, .* should lie in 0...65535"):
            opened(tiff(numbers))


def _pages(kind):
    others = [IMAGE.rotate(180), IMAGE.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]
    options = {"lossless": True} if kind == "WEBP" else {}
    return pillow(IMAGE, kind, save_all=True, append_images=others, **options)


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "WEBP", "PNG"])
def test_one_of_several_pages_is_chosen(opened, tmp_path, kind):
    encoded = _pages(kind)
    with pytest.raises(InputError, match=r"it has 3 (page|frame)s; choose one") as caught:
        opened(encoded)
    assert caught.value.settings == ("page",)
    assert pages_of(tmp_path / "file") == 3
    found = opened(encoded, page=3)
    assert np.abs(found.pixels.astype(int) - RGB[::-1]).mean() < 9
    for page in (0, 4, -1):
        with pytest.raises(InputError, match="but it has 3") as caught:
            opened(encoded, page=page)
        assert caught.value.settings == ("page",)


def test_deep_pages_are_told_apart_and_reduced_ones_are_no_pages(opened, tmp_path):
    import tifffile

    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        writer.write(DEEP, photometric="rgb")
        writer.write(DEEP[::2, ::2], photometric="rgb", subfiletype=1)
        writer.write(DEEP[::-1], photometric="rgb", compression="zlib")
    assert pages_of(tmp_path / "pages.tif") == 2
    found = open_photograph(tmp_path / "pages.tif", page=2)
    np.testing.assert_array_equal(found.pixels, DEEP[::-1])


def test_a_single_page_can_be_asked_for(opened):
    np.testing.assert_array_equal(opened(pillow(RGB, "PNG"), page=1).pixels, RGB)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", *AVIF, "deep PNG",
                                  "deep TIFF", "planes", "LZW", "progressive"])  # fmt: skip
def test_truncated_files_are_errors(opened, kind):
    encoded = {
        "deep PNG": lambda: opencv(DEEP, ".png"),
        "deep TIFF": lambda: tiff(DEEP, photometric="rgb", rowsperstrip=8),
        "planes": lambda: LOSSLESS["16-bit planes"][0],
        "LZW": lambda: pillow(RGB, "TIFF", compression="tiff_lzw"),
        "progressive": lambda: pillow(RGB, "JPEG", progressive=True),
    }.get(kind, lambda: pillow(RGB, kind))()
    for end in (
        3,
        30,
        len(encoded) // 4,
        len(encoded) // 2,
        len(encoded) * 9 // 10,
        len(encoded) - 60,
    ):
        with pytest.raises(InputError) as caught:
            opened(encoded[:end])
        assert "\n" not in str(caught.value)


def test_a_jpeg_ends_with_its_marker(opened):
    for options in ({}, {"progressive": True}):
        encoded = pillow(RGB, "JPEG", **options)
        with pytest.raises(InputError, match="truncated"):
            opened(encoded[:-2])
        found = opened(encoded + b"Samsung's notes")
        np.testing.assert_array_equal(found.pixels, opened(encoded).pixels)


def test_what_is_no_picture_is_refused_in_one_line(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("This is text.\n" * 20)
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
    (tmp_path / "new.avif").write_bytes(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(99))
    (tmp_path / "two\nlines.jpg").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "link.jpg")
    for name, reason in {
        "empty.jpg": "the file is empty",
        "text.jpg": "not a picture of a format that is read, should be JPEG, PNG",
        "phone.heic": "HEIC is not supported; convert it to JPEG, PNG or TIFF",
        "two\nlines.jpg": "the file is empty",
        "pipe.jpg": "not a regular file",
        "link.jpg": "cannot be read",
        "missing.jpg": "no such file",
        **({} if AVIF else {"new.avif": "this Pillow reads no avif; convert the file to PNG"}),
        ".": "a folder, should be a picture",
        "/dev/zero": "not a regular file",
        "zero\0.jpg": "cannot be read",
    }.items():
        for read in (open_photograph, pages_of):
            with pytest.raises(InputError, match=reason) as caught:
                read(tmp_path / name)
            assert "\n" not in str(caught.value)
            shown = str(tmp_path / name)
            assert str(caught.value).startswith(shown if shown.isprintable() else repr(shown))


def test_names_may_have_any_characters(tmp_path):
    for name in ("-dash.png", "new\nline.png", "Grüße ☀.png", os.fsdecode(b"latin-\xe9.png")):
        (tmp_path / name).write_bytes(pillow(RGB, "PNG"))
        np.testing.assert_array_equal(open_photograph(tmp_path / name).pixels, RGB)
