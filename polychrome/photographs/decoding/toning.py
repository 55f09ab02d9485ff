"""Whether a picture has color beyond what toning gives to a gray photograph.

Sepia, selenium and cyanotype make a*, b* a function of lightness; the colors of a scene differ at
the same lightness. So the measure is how far colors lie from the mean of those that are about as
light.
"""

import numpy as np

# Chosen on BSDS500's 100 validation photographs: 98 of them lie above, and below lie all 800 toned
# versions of them, by six tones and without, with grain, as JPEG of quality 75 with halved chroma.
_LARGEST_TONING = 2.3
# Chroma of blocks this many to the longer side is little changed by JPEG's compression of it.
_BLOCKS = 60
_PIXELS_A_BLOCK = 8
# Blocks with edges mix colors of several lightnesses: those flatter than most are looked at, in
# each of some ranges of lightness.
_FLAT = 0.6
_RANGES = 12
_NEIGHBORS = 1 / 20


def is_colored(pixels: np.ndarray) -> bool:
    """Whether a photograph has color beyond toning.

    Args:
        pixels: gray `[H, W]` or RGB `[H, W, 3]` in sRGB; uint8, uint16, or float32 in [0, 1].
    """
    return pixels.ndim == 3 and spread_of_color(pixels) > _LARGEST_TONING


def spread_of_color(rgb: np.ndarray) -> float:
    """How much a*, b* vary at equal lightness: root of the mean square, in units of L*a*b*.

    Args:
        rgb: `[H, W, 3]` as for `is_colored`.
    """
    lightness, ab = _flat_blocks(rgb)
    ab = ab[np.argsort(lightness, kind="stable")]
    # The mean of neighbors in lightness follows any curve, also one with a bend where a channel
    # is full; a polynomial does not.
    half = min(max(1, int(len(ab) * _NEIGHBORS / 2)), len(ab) - 1)
    padded = np.pad(ab, ((half, half), (0, 0)), mode="reflect")
    total = np.cumsum(np.concatenate([np.zeros((1, 2)), padded]), axis=0)
    window = 2 * half + 1
    mean = (total[window:] - total[:-window]) / window
    return float(np.sqrt(np.mean(np.sum((ab - mean) ** 2, axis=-1))))


def _flat_blocks(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L* `[N]` and a*, b* `[N, 2]` of the flatter blocks."""
    import cv2

    from polychrome.color.spaces import rgb_to_lab

    looked_at = _BLOCKS * _PIXELS_A_BLOCK
    # Nine pixels for each that is looked at are enough, and large pictures have many more.
    step = max(1, max(rgb.shape[:2]) // (3 * looked_at))
    rgb = rgb[::step, ::step]
    longest = max(rgb.shape[:2])
    scale = min(1.0, looked_at / longest)
    height, width = (max(1, round(side * scale)) for side in rgb.shape[:2])
    if scale < 1.0:
        rgb = cv2.resize(np.ascontiguousarray(rgb), (width, height), interpolation=cv2.INTER_AREA)
    if rgb.dtype == np.uint16:
        rgb = rgb / np.float32(65535)
    lab = rgb_to_lab(rgb)
    size = -(-max(height, width) // _BLOCKS)
    # A picture narrower than a block has blocks of its own width.
    tall, wide = min(size, height), min(size, width)
    lab = lab[: height // tall * tall, : width // wide * wide]
    blocks = lab.reshape(height // tall, tall, width // wide, wide, 3).swapaxes(1, 2)
    blocks = blocks.reshape(-1, tall * wide, 3).astype(np.float64)
    mean, unevenness = blocks.mean(axis=1), blocks[..., 0].std(axis=1)
    parts = np.array_split(np.argsort(mean[:, 0], kind="stable"), _RANGES)
    flat = np.concatenate(
        [part[np.argsort(unevenness[part])[: round(len(part) * _FLAT + 0.5)]] for part in parts]
    )
    return mean[flat, 0], mean[flat, 1:]
