"""Errors of color on the skin of faces, for light and for dark pixels."""

import functools

import numpy as np
from skimage.color import rgb2gray
from skimage.data import lbp_frontal_face_cascade_filename
from skimage.feature import Cascade

# Ranges of Cb and Cr of skin; Chai and Ngan, "Face segmentation using skin-color map in videophone
# applications", IEEE TCSVT 9(4), 1999. Wood, sand, fur and much else are within them as well, so
# pixels count only within a face.
CB, CR = (77, 127), (133, 173)
# What scikit-image's detector finds is a face if so much of its middle has the color of skin, and
# a share between these of it, eyes and brows, is much darker than the rest.
_SMALLEST, _SKIN, _DARKER, _DARK = 24, 0.6, 0.6, (0.03, 0.5)
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


def faces(rgb: np.ndarray) -> list[tuple[slice, slice]]:
    """The middles of frontal faces, two thirds of their height and width.

    By scikit-image's detector (local binary patterns, its own parameters for faces), which finds
    many things that are none; most are told by their colors and by what should be eyes and brows.

    Args:
        rgb: uint8 `[H, W, 3]`.

    Returns:
        Rows and columns of each.
    """
    largest = min(rgb.shape[:2])
    if largest < _SMALLEST:
        return []
    boxes = _detector().detect_multi_scale(
        rgb,
        scale_factor=1.2,
        step_ratio=1,
        min_size=(_SMALLEST, _SMALLEST),
        max_size=(largest, largest),
        min_neighbor_number=4,
    )
    skin, gray, found = is_skin(rgb), rgb2gray(rgb), []
    for box in boxes:
        down, right = box["height"] // 6, box["width"] // 6
        middle = (
            slice(box["r"] + down, box["r"] + box["height"] - down),
            slice(box["c"] + right, box["c"] + box["width"] - right),
        )
        dark = np.mean(gray[middle] < _DARKER * np.percentile(gray[middle], 80))
        if skin[middle].mean() > _SKIN and _DARK[0] < dark < _DARK[1]:
            found.append(middle)
    return found


@functools.cache
def _detector() -> Cascade:
    return Cascade(lbp_frontal_face_cascade_filename())


def skin_of_faces(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The skin of the faces in each image.

    Args:
        rgb: uint8 `[B, H, W, 3]`.

    Returns:
        The number of faces, `[B]`, and which pixels are their skin, bool `[B, H, W]`.
    """
    found = [faces(image) for image in rgb]
    within = np.zeros(rgb.shape[:-1], bool)
    for mask, places in zip(within, found, strict=True):
        for place in places:
            mask[place] = True
    return np.array([len(places) for places in found]), within & is_skin(rgb)


def skin_errors(skin: np.ndarray, lab: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Signed errors on the skin in each image, summed by lightness.

    Args:
        skin: which pixels are, bool `[B, H, W]`.
        lab: the true images in Lab, float32 `[B, H, W, 3]`.
        ab: predicted a* and b*, `[B, H, W, 2]`.

    Returns:
        float64 `[B, LEVELS, 4]`: `SUMS` over the pixels of skin whose lightness rounds to a level;
        the errors are prediction minus truth, of chroma (the root of a*^2 + b*^2), a* and b*.
    """
    true = lab[..., 1:]
    chroma = np.linalg.norm(ab, axis=-1) - np.linalg.norm(true, axis=-1)
    values = (np.ones_like(chroma), chroma, ab[..., 0] - true[..., 0], ab[..., 1] - true[..., 1])
    level = np.clip(np.round(lab[..., 0]), 0, LEVELS - 1).astype(int)
    sums = [
        [np.bincount(level[i][skin[i]], value[i][skin[i]], LEVELS) for value in values]
        for i in range(len(skin))
    ]
    return np.swapaxes(np.array(sums, np.float64).reshape(len(skin), len(SUMS), LEVELS), 1, 2)


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
