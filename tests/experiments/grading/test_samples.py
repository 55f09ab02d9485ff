"""Several colorizations of one picture, drawn and measured."""

import numpy as np
import pytest
from skimage import io

from experiments.grading.samples import sample_colorizations
from experiments.report.figures.drawing import draw_grid
from polychrome.color.scaling import UNIT
from tf_data.store import Store


def store(smooth, count: int) -> Store:
    return Store(smooth(count, 16, 16), tuple(map(str, range(count))), 0, ())


def tints(lightness, count: int, seed: int) -> np.ndarray:
    """One flat color a sample: a* 0, 10, 20 ... and b* the seed."""
    ab = np.stack([10.0 * np.arange(count), np.full(count, seed)], axis=-1)
    flat = np.broadcast_to(ab[:, None, None], (count, *lightness.shape[1:3], 2))
    return (flat / UNIT.chroma_scale).astype("float32")


@pytest.mark.parametrize("count", [1, 9])
def test_diversity_is_the_mean_distance_of_pairs(smooth, count):
    samples = sample_colorizations(tints, store(smooth, count), UNIT, 7)
    values = samples.measure()
    # Five samples: four pairs 10 apart, three 20, two 30, one 40.
    assert values["diversity"] == pytest.approx((4 * 10 + 3 * 20 + 2 * 30 + 40) / 10)
    assert values["diversity_fixed"] == pytest.approx(0.0, abs=1e-5)
    assert list(values) == [metric.key for metric in samples.metrics]
    assert f"5 colorizations each, {count} images" in samples.metrics[0].meaning


def test_a_sampler_that_forgets_its_seed_is_found_out(smooth):
    random = np.random.default_rng(0)

    def forgetful(lightness, count, seed):
        return random.uniform(-0.2, 0.2, (count, *lightness.shape[1:3], 2)).astype("float32")

    values = sample_colorizations(forgetful, store(smooth, 3), UNIT, 7).measure()
    assert values["diversity_fixed"] > 5


def test_the_strip_shows_each_sample_and_the_first_one_again(smooth, tmp_path):
    images = store(smooth, 2)
    images.images[:] = 119  # a gray that turns into five other colors
    draw_grid(sample_colorizations(tints, images, UNIT, 0).pictures(), tmp_path / "samples.png")
    picture = io.imread(tmp_path / "samples.png")[..., :3].astype(int)
    tiles = picture[-100]
    red = [color[0] - color[1] for color in tiles[np.ptp(tiles, axis=-1) > 8]]
    # From left to right redder and redder: four of the five, the first and its like are gray.
    assert len(np.unique(red)) >= 4
    assert np.all(np.diff(red) >= 0)
