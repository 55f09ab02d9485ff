"""Near-duplicates among hashes, and the hash of photographs."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tf_data.photographs.near_duplicates import representatives, similar_pairs
from tf_data.photographs.prepare import perceptual_hash


def ones(number):
    return int(number).bit_count()


def random_hashes(count, copies, seed=0):
    """Random hashes, and copies of the first ones with up to 9 bits flipped."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, count, np.uint64)
    changed = []
    for index in range(copies):
        flips = random.choice(64, random.integers(0, 10), replace=False)
        mask = np.bitwise_or.reduce(np.uint64(1) << flips.astype(np.uint64), initial=np.uint64(0))
        changed.append(hashes[index % count] ^ mask)
    return np.concatenate([hashes, np.array(changed, np.uint64)])


@pytest.mark.parametrize("distance", [0, 1, 4, 6, 7])
def test_pairs_are_those_of_comparing_each_with_each(distance):
    hashes = random_hashes(80, 400)
    expected = [
        [i, j]
        for i in range(len(hashes))
        for j in range(i + 1, len(hashes))
        if ones(hashes[i] ^ hashes[j]) <= distance
    ]
    assert len(expected) > 20
    assert similar_pairs(hashes, distance).tolist() == expected


@pytest.mark.parametrize("distance", [-1, 8])
def test_distances_that_bands_cannot_promise_are_refused(distance):
    with pytest.raises(ValueError, match="from 0 to 7"):
        similar_pairs(np.zeros(2, np.uint64), distance)


def test_kept_ones_are_unlike_each_other_and_the_rest_is_like_the_one_kept_for_it():
    hashes = random_hashes(60, 300, seed=1)
    kept = representatives(hashes)
    own = np.flatnonzero(kept == np.arange(len(hashes)))
    assert 60 <= len(own) < 200
    assert not len(similar_pairs(hashes[own]))
    assert set(kept) == set(own)
    for index, other in enumerate(kept):
        assert other <= index and ones(hashes[index] ^ hashes[other]) <= 6


def test_a_chain_does_not_join_its_ends():
    chain = np.array([0, 0b1111, 0b11111111, 0b111111111111], np.uint64)
    assert representatives(chain).tolist() == [0, 0, 2, 2]


def test_thousands_of_equal_hashes_take_no_pairs():
    hashes = np.full(100_000, 7, np.uint64)
    assert representatives(hashes).tolist() == [0] * len(hashes)


def test_no_hashes():
    assert representatives(np.empty(0, np.uint64)).tolist() == []


def test_the_hash_outlives_scaling_and_compression_and_tells_photographs_apart():
    photographs = [Image.fromarray(getattr(data, n)()) for n in ("astronaut", "coffee", "chelsea")]
    hashes = [int(perceptual_hash(image), 16) for image in photographs]
    for image, own in zip(photographs, hashes, strict=True):
        smaller = image.resize([length * 2 // 5 for length in image.size])
        assert ones(int(perceptual_hash(smaller), 16) ^ own) <= 6
    assert min(ones(a ^ b) for i, a in enumerate(hashes) for b in hashes[:i]) > 15
