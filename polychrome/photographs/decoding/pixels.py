"""Pixels of a picture that Pillow has opened, in as many bits as the file has.

Strips are converted one after the other, so that a picture of 100 megapixels needs little more
memory than Pillow's copy and the result.
"""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageChops, ImageCms

from polychrome.errors import InputError
from polychrome.photographs.decoding.profiles import Profile

_STRIP = 4 << 20

Pixels = tuple[np.ndarray, np.ndarray | None]


def decode(image: Image.Image, profile: Profile | None, *, inverted: bool = False) -> Pixels:
    """Gray `[H, W]` or RGB `[H, W, 3]` in sRGB, and alpha `[H, W]` or None.

    Args:
        image: of any of Pillow's modes.
        profile: of the file. None: it has none, or none that can be used.
        inverted: whether CMYK is stored as 255 minus the ink, against what Pillow assumed.

    Raises:
        InputError: numbers outside of the range that the type has.
    """
    image.load()
    if image.mode.startswith("I"):
        return converted(whole_numbers(np.asarray(image)), profile), None
    if image.mode == "F":
        return converted(in_range(np.asarray(image)), profile), None
    mode = _mode_of(image)
    if mode == "CMYK":
        return _by_strips(image, 3, _from_cmyk(profile, inverted)), None
    if image.mode == "LAB":
        return _by_strips(image, 3, _from_lab()), None
    channels = len(mode)
    if channels >= 3 and profile is not None and profile.mode == "RGB" and not profile.is_srgb():
        return _through(image, mode, profile)
    levels = _by_strips(image, channels, lambda strip: strip.convert(mode))
    if channels == 1:
        return converted(levels, profile), None
    if channels == 2:
        return converted(levels[..., 0], profile), np.ascontiguousarray(levels[..., 1])
    if channels == 4:
        return np.ascontiguousarray(levels[..., :3]), np.ascontiguousarray(levels[..., 3])
    return levels, None


def converted(pixels: np.ndarray, profile: Profile | None) -> np.ndarray:
    """Gray `[H, W]`, or RGB `[H, W, 3]` of 16 bits or float, from a profile to sRGB.

    RGB is converted in place. A profile for other pixels does nothing.
    """
    if profile is None or profile.mode == "CMYK" or (pixels.ndim == 3 and profile.mode == "L"):
        return pixels
    if pixels.ndim == 2:
        return profile.gray(pixels)
    if not profile.is_srgb():
        profile.rgb(pixels)
    return pixels


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """`[H, W]` or `[H, W, 3]` as stored, upright; `orientation` is EXIF's."""
    if orientation == 1:
        return pixels
    import cv2

    # NumPy is slower: its copies of turned views jump through memory.
    if orientation >= 5:
        pixels = cv2.transpose(pixels)
    if orientation in (2, 3, 6, 7):
        pixels = cv2.flip(pixels, 1)
    if orientation in (3, 4, 7, 8):
        pixels = cv2.flip(pixels, 0)
    return pixels


def in_range(pixels: np.ndarray) -> np.ndarray:
    """Floats as float32.

    Raises:
        InputError: values outside of [0, 1].
    """
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= 0.0 and high <= 1.0):  # also for NaN
        raise InputError(f"values from {low:.4g} to {high:.4g}, floats should lie in [0, 1]")
    return pixels.astype(np.float32)


def whole_numbers(levels: np.ndarray) -> np.ndarray:
    """Whole numbers of any type as uint16; those of 32 bits are levels of 16, not scaled.

    Raises:
        InputError: numbers outside of 0...65535.
    """
    if levels.dtype == np.uint16:
        return levels.copy()
    low, high = int(levels.min()), int(levels.max())
    if low < 0 or high > 65535:
        raise InputError(f"values from {low} to {high}, whole numbers should lie in 0...65535")
    return levels.astype(np.uint16)


def _mode_of(image: Image.Image) -> str:
    """The mode to decode to: "L", "LA", "RGB", "RGBA" or "CMYK"."""
    if image.mode == "CMYK":
        return "CMYK"
    alpha = "A" if image.has_transparency_data or image.mode in ("La", "PA", "RGBa") else ""
    if image.mode in ("1", "L", "LA", "La"):
        return "L" + alpha
    if image.mode in ("P", "PA"):
        colors = np.reshape(image.getpalette("RGB") or [], (-1, 3))
        return ("L" if (colors == colors[:, :1]).all() else "RGB") + alpha
    return "RGB" + alpha


def _strips(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    width, height = image.size
    # Pillow's limit of what a process opens holds for what is cut out, too.
    rows = max(1, int(min(_STRIP, Image.MAX_IMAGE_PIXELS or _STRIP)) // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        whole = rows >= height
        yield slice(top, bottom), image if whole else image.crop((0, top, width, bottom))


def _by_strips(
    image: Image.Image, channels: int, convert: Callable[[Image.Image], Image.Image]
) -> np.ndarray:
    width, height = image.size
    shape = (height, width) if channels == 1 else (height, width, channels)
    levels = np.empty(shape, np.uint8)
    for rows, strip in _strips(image):
        levels[rows] = np.asarray(convert(strip))
    return levels


def _through(image: Image.Image, mode: str, profile: Profile) -> Pixels:
    """RGB or RGBA of 8 bits through a profile."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    alpha = np.empty(rgb.shape[:2], np.uint8) if mode == "RGBA" else None
    for rows, strip in _strips(image):
        strip = strip.convert(mode)
        if alpha is not None:
            alpha[rows] = np.asarray(strip.getchannel("A"))
        rgb[rows] = profile.rgb_of_bytes(strip.convert("RGB"))
    return rgb, alpha


def _from_cmyk(profile: Profile | None, inverted: bool) -> Callable[[Image.Image], Image.Image]:
    def convert(strip: Image.Image) -> Image.Image:
        if inverted:
            strip = ImageChops.invert(strip)
        if profile is not None and profile.mode == "CMYK":
            return profile.converted(strip)
        return strip.convert("RGB")

    return convert


def _from_lab() -> Callable[[Image.Image], Image.Image]:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")

    def convert(strip: Image.Image) -> Image.Image:
        made = ImageCms.applyTransform(strip, transform)
        assert made is not None  # only a conversion in place returns nothing
        return made

    return convert
