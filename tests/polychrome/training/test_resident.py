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
from polychrome.training.callbacks import TrainingState
from polychrome.training.resident import check_resident

ROOT = Path(__file__).resolve().parents[3]
STEPS = 3


def test_tensorflow_is_refused():
    with pytest.raises(InputError, match="backend tensorflow: run with KERAS_BACKEND=jax"):
        check_resident()


@pytest.fixture(scope="module")
def trained(smooth, tmp_path_factory):
    """Folders of the same training by batches, and in calls of one, two and three steps."""
    folder = tmp_path_factory.mktemp("resident")
    np.save(folder / "images.npy", smooth(STEPS * 6 + 1 + 12, 12, 16))
    kinds = {"batches": {"augmented": False}, "one": 1, "two": 2, "three": 3}
    jobs = [
        {"folder": str(folder / name), "network": "dropout", "epochs": 2}
        | (kind if isinstance(kind, dict) else {"resident": kind})
        for name, kind in kinds.items()
    ]
    # Resumed after the first epoch.
    stopped = {"folder": str(folder / "resumed"), "network": "dropout", "resident": 3}
    jobs += [stopped | {"epochs": 1}, stopped | {"epochs": 2}]
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
@pytest.mark.parametrize("name", ["one", "two", "three", "resumed"])
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
        json.loads((trained / name / "steps.json").read_text()) for name in ("batches", "two")
    )
    assert len(expected) == 2 * STEPS
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
