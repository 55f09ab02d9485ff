"""A picture of any size joined with the chroma that the network saw in it, without TensorFlow."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np

from polychrome.color.planes import f_of, levels, linear_rgb, luminance
from polychrome.errors import InputError
from polychrome.inference.seen import check_pixels, lightness_at, seen_lightness
from polychrome.inference.types import UPSAMPLINGS
from polychrome.inference.upsampling import Lines, guided_band, lines, scaled_band

__all__ = ["Layer", "gray_of", "join", "seen_lightness"]

# Full-size steps work on bands of about this many pixels. Threads that work on smaller ones wait
# for Python's lock: with 2**15 folders and pictures of 100 megapixels took twice the time.
_BAND_PIXELS = 2**18


class Layer(NamedTuple):
    """Chroma at the size of a small copy of a picture.

    Attributes:
        ab: float32 `[h, w, 2]`, a* and b*.
        lightness: float32 `[h, w]`, L* of the picture at that size; None: computed if needed.
    """

    ab: np.ndarray
    lightness: np.ndarray | None = None


def join(
    pixels: np.ndarray,
    ab: np.ndarray,
    *,
    upsampling: str = "guided",
    lightness: np.ndarray | None = None,
    correction: Layer | None = None,
) -> np.ndarray:
    """Join the lightness of a full-size picture with chroma of any resolution.

    Args:
        pixels: gray `[H, W]` or `[H, W, 3]`; uint8, uint16, or float32 in [0, 1]; encoded as sRGB.
            Only its L* is used.
        ab: float32 `[h, w, 2]`, a* and b*.
        upsampling: of `ab` to `[H, W, 2]`: "guided" lets colors end where lightness changes (see
            `polychrome.inference.upsampling`), "bilinear" does not. In a picture smaller than `ab`
            both are bilinear.
        lightness: float32 `[h, w]`, what `seen_lightness` gives at that size; None: computed.
        correction: added at full size; its resolution may be another one.

    Returns:
        `[H, W, 3]` of the type of `pixels`, with its L* up to rounding: colors outside sRGB at that
        lightness lose chroma, not lightness.

    Raises:
        InputError: `upsampling` is unknown, or an array has another shape or type.
    """
    check_pixels(pixels)
    if upsampling not in UPSAMPLINGS:
        raise InputError(f"upsampling is {upsampling!r}, should be {' or '.join(UPSAMPLINGS)}")
    layers = [Layer(ab, lightness), *([] if correction is None else [correction])]
    scaled = [_Scaled(pixels, layer, upsampling == "guided") for layer in layers]
    height, width = pixels.shape[:2]
    joined = np.empty((height, width, 3), pixels.dtype)
    rows = max(1, _BAND_PIXELS // width)

    def join_band(top: int) -> None:
        bottom = min(top + rows, height)
        y = luminance(pixels[top:bottom])
        f = f_of(y)
        a, b = scaled[0].band(f, top, bottom)
        for each in scaled[1:]:
            more_a, more_b = each.band(f, top, bottom)
            a, b = a + more_a, b + more_b
        planes = [levels(linear, pixels.dtype) for linear in linear_rgb(y, f, a, b)]
        # Into the band of `joined`, which is faster than three assignments.
        cv2.merge(planes, dst=joined[top:bottom])

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        # A list, so that an error in a thread is raised here.
        list(pool.map(join_band, range(0, height, rows)))
    return joined


class _Scaled:
    """A layer brought up to the size of a picture, band by band."""

    def __init__(self, pixels: np.ndarray, layer: Layer, is_guided: bool):
        ab, lightness = np.ascontiguousarray(layer.ab, np.float32), layer.lightness
        if ab.ndim != 3 or ab.shape[-1] != 2 or not ab.size:
            raise InputError(f"ab has the shape {ab.shape}, should be [height, width, 2]")
        self._ab, self._size = ab, pixels.shape[:2]
        self._guide: Lines | None = None
        if is_guided and ab.shape[0] < self._size[0] and ab.shape[1] < self._size[1]:
            if lightness is None:
                lightness = lightness_at(pixels, *ab.shape[:2])
            if lightness.shape != ab.shape[:2]:
                raise InputError(
                    f"lightness has the shape {lightness.shape}, should be {ab.shape[:2]}, as ab"
                )
            self._guide = lines(np.ascontiguousarray(lightness, np.float32), ab)

    def band(self, f: np.ndarray, top: int, bottom: int) -> Sequence[np.ndarray]:
        """a* and b* `[bottom - top, width]`, given `f_of` of the band."""
        if self._guide is None:
            return scaled_band(self._ab, top, bottom, self._size)
        return guided_band(self._guide, 116.0 * f - 16.0, top, bottom, self._size)


def gray_of(pixels: np.ndarray) -> np.ndarray:
    """The gray `[H, W]` of the same lightness and type.

    Args:
        pixels: as for `join`.
    """
    if pixels.ndim == 2:
        return pixels
    # Without chroma the channels are equal up to rounding.
    gray = join(pixels, np.zeros((1, 1, 2), np.float32), upsampling="bilinear")
    return gray[..., 1].copy()
