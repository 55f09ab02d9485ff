"""One file to a photograph to train on, or the reason to leave it out."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from polychrome.errors import InputError
from tf_data.gray import is_gray, thumbnail_of

SMALLEST_SIDE = 128
JPEG_QUALITY = 95


class LeftOut(Exception):
    """A file that is not collected; its text is the reason in one word."""


@dataclass(frozen=True)
class Photograph:
    """A photograph ready to be stored.

    Attributes:
        jpeg: the file to store.
        width, height: of that file, in pixels.
        hash: perceptual hash, 16 hexadecimal digits.
    """

    jpeg: bytes
    width: int
    height: int
    hash: str


def prepare(data: bytes, side: int) -> Photograph:
    """Decode, judge and shrink one file.

    An RGB JPEG that is small enough already is kept as it is; others are written at quality 95
    without chroma subsampling.

    Args:
        data: a file in any format that Pillow reads.
        side: largest length of the shorter side in pixels; no photograph is enlarged.

    Raises:
        LeftOut: "broken", "small" (a side below 128 pixels), or "gray".
    """
    original, image = decode(data)
    if min(image.size) < SMALLEST_SIDE:
        raise LeftOut("small")
    thumbnail = thumbnail_of(image)
    if is_gray(thumbnail):
        raise LeftOut("gray")
    as_stored = original.format == "JPEG" and original.mode == "RGB"
    if min(image.size) > side:
        scale = side / min(image.size)
        size = [max(side, round(length * scale)) for length in image.size]
        image, as_stored = image.resize(size, Image.Resampling.LANCZOS), False
    if not as_stored or _is_turned(original):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        data = out.getvalue()
    return Photograph(data, *image.size, perceptual_hash(thumbnail))


def decode(data: bytes) -> tuple[Image.Image, Image.Image]:
    """The image of a file as it is stored, and all of it upright in RGB.

    Raises:
        LeftOut: "broken".
    """
    try:
        original = Image.open(io.BytesIO(data))
        return original, ImageOps.exif_transpose(original).convert("RGB")
    except Exception as error:  # Pillow's decoders raise errors of many types on broken files
        raise LeftOut("broken") from error


def perceptual_hash(image: Image.Image) -> str:
    """The 64-bit pHash of an RGB image, by the library ImageHash: 16 hexadecimal digits.

    Scaling, recompression and small changes of brightness turn few of its bits; two unrelated
    photographs differ in about 31.

    Raises:
        InputError: ImageHash is not installed.
    """
    try:
        import imagehash
    except ImportError as error:
        raise InputError(
            "ImageHash, which finds near-duplicates, is not installed; "
            "pip install -e '.[photographs]'"
        ) from error
    return str(imagehash.phash(image))


def _is_turned(image: Image.Image) -> bool:
    """Whether the file's EXIF data turn or mirror it, which most decoders ignore."""
    return image.getexif().get(0x0112, 1) != 1
