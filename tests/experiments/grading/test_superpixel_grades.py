"""UCI's gradings over a whole run: those of one pair after the other."""

import numpy as np
import pytest

from experiments.grading import superpixels as module
from experiments.grading.pair import compare_pair
from experiments.grading.superpixels import grade_on_superpixels, paint_store
from polychrome.color.spaces import lab_to_rgb, rgb_to_lab, to_uint8
from polychrome.errors import InputError
from tf_data.store import Store
from tf_data.superpixels.segmentation import Superpixels, painted

SUPERPIXELS = Superpixels(40)


@pytest.fixture(scope="module")
def store(smooth) -> Store:
    return Store(smooth(3, 24, 24, seed=5), tuple("abc"), 0, ())


def tinted(lightness):
    """a* and b* that follow the lightness."""
    return np.concatenate([0.6 * lightness - 20, 30 - 0.5 * lightness], axis=-1)


SYSTEMS = {"nothing": lambda lightness: np.zeros((1, 1, 1, 2), np.float32), "tinted": tinted}


def test_grades_are_those_of_each_pair(store, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 2)
    grades = grade_on_superpixels(SYSTEMS, store, SUPERPIXELS)
    for row, image in enumerate(store.images):
        truth = painted(image[None], SUPERPIXELS)
        lab = np.asarray(rgb_to_lab(truth))
        for name, colorize in SYSTEMS.items():
            ab = np.broadcast_to(colorize(lab[..., :1]), (*lab.shape[:-1], 2))
            joined = np.concatenate([lab[..., :1], ab], axis=-1).astype("float32")
            made = np.asarray(to_uint8(lab_to_rgb(joined)))
            prediction = painted(made, SUPERPIXELS)
            pair = np.asarray(truth)[0], np.asarray(prediction)[0]
            for key, value in compare_pair(*pair, SUPERPIXELS)["plain"].items():
                found = grades[name][f"{key}_superpixels"][row]
                assert (
                    found == pytest.approx(value, abs=1e-6)
                    if value is not None
                    else (np.isnan(found))
                )


def test_a_system_that_sees_photographs_is_graded_like_a_pair_of_files(store):
    """UCI colorized a photograph with Zhang et al.'s network, then painted both pictures."""
    grades = grade_on_superpixels(SYSTEMS, store, SUPERPIXELS, painted_input=False)
    for row, image in enumerate(store.images):
        lab = np.asarray(rgb_to_lab(image[None]))
        for name, colorize in SYSTEMS.items():
            ab = np.broadcast_to(colorize(lab[..., :1]), (*lab.shape[:-1], 2))
            joined = np.concatenate([lab[..., :1], ab], axis=-1).astype("float32")
            colorized = np.asarray(to_uint8(lab_to_rgb(joined)))[0]
            pair = compare_pair(image, colorized, SUPERPIXELS)["superpixels"]
            for key, value in pair.items():
                found = grades[name][f"{key}_superpixels"][row]
                expected = np.nan if value is None else value
                np.testing.assert_allclose(found, expected, atol=1e-6)
    painted_input = grade_on_superpixels(SYSTEMS, store, SUPERPIXELS)
    key = "gray_luma_superpixels"
    assert not np.array_equal(grades["tinted"][key], painted_input["tinted"][key])


def test_images_that_were_painted_before_give_the_same_grades(store, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 2)
    once = grade_on_superpixels(SYSTEMS, store, SUPERPIXELS, painted_input=False)
    before = paint_store(store, SUPERPIXELS)
    assert before.shape == (3, 24, 24, 3) and before.dtype == np.uint8
    again = grade_on_superpixels(
        SYSTEMS, store, SUPERPIXELS, painted_input=False, painted_store=before
    )
    for name in SYSTEMS:
        for key, values in once[name].items():
            np.testing.assert_array_equal(again[name][key], values, err_msg=key)


def test_the_true_colors_are_nearly_right(store):
    truth = np.stack([painted(image[None], SUPERPIXELS)[0] for image in store.images])
    true_ab = np.asarray(rgb_to_lab(truth))[..., 1:]
    cheat = {"cheat": lambda lightness: true_ab}
    grades = grade_on_superpixels(cheat | SYSTEMS, store, SUPERPIXELS)
    assert grades["cheat"]["gray_luma_superpixels"].mean() > 0.97
    assert (
        grades["cheat"]["max_channel_superpixels"].mean()
        > grades["nothing"]["max_channel_superpixels"].mean()
    )


def test_a_prediction_that_is_no_number_is_an_error(store):
    broken = {"broken": lambda lightness: np.full((1, 1, 1, 2), np.nan, np.float32)}
    with pytest.raises(InputError, match="broken predicts NaN"):
        grade_on_superpixels(broken, store, SUPERPIXELS)
