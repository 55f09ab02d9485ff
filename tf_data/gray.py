"""Which photographs are gray already: they teach a colorizer that the world is."""

import numpy as np
from PIL import Image

# Mean difference between the largest and smallest channel, of 255, up to which a photograph counts
# as gray. JPEG's chroma and yellowed paper leave a little.
MEAN_SPREAD = 6
_SIDE = 64


def thumbnail_of(image: Image.Image) -> Image.Image:
    """A photograph at 64x64 pixels: all of it, whatever its shape."""
    return image.resize((_SIDE, _SIDE), Image.Resampling.BOX)


def is_gray(thumbnail: Image.Image) -> bool:
    """Whether a photograph has hardly any color; toned prints mostly have more.

    Args:
        thumbnail: RGB, by `thumbnail_of`.
    """
    pixels = np.asarray(thumbnail, np.int16)
    return bool(np.mean(pixels.max(-1) - pixels.min(-1)) <= MEAN_SPREAD)
