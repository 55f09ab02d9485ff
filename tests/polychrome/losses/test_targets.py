"""Which colors a classifier is taught, against the photographs that its decoder then shows."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color.scaling import ZHANG
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab
from polychrome.images import decode_rgb
from polychrome.layers.resizing import ResizeLike
from polychrome.losses.bins import BinCrossEntropy
from polychrome.losses.grid import GridCrossEntropy
from polychrome.losses.targets import cell_means
from tf_data.sources.embedded import open_embedded


def numpy(value):
    return keras.ops.convert_to_numpy(value)


@pytest.fixture(scope="module")
def sample() -> np.ndarray:
    """The 105 test images of the embedded sample, float32 `[105, 64, 64, 3]`, 0 to 1."""
    split = open_embedded().splits["test"]
    tiles = [decode_rgb(tf.constant(split.read(i))).numpy() for i in range(len(split.names))]
    return np.stack(tiles).astype("float32") / 255


def every_fourth(chroma: np.ndarray) -> np.ndarray:
    """Targets of Zhang et al.'s code: every fourth pixel from the first."""
    return chroma[:, ::4, ::4]


def means(chroma: np.ndarray) -> np.ndarray:
    return numpy(cell_means(chroma, 4))


# Measured when the shift was found; every fourth pixel without the shift reaches 37.86.
@pytest.mark.parametrize(("targets", "cap"), [(every_fourth, 35.92), (means, 38.67)])
def test_the_cap_on_a_perfect_prediction(sample, targets, cap):
    lab = numpy(rgb_to_lab(sample))
    shown = numpy(ResizeLike()(targets(lab[..., 1:]), lab))
    seen = numpy(lab_to_rgb(np.concatenate([lab[..., :1], shown], axis=-1)))
    psnr = -10 * np.log10(np.mean((seen - sample) ** 2, axis=(1, 2, 3)))
    assert psnr.mean() == pytest.approx(cap, abs=0.01)


def test_a_ramp_is_shown_where_it_was_seen():
    """Every fourth pixel from the first shows it 1.5 pixels to the right and down."""
    ramp = np.stack(np.meshgrid(np.arange(32.0), np.arange(32.0)), axis=-1)[None].astype("float32")
    for targets, shift in ((means, 0.0), (every_fourth, 1.5)):
        shown = numpy(ResizeLike()(targets(ramp), ramp))
        inner = slice(4, -4)  # edges are repeated
        found = ramp[:, inner, inner] - shown[:, inner, inner]
        np.testing.assert_allclose(found, shift, atol=1e-5)


@pytest.mark.parametrize(("kind", "bins"), [(BinCrossEntropy, 313), (GridCrossEntropy, 529)])
def test_losses_see_nothing_of_a_cell_but_its_mean(kind, bins):
    rng = np.random.default_rng(0)
    chroma = rng.uniform(-0.5, 0.5, (1, 8, 8, 2)).astype("float32")
    logits = rng.normal(0, 4, (1, 2, 2, bins)).astype("float32")
    flat = np.repeat(np.repeat(means(chroma), 4, axis=1), 4, axis=2)
    assert not np.allclose(every_fourth(chroma), every_fourth(flat), atol=0.05)
    found, expected = (numpy(kind(ZHANG)(each, logits)) for each in (chroma, flat))
    assert found == pytest.approx(expected, rel=1e-5)
