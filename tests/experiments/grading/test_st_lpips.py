"""ST-LPIPS against the authors' package."""

import numpy as np
import pytest

from experiments.grading.st_lpips import STLPIPS
from polychrome.errors import InputError


def test_distances_are_those_of_the_authors_package(smooth):
    """By stlpips-pytorch 0.0.2 on PyTorch 2.14: `LPIPS(net="alex", variant="shift_tolerant")`."""
    measure = STLPIPS()
    truth, other = (smooth(3, 33, 48, seed=seed) / 255.0 for seed in (1, 2))
    gray = np.repeat(truth.mean(axis=-1, keepdims=True), 3, axis=-1)
    np.testing.assert_allclose(
        measure(truth, other), [0.6351790, 0.5199142, 0.5502228], rtol=0, atol=2e-5
    )
    np.testing.assert_allclose(
        measure(truth, gray), [0.7428162, 0.5692377, 0.6429593], rtol=0, atol=2e-5
    )
    np.testing.assert_array_equal(measure(truth, truth), 0.0)
    with pytest.raises(InputError, match="should have 32 pixels"):
        measure(truth[:, :24], other[:, :24])
