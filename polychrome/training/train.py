"""Resumable training of one network in one folder."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from polychrome.training.callbacks import (
    AverageAtEnd,
    Checkpoints,
    EpochTimes,
    ProgressBar,
    SeedEpochs,
    StopOnNaN,
    TrainingState,
    save_initial,
)
from polychrome.training.devices import distributed
from polychrome.training.interrupts import StopOnInterrupt
from polychrome.training.resident import Resident, fit_resident
from polychrome.weights.files import build_optimizer, load_weights

# Batches from the given epoch on, endless or long enough, and the steps per epoch. They may be
# `Resident` images.
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
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
    write_tensorboard: bool = True,
) -> tuple[keras.Model, TrainingState]:
    """Train until `epochs` epochs are done, starting after the last one in `folder`.

    Args:
        build: returns the compiled network; called in the scope of `devices.distributed`.
        training_data: first epoch (from 0) to (data set, steps per epoch).
        validation_data: as for `fit`, or None; `Resident` images if the training data are.
        folder: holds `state.json`, `history.csv`, `epoch-*.weights.h5` (weights and optimizer),
            `best-*.weights.h5` and `tensorboard/`.
        epochs: total, including those already done; 0 leaves the network untrained.
        extra_callbacks: called before an epoch is saved, so that it is trained again if one is
            stopped; the time that they take at its end is not in the history.

    Returns:
        The network with the weights of its last epoch, and the state of the training run.

    Raises:
        InputError: the folder's weights do not fit the network.
        TrainingDiverged: the loss became NaN; the last finished epoch is in the folder.
        KeyboardInterrupt: the last finished epoch is in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = TrainingState.load(folder)
    # Initial weights depend only on the seed, not on numbers drawn for an earlier network.
    keras.utils.set_random_seed(seed)
    with distributed():
        network = build()
        if state.weights:
            load_weights(network, folder / state.weights)
        elif epochs == 0:
            build_optimizer(network)  # as after an epoch, so that a resumed run can load it
            save_initial(network, folder, state)
    if state.epoch < epochs:
        batches, steps = training_data(state.epoch)
        bar = ProgressBar(label, batch_size, state.epoch, epochs)
        interrupts, times = StopOnInterrupt(), EpochTimes(steps * batch_size)
        callbacks = [
            interrupts,
            SeedEpochs(seed),
            StopOnNaN(),
            bar,
            *([AverageAtEnd(epochs)] if _averages(network) else []),
            times,
            *extra_callbacks,
            # Last, or what others write of an epoch would be lost for good by a kill before that.
            Checkpoints(folder, state, "val_loss", times),
        ]
        if write_tensorboard:
            callbacks.append(keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False))
        with contextlib.closing(bar), interrupts:
            if isinstance(batches, Resident):
                assert validation_data is None or isinstance(validation_data, Resident)
                fit_resident(
                    network,
                    batches,
                    validation_data,
                    first_epoch=state.epoch,
                    epochs=epochs,
                    callbacks=callbacks,
                )
            else:
                network.fit(
                    batches,
                    steps_per_epoch=steps,
                    validation_data=validation_data,
                    initial_epoch=state.epoch,
                    epochs=epochs,
                    callbacks=callbacks,
                    shuffle=False,  # the data set is already shuffled; Keras would warn
                    verbose=0,
                )
    return network, state


def _averages(network: keras.Model) -> bool:
    return bool(getattr(network.optimizer, "use_ema", False))
