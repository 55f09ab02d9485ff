"""Superpixels of the UCI code: very small ones on the gray image, merged by color.

One image at a time on the CPU: merging the closest pair first is sequential.
"""

import heapq

import numpy as np
from skimage.color import rgb2gray
from skimage.segmentation import slic

# Offsets from a pixel to later ones that touch it, including diagonals.
_TOUCHING = [(0, 1), (1, 0), (1, 1), (1, -1)]


def merged_superpixels(
    images: np.ndarray,
    n_segments: int,
    compactness: float = 10.0,
    sigma: float = 5.0,
    threshold: float = 35.0,
) -> np.ndarray:
    """Segment the gray image with SLIC, then merge patches with similar mean colors.

    Source: `src/superpixels.py` of the UCI report's repository: `slic(gray, n_segments=10000,
    sigma=5)`, then `rag_mean_color` and `merge_hierarchical(thresh=35)` on the color image. Trap:
    its last line, `label2rgb(..., kind="avg", bg_label=0)`, paints the first patch black and
    truncates means to bytes; `paint` does neither.

    Args:
        images: uint8 `[B, H, W, 3]`.
        n_segments: number of SLIC segments before merging.
        compactness: of SLIC.
        sigma: of the Gaussian that first smooths the gray image, in pixels.
        threshold: touching patches are merged, closest pair first, while their mean RGB colors are
            less than this many levels of 255 apart (Euclidean).

    Returns:
        int32 `[B, H, W]`: 0 to n - 1 in each image, all used.
    """
    labels = np.empty(images.shape[:3], np.int32)
    for image, place in zip(images, labels, strict=True):
        # Three channels, so that SLIC treats it as a color image and clusters by L*.
        gray = np.repeat(rgb2gray(image)[..., None], 3, axis=-1)
        patches = slic(gray, n_segments, compactness, sigma=sigma, start_label=0)
        place[:] = _merge(image, patches, threshold)
    return labels


def _merge(image: np.ndarray, patches: np.ndarray, threshold: float) -> np.ndarray:
    """Merge the patches `[H, W]` of an image, and number the rest from 0 by first pixel."""
    flat, pixels = patches.ravel(), image.reshape(-1, 3)
    totals = np.stack([np.bincount(flat, pixels[:, i]) for i in range(3)], axis=-1).tolist()
    sizes = np.bincount(flat).tolist()
    touching = _touching(patches)
    merged_into = list(range(len(sizes)))
    # A pair in the heap is valid while neither patch has changed.
    changes = [0] * len(sizes)
    limit = threshold**2
    heap: list[tuple[float, int, int, int, int]] = []

    def consider(one: int, other: int) -> None:
        m, n = sizes[one], sizes[other]
        (r, g, b), (s, h, c) = totals[one], totals[other]
        away = (r / m - s / n) ** 2 + (g / m - h / n) ** 2 + (b / m - c / n) ** 2
        if away < limit:
            heapq.heappush(heap, (away, one, other, changes[one], changes[other]))

    for one, others in enumerate(touching):
        for other in others:
            if one < other:
                consider(one, other)
    while heap:
        _, gone, kept, *since = heapq.heappop(heap)
        if since != [changes[gone], changes[kept]]:
            continue
        changes[gone] += 1
        changes[kept] += 1
        merged_into[gone] = kept
        sizes[kept] += sizes[gone]
        totals[kept] = [sum(pair) for pair in zip(totals[kept], totals[gone], strict=True)]
        touching[kept] |= touching[gone]
        touching[kept] -= {kept, gone}
        for other in touching[kept]:
            touching[other].discard(gone)
            touching[other].add(kept)
            consider(kept, other)
    roots = np.array(merged_into)
    while (roots[roots] != roots).any():
        roots = roots[roots]
    _, first, numbers = np.unique(roots[flat], return_index=True, return_inverse=True)
    order = np.empty_like(first)
    order[np.argsort(first)] = np.arange(len(first))
    return order[numbers].reshape(patches.shape)


def _touching(patches: np.ndarray) -> list[set[int]]:
    """The neighbors of each patch."""
    height, width = patches.shape
    pairs = []
    for dy, dx in _TOUCHING:
        left, right = max(0, -dx), width - max(0, dx)
        pairs.append(
            np.stack([patches[: height - dy, left:right], patches[dy:, left + dx : right + dx]], -1)
        )
    flat = np.unique(np.concatenate([pair.reshape(-1, 2) for pair in pairs]), axis=0)
    touching: list[set[int]] = [set() for _ in range(patches.max() + 1)]
    for one, other in flat.tolist():
        if one != other:
            touching[one].add(other)
            touching[other].add(one)
    return touching
