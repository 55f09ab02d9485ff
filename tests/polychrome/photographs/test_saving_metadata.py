"""EXIF, XMP, IPTC, and resolution of written photographs, read back by others' readers."""

import io
import os
import struct

import cv2
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, IptcImagePlugin

from polychrome.photographs.photograph import Metadata, Photograph
from polychrome.photographs.saving import FORMATS, save_photograph

PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="Großmutter"/></rdf:RDF></x:xmpmeta>'
    '\n     \n<?xpacket end="w"?>'
).encode()
IPTC = (
    b"\x1c\x02\x00\x00\x02\x00\x02"
    + b"\x1c\x02\x78\x00\x0dAt the window"
    + b"\x1c\x02\x50\x00\x01A"
)
RGB = {
    dtype: np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (19, 23, 3), dtype)
    for dtype in (np.uint8, np.uint16)
}
EVERY = [
    (format, dtype, with_alpha)
    for format in FORMATS
    for dtype in (np.uint8, np.uint16)
    for with_alpha in (False, True)
]


def thumbnail():
    buffer = io.BytesIO()
    Image.new("L", (16, 16), 90).save(buffer, "JPEG")
    return buffer.getvalue()


class Block:
    """Builds an EXIF block.

    Args:
        order: of bytes, as `struct` writes it.
    """

    def __init__(self, order):
        self.order = order
        self.data = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))

    def put(self, content):
        self.data += bytes(len(self.data) % 2)
        self.data += content
        return len(self.data) - len(content)

    def pack(self, codes, *values):
        return struct.pack(self.order + codes, *values)

    def entry(self, tag, kind, count, content):
        if len(content) > 4:
            content = self.pack("I", self.put(content))
        return self.pack("HHI", tag, kind, count) + content.ljust(4, b"\0")

    def text(self, tag, text):
        return self.entry(tag, 2, len(text) + 1, text.encode() + b"\0")

    def directory(self, *entries):
        entries = sorted(entries, key=lambda entry: struct.unpack(f"{self.order}H", entry[:2]))
        return self.put(self.pack("H", len(entries)) + b"".join(entries) + bytes(4))

    def number(self, at, value):
        self.data[at : at + 4] = self.pack("I", value)


def exif_block(order="<", extra=(), with_thumbnail=False):
    """A camera's block: its maker note points to a place by its offset from the start."""
    block = Block(order)
    secret = block.put(b"serial number 7")
    exif = block.directory(
        block.entry(33434, 5, 1, block.pack("II", 1, 125)),
        block.entry(37500, 7, 12, b"MAKER\0\0\0" + block.pack("I", secret)),
        block.text(42036, "Planar 80 mm"),
    )
    gps = block.directory(block.text(1, "N"), block.entry(2, 5, 3, block.pack("6I", *[9, 1] * 3)))
    entries = [
        block.text(271, "Zeiss Ikon"),
        block.text(272, "Ikoflex"),
        block.entry(274, 3, 1, block.pack("H", 1)),
        block.entry(282, 5, 1, block.pack("II", 72, 1)),
        block.entry(283, 5, 1, block.pack("II", 72, 1)),
        block.entry(296, 3, 1, block.pack("H", 2)),
        block.text(306, "1954:05:17 10:20:30"),
        block.text(315, "A. Photographer"),
        block.text(33432, "(c) 1954"),
        block.entry(34665, 4, 1, block.pack("I", exif)),
        block.entry(34853, 4, 1, block.pack("I", gps)),
        *(block.entry(*parts) for parts in extra),
    ]
    first = block.directory(*entries)
    block.number(4, first)
    if with_thumbnail:
        content = thumbnail()
        second = block.directory(
            block.entry(513, 4, 1, b"OFFS"), block.entry(514, 4, 1, block.pack("I", len(content)))
        )
        block.number(first + 2 + 12 * len(entries), second)
        place = block.put(content)
        block.number(block.data.index(b"OFFS"), place)
    return bytes(block.data)


def save(path, dtype=np.uint8, with_alpha=False, **metadata):
    rgb = RGB[dtype]
    alpha = rgb[..., 2] if with_alpha else None
    return save_photograph(path, rgb, Photograph(rgb[..., 0], alpha, metadata=Metadata(**metadata)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("format", "dtype", "with_alpha"), EVERY)
def test_everything_a_file_said_is_there_again(tmp_path, format, dtype, with_alpha, order):
    path = tmp_path / f"photo{FORMATS[format][0]}"
    lost = save(
        path, dtype, with_alpha, exif=exif_block(order), xmp=PACKET, iptc=IPTC, dpi=(600, 300)
    )
    assert set(lost) == {
        *(["16 bits to 8"] if dtype == np.uint16 and format in ("jpeg", "webp") else []),
        *(["transparency"] if with_alpha and format == "jpeg" else []),
        *(["IPTC"] if format in ("png", "webp") else []),
    }
    with Image.open(path) as image:
        image.load()
        exif = image.getexif()
        assert exif[ExifTags.Base.Make] == "Zeiss Ikon"
        assert exif[ExifTags.Base.Model] == "Ikoflex"
        assert exif[ExifTags.Base.Orientation] == 1
        assert exif[ExifTags.Base.DateTime] == "1954:05:17 10:20:30"
        assert exif[ExifTags.Base.Artist] == "A. Photographer"
        assert exif[ExifTags.Base.Copyright] == "(c) 1954"
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        assert float(camera[ExifTags.Base.ExposureTime]) == 1 / 125
        assert camera[ExifTags.Base.LensModel] == "Planar 80 mm"
        assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (9, 9, 9)
        assert image.info["xmp"] == PACKET
        if format != "webp":
            assert image.info["dpi"] == pytest.approx((600, 300), abs=0.01)
        if format in ("jpeg", "tiff"):
            assert IptcImagePlugin.getiptcinfo(image)[2, 120] == b"At the window"


@pytest.mark.parametrize(("format", "dtype", "with_alpha"), EVERY)
def test_a_file_that_said_nothing_says_nothing(tmp_path, format, dtype, with_alpha):
    path = tmp_path / f"photo{FORMATS[format][0]}"
    save(path, dtype, with_alpha)
    with Image.open(path) as image:
        image.load()
        assert not {"xmp", "exif", "icc_profile", "photoshop"} & image.info.keys()
        if format != "tiff":
            assert not image.getexif()
            assert "dpi" not in image.info
    content = path.read_bytes()
    assert b"http://ns.adobe.com" not in content and b"Exif" not in content


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_offsets_within_maker_notes_hold_in_tiff_too(tmp_path, dtype, order):
    path = tmp_path / "photo.tiff"
    save(path, dtype, exif=exif_block(order))
    with Image.open(path) as image:
        note = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote]
    content = path.read_bytes()
    (place,) = struct.unpack(f"{order}I", note[8:12])
    assert content[place:].startswith(b"serial number 7")
    np.testing.assert_array_equal(tifffile.imread(path), RGB[dtype])


def test_tiff_leaves_out_what_describes_other_pixels(tmp_path):
    block = exif_block(
        extra=[
            (254, 4, 1, b"\1\0\0\0"),  # a reduced copy
            (256, 4, 1, b"\xff\xff\0\0"),  # width
            (273, 4, 1, b"\xff\xff\0\0"),  # place of the pixels
            (317, 3, 1, b"\3\0"),
            (322, 4, 1, b"\x10\0\0\0"),  # width of tiles
            (330, 4, 1, b"\x08\0\0\0"),  # further directories
            (700, 1, 12, b"<old packet>"),
            (50706, 1, 4, b"\1\4\0\0"),  # DNG
            (42112, 2, 9, b"<GDAL/>x\0"),
        ]
    )
    path = tmp_path / "photo.tiff"
    save(path, np.uint16, exif=block)
    with tifffile.TiffFile(path) as file:
        (page,) = file.pages
        assert {254, 317, 322, 330, 700, 50706}.isdisjoint(page.tags.keys())
        assert page.tags[42112].value == "<GDAL/>x"
        codes = [tag.code for tag in page.tags]
        assert codes == sorted(set(codes))
        np.testing.assert_array_equal(page.asarray(), RGB[np.uint16])


@pytest.mark.parametrize("dpi", [None, (300.5, 72)])
def test_resolution_of_exif_stands_in_tiff_unless_the_photograph_knows_better(tmp_path, dpi):
    save(tmp_path / "a.tiff", exif=exif_block(), dpi=dpi)
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        tags = file.pages[0].tags
        found = [np.divide(*tags[code].value) for code in (282, 283)]
    assert found == list(dpi or (72, 72))


@pytest.mark.parametrize("dpi", [(0, 0), (float("nan"), 72), (float("inf"), 1), (-72, -72)])
@pytest.mark.parametrize("format", FORMATS)
def test_resolutions_that_are_none_are_left_out(tmp_path, format, dpi):
    path = tmp_path / f"a{FORMATS[format][0]}"
    assert save(path, dpi=dpi) == ()
    with Image.open(path) as image:
        assert image.info.get("dpi", (1, 1)) == (1, 1)


def test_webp_says_that_it_has_no_resolution_unless_exif_has_it(tmp_path):
    assert save(tmp_path / "a.webp", dpi=(300, 300)) == ("resolution",)
    assert save(tmp_path / "a.webp", dpi=(72, 72), exif=exif_block()) == ()


@pytest.mark.parametrize("format", FORMATS)
def test_thumbnails_without_color_are_gone_and_all_else_of_exif_stays(tmp_path, format):
    path = tmp_path / f"a{FORMATS[format][0]}"
    block = exif_block(with_thumbnail=True)
    exif = Image.Exif()
    exif.load(block)
    assert exif.get_ifd(ExifTags.IFD.IFD1), "the block of this test has a thumbnail"
    save(path, exif=block)
    with Image.open(path) as image:
        assert not image.getexif().get_ifd(ExifTags.IFD.IFD1)
        assert image.getexif()[ExifTags.Base.Make] == "Zeiss Ikon"
        assert getattr(image, "n_frames", 1) == 1
    assert thumbnail() not in path.read_bytes()


@pytest.mark.parametrize(
    "block",
    [
        b"\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\x7f",
        b"MM\0*\0\0\0\x08\xff\xff",
        b"II+\0\x08\0\0\0" + bytes(40),
        b"no TIFF structure at all",
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_broken_exif_does_no_harm_to_the_pixels(tmp_path, format, block):
    path = tmp_path / f"a{FORMATS[format][0]}"
    assert save(path, exif=block) == (("broken EXIF",) if format == "tiff" else ())
    found = cv2.imread(os.fspath(path))[..., ::-1]
    assert found.shape == (19, 23, 3)
    if format in ("png", "tiff"):
        np.testing.assert_array_equal(found, RGB[np.uint8])


def test_any_change_of_a_byte_of_exif_leaves_a_tiff_readable(tmp_path):
    block = exif_block(with_thumbnail=True)
    random = np.random.default_rng(0)
    for number in range(150):
        changed = bytearray(block)
        for at in random.integers(4, len(block), 1 + number % 4):
            changed[at] = random.integers(256)
        save(tmp_path / "a.tiff", np.uint16, exif=bytes(changed))
        with tifffile.TiffFile(tmp_path / "a.tiff") as file:
            np.testing.assert_array_equal(file.pages[0].asarray(), RGB[np.uint16])


@pytest.mark.parametrize(
    ("name", "fits", "lost"),
    [
        ("exif", 65527, "EXIF of more than 64 KB"),
        ("xmp", 65504, "XMP of more than 64 KB"),
        ("iptc", 65506, "IPTC of more than 64 KB"),
    ],
)
def test_jpeg_drops_what_does_not_fit_in_a_segment_and_says_so(tmp_path, name, fits, lost):
    whole = {"exif": exif_block(), "xmp": PACKET, "iptc": IPTC}
    for size, expected in ((fits, ()), (fits + 2, (lost,))):
        given = whole[name]
        filled = {**whole, name: given + b" " * (size - len(given))}
        assert save(tmp_path / "a.jpg", **filled) == expected
        with Image.open(tmp_path / "a.jpg") as image:
            np.asarray(image)
            has = {
                "exif": bool(image.getexif()),
                "xmp": "xmp" in image.info,
                "iptc": "photoshop" in image.info,
            }
        assert has == {key: key != name or not expected for key in has}
    for suffix in (".png", ".tiff"):
        assert lost not in save(tmp_path / f"a{suffix}", **filled)
