"""What the network sees of a picture: its lightness, at the network's size.

Scaling down with antialiasing averages grain away, which networks take for texture. The rest is
left in: denoising it brought colors of `photo` nowhere nearer to the true ones, and under strong
grain farther from those of the clean photograph (`python -m experiments.denoising`).
"""

import numpy as np

from polychrome.color.planes import f_of, luminance
from polychrome.errors import InputError
from polychrome.inference.sizes import network_size


def seen_lightness(pixels: np.ndarray, image_size: int) -> np.ndarray:
    """L* of a picture at the size of `network_size`, as networks are trained and exports see it.

    Its levels are scaled bilinearly with antialiasing, as Pillow and TensorFlow do, and rounded to
    8 bits, so that a picture is colored alike at every depth.

    Args:
        pixels: gray `[H, W]` or `[H, W, 3]`; uint8, uint16, or float32 in [0, 1]; encoded as sRGB.
        image_size: length of the shorter side, in pixels.

    Returns:
        float32 `[1, h, w, 1]`, 0...100.

    Raises:
        InputError: pixels of another shape or type.
    """
    check_pixels(pixels)
    size = network_size(pixels.shape[0], pixels.shape[1], image_size)
    return lightness_at(pixels, *size)[None, ..., None]


def lightness_at(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """As `seen_lightness`, at any size: float32 `[height, width]`."""
    white = 1.0 if pixels.dtype == np.float32 else float(np.iinfo(pixels.dtype).max)
    small = antialiased(pixels, height, width) * (255.0 / white)
    levels = np.clip(np.round(small), 0.0, 255.0).astype(np.uint8)
    return 116.0 * f_of(luminance(levels)) - 16.0


def check_pixels(pixels: np.ndarray) -> None:
    """Reject arrays other than gray or RGB pixels of a type that photographs have.

    Raises:
        InputError: another shape or type. Values are not read.
    """
    shape = pixels.shape
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)) or 0 in shape:
        raise InputError(f"pixels: shape {shape}, should be [height, width] or [height, width, 3]")
    if pixels.dtype not in (np.uint8, np.uint16, np.float32):
        raise InputError(f"pixels: {pixels.dtype}, should be uint8, uint16 or float32 in 0...1")


def antialiased(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """`[H, W]` or `[H, W, C]` of any type, scaled to float32 `[height, width, ...]`, bilinearly."""
    # Twice the rows, with a turn between.
    once = _scaled_rows(pixels, height)
    twice = _scaled_rows(np.ascontiguousarray(np.swapaxes(once, 0, 1)), width)
    return np.ascontiguousarray(np.swapaxes(twice, 0, 1))


def _scaled_rows(pixels: np.ndarray, count: int) -> np.ndarray:
    """`[n, ...]` of any type, scaled to float32 `[count, ...]` with a triangular filter."""
    if len(pixels) == count:
        return pixels.astype(np.float32, copy=False)
    ratio = len(pixels) / count
    radius = max(1.0, ratio)
    rows = np.empty((count, *pixels.shape[1:]), np.float32)
    for index in range(count):
        center = (index + 0.5) * ratio
        first = max(0, int(np.ceil(center - radius - 0.5)))
        last = min(len(pixels), int(np.floor(center + radius - 0.5)) + 1)
        weights = 1.0 - np.abs(np.arange(first, last) + 0.5 - center) / radius
        weights = np.maximum(weights, 0.0)
        weights = (weights / weights.sum()).astype(np.float32)
        part = pixels[first:last].reshape(last - first, -1).astype(np.float32, copy=False)
        # A matrix product would wake a thread on every core, for longer than this takes.
        rows[index] = np.einsum("i,ij->j", weights, part).reshape(pixels.shape[1:])
    return rows
