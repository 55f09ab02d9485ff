"""Training with the images in the accelerator's memory: the same as by batches that come to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.training import resident
from polychrome.training.callbacks import TrainingState

ROOT = Path(__file__).resolve().parents[3]
STEPS = 5


def test_tensorflow_is_refused():
    with pytest.raises(InputError, match="backend tensorflow: run with KERAS_BACKEND=jax"):
        resident.check_resident()


def test_several_accelerators_are_refused(monkeypatch):
    monkeypatch.setattr(resident.keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(resident, "replicas", lambda: 2)
    with pytest.raises(InputError, match="2 accelerators: let CUDA_VISIBLE_DEVICES name one"):
        resident.check_resident()


@pytest.mark.parametrize(
    ("steps", "lengths"),
    [
        (1562, {142}),  # Tiny ImageNet in batches of 64
        (1000, {250}),
        (3, {3}),
        (1531, {256, 251}),  # a prime
        (514, {256, 2}),  # twice a prime
    ],
)
def test_calls_hold_all_steps_in_order_in_few_lengths(steps, lengths, monkeypatch):
    monkeypatch.setattr(resident, "longest_call", lambda: 256)
    parts = list(resident._parts(np.arange(2 * steps).reshape(steps, 2)))
    np.testing.assert_array_equal(np.concatenate(parts).ravel(), np.arange(2 * steps))
    assert {len(part) for part in parts} == lengths


@pytest.fixture(scope="module")
def trained(smooth, tmp_path_factory):
    """Folders of the same training: by batches, in calls of 4 and 1 steps, and step by step."""
    folder = tmp_path_factory.mktemp("resident")
    np.save(folder / "images.npy", smooth(STEPS * 6 + 1 + 12, 12, 16))
    jobs = [
        {"folder": str(folder / name), "network": "dropout", "epochs": epochs} | kind
        for name, epochs, kind in (
            ("batches", 2, {"augmented": False}),
            ("calls", 2, {"resident": 4}),
            ("resumed", 1, {"resident": 1}),
            ("resumed", 2, {"resident": 1}),
        )
    ]
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "tests" / "tiny_training.py",
            "--images",
            folder / "images.npy",
            *map(json.dumps, jobs),
        ],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def weights(folder: Path) -> dict[str, np.ndarray]:
    """Name to array, the optimizer's too."""
    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(folder / TrainingState.load(folder).weights) as file:
        file.visititems(note)
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", ["calls", "resumed"])
def test_the_same_is_learned(trained, name):
    expected, found = (TrainingState.load(trained / each) for each in ("batches", name))
    assert found.epoch == expected.epoch == 2 and len(found.history) == 2
    for row, twin in zip(expected.history, found.history, strict=True):
        assert row.keys() == twin.keys()
        for key in ("loss", "val_loss"):
            assert twin[key] == pytest.approx(row[key], abs=1e-5), key
    expected, found = weights(trained / "batches"), weights(trained / name)
    assert expected.keys() == found.keys() and len(expected) > 20
    for key, array in expected.items():
        np.testing.assert_allclose(found[key], array, rtol=0, atol=1e-4, err_msg=key)


@pytest.mark.long
def test_every_step_is_called_back(trained):
    expected, found = (
        json.loads((trained / name / "steps.json").read_text()) for name in ("batches", "calls")
    )
    assert len(expected) == 2 * STEPS
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
