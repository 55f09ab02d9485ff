"""What stays of a file's metadata, and that pixels are upright."""

import io
import struct
import zlib

import numpy as np
import pytest
from odd_files import (
    AVIF,
    IPTC,
    deep_picture,
    exif,
    jpeg_with,
    opencv,
    photoshop,
    picture,
    pillow,
    png_with,
    tiff,
    xmp,
)
from PIL import Image, ImageOps

from polychrome.photographs.exif import orientation_of, upright
from polychrome.photographs.tiff import Tiff

RGB, DEEP = picture(), deep_picture()
PREFIX = b"Exif\0\0"
ORIENTATION = (0x0112, 3, 1)


def _parsed(structure):
    found = Image.Exif()
    found.load(structure)
    return found


FILES = {
    "JPEG": lambda n: jpeg_with(pillow(RGB, "JPEG"), (0xE1, PREFIX + exif(n))),
    "PNG": lambda n: png_with(pillow(RGB, "PNG"), (b"eXIf", exif(n, ">"))),
    "16-bit PNG": lambda n: png_with(opencv(DEEP, ".png"), (b"eXIf", exif(n))),
    "WebP": lambda n: pillow(RGB, "WEBP", lossless=True, exif=PREFIX + exif(n)),
    "TIFF": lambda n: tiff(RGB, photometric="rgb", extratags=[(*ORIENTATION, n, True)]),
    "LZW TIFF": lambda n: pillow(RGB, "TIFF", compression="tiff_lzw", tiffinfo={0x0112: n}),
    "16-bit TIFF": lambda n: tiff(DEEP, photometric="rgb", extratags=[(*ORIENTATION, n, True)]),
    "16-bit planes": lambda n: tiff(
        DEEP.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate",
        byteorder=">", extratags=[(*ORIENTATION, n, True)],
    ),
    **{kind: lambda n: pillow(RGB, "AVIF", exif=exif(n)) for kind in AVIF},
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_upright_and_say_so(opened, name):
    untagged = opened(FILES[name](1)).pixels
    small = Image.fromarray(np.arange(untagged.shape[0] * untagged.shape[1], dtype=np.int32)
                            .reshape(untagged.shape[:2]))  # fmt: skip
    for orientation in range(1, 9):
        # Pillow as the reference: where each pixel goes.
        tag = small.getexif()
        tag[ORIENTATION[0]] = orientation
        places = np.asarray(ImageOps.exif_transpose(small))
        found = opened(FILES[name](orientation))
        np.testing.assert_array_equal(found.pixels, untagged.reshape(-1, 3)[places])
        assert orientation_of(found.metadata.exif) == 1
        if "TIFF" not in name and "planes" not in name:
            assert _parsed(found.metadata.exif)[0x010F] == "Voigt"


XMP_ONLY = {
    "JPEG": lambda packet: pillow(RGB, "JPEG", xmp=packet),
    "PNG": lambda packet: png_with(pillow(RGB, "PNG"), _itxt(packet)),
    "16-bit PNG": lambda packet: png_with(opencv(DEEP, ".png"), _itxt(packet)),
    "WebP": lambda packet: pillow(RGB, "WEBP", lossless=True, xmp=packet),
    **{
        f"{name} TIFF": lambda packet, levels=levels, options=options: tiff(
            levels, extratags=[(700, 1, len(packet), packet, True)], **options
        )
        for name, levels, options in [
            ("gray", RGB[..., 0], {}),
            ("RGB", RGB, {"photometric": "rgb"}),
            ("deflate", RGB, {"photometric": "rgb", "compression": "zlib"}),
            ("16-bit gray", DEEP[..., 0], {}),
            ("16-bit", DEEP, {"photometric": "rgb"}),
            ("float", (DEEP[..., 0] / 65535).astype(np.float32), {}),
        ]
    },
    **{kind: lambda packet: pillow(RGB, "AVIF", xmp=packet) for kind in AVIF},
}


def _itxt(packet):
    return b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet


@pytest.mark.parametrize("name", XMP_ONLY)
def test_an_orientation_that_only_xmp_gives_turns_nothing(opened, name):
    wanted = opened(XMP_ONLY[name](xmp(1))).pixels
    for orientation in (3, 6):
        found = opened(XMP_ONLY[name](xmp(orientation)))
        np.testing.assert_array_equal(found.pixels, wanted)
        assert b'tiff:Orientation="1"' in found.metadata.xmp


@pytest.mark.parametrize(
    "said",
    [
        'xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="{}" t:Make="6">',
        'xmlns:t="http://ns.adobe.com/tiff/1.0/"><t:Orientation>{}</t:Orientation>',
        # Broken, and not a property: found by readers that do not parse.
        'tiff:Orientation="{}">',
        "><!-- <tiff:Orientation>{}</tiff:Orientation> -->",
    ],
)
def test_an_orientation_in_xmp_is_found_under_any_prefix_and_nothing_else_changes(opened, said):
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<r:Description {said}</r:Description></r:RDF></x:xmpmeta>"
    )
    found = opened(png_with(pillow(RGB, "PNG"), _itxt(packet.format(6).encode()))).metadata
    assert found.xmp.decode() == packet.format(1)


@pytest.mark.parametrize("order", "<>")
def test_exif_keeps_all_but_orientation_and_thumbnail(order):
    thumbnail = b"\xff\xd8thumbnail\xff\xd9"
    found = upright(PREFIX + exif(6, order, thumbnail))
    wanted = exif(1, order)
    assert len(found) < len(exif(6, order, thumbnail)) and thumbnail not in found
    assert found[: len(wanted)] == wanted
    converted = _parsed(upright(exif(3, order), converted=True))
    assert converted.get_ifd(0x8769)[0xA001] == 1
    assert _parsed(upright(exif(3, order))).get_ifd(0x8769)[0xA001] == 0xFFFF


def test_a_thumbnail_is_not_cut_off_where_the_first_directory_is():
    """Damaged: its place is said to be amid the first directory, which comes last."""
    thumbnails = struct.pack("<H", 2)
    thumbnails += struct.pack("<HHII", 0x0201, 4, 1, 50) + struct.pack("<HHII", 0x0202, 4, 1, 6)
    first = struct.pack("<HHHI4s", 1, 0x010F, 2, 4, b"abc") + struct.pack("<I", 8)
    structure = struct.pack("<2sHI", b"II", 42, 8 + len(thumbnails) + 4) + thumbnails + bytes(4)
    found = upright(structure + first)
    assert len(found) == len(structure + first) and _parsed(found)[0x010F] == "abc"


def test_no_bytes_make_exif_fail():
    whole = exif(6, "<", b"thumbnail")
    rng = np.random.default_rng(0)
    for end in range(len(whole)):
        upright(whole[:end])
    for _ in range(2000):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(0, 256)
        found = upright(bytes(data))
        assert found is None or (orientation_of(found) == 1 and len(found) <= len(data))
    assert upright(bytes(whole) + bytes(2 << 20)) is None


def test_jpeg_metadata(opened):
    packet = b"http://ns.adobe.com/xap/1.0/\0" + xmp(6)
    resources = photoshop()
    encoded = jpeg_with(
        pillow(RGB, "JPEG", dpi=(300, 150)),
        (0xE1, PREFIX + exif(6)),
        (0xE1, packet),
        # Photoshop cuts its block where a segment is full.
        (0xED, b"Photoshop 3.0\0" + resources[:30]),
        (0xED, b"Photoshop 3.0\0" + resources[30:]),
    )
    found = opened(encoded).metadata
    assert found.iptc == IPTC
    assert found.xmp.decode() == xmp(1).decode().replace(
        "<xmp:Thumbnails>AAAA</xmp:Thumbnails>", ""
    )
    assert not found.had_profile
    assert found.dpi == (150, 300)


def test_png_metadata(opened):
    text = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp(3))
    raw = b"\niptc\n%8d\n" % len(photoshop()) + photoshop().hex().encode() + b"\n"
    encoded = png_with(
        pillow(RGB, "PNG", dpi=(300, 300)),
        (b"iTXt", text),
        (b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(raw)),
    )
    found = opened(encoded).metadata
    assert b'tiff:Orientation="1"' in found.xmp and "Grüße".encode() in found.xmp
    assert found.iptc == IPTC
    assert found.dpi == pytest.approx((300, 300), abs=0.02)


def test_webp_metadata(opened):
    found = opened(pillow(RGB, "WEBP", xmp=xmp(3), exif=PREFIX + exif(3))).metadata
    assert b"<tiff:Orientation>1<" in found.xmp and orientation_of(found.exif) == 1


def test_tiff_metadata_in_any_depth(opened):
    for levels in (RGB, DEEP):
        for order in "<>":
            encoded = tiff(
                levels, photometric="rgb", byteorder=order, resolution=(118.11, 118.11),
                resolutionunit="CENTIMETER", description="Moonrise",
                extratags=[
                    (315, 2, 6, "Adams", True), (700, 1, len(xmp(6)), xmp(6), True),
                    (33723, 7, len(IPTC), IPTC, True), (*ORIENTATION, 6, True),
                ],
            )  # fmt: skip
            found = opened(encoded)
            assert found.pixels.shape == (56, 40, 3)
            assert found.metadata.iptc == IPTC
            assert b'tiff:Orientation="1"' in found.metadata.xmp
            assert found.metadata.dpi == pytest.approx((300, 300), abs=0.1)
            parsed = _parsed(found.metadata.exif)
            assert parsed[315] == "Adams" and parsed[270] == "Moonrise"
            assert 256 not in parsed and 273 not in parsed


def test_exif_and_gps_directories_of_tiff_are_kept(opened):
    described = Image.Exif()
    described[0x010F] = "Voigt"
    described[0x8769] = {0x9003: "1932:05:01 12:00:00"}
    described[0x8825] = {1: "N", 2: (48.0, 30.0, 0.5)}
    found = _parsed(opened(pillow(RGB, "TIFF", exif=described.tobytes())).metadata.exif)
    assert found[0x010F] == "Voigt"
    assert found.get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00"
    assert found.get_ifd(0x8825) == {1: "N", 2: (48.0, 30.0, 0.5)}


def test_text_in_utf_8_is_kept(opened):
    """EXIF 3.0's type 129, which Pillow and tifffile do not write."""
    name = "Großmutter\0".encode()
    encoded = tiff(RGB, photometric="rgb", extratags=[(315, 2, len(name), name, True)])
    as_ascii, as_utf_8 = (struct.pack("<HHI", 315, kind, len(name)) for kind in (2, 129))
    assert encoded.count(as_ascii) == 1
    found = opened(encoded.replace(as_ascii, as_utf_8)).metadata.exif
    assert Tiff(io.BytesIO(found)).first()[315].data == name


def test_descriptions_of_the_array_are_dropped_and_those_of_people_kept(opened):
    def described(**options):
        exif = opened(tiff(RGB[..., 0], **options)).metadata.exif
        return _parsed(exif).get(270) if exif else None

    assert b'{"shape": [40, 56]}' in tiff(RGB[..., 0])
    assert described() is described(imagej=True) is described(ome=True) is None
    for words in ("shape=(40, 56)", '{"axes": "YX", "shape": [40, 56]}'):
        assert described(description=words, metadata=None) is None
    for words in ("Moonrise", '{"title": "Moonrise"}', "In good shape: ImageJ=", "<b>OME</b>"):
        assert described(description=words, metadata=None) == words


def test_damaged_metadata_costs_no_picture(opened):
    jpeg, png = pillow(RGB, "JPEG"), pillow(RGB, "PNG")
    wanted = opened(jpeg).pixels
    for marker, data in [
        (0xE1, PREFIX + b"garbage"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>\xff\xfe"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff"),
        (0xE2, b"ICC_PROFILE\0\1\1" + bytes(200)),
    ]:
        found = opened(jpeg_with(jpeg, (marker, data)))
        np.testing.assert_array_equal(found.pixels, wanted)
        assert found.metadata.xmp is found.metadata.iptc is found.metadata.exif is None
    # Pillow refuses pictures with these: a text of 4 MB, and a bomb.
    long = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(1).replace(b"Gr", b" " * (4 << 20))
    bomb = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(64 << 20))
    profile = b"name\0\0" + zlib.compress(bytes(32 << 20))
    for kind, data in [(b"iTXt", long), (b"iTXt", bomb), (b"iCCP", profile), (b"eXIf", b"II")]:
        found = opened(png_with(png, (kind, data)))
        np.testing.assert_array_equal(found.pixels, RGB)
        assert found.metadata.xmp is found.metadata.exif is None and not found.metadata.had_profile


def test_unlikely_resolutions_are_none(opened):
    assert (
        opened(png_with(pillow(RGB, "PNG"), (b"pHYs", struct.pack(">IIB", 0, 0, 1)))).metadata.dpi
        is None
    )
    assert opened(pillow(RGB, "PNG")).metadata.dpi is None
    assert opened(pillow(RGB, "JPEG")).metadata.dpi is None
