"""Near-duplicates among 64-bit perceptual hashes."""

import numpy as np

# Scaled or recompressed copies of a photograph differ in no more bits; crops and mirror images do.
# Of all pairs of faces in LFW one in a million differs in so few, too. Among objects in one pose
# (UTK's faces, Caltech's motorbikes) many pairs at 6 bits are look-alikes: a few hundred are lost.
DISTANCE = 6

_BAND = 16
_ONES = np.array([number.bit_count() for number in range(2**_BAND)], np.uint8)


def similar_pairs(hashes: np.ndarray, distance: int = DISTANCE) -> np.ndarray:
    """All pairs of hashes that differ in at most `distance` bits.

    Exact, and nearly linear in time: of four bands of 16 bits, one has at most a single wrong bit
    when no more than 7 are wrong in all, so only hashes that share a band up to one bit are
    compared.

    Args:
        hashes: uint64 `[n]`.
        distance: at most 7.

    Returns:
        int `[pairs, 2]`, sorted, the smaller index of each pair first.
    """
    if not 0 <= distance <= 7:
        raise ValueError(f"distance is {distance}, should be from 0 to 7")
    found = [np.empty((0, 2), int)]
    for start in range(0, 64, _BAND):
        band = ((hashes >> np.uint64(start)) & np.uint64(2**_BAND - 1)).astype(np.int64)
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        for flip in (0, *(1 << bit for bit in range(_BAND))):
            begin = np.searchsorted(ordered, band ^ flip, "left")
            count = np.searchsorted(ordered, band ^ flip, "right") - begin
            left = np.repeat(np.arange(len(hashes)), count)
            within = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
            right = order[np.repeat(begin, count) + within]
            differing = (hashes[left] ^ hashes[right]).view(np.uint16).reshape(-1, 4)
            near = (left < right) & (_ONES[differing].sum(1) <= distance)
            found.append(np.stack([left[near], right[near]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def representatives(hashes: np.ndarray, distance: int = DISTANCE) -> np.ndarray:
    """For each hash, the index of the one that is kept for it: its own if it is kept itself.

    Earlier hashes are preferred. No two that are kept differ in `distance` bits or fewer, and each
    of the others does from the one kept for it.

    Args:
        hashes: uint64 `[n]`, the preferred ones first.

    Returns:
        int `[n]`.
    """
    # Equal hashes first: thousands of them would be millions of pairs.
    _, first, number = np.unique(hashes, return_index=True, return_inverse=True)
    firsts = np.sort(first)
    kept = np.arange(len(firsts))
    for one, other in similar_pairs(hashes[firsts], distance).tolist():
        if kept[one] == one and kept[other] == other:
            kept[other] = one
    return firsts[kept[np.searchsorted(firsts, first[number.reshape(-1)])]]


def is_near(hash: int, others: np.ndarray, distance: int = DISTANCE) -> bool:
    """Whether a 64-bit hash differs from one of `others`, uint64 `[n]`, in few enough bits."""
    differing = (others ^ np.uint64(hash)).view(np.uint16).reshape(-1, 4)
    return bool((_ONES[differing].sum(1) <= distance).any())
