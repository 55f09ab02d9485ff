"""The study of hints that travel, with a colorizer that is wrong in a known way."""

import numpy as np
import pytest

from experiments.studies.traveling import DISTANCES, FIGURES, measure_traveling
from polychrome.inference.types import Prediction


@pytest.mark.long
def test_hints_bring_all_frames_nearer_to_the_truth(smooth):
    texture = np.random.default_rng(0).integers(-20, 20, (1, 128, 128, 1))
    photographs = np.clip(smooth(2, 128, 128).astype(int) + texture, 0, 255).astype(np.uint8)
    photographs[1] = photographs[1, ..., :1]  # gray, which does not count

    def gray(lightness):
        return Prediction(np.zeros((*lightness.shape[:3], 2), np.float32))

    found = measure_traveling(photographs, 64, gray)
    assert found["clips"] == 3 and found["hints"] == 10
    means = {
        distance: {key: figures[key]["mean"] for key in FIGURES}
        for distance, figures in found["distance"].items()
    }
    assert list(means) == [str(distance) for distance in DISTANCES]
    assert means["0"]["reached"] == pytest.approx(1.0)
    for figures in means.values():
        assert figures["gain"] == pytest.approx(figures["hinted"] - figures["plain"], abs=1e-4)
        assert figures["gain"] > 0.8 and figures["hinted_ab"] < 0.95 * figures["plain_ab"]
        assert figures["gain"] <= means["0"]["gain"] + 0.3
    assert means["1"]["reached"] > 0.9
    assert 0.3 < means["32"]["reached"] < means["1"]["reached"]
