"""Colors of one frame that travel along the motion."""

import numpy as np
import pytest

from polychrome.video.hinted.spool import Spool
from polychrome.video.hinted.traveling import Colors, travel

HEIGHT, WIDTH, COUNT, STEP = 48, 64, 25, 2


@pytest.fixture(scope="module")
def wide():
    """L* with texture, for a camera to go along: `[48, 120]`."""
    rng = np.random.default_rng(0)
    rough = rng.uniform(20, 80, (HEIGHT // 4, 30)).repeat(4, axis=0).repeat(4, axis=1)
    return (rough + rng.uniform(-4, 4, rough.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def panned(wide):
    """The camera goes two pixels to the right each frame: `[25, 48, 64]`."""
    return np.stack([wide[:, STEP * index :][:, :WIDTH] for index in range(COUNT)])


def patch(rows, columns, color=(40.0, -20.0), share=1.0) -> Colors:
    """A part of a frame in one color."""
    where = np.zeros((HEIGHT, WIDTH, 1), np.float32)
    where[rows, columns] = share
    return Colors(where * np.float32(color), where)


def traveled(lightness, given) -> list[Colors]:
    kept: dict[int, Colors] = {}
    travel(lightness, given, kept.__setitem__, kept.__getitem__)
    assert sorted(kept) == list(range(len(lightness)))
    return [kept[index] for index in range(len(lightness))]


def test_colors_stay_on_their_thing_in_later_and_earlier_frames(panned):
    rows, start = slice(12, 36), 26
    found = traveled(panned, {12: patch(rows, slice(start, start + 16))})
    for index, colors in enumerate(found):
        left = start - STEP * (index - 12)
        middle = colors.share[16:32, left + 3 : left + 13, 0]
        assert middle.mean() > 0.95, index
        np.testing.assert_allclose(colors.ab, colors.share * [40.0, -20.0], atol=1e-3)
        outside = np.ones(WIDTH, bool)
        outside[max(0, left - 2) : left + 18] = False
        assert colors.share[:, outside].max() < 0.05, index
    plain = np.full((HEIGHT, WIDTH, 2), 7.0, np.float32)
    assert np.abs(found[3].onto(plain)[16:32, 47:57] - [40.0, -20.0]).mean() < 2.0
    np.testing.assert_array_equal(found[3].onto(plain)[:, :20], 7.0)


def test_what_comes_in_at_the_border_has_no_colors(panned):
    found = traveled(panned, {0: patch(slice(None), slice(None))})
    for index in (5, 10, 20):
        share = found[index].share[..., 0]
        assert share[:, : WIDTH - STEP * index - 3].mean() > 0.9
        assert share[:, WIDTH - STEP * index + 3 :].max() < 0.05


def test_what_passes_in_front_takes_no_colors_and_hides_them(wide):
    """A bar goes over a still picture; what it has passed is not known again."""
    rng = np.random.default_rng(1)
    bar = rng.uniform(0, 100, (HEIGHT // 2, 4)).repeat(2, axis=0).repeat(2, axis=1)
    frames = np.stack([wide[:, :WIDTH]] * 14)
    for index in range(14):
        frames[index, :, 2 + 4 * index : 10 + 4 * index] = bar
    found = traveled(frames, {0: patch(slice(None), slice(20, 60))})
    for index in range(1, 14):
        left = 2 + 4 * index
        assert found[index].share[:, left + 2 : left + 6].mean() < 0.2
        if left < 40:
            assert found[index].share[:, left + 12 : 58].mean() > 0.9
    passed = found[13].share[:, 24:48]
    assert passed.mean() < 0.3


def test_each_frame_with_hints_has_its_own_and_those_between_have_both(panned):
    first = patch(slice(12, 36), slice(40, 56), (40.0, 0.0))
    last = patch(slice(12, 36), slice(40 - STEP * 12, 56 - STEP * 12), (0.0, 40.0))
    found = traveled(panned, {4: first, 16: last})
    for index in (4, 10, 16, 24):
        left = 40 - STEP * (index - 4)
        ab = found[index].ab[16:32, left + 4 : left + 12].mean(axis=(0, 1))
        late = min(1.0, (index - 4) / 12)
        np.testing.assert_allclose(ab, [40 * (1 - late), 40 * late], atol=3.0)
    only = traveled(panned, {4: patch(slice(12, 36), slice(40, 56), share=0.5)})
    assert only[4].share.max() == 0.5  # not counted once for each direction


def test_a_scene_that_gets_darker_keeps_its_colors(panned):
    dim = panned * np.linspace(1.0, 0.6, COUNT)[:, None, None].astype(np.float32)
    found = traveled(dim, {0: patch(slice(12, 36), slice(40, 56))})
    assert found[12].share[16:32, 40 - 24 + 4 : 40 - 24 + 12].mean() > 0.5


def test_a_spool_gives_back_what_it_took(tmp_path, panned):
    spool = Spool(tmp_path)
    for number in (7, 3, 5):
        spool[number] = panned[number]
    spool[3] = panned[0]
    assert len(spool) == 3 and 5 in spool and 4 not in spool
    for number, index in ((7, 7), (3, 0), (5, 5)):
        assert spool[number].dtype == np.float32
        np.testing.assert_allclose(spool[number], panned[index], rtol=1e-3)
    spool.close()
    assert list(tmp_path.iterdir()) == []
