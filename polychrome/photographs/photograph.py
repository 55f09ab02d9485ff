"""A photograph in memory, ready to be colorized."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What a file says besides its pixels, in forms that all formats can carry.

    Attributes:
        exif: TIFF structure that begins with its byte order, without JPEG's "Exif\\0\\0"; its
            orientation is 1, because pixels are upright. None: the file has none.
        xmp: packet, UTF-8. None: the file has none.
        iptc: IIM records, without Photoshop's resource header. None: the file has none.
        dpi: pixels an inch, horizontal and vertical. None: unknown.
        had_profile: whether the file had an ICC profile, so that the result gets one too.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    had_profile: bool = False


@dataclasses.dataclass(frozen=True)
class Photograph:
    """One page of a file: upright, in sRGB.

    Attributes:
        pixels: `[H, W]` for gray, or `[H, W, 3]`; uint8, uint16, or float32 in [0, 1]; encoded
            with the curve of sRGB, whatever the file's profile.
        alpha: `[H, W]` of the same type; None without transparency.
        format: "jpeg", "png", "tiff" or "webp": what the result is written as if nothing else is
            asked for. Files of other formats have "png".
        metadata: of the file.
        colored: whether it has color already, beyond what toning of a gray photograph gives.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    format: str = "png"
    metadata: Metadata = Metadata()
    colored: bool = False
