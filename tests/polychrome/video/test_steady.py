"""Chroma along the motion: what is carried, and what is not."""

import numpy as np
import pytest

from polychrome.video.motion import Flow, carried
from polychrome.video.shots import difference, histogram, is_cut
from polychrome.video.steady import AHEAD, CHUNK, Predicted, steady

SIDE = 64


@pytest.fixture(scope="module")
def panned(smooth):
    """L* of a camera that moves two pixels to the right each frame: `[60, 64, 64]`."""
    rng = np.random.default_rng(0)
    wide = smooth(1, SIDE, SIDE + 128)[0, ..., 1] / 255.0 * 60.0 + 15.0
    wide = (wide + rng.uniform(0, 25, wide.shape)).astype(np.float32)
    return np.stack([wide[:, 2 * index : 2 * index + SIDE] for index in range(60)])


def predicted(lightness, ab, cuts=(0,)):
    return [
        Predicted(index, each, color, index in cuts)
        for index, (each, color) in enumerate(zip(lightness, ab, strict=True))
    ]


def chroma(chunks):
    return np.stack([ab for chunk in chunks for ab in chunk.ab])


def test_flow_finds_a_pan_and_trusts_it_but_not_what_comes_in(panned):
    motion = Flow().motion(panned[1], panned[0])
    # The camera goes right, so what is seen now was farther right in the frame before.
    inner = motion.places[8:-8, 8:-16, 0] - np.arange(SIDE)[8:-16]
    assert abs(np.median(inner) - 2.0) < 0.1
    assert np.median(motion.trust[8:-8, 8:-16]) > 0.95 and motion.residual < 2.0
    assert motion.trust[:, -1].max() < 0.01
    values = panned[0][..., None]
    moved = carried(values, motion)
    moved = moved if moved.ndim == 2 else moved[..., 0]
    assert np.abs(moved - panned[1])[8:-8, 8:-16].mean() < 1.0


def test_flicker_is_averaged_away_and_chroma_of_things_goes_along(panned):
    rng = np.random.default_rng(1)
    things = np.stack([panned - 45.0, 0.3 * panned], axis=-1)
    ab = (things + rng.normal(0, 8, (60, 1, 1, 2))).astype(np.float32)
    kept = chroma(steady(predicted(panned, ab)))
    assert kept.shape == ab.shape
    assert (
        np.abs(np.diff(kept.mean(axis=(1, 2)), axis=0)).mean()
        < 0.25 * np.abs(np.diff(ab.mean(axis=(1, 2)), axis=0)).mean()
    )
    # Not by graying or blurring: each frame is nearer to what its things have.
    inner = (slice(None), slice(8, -8), slice(8, -16))
    before, after = (np.abs(each - things)[inner].mean() for each in (ab, kept))
    assert after < 0.6 * before
    assert kept.std() > 0.9 * things.std()


def test_nothing_crosses_a_cut(panned):
    red = np.full((60, SIDE, SIDE, 2), [60.0, 0.0], np.float32)
    red[30:] = [0.0, 60.0]
    kept = chroma(steady(predicted(panned, red, cuts=(0, 30))))
    np.testing.assert_allclose(kept, red, atol=1e-4)
    # Without the cut the same colors do run into each other.
    mixed = chroma(steady(predicted(panned, red)))
    assert np.abs(mixed - red).max() > 10.0


def test_a_shot_goes_on_from_its_state_to_the_bit(panned):
    ab = np.random.default_rng(2).normal(0, 20, (60, SIDE, SIDE, 2)).astype(np.float32)
    frames = predicted(panned, ab)
    whole = list(steady(frames))
    assert len(whole) > 2 and whole[-1].state is None
    assert [len(chunk.ab) for chunk in whole[:2]] == [CHUNK, CHUNK]
    rest = list(steady(frames[CHUNK:], whole[0].state))
    np.testing.assert_array_equal(chroma(rest), chroma(whole[1:]))
    assert [item for chunk in whole for item, _ in chunk.items] == list(range(60))


def test_frames_wait_for_no_more_than_a_chunk_and_those_ahead(panned):
    taken = 0

    def counted():
        nonlocal taken
        for frame in predicted(panned, np.zeros((60, SIDE, SIDE, 2), np.float32)):
            taken += 1
            yield frame

    next(steady(counted()))
    assert taken == CHUNK + AHEAD


def test_cuts_are_told_from_motion_and_from_brightening(panned, gray_frames):
    flow = Flow()

    def cut_between(before, after):
        return is_cut(
            flow.motion(after, before).residual, difference(histogram(before), histogram(after))
        )

    lightness = gray_frames.astype(np.float32) / 2.55
    cuts = [cut_between(*pair) for pair in zip(lightness, lightness[1:], strict=False)]
    assert [index + 1 for index, found in enumerate(cuts) if found] == [20]
    assert not cut_between(panned[0], panned[0] + 5.0)
    assert not cut_between(panned[0], panned[5])
