"""Settings and photographs for all tests."""

import gc
import os
import sys
from pathlib import Path

# All of these must be set before TensorFlow is imported, here and in programs that tests start.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# Comparisons to 1e-5 are meant for CPUs: GPUs multiply in TF32. CUDA_VISIBLE_DEVICES=0 overrides.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# The root, whose packages tests/polychrome and the like must not shadow, and `tiny_training`.
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from PIL import Image  # noqa: E402


def pytest_collection_finish():
    """Let the garbage collector pass over what importing and collecting has left for good.

    Millions of objects, of TensorFlow and of 4,000 tests: without this each call of
    `keras.backend.clear_session` looks through them for a third of a second.
    """
    gc.collect()
    gc.freeze()


def smooth_images(count: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    """Pictures whose colors change slowly, as in photographs: uint8 `[count, height, width, 3]`."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
    resized = [Image.fromarray(c).resize((width, height), Image.Resampling.BICUBIC) for c in coarse]
    return np.stack([np.asarray(image) for image in resized])


@pytest.fixture(scope="session")
def smooth():
    """The function `smooth_images`."""
    return smooth_images


@pytest.fixture(scope="session")
def photographs(tmp_path_factory) -> Path:
    """A folder of 24 photographs, JPEG and PNG, of several sizes, some of them in a subfolder."""
    folder = tmp_path_factory.mktemp("photographs")
    sizes = [(48, 64), (64, 48), (40, 40), (33, 57)]
    for index in range(24):
        image = smooth_images(1, *sizes[index % len(sizes)], seed=index)[0]
        place = folder / "album" if index % 3 == 0 else folder
        place.mkdir(exist_ok=True)
        suffix = "png" if index % 4 == 0 else "jpg"
        Image.fromarray(image).save(place / f"photo-{index:02d}.{suffix}", quality=95)
    return folder


@pytest.fixture(scope="session")
def damaged_files(tmp_path_factory) -> Path:
    """A folder of files named like photographs that are no usable photographs.

    `empty.jpg`, `text.jpg`, `truncated.jpg`, `truncated.png`, `one_pixel.png`, `narrow.png`
    (3 x 64), `scan.tif`.
    """
    folder = tmp_path_factory.mktemp("damaged")
    image = Image.fromarray(smooth_images(1, 64, 64)[0])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("This is not a photograph.\n" * 20)
    for suffix in ("jpg", "png"):
        image.save(folder / f"whole.{suffix}")
        encoded = (folder / f"whole.{suffix}").read_bytes()
        (folder / f"truncated.{suffix}").write_bytes(encoded[: len(encoded) // 2])
        (folder / f"whole.{suffix}").unlink()
    image.resize((1, 1)).save(folder / "one_pixel.png")
    image.resize((3, 64)).save(folder / "narrow.png")
    image.save(folder / "scan.tif")
    return folder


@pytest.fixture(scope="session")
def unusual_files(tmp_path_factory) -> Path:
    """A folder of photographs in rare formats; each shows `smooth_images(1, 40, 56, seed=7)`.

    `rgb.jpg`, `gray.jpg`, `cmyk.jpg`, `rgb.png`, `gray.png`, `gray16.png`, `palette.png`,
    `alpha.png`, `animated.gif` (then a black frame), `rgb.bmp`, `rgb.webp`, `lossy.webp`,
    `alpha.webp`, `alpha_lossy.webp`, `animated.webp` and `alpha_animated.webp` (then a black one).
    """
    folder = tmp_path_factory.mktemp("unusual")
    image = Image.fromarray(smooth_images(1, 40, 56, seed=7)[0])
    gray, palette = image.convert("L"), image.quantize(256)
    alpha = image.copy()
    alpha.putalpha(128)
    for suffix in ("jpg", "png", "bmp"):
        image.save(folder / f"rgb.{suffix}", quality=95)
    image.save(folder / "rgb.webp", lossless=True)
    gray.save(folder / "gray.jpg", quality=95)
    gray.save(folder / "gray.png")
    Image.fromarray(np.asarray(gray).astype(np.uint16) * 257).save(folder / "gray16.png")
    image.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    palette.save(folder / "palette.png")
    alpha.save(folder / "alpha.png")
    black = Image.new("P", image.size)
    palette.save(folder / "animated.gif", save_all=True, append_images=[black])
    for name, picture in {"": image, "alpha_": alpha}.items():
        black = Image.new(picture.mode, image.size)
        picture.save(folder / f"{name}lossy.webp", quality=95)
        picture.save(
            folder / f"{name}animated.webp", lossless=True, save_all=True, append_images=[black]
        )
    alpha.save(folder / "alpha.webp", lossless=True)
    return folder
