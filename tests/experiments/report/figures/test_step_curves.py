"""The drawn record of an adversarial training."""

import keras
import numpy as np
import pytest
from skimage import io

from experiments.report.figures.step_curves import draw_steps
from polychrome.errors import InputError
from polychrome.training.step_log import LogSteps

NAMES = (
    "generator_loss",
    "discriminator_loss",
    "adversarial_loss",
    "accuracy_real",
    "accuracy_fake",
)


def record(path, epochs: int = 2, steps: int = 25) -> None:
    """As Keras calls `LogSteps`: means since the beginning of the epoch."""
    log = LogSteps(path)
    log.set_params({"steps": steps})
    log.set_model(keras.Sequential())
    for epoch in range(epochs):
        log.on_epoch_begin(epoch)
        for batch in range(steps):
            values = {name: 0.4 + 0.1 * i + 0.01 * batch for i, name in enumerate(NAMES)}
            log.on_train_batch_end(batch, values)


def test_it_draws_all_steps(tmp_path):
    record(tmp_path / "steps.csv")
    draw_steps(tmp_path / "steps.csv", tmp_path / "steps.png")
    picture = io.imread(tmp_path / "steps.png")[..., :3].astype(int)
    assert picture.shape[1] > 1500
    # A blue and a vermilion line in two of three panels, a blue one alone in the middle.
    panels = np.array_split(picture, 3, axis=1)
    blue = [np.sum(np.abs(panel - (0, 114, 178)).sum(-1) < 30) for panel in panels]
    vermilion = [np.sum(np.abs(panel - (213, 94, 0)).sum(-1) < 30) for panel in panels]
    assert min(blue) > 100
    assert vermilion[0] > 100 and vermilion[1] == 0 and vermilion[2] > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["steps.csv", "steps.png"]


def test_nothing_to_draw_is_said(tmp_path):
    with pytest.raises(InputError, match=r"steps\.csv: holds no steps"):
        draw_steps(tmp_path / "steps.csv", tmp_path / "steps.png")
