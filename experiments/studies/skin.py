"""Errors of color on skin, for light and for dark pixels."""

import numpy as np

# Ranges of Cb and Cr of skin; Chai and Ngan, "Face segmentation using skin-color map in videophone
# applications", IEEE TCSVT 9(4), 1999. Wood, sand and fur are within them as well.
CB, CR = (77, 127), (133, 173)
# Sums kept for each level of lightness, 0...100.
LEVELS, SUMS = 101, ("pixels", "chroma", "a", "b")
THIRDS = ("darkest", "middle", "lightest")


def is_skin(rgb: np.ndarray) -> np.ndarray:
    """Which pixels have the color of skin by Chai and Ngan's ranges.

    Args:
        rgb: uint8 `[..., 3]`.

    Returns:
        bool `[...]`. Cb and Cr are ITU-R BT.601's, 16...240, as in the paper.
    """
    red, green, blue = (rgb[..., i] / np.float32(255) for i in range(3))
    cb = np.round(128.0 - 37.797 * red - 74.203 * green + 112.0 * blue)
    cr = np.round(128.0 + 112.0 * red - 93.786 * green - 18.214 * blue)
    return (CB[0] <= cb) & (cb <= CB[1]) & (CR[0] <= cr) & (cr <= CR[1])


def skin_errors(rgb: np.ndarray, lab: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Signed errors on the skin of each image, summed by lightness.

    Args:
        rgb: the true images, uint8 `[B, H, W, 3]`.
        lab: the same in Lab, float32 `[B, H, W, 3]`.
        ab: predicted a* and b*, `[B, H, W, 2]`.

    Returns:
        float64 `[B, LEVELS, 4]`: `SUMS` over the pixels of skin whose lightness rounds to a level;
        the errors are prediction minus truth, of chroma (the root of a*^2 + b*^2), a* and b*.
    """
    true = lab[..., 1:]
    chroma = np.linalg.norm(ab, axis=-1) - np.linalg.norm(true, axis=-1)
    values = (np.ones_like(chroma), chroma, ab[..., 0] - true[..., 0], ab[..., 1] - true[..., 1])
    level = np.clip(np.round(lab[..., 0]), 0, LEVELS - 1).astype(int)
    skin = is_skin(rgb)
    sums = [
        [np.bincount(level[i][skin[i]], value[i][skin[i]], LEVELS) for value in values]
        for i in range(len(rgb))
    ]
    return np.swapaxes(np.array(sums, np.float64).reshape(len(rgb), len(SUMS), LEVELS), 1, 2)


def skin_by_tercile(sums: np.ndarray) -> dict[str, dict[str, float]]:
    """Mean errors of the darkest, the middle and the lightest third of all pixels of skin.

    Thirds are as equal as whole levels of lightness allow.

    Args:
        sums: of any number of images, `[n, LEVELS, 4]`.

    Returns:
        By `THIRDS`: "low" and "high", its levels of lightness; "pixels"; and the mean errors
        "chroma", "a" and "b". A third is missing if it has no level: without skin all are, and
        others if most of it has one lightness.
    """
    total = sums.sum(axis=0)
    pixels = total[:, 0]
    if not pixels.any():
        return {}
    # The middle of a level's pixels decides, so that no level is divided.
    middle = (np.cumsum(pixels) - pixels / 2) / pixels.sum()
    thirds = {}
    for third, name in enumerate(THIRDS):
        levels = (pixels > 0) & (np.minimum(np.floor(3 * middle), 2) == third)
        if levels.any():
            number, *errors = total[levels].sum(axis=0)
            low, high = np.flatnonzero(levels)[[0, -1]].tolist()
            means = {key: float(e / number) for key, e in zip(SUMS[1:], errors, strict=True)}
            thirds[name] = {"low": low, "high": high, "pixels": int(number)} | means
    return thirds
