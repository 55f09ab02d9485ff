"""Pixels of skin, and errors of their color by lightness."""

import numpy as np
import pytest
import skimage.data
from skimage.color import rgb2lab, rgb2ycbcr

from experiments.studies.skin import (
    THIRDS,
    faces,
    is_skin,
    skin_by_tercile,
    skin_errors,
    skin_of_faces,
)

# Dark, middle and light; then sky, grass, gray.
SKIN = np.array([[94, 60, 46], [171, 121, 96], [232, 190, 172]], np.uint8)
OTHER = np.array([[90, 140, 220], [80, 150, 60], [128, 128, 128]], np.uint8)


def test_skin_is_skin_and_sky_and_grass_are_not():
    assert is_skin(SKIN).all()
    assert not is_skin(OTHER).any()


def test_the_ranges_are_those_of_scikit_images_cb_and_cr():
    image = skimage.data.astronaut()
    _, cb, cr = np.moveaxis(rgb2ycbcr(image), -1, 0)
    expected = (cb >= 76.5) & (cb <= 127.5) & (cr >= 132.5) & (cr <= 173.5)
    found = is_skin(image)
    assert np.mean(found != expected) < 1e-3
    # Her face, and not the flag's blue.
    assert found[80:160, 200:250].mean() > 0.8 and found.mean() < 0.5


def test_a_face_is_found_and_fur_wood_and_bricks_are_none():
    astronaut = skimage.data.astronaut()[:256, 96:352]
    (found,) = faces(astronaut)
    # Eyes, nose and mouth are within it; hair and suit are not.
    assert (found[0].start < 95 < 140 < found[0].stop) and (
        found[1].start < 105 < 145 < found[1].stop
    )
    assert found[0].start > 40 and found[0].stop < 190
    others = np.stack(
        [
            skimage.data.chelsea()[20:276, 100:356],
            skimage.data.coffee()[:256, :256],
            skimage.data.immunohistochemistry()[:256, :256],
        ]
    )
    assert is_skin(others).mean() > 0.5  # by colors alone they would be
    counts, skin = skin_of_faces(np.concatenate([astronaut[None], others]))
    assert counts.tolist() == [1, 0, 0, 0]
    assert skin[0][found].mean() > 0.6 and skin[0].sum() == skin[0][found].sum()
    assert not skin[1:].any()
    assert faces(astronaut[:20, :20]) == []


def errors(ab_of):
    """Of two images: 1, 2 and 3 rows of the three skins, and rows of other colors."""
    rows = np.concatenate([SKIN[[0, 1, 1, 2, 2, 2]], OTHER])
    rgb = np.broadcast_to(rows[:, None], (2, 9, 10, 3)).astype(np.uint8)
    lab = rgb2lab(rgb).astype("float32")
    return skin_errors(is_skin(rgb), lab, ab_of(lab)), lab


def test_errors_are_prediction_minus_truth_on_skin_alone():
    sums, lab = errors(lambda lab: 0.5 * lab[..., 1:])
    assert sums.shape == (2, 101, 4) and sums[:, :, 0].sum() == 2 * 6 * 10
    skin = lab[0, :6, 0]
    chroma = np.hypot(skin[:, 1], skin[:, 2])
    whole = sums[0].sum(axis=0) / 60
    np.testing.assert_allclose(
        whole[1:], [-chroma.mean() / 2, -skin[:, 1].mean() / 2, -skin[:, 2].mean() / 2], rtol=1e-4
    )
    np.testing.assert_allclose(errors(lambda lab: lab[..., 1:])[0][..., 1:], 0, atol=1e-6)


def test_thirds_have_their_own_errors():
    def too_red_where_dark(lab):
        return lab[..., 1:] + np.where(lab[..., :1] < 40, [5.0, 0.0], [0.0, -2.0])

    rows = np.broadcast_to(SKIN[:, None], (3, 3, 10, 3)).astype(np.uint8)
    lab = rgb2lab(rows).astype("float32")
    found = skin_by_tercile(skin_errors(is_skin(rows), lab, too_red_where_dark(lab)))
    assert tuple(found) == THIRDS
    assert [third["pixels"] for third in found.values()] == [30, 30, 30]
    for third, color, (a, b) in zip(found.values(), SKIN, ((5, 0), (0, -2), (0, -2)), strict=True):
        level = round(float(rgb2lab(color[None])[0, 0]))
        assert third["low"] == third["high"] == level
        assert (third["a"], third["b"]) == pytest.approx((a, b), abs=1e-4)
    assert found["darkest"]["chroma"] > 0 > found["lightest"]["chroma"]


def test_without_skin_there_are_no_thirds():
    rgb = np.broadcast_to(OTHER, (1, 4, 3, 3))
    lab = rgb2lab(rgb).astype("float32")
    assert skin_by_tercile(skin_errors(is_skin(rgb), lab, lab[..., 1:])) == {}
    one = np.broadcast_to(SKIN[1], (1, 4, 3, 3))
    lab = rgb2lab(one).astype("float32")
    assert tuple(skin_by_tercile(skin_errors(is_skin(one), lab, lab[..., 1:]))) == ("middle",)
