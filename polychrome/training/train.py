"""Train one network in one folder, so that it can be stopped at any time and go on."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from polychrome.training.callbacks import (
    Checkpoints,
    ProgressBar,
    SeedEpochs,
    StopOnNaN,
    TrainingState,
    save_initial,
)
from polychrome.training.devices import distributed
from polychrome.weights.files import load_weights

# Batches of the epochs from the given one on, endless or long enough, and the steps an epoch.
TrainingData = Callable[[int], tuple[object, int]]


def train(
    build: Callable[[], keras.Model],
    training_data: TrainingData,
    validation_data: object | None,
    folder: Path,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    label: str = "training",
    monitor: str = "val_loss",
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
    write_tensorboard: bool = True,
) -> tuple[keras.Model, TrainingState]:
    """Train until `epochs` epochs are done, beginning after the last one that `folder` holds.

    Args:
        build: makes the compiled network; called in the scope of `devices.distributed`.
        training_data: first epoch (from 0) to (data set, steps an epoch).
        validation_data: what `fit` takes, or None.
        folder: holds `state.json`, `history.csv`, `epoch-*.weights.h5` (weights and optimizer),
            `best-*.weights.h5` and `tensorboard/`.
        epochs: total, those already done included; 0 leaves the network as `build` made it.
        monitor: the logged value whose lowest epoch is the best.

    Returns:
        The network with the weights of its last epoch, and the state of the training run.

    Raises:
        InputError: the folder's weights do not fit the network.
        TrainingDiverged: the loss became NaN; the last finished epoch is in the folder.
        KeyboardInterrupt: likewise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = TrainingState.load(folder)
    # Weights are drawn from the seed alone, not from what was drawn for an earlier network.
    keras.utils.set_random_seed(seed)
    with distributed():
        network = build()
        if state.weights:
            load_weights(network, folder / state.weights)
    if not state.weights and epochs == 0:
        save_initial(network, folder, state)
    if state.epoch < epochs:
        batches, steps = training_data(state.epoch)
        bar = ProgressBar(label, batch_size, state.epoch, epochs)
        callbacks = [
            SeedEpochs(seed),
            StopOnNaN(),
            bar,
            Checkpoints(folder, state, monitor, steps * batch_size),
            *extra_callbacks,
        ]
        if write_tensorboard:
            callbacks.append(keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False))
        with contextlib.closing(bar):
            network.fit(
                batches,
                steps_per_epoch=steps,
                validation_data=validation_data,
                initial_epoch=state.epoch,
                epochs=epochs,
                callbacks=callbacks,
                shuffle=False,  # the data set is shuffled already; Keras would warn
                verbose=0,
            )
    return network, state
