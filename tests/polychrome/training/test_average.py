"""Running averages of weights: what is validated, saved, and graded is the average."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.training.callbacks import TrainingState
from polychrome.training.train import train
from polychrome.weights.files import load_weights

MOMENTUM, STEPS, BATCH = 0.8, 3, 4
INPUTS = np.random.default_rng(0).normal(size=(STEPS * BATCH, 3)).astype(np.float32)
TARGETS = INPUTS @ np.array([[1.0], [-2.0], [3.0]], np.float32)
BATCHES = tf.data.Dataset.from_tensor_slices((INPUTS, TARGETS)).batch(BATCH)


class Kernels(keras.callbacks.Callback):
    """Notes the kernel after each step; may interrupt the training run at an epoch."""

    def __init__(self, interrupt=None):
        super().__init__()
        self.after, self.interrupt = [], interrupt

    def on_epoch_begin(self, epoch, logs=None):
        if epoch + 1 == self.interrupt:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        self.after.append(self.model.layers[-1].kernel.numpy())


def build():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    optimizer = keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=MOMENTUM)
    network.compile(optimizer, "mse", run_eagerly=True)  # tracing takes longer
    return network


def train_for(epochs, folder, interrupt=None):
    kernels = Kernels(interrupt)
    network, _ = train(
        build,
        lambda first: (BATCHES.repeat(epochs - first), STEPS),
        BATCHES,
        folder,
        epochs=epochs,
        batch_size=BATCH,
        seed=1,
        extra_callbacks=[kernels],
        write_tensorboard=False,
    )
    return network, kernels.after


def average(kernels):
    result = kernels[0]
    for kernel in kernels[1:]:
        result = MOMENTUM * result + (1 - MOMENTUM) * kernel
    return result


def test_the_last_epoch_is_validated_and_saved_with_the_average(tmp_path):
    network, kernels = train_for(2, tmp_path)
    expected = average(kernels)
    assert np.abs(expected - kernels[-1]).max() > 0.01
    (kernel,) = network.get_weights()
    np.testing.assert_allclose(kernel, expected, rtol=1e-5)
    state = TrainingState.load(tmp_path)
    saved = build()
    load_weights(saved, tmp_path / state.weights)
    np.testing.assert_array_equal(saved.get_weights()[0], kernel)
    losses = [np.mean((INPUTS @ each - TARGETS) ** 2) for each in (kernels[STEPS - 1], expected)]
    found = [row["val_loss"] for row in state.history]
    assert found == [pytest.approx(loss, rel=1e-4) for loss in losses]


def test_a_resumed_run_goes_on_from_the_weights_not_their_average(tmp_path):
    whole, kernels = train_for(2, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_for(2, tmp_path / "stopped", interrupt=2)
    resumed, more = train_for(2, tmp_path / "stopped")
    np.testing.assert_allclose(more, kernels[STEPS:], rtol=1e-6)
    np.testing.assert_allclose(resumed.get_weights()[0], whole.get_weights()[0], rtol=1e-6)
    # Nothing is left to train: the same network again.
    again, none = train_for(2, tmp_path / "stopped")
    assert none == []
    np.testing.assert_array_equal(again.get_weights()[0], resumed.get_weights()[0])
