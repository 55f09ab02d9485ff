"""Encoded images of all kinds, whole and broken, and how they are made."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image


def photo_of(height, width, seed=0):
    """Smooth colors from black to white, uint8 [height, width, 3]."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR))


def encode(image, file_format, **options):
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def _files():
    """Name to (file, (height, width))."""
    photo = Image.fromarray(photo_of(30, 41))
    black = Image.new("RGB", photo.size)
    transparent = photo.copy()
    transparent.putalpha(128)
    deep = tf.constant(photo_of(23, 31).astype("uint16") * 257)
    return {
        "JPEG": (encode(photo, "JPEG"), (30, 41)),
        "gray JPEG": (encode(photo.convert("L"), "JPEG"), (30, 41)),
        "CMYK JPEG": (encode(photo.convert("CMYK"), "JPEG"), (30, 41)),
        "PNG": (encode(photo_of(64, 16, seed=1), "PNG"), (64, 16)),
        "16-bit PNG": (tf.io.encode_png(deep).numpy(), (23, 31)),
        "16-bit gray PNG": (tf.io.encode_png(deep[..., :1]).numpy(), (23, 31)),
        "RGBA PNG": (encode(photo.convert("RGBA"), "PNG"), (30, 41)),
        "palette PNG": (encode(photo.quantize(16), "PNG"), (30, 41)),
        "GIF": (encode(photo.quantize(16), "GIF"), (30, 41)),
        "BMP": (encode(photo, "BMP"), (30, 41)),
        "WebP": (encode(photo, "WEBP", lossless=True), (30, 41)),
        "lossy WebP": (encode(photo, "WEBP"), (30, 41)),
        "RGBA WebP": (encode(transparent, "WEBP", lossless=True), (30, 41)),
        "lossy RGBA WebP": (encode(transparent, "WEBP"), (30, 41)),
        "animated WebP": (encode(photo, "WEBP", save_all=True, append_images=[black]), (30, 41)),
        "one pixel": (encode(photo_of(1, 1), "PNG"), (1, 1)),
        "one row": (encode(photo_of(1, 200), "PNG"), (1, 200)),
        "one column": (encode(photo_of(200, 1), "PNG"), (200, 1)),
    }


FILES = _files()


BROKEN = {
    "empty": b"",
    "text": b"this is not an image",
    "TIFF": encode(photo_of(30, 41), "TIFF"),
    "header only": FILES["PNG"][0][:20],
    **{
        f"half a {name}": FILES[name][0][: len(FILES[name][0]) // 2]
        for name in ("JPEG", "PNG", "GIF", "BMP", "WebP", "RGBA WebP", "animated WebP")
    },
}
