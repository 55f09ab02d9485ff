"""A study of small pictures, prepared once, and copies of it to answer."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.turing import systems
from experiments.turing.preparation import prepare, read_photographs
from experiments.turing.study import Settings, Study


def colored(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A colored picture with noise, so that it compresses badly: uint8 `[height, width, 3]`."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 4, 3), np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.integers(-6, 7, (height, width, 3))
    return np.clip(np.asarray(smooth) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def pictures_folder(tmp_path_factory) -> Path:
    """Twelve colored photographs and a gray one."""
    folder = tmp_path_factory.mktemp("colored")
    for seed in range(12):
        suffix = "jpg" if seed % 2 else "png"
        Image.fromarray(colored(seed)).save(folder / f"photo-{seed:02d}.{suffix}")
    Image.fromarray(colored(99)[..., 0]).save(folder / "gray.png")
    return folder


@pytest.fixture(scope="session")
def prepare_study(pictures_folder) -> Callable[..., Path]:
    """Prepares a study: two baselines with three pairs each, and two attention checks."""

    def prepared(
        folder: Path, time_limit: float | None = None, contact: str = "Ada <ada@example.org>"
    ) -> Path:
        photos = read_photographs(pictures_folder, 64, None, 0)
        chosen = [systems.baseline(name, photos) for name in ("gray", "quarter")]
        settings = Settings(seed=5, pairs=3, checks=2, time_limit=time_limit, contact=contact)
        prepare(folder, photos, chosen, settings)
        return folder

    return prepared


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, prepare_study) -> Path:
    """A study without a time limit."""
    return prepare_study(tmp_path_factory.mktemp("prepared") / "study")


@pytest.fixture
def folder(prepared, tmp_path) -> Path:
    """A copy of the study, without participants."""
    return Path(shutil.copytree(prepared, tmp_path / "study"))


@pytest.fixture
def study(folder):
    """The study in `folder`."""
    opened = Study.open(folder)
    yield opened
    opened.close()
