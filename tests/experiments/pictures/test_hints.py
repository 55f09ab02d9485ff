"""The pictures of the page on hints."""

import numpy as np
import pytest
from PIL import Image

import polychrome
from experiments.pictures import hints as hint_pictures
from polychrome.color.spaces import rgb_to_lab


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return hint_pictures.write(polychrome.load(), tmp_path_factory.mktemp("pictures"))


def test_both_pictures_are_rows_of_panels(written):
    for path in written:
        with Image.open(path) as picture:
            assert picture.height == hint_pictures.HEIGHT and picture.width > 3 * picture.height
        assert path.stat().st_size < 200_000


def test_hints_bring_the_picture_nearer_to_the_truth(written):
    with Image.open(written[0]) as picture:
        row = np.asarray(picture)
    width = (row.shape[1] - 3 * hint_pictures.GAP) // 4
    panels = [
        rgb_to_lab(row[:, start : start + width])[..., 1:]
        for start in range(0, row.shape[1], width + hint_pictures.GAP)
    ]
    without, with_hints, truth = panels[1:]
    errors = [np.linalg.norm(each - truth, axis=-1).mean() for each in (without, with_hints)]
    assert errors[1] < 0.9 * errors[0]
