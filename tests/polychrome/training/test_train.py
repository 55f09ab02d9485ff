"""Training runs that stop, are killed, diverge, or use two devices, and what their folders hold."""

import contextlib
import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from tiny_training import BATCH, train_tiny

from polychrome.errors import InputError
from polychrome.training.callbacks import TrainingDiverged, TrainingState

ROOT = Path(__file__).resolve().parents[3]
STEPS = 3


@pytest.fixture(scope="module")
def images(smooth):
    return smooth(20 + 12, 12, 16)


@pytest.fixture(scope="module")
def start(images, tmp_path_factory):
    """Does jobs of `tiny_training` in a process of their own; gives its exit status."""
    path = tmp_path_factory.mktemp("images") / "images.npy"
    np.save(path, images)

    def run(jobs, *options):
        program = [sys.executable, str(ROOT / "tests" / "tiny_training.py"), "--images", str(path)]
        done = subprocess.run(
            [
                *program,
                *options,
                *(json.dumps({**job, "folder": str(job["folder"])}) for job in jobs),
            ],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode

    return run


@pytest.fixture(scope="module")
def begun(images, tmp_path_factory):
    """The folder of a training run with one finished epoch."""
    folder = tmp_path_factory.mktemp("begun")
    train_tiny(images, folder, epochs=1, write_tensorboard=True)
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    """A copy of `begun`."""
    return shutil.copytree(begun, tmp_path / "run")


def stored(path):
    """Every array of a weights file, the optimizer's too, by its path in the file."""
    arrays = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: arrays.update({name: item[()]}) if hasattr(item, "dtype") else None
        )
    return arrays


def assert_same_arrays(a, b):
    a, b = stored(a), stored(b)
    assert a.keys() == b.keys() and any("optimizer" in name for name in a)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def weights_in(folder):
    return {path.name for path in folder.glob("*.h5")}


class At(keras.callbacks.Callback):
    """Acts on the network at one place: a method's name, an epoch from 1 and a step from 1."""

    def __init__(self, place, epoch, act, step=None):
        super().__init__()
        self.place, self.when, self.act = place, (epoch, step), act
        setattr(self, place, self._reached)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def _reached(self, batch=None, logs=None):
        step = batch + 1 if isinstance(batch, int) else None
        if (self.epoch, step) == self.when:
            self.act(self.model)


def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        sum(range(1000))


def set_bias(value):
    def act(model):
        bias = model.get_layer("chroma").bias
        bias.assign(keras.ops.full_like(bias, value))

    return act


@pytest.mark.long
def test_a_resumed_training_equals_an_uninterrupted_one_bit_for_bit(start, tmp_path):
    whole, stopped, killed = (tmp_path / name for name in ("whole", "stopped", "killed"))
    jobs = [
        {"folder": whole, "epochs": 3},
        {"folder": stopped, "epochs": 1},
        {"folder": killed, "epochs": 3, "kill_at": [2, 2]},
    ]
    assert start(jobs, "--deterministic") == -signal.SIGKILL
    for folder in (stopped, killed):
        assert TrainingState.load(folder).epoch == 1
    first_epoch = stored(stopped / "epoch-0001.weights.h5")
    # As if it had been killed while it wrote, and after that but before the weights counted.
    for name in (".writing-x.weights.h5", "epoch-0002.weights.h5"):
        (killed / name).write_bytes(b"half of a file")

    jobs = [{"folder": stopped, "epochs": 3}, {"folder": killed, "epochs": 3}]
    assert start(jobs, "--deterministic") == 0
    expected = TrainingState.load(whole)
    assert expected.epoch == 3
    for folder in (stopped, killed):
        assert_same_arrays(folder / "epoch-0003.weights.h5", whole / "epoch-0003.weights.h5")
        state = TrainingState.load(folder)
        assert_same_arrays(folder / state.best_weights, whole / expected.best_weights)
        assert state.best_epoch == expected.best_epoch
        for row, other in zip(state.history, expected.history, strict=True):
            assert (row["loss"], row["val_loss"]) == (other["loss"], other["val_loss"])
        assert weights_in(folder) == {state.weights, state.best_weights}
    last_epoch = stored(whole / "epoch-0003.weights.h5")
    assert any(np.any(last_epoch[name] != array) for name, array in first_epoch.items())


@pytest.mark.long
def test_two_devices_learn_what_one_learns(start, images, tmp_path):
    """The same losses to 1e-5 without dropout and batch norm, whose draws and statistics each
    device takes from its own part of the batch; with batch norm, losses differ, if little."""
    networks = ("plain", "batch_norm")
    jobs = [{"folder": tmp_path / name, "network": name, "epochs": 2} for name in networks]
    assert start(jobs, "--devices", "2") == 0
    difference = {}
    for name in networks:
        alone = tmp_path / f"{name}_alone"
        _, state, losses = train_tiny(images, alone, network=name, epochs=2)
        other = TrainingState.load(tmp_path / name)
        pairs = list(
            zip(losses, json.loads((tmp_path / name / "steps.json").read_text()), strict=True)
        )
        pairs += [
            (a["val_loss"], b["val_loss"])
            for a, b in zip(state.history, other.history, strict=True)
        ]
        assert len(pairs) == 2 * STEPS + 2 and len(set(pairs)) > STEPS
        difference[name] = max(abs(a - b) for a, b in pairs)
    assert difference["plain"] < 1e-5
    assert 1e-5 < difference["batch_norm"] < 0.1


def test_a_folder_holds_state_history_logs_and_two_sets_of_weights(begun, folder, images):
    _, state, _ = train_tiny(images, folder, epochs=2, write_tensorboard=True)
    assert TrainingState.load(folder) == state
    assert state.epoch == 2 and state.weights == "epoch-0002.weights.h5"
    assert state.best_value == min(row["val_loss"] for row in state.history)
    assert weights_in(folder) == {state.weights, state.best_weights}
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(v) for name, v in row.items()} for row in rows] == state.history
    assert [row["epoch"] for row in state.history] == [1, 2]
    assert all(row["images_per_second"] > 0 for row in state.history)
    assert list((folder / "tensorboard").rglob("events.out.*"))
    names = {"state.json", "history.csv", "tensorboard"} | weights_in(folder)
    assert {path.name for path in folder.iterdir()} == names


def test_rates_count_the_steps_alone_by_both_clocks(images, tmp_path):
    # Half a second of waiting in a step, half a second of work in the validation, and a whole one
    # in what is done with the epoch, which does not count.
    callbacks = (
        At("on_train_batch_begin", 2, lambda _: time.sleep(0.5), step=2),
        At("on_test_begin", 2, lambda _: work(0.5)),
        At("on_epoch_end", 2, lambda _: work(1.0)),
    )
    _, state, _ = train_tiny(images, tmp_path, epochs=2, extra_callbacks=callbacks)
    row = state.history[1]
    assert row["training_seconds"] > 0.5
    assert row["seconds"] > row["training_seconds"] + 0.5
    assert 0.5 < row["cpu_seconds"] - row["training_cpu_seconds"] < 1.5
    trained = BATCH * STEPS
    for kind in ("seconds", "cpu_seconds"):
        rate = row[f"images_per_{kind.removesuffix('s')}"]
        assert rate == pytest.approx(trained / row[f"training_{kind}"], rel=0.01, abs=0.01)
    assert row["training_cpu_seconds"] < 0.5  # waiting is no work


def test_a_history_without_process_times_goes_on_with_them(folder, images):
    path = folder / "state.json"
    state = json.loads(path.read_text())
    old = {name: state["history"][0][name] for name in ("epoch", "loss", "seconds")}
    path.write_text(json.dumps(state | {"history": [old]}))
    _, state, _ = train_tiny(images, folder, epochs=2)
    assert state.history[0] == old
    first, second = csv.DictReader((folder / "history.csv").read_text().splitlines())
    assert (first["epoch"], first["cpu_seconds"]) == ("1", "")
    assert float(first["seconds"]) == old["seconds"]
    assert float(second["cpu_seconds"]) == state.history[1]["cpu_seconds"] > 0


def test_the_last_epoch_is_given_back_and_a_finished_run_is_not_repeated(folder, images):
    """Reports that train a fixed number of epochs publish the last, also if it is worse."""
    worse = At("on_test_begin", 2, set_bias(3.0))
    network, state, _ = train_tiny(images, folder, epochs=2, extra_callbacks=(worse,))
    assert (state.epoch, state.best_epoch) == (2, 1)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(network.get_layer("chroma").bias), 3)
    assert weights_in(folder) == {"epoch-0002.weights.h5", "best-0001.weights.h5"}

    again, same, losses = train_tiny(images, folder, epochs=2)
    assert same == state and losses == []
    for a, b in zip(again.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_without_epochs_keeps_its_weights_and_goes_on_from_them(images, tmp_path):
    network, state, losses = train_tiny(images, tmp_path, epochs=0)
    assert (state.epoch, losses) == (0, []) and weights_in(tmp_path) == {"epoch-0000.weights.h5"}
    again, same, _ = train_tiny(images, tmp_path, epochs=0, seed=2)
    assert same == state
    for a, b in zip(again.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    _, later, losses = train_tiny(images, tmp_path, epochs=1)
    assert later.epoch == 1 and len(losses) == STEPS


def test_a_loss_that_is_no_number_ends_the_training_and_says_when(folder, images):
    poison = At("on_train_batch_begin", 2, set_bias(math.nan), step=3)
    with pytest.raises(TrainingDiverged, match=r"became nan at epoch 2, step 3 of 3") as error:
        train_tiny(images, folder, epochs=3, extra_callbacks=(poison,))
    assert isinstance(error.value, InputError) and "\n" not in str(error.value)
    assert TrainingState.load(folder).epoch == 1
    network, state, _ = train_tiny(images, folder, epochs=2)
    assert state.epoch == 2
    assert all(np.isfinite(array).all() for array in network.get_weights())


def test_a_validation_that_is_no_number_is_never_the_best(images, tmp_path):
    places = [("on_test_begin", 1, set_bias(math.nan)), ("on_test_end", 1, set_bias(0.0))]
    callbacks = tuple(At(*place) for place in places)
    _, state, _ = train_tiny(images, tmp_path, network="plain", extra_callbacks=callbacks)
    assert math.isnan(state.history[0]["val_loss"]) and state.best_epoch == 1
    _, state, _ = train_tiny(images, tmp_path, network="plain", epochs=2)
    assert state.best_epoch == 2 and state.best_value == state.history[1]["val_loss"]


def test_an_interruption_by_hand_keeps_finished_epochs(folder, images):
    press = At("on_train_batch_end", 2, lambda _: signal.raise_signal(signal.SIGINT), step=2)
    before = stored(folder / "epoch-0001.weights.h5")
    with pytest.raises(KeyboardInterrupt):
        train_tiny(images, folder, epochs=2, extra_callbacks=(press,))
    state = TrainingState.load(folder)
    assert state.epoch == 1 and state.weights == "epoch-0001.weights.h5"
    after = stored(folder / state.weights)
    assert all(np.array_equal(after[name], before[name]) for name in before)
    assert train_tiny(images, folder, epochs=2)[1].epoch == 2


def press_and_lose_it(_):
    """What happens if Ctrl-C arrives during a callback of the garbage collector."""
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("moment", [("on_train_batch_end", 1, 1), ("on_test_begin", 1, None)])
def test_an_interruption_that_got_lost_stops_the_next_step(moment, tmp_path, images):
    place, epoch, step = moment
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train_tiny(
            images,
            tmp_path,
            network="plain",
            extra_callbacks=(At(place, epoch, press_and_lose_it, step),),
        )
    assert TrainingState.load(tmp_path).epoch == 0
    assert signal.getsignal(signal.SIGINT) is handler


# The plain network's layers are all in the file, and batch norm's beside them.
@pytest.mark.parametrize("network", ["other", "cnn", "plain"])
def test_weights_of_another_network_are_refused(folder, images, network):
    with pytest.raises(InputError, match=r"epoch-0001\.weights\.h5: not the weights of") as error:
        train_tiny(images, folder, network=network, epochs=2)
    assert "\n" not in str(error.value)


def test_broken_weights_are_refused(folder, images):
    path = folder / "epoch-0001.weights.h5"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"epoch-0001\.weights\.h5"):
        train_tiny(images, folder, epochs=2)
    path.unlink()
    with pytest.raises(InputError, match=r"epoch-0001\.weights\.h5"):
        train_tiny(images, folder, epochs=2)
