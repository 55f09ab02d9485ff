"""Grades and pictures of every epoch, also of one at whose end the run was stopped."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from experiments.report.figures.epoch_pictures import EpochPictures
from experiments.report.page import read_history
from experiments.stages.epoch_grades import EpochGrades
from polychrome.training.callbacks import TrainingState
from polychrome.training.train import train

BATCHES = tf.data.Dataset.from_tensors((np.ones((2, 3)), np.ones((2, 1)))).repeat()


def build() -> keras.Model:
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse", run_eagerly=True)  # tracing takes longer
    return network


class Rows:
    """Gray, colorized, and true pictures; Ctrl-C in the place of some."""

    def __init__(self, pictures: np.ndarray, stop_at: int | None):
        self.pictures, self.stop_at, self.calls = pictures, stop_at, 0

    def __call__(self, network: keras.Model) -> tuple[np.ndarray, ...]:
        self.calls += 1
        if self.calls == self.stop_at:
            raise KeyboardInterrupt
        return self.pictures, self.pictures // 2, self.pictures


@pytest.mark.parametrize("stopped", ["graded", "drawn"])
def test_an_epoch_that_was_stopped_while_it_was_graded_or_drawn_is_done_again(
    stopped, tmp_path, smooth
):
    pictures, grades = tmp_path / "pictures", tmp_path / "epoch_grades.csv"

    def go(stop_at: int | None) -> None:
        places = {name: stop_at if name == stopped else None for name in ("graded", "drawn")}
        rows = {name: Rows(smooth(2, 16, 16), at) for name, at in places.items()}
        train(
            build,
            lambda first: (BATCHES, 1),
            None,
            tmp_path,
            epochs=4,
            batch_size=2,
            seed=1,
            # Drawn after it is graded: a row of an epoch that is done again is there once.
            extra_callbacks=[
                EpochGrades(rows["graded"], grades),
                EpochPictures(rows["drawn"], pictures),
            ],
            write_tensorboard=False,
        )

    with pytest.raises(KeyboardInterrupt):
        go(stop_at=2)
    assert TrainingState.load(tmp_path).epoch == 1
    go(stop_at=None)
    assert [row["epoch"] for row in TrainingState.load(tmp_path).history] == [1, 2, 3, 4]
    assert [row["epoch"] for row in read_history(grades)] == [1, 2, 3, 4]
    assert sorted(path.name for path in pictures.iterdir()) == [
        f"epoch-00{number}.png" for number in (1, 2, 3, 4)
    ]
