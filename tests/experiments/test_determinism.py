"""With --deterministic the recipes' own networks learn the same weights, to the bit."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest
from recipe_parts import parts_of

from experiments.command_line.options import Options
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from polychrome.training.callbacks import TrainingState
from tf_data.sources.source import open_source

ROOT = Path(__file__).resolve().parents[2]
# At this size its gradients came in another order each time, at the smaller one seldom.
LARGE = ("--limit", "32", "--batch-size", "16", "--image-size", "64")
SMALL = ("--limit", "8", "--batch-size", "4", "--image-size", "32")
# One of each report and of each kind of network and of training: whole runs. Those of a line share
# their processes.
ALIKE = (
    ("polychromify_ab", "dtu_color_weighted"),
    ("cgan", "uci_vae", "resnet_unet_patchgan"),
)
# Recipes with a part that none of these has: first steps.
FURTHER = {
    "32": (
        "dtu_smooth_l1",
        "dtu_mse_balanced",
        "dtu_l1_balanced",
        "dtu_mse_flips",
        "dtu_total_variation",
        "dtu_perceptual",
        "vgg16_regression",
        "vgg16_classification",
        "eccv16",
        "eccv16_narrow_plain",
        "siggraph17_narrow",
        "uci_gan",
        "unet_fusion",
        "tiny",
        "photo",
    ),
    "96": ("uci_gan_adversarial",),  # smaller, its discriminator has other layers
}


def start(*arguments) -> subprocess.Popen:
    command = [sys.executable, ROOT / "tests" / "repeated_runs.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)


def finish(process: subprocess.Popen, status: int = 0) -> None:
    _, error = process.communicate()
    assert process.returncode == status, error.decode()


def arrays(path: Path) -> dict[str, np.ndarray]:
    """All weights and optimizer state in a file."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]} if hasattr(item, "dtype") else {})
        )
    return found


def assert_equal_runs(folder: Path, names: Sequence[str]) -> None:
    """The runs of whole/ and of resumed/ began with the same weights, and learned the same ones."""
    whole, resumed = (folder / kind for kind in ("whole", "resumed"))
    for name in names:
        begun = [json.loads((each / f"{name}.json").read_text()) for each in (whole, resumed)]
        networks = [network.name for network in RECIPES[name].networks]
        assert begun[0].keys() == set(networks)
        assert begun[0] == begun[1]
        for network in networks:
            place = Path(name) / "networks" / network
            assert_equal_weights(whole / place, resumed / place)


def assert_equal_weights(whole: Path, resumed: Path) -> None:
    state, other = TrainingState.load(whole), TrainingState.load(resumed)
    assert state.epoch == other.epoch == 2
    expected, got = arrays(whole / state.weights), arrays(resumed / other.weights)
    assert any("optimizer" in path for path in expected)
    assert got.keys() == expected.keys()
    assert [path for path in expected if not np.array_equal(got[path], expected[path])] == []
    for row, again in zip(state.history, other.history, strict=True):
        assert (row["loss"], row["val_loss"]) == (again["loss"], again["val_loss"])


def repeated_steps(folder: Path, *arguments: str) -> dict:
    """What `repeated_steps.py` found of each recipe."""
    program = [sys.executable, ROOT / "tests" / "repeated_steps.py", folder / "steps.json"]
    finish(
        subprocess.Popen(
            [*program, *arguments], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
    )
    return json.loads((folder / "steps.json").read_text())


@pytest.mark.long
def test_the_first_steps_taken_again_lead_to_the_same_weights(tmp_path):
    (found,) = repeated_steps(tmp_path, "cnn", *LARGE).values()
    assert found["moved"] > 40  # weights, statistics, optimizer
    assert found["changed"] == []


@pytest.mark.long
def test_a_run_repeated_killed_and_resumed_learns_the_same_weights(tmp_path):
    """Whole, and again, at the same time, but killed after an epoch; a new process goes on."""
    whole, resumed = (tmp_path / kind for kind in ("whole", "resumed"))
    both = start(whole, "cnn", *LARGE), start(resumed, "--interrupt", "cnn", *LARGE)
    for process, status in zip(both, (0, -signal.SIGKILL), strict=True):
        finish(process, status)
    finish(start(resumed, "--resume", "cnn"))
    assert_equal_runs(tmp_path, ["cnn"])


@pytest.mark.long
@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_those_of_every_kind_resumed_after_an_epoch_do_so(tmp_path, names):
    """A new process goes on from what the first epoch of the last network left."""
    whole, resumed = (tmp_path / kind for kind in ("whole", "resumed"))
    finish(start(whole, "--copy", resumed, *names, *SMALL))
    for name in names:
        last = RECIPES[name].networks[-1].name
        assert TrainingState.load(resumed / name / "networks" / last).epoch == 1
    finish(start(resumed, "--resume", *names))
    assert_equal_runs(tmp_path, names)


@pytest.mark.long
@pytest.mark.parametrize("side", FURTHER)
def test_the_first_steps_of_the_other_kinds_do_so(tmp_path, side):
    size = ("--limit", "4", "--batch-size", "2", "--image-size", side)
    found = repeated_steps(tmp_path, *FURTHER[side], *size)
    assert found.keys() == set(FURTHER[side])
    assert all(steps["moved"] for steps in found.values())
    assert {name: steps["changed"] for name, steps in found.items() if steps["changed"]} == {}


def parts(name: str, side: int) -> set[str]:
    plan = make_plan(RECIPES[name], Options(image_size=side), open_source("sample"))
    return parts_of(plan)


@pytest.fixture(scope="module")
def repeated_parts() -> set[str]:
    """All parts of the recipes that are trained twice here, at the size they are trained at."""
    trained = [("cnn", 64), *((name, 32) for names in ALIKE for name in names)]
    trained += [(name, int(side)) for side, names in FURTHER.items() for name in names]
    return set().union(*(parts(*each) for each in trained))


# Gathers pixels at places by a stateless seed, and no gradient passes it; smaller runs cut nothing.
NOT_REPEATED = {"augmentation random_crop.<locals>.random_crop"}


@pytest.mark.long
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_made_of_parts_that_are_trained_twice(repeated_parts, name):
    assert parts(name, RECIPES[name].image_size) - repeated_parts <= NOT_REPEATED
