"""Films and a light colorizer for all tests of films."""

import numpy as np
import pytest
from films import light_preset, moving, write_film

import polychrome

COUNT = 20  # frames of each of the two shots


@pytest.fixture(scope="session")
def gray_frames(smooth):
    """Two shots that pan over pictures with texture: uint8 `[40, 48, 64]`."""
    pictures = smooth(2, 96, 112)[..., 1].astype(int)
    texture = np.random.default_rng(0).integers(-30, 30, pictures.shape)
    pictures = np.clip(pictures // 2 + texture + [[[20]], [[110]]], 0, 255).astype(np.uint8)
    return moving(pictures, COUNT)


@pytest.fixture(scope="session")
def preset(tmp_path_factory):
    """The folder of the light preset."""
    return light_preset(tmp_path_factory.mktemp("presets") / "light")


@pytest.fixture(scope="session")
def colorizer(preset):
    return polychrome.load(preset)


@pytest.fixture
def film(tmp_path, gray_frames):
    """A function that writes the two shots as a film, and returns its path."""

    def write(name="film.mp4", frames=gray_frames, **options):
        return write_film(tmp_path / name, frames, **options)

    return write
