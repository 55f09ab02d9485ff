"""Which photographs a study counts, and how near pictures are to them."""

import numpy as np
import pytest

from experiments.studies.photographs import colored, psnr


def test_photographs_without_color_do_not_count():
    photographs = np.full((3, 4, 5, 3), 100, np.uint8)
    photographs[1, 2, 3] = 100, 102, 101  # as JPEG leaves gray
    photographs[2, 2, 3] = 100, 103, 101
    (counted,) = colored(photographs)
    assert counted[2, 3].tolist() == [100, 103, 101]
    assert colored(photographs[:2]) == []


def test_equal_pictures_have_the_grading_tables_limit():
    truth = np.full((2, 4, 5, 3), 100, np.uint8)
    pictures = truth.copy()
    pictures[1] += 5
    assert psnr(truth, pictures) == pytest.approx([60.0, 20 * np.log10(255 / 5)], abs=1e-4)
