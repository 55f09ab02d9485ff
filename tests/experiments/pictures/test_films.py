"""The pictures of the page on films."""

import numpy as np
import pytest
from PIL import Image

import polychrome
from experiments.pictures import films as film_pictures
from polychrome.color.spaces import rgb_to_lab


def frames_of(path):
    """Frames by row and column, uint8 `[rows, 5, SIDE, SIDE, 3]`."""
    with Image.open(path) as picture:
        sheet = np.asarray(picture)
    step, side = film_pictures.SIDE + film_pictures.GAP, film_pictures.SIDE
    rows, columns = (round((length + film_pictures.GAP) / step) for length in sheet.shape[:2])
    return np.stack(
        [
            [sheet[down * step :][:side, right * step :][:, :side] for right in range(columns)]
            for down in range(rows)
        ]
    )


@pytest.mark.long
def test_steady_frames_change_less_and_hints_bring_all_frames_nearer(tmp_path):
    steady, hints = film_pictures.write(polychrome.load(), tmp_path)
    rows = frames_of(steady)
    assert rows.shape[:2] == (4, 5)
    changes = [np.linalg.norm(rgb_to_lab(row)[..., 1:], axis=-1).mean() for row in rows[1::2]]
    assert changes[1] < 0.5 * changes[0]
    without, with_hints, truth = frames_of(hints)
    for plain, hinted, true in zip(without, with_hints, truth, strict=True):
        errors = [
            np.linalg.norm(rgb_to_lab(each)[..., 1:] - rgb_to_lab(true)[..., 1:], axis=-1).mean()
            for each in (plain, hinted)
        ]
        assert errors[1] < 0.8 * errors[0]
