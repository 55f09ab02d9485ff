"""Small files of all kinds that people have, by real encoders, and mutations of their bytes."""

import io
import struct
import zlib

import cv2
import numpy as np
import tifffile
from PIL import Image, features

# Pillow's wheels have it from 11.3 on.
AVIF = ["AVIF"] if features.modules.get("avif") and features.check("avif") else []


def picture(height=40, width=56, seed=7):
    """Colors that change slowly: uint8 `[height, width, 3]`."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def deep_picture(height=40, width=56, seed=7):
    """The same in 16 bits, of which the lower ones count: uint16."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint16)
    return picture(height, width, seed).astype(np.uint16) * 256 + noise


def pillow(image, kind, **options):
    """A file as Pillow writes it, of an image or an array."""
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opencv(levels, suffix, options=()):
    """A file as OpenCV writes it, of gray, RGB or RGBA."""
    levels = np.asarray(levels)
    if levels.ndim == 3:
        levels = np.concatenate([levels[..., 2::-1], levels[..., 3:]], axis=-1)
    done, encoded = cv2.imencode(suffix, levels, list(options))
    assert done
    return encoded.tobytes()


def tiff(levels, **options):
    """A TIFF as tifffile writes it."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, levels, **options)
    return buffer.getvalue()


def png(levels, depth, color, *chunks, interlaced=False):
    """A PNG of one gray, palette or RGB sample after another, with chunks before the pixels.

    Args:
        levels: `[H, W]` or `[H, W, C]`, up to `2**depth - 1`.
        depth: bits a sample.
        color: PNG's type: 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
        chunks: pairs of type and data.
        interlaced: what the header says.
    """
    height, width = levels.shape[:2]
    rows = levels.reshape(height, -1)
    if depth == 16:
        packed = rows.astype(">u2").view(np.uint8)
    else:
        bits = (rows[..., None].astype(np.uint8) >> np.arange(depth - 1, -1, -1)) & 1
        packed = np.packbits(bits.reshape(height, -1), axis=1)
    filtered = np.concatenate([np.zeros((height, 1), np.uint8), packed], axis=1)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(filtered.tobytes()))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in [*parts, (b"IEND", b"")])


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(encoded, *chunks):
    """A PNG with more chunks, after its header."""
    return encoded[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + encoded[33:]


def jpeg_with(encoded, *segments):
    """A JPEG with more segments, pairs of marker and data, at its start."""
    added = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments
    )
    return encoded[:2] + added + encoded[2:]


def exif(orientation, order="<", thumbnail=b""):
    """EXIF with a maker's name, the orientation, a color space, and a thumbnail."""
    maker, begin = b"Voigt", struct.pack(order + "HI", 42, 8)
    start = 8 + 2 + 3 * 12 + 4
    entries = struct.pack(order + "HHII", 0x010F, 2, len(maker) + 1, start)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHII", 0x8769, 4, 1, start + 6)
    after = start + 6 + 2 + 12 + 4
    structure = (b"II" if order == "<" else b"MM") + begin + struct.pack(order + "H", 3) + entries
    structure += struct.pack(order + "I", after if thumbnail else 0) + maker + b"\0"
    structure += struct.pack(order + "HHHIHHI", 1, 0xA001, 3, 1, 0xFFFF, 0, 0)
    if thumbnail:
        structure += struct.pack(order + "H", 2)
        structure += struct.pack(order + "HHII", 0x0201, 4, 1, after + 2 + 24 + 4)
        structure += struct.pack(order + "HHIII", 0x0202, 4, 1, len(thumbnail), 0) + thumbnail
    return structure


def xmp(orientation):
    """An XMP packet with the orientation twice, and a thumbnail."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'tiff:Orientation="{orientation}"><tiff:Orientation>{orientation}</tiff:Orientation>'
        "<xmp:Thumbnails>AAAA</xmp:Thumbnails><xmp:Label>Grüße</xmp:Label>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


IPTC = b"\x1c\x02\x50\x00\x05Adams\x1c\x02\x69\x00\x04Moon"


def photoshop(iptc=IPTC):
    """A block of Photoshop's resources: a resolution, then IPTC."""
    other = b"8BIM" + struct.pack(">HBxI", 0x03ED, 0, 5) + b"12345\0"
    named = b"8BIM" + struct.pack(">HB3sI", 0x0404, 3, b"abc", len(iptc)) + iptc
    return other + named + b"\0" * (len(iptc) % 2)


def seeds():
    """Small whole files by name, in seven formats."""
    rgb = Image.fromarray(picture(12, 16))
    deep = deep_picture(12, 16)
    later = [rgb.rotate(180)]
    return {
        "rgb.jpg": jpeg_with(
            pillow(rgb, "JPEG"),
            (0xE1, b"Exif\0\0" + exif(6)),
            (0xED, b"Photoshop 3.0\0" + photoshop()),
        ),
        "progressive.jpg": pillow(rgb, "JPEG", progressive=True),
        "cmyk.jpg": pillow(rgb.convert("CMYK"), "JPEG"),
        "palette.png": pillow(rgb.quantize(8), "PNG"),
        "alpha.png": png_with(pillow(rgb.convert("RGBA"), "PNG"), (b"eXIf", exif(8, ">"))),
        "deep.png": opencv(deep, ".png"),
        "deep.tif": tiff(deep, photometric="rgb", compression="zlib"),
        "lzw.tif": pillow(rgb, "TIFF", compression="tiff_lzw"),
        "float.tif": tiff((deep[..., 0] / 65535).astype(np.float32)),
        "planes.tif": tiff(
            np.ascontiguousarray(deep.transpose(2, 0, 1)),
            photometric="rgb",
            planarconfig="separate",
        ),
        "lossy.webp": pillow(rgb, "WEBP", exif=b"Exif\0\0" + exif(3)),
        "animated.webp": pillow(rgb, "WEBP", save_all=True, append_images=later, lossless=True),
        "animated.gif": pillow(rgb.quantize(16), "GIF", save_all=True, append_images=later),
        "rgb.bmp": pillow(rgb, "BMP"),
        **{f"rgb.{kind.lower()}": pillow(rgb, kind) for kind in AVIF},
    }


def mutated(encoded, rng):
    """A file with some bytes changed, cut out, repeated or added; the same again for a seed."""
    data = bytearray(encoded)
    # Headers are where it matters.
    reach = len(data) if rng.random() < 0.5 else min(len(data), 160)
    for _ in range(int(rng.integers(1, 9))):
        if not data:
            break
        at = int(rng.integers(0, max(1, min(reach, len(data)))))
        what = rng.integers(0, 6)
        if what <= 1:
            data[at] = rng.integers(0, 256)
        elif what == 2:
            data[at] ^= 1 << int(rng.integers(0, 8))
        elif what == 3:
            extreme = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80"])
            data[at : at + len(extreme)] = bytes(extreme)
        elif what == 4:
            size = int(rng.integers(1, 17))
            data[at:at] = data[at : at + size] if rng.random() < 0.5 else rng.bytes(size)
        else:
            del data[at : at + int(rng.integers(1, 17)) if rng.random() < 0.9 else len(data)]
    return bytes(data)
