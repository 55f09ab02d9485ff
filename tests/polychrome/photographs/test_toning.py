"""Toned photographs count as gray, color photographs as colored."""

import io

import numpy as np
import pytest
from odd_files import picture, pillow
from PIL import Image

from polychrome.photographs.decoding.toning import is_colored, spread_of_color


def _gray(height=240, width=320, seed=1):
    """Shapes and shades in [0, 1], with edges."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8), np.uint8))
    shades = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / 255
    blocks = np.kron(rng.random((height // 40, width // 40)), np.ones((40, 40)))
    return np.clip(0.6 * shades + 0.4 * blocks, 0, 1)


# Gray in [0, 1] to RGB.
TONES = {
    "none": lambda g: np.dstack([g, g, g]),
    # The sums of rows of the sepia matrix that most programs have: it cuts off the highlights.
    "sepia": lambda g: np.dstack([1.351 * g, 1.203 * g, 0.937 * g]),
    "brown": lambda g: np.dstack([g**0.8, g, g**1.35]),
    "cyanotype": lambda g: np.dstack([g**1.9, g**1.1, 0.25 + 0.75 * g**0.8]),
    "selenium": lambda g: np.dstack([g**0.95, g**1.08, g**1.02]),
    "split": lambda g: np.dstack(
        [g + 0.48 * g * (1 - g) * (2 * g - 1), g, g - 0.12 * np.sin(2 * np.pi * g)]
    ),
    "faded": lambda g: np.array([0.13, 0.1, 0.3]) + np.array([0.87, 0.83, 0.45]) * g[..., None],
}  # fmt: skip


def _as_jpeg(rgb):
    encoded = pillow(np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8), "JPEG", quality=75)
    return np.asarray(Image.open(io.BytesIO(encoded)))


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("grain", [0.0, 0.05])
def test_toned_photographs_are_not_colored(tone, grain):
    gray = _gray()
    gray = np.clip(gray + grain * np.random.default_rng(2).standard_normal(gray.shape), 0, 1)
    toned = TONES[tone](gray)
    assert not is_colored(_as_jpeg(toned))
    assert not is_colored((np.clip(toned, 0, 1) * 65535).astype(np.uint16))
    assert not is_colored(np.clip(toned, 0, 1).astype(np.float32))
    # Hand-colored in one corner, it is.
    toned[20:80, 20:90] *= (1.0, 0.6, 0.5)
    assert is_colored(_as_jpeg(toned))


def test_color_photographs_are_colored_in_any_depth():
    rgb = picture(240, 320)
    for pixels in (rgb, rgb.astype(np.uint16) * 257, (rgb / 255).astype(np.float32)):
        assert is_colored(pixels)
    assert spread_of_color(rgb) == pytest.approx(spread_of_color(rgb.astype(np.uint16) * 257), 1e-3)
    assert is_colored(np.repeat(rgb[:, :1], 1, axis=1)) and is_colored(picture(3000, 60))


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (1, 4000), (4000, 1), (7, 500)])
def test_gray_of_any_shape_is_not_colored(shape):
    gray = np.random.default_rng(0).integers(0, 256, (*shape, 1), np.uint8)
    assert not is_colored(np.repeat(gray, 3, axis=-1))
    assert not is_colored(gray[..., 0])
