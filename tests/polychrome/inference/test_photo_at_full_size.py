"""The default preset on photographs: without TensorFlow, in little memory, on toned scans."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data

import polychrome
from polychrome.color.spaces import fit_gamut, lab_to_rgb, rgb_to_lab

ROOT = Path(__file__).parents[3]

# Arguments: megapixels and a folder. Prints the peak memory in kB.
COLORIZE = """
import re, sys, numpy, polychrome
from PIL import Image
from polychrome.photographs.photograph import Photograph
height = int((float(sys.argv[1]) * 0.75e6) ** 0.5)
waves = numpy.sin(numpy.arange(height) / 90) * 90 + 128
gray = waves.astype("uint8")[:, None] + numpy.arange(height * 4 // 3, dtype="uint8") % 30
colorizer = polychrome.load()
colored = colorizer.colorize(numpy.repeat(gray[..., None], 3, axis=-1))
assert colored.shape == (*gray.shape, 3)
assert numpy.ptp(colored[::9, ::9].astype(int), axis=-1).max() > 3
del colored
# Not ru_maxrss, which counts the process that started this one.
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
small = gray[::20, ::20]
Image.fromarray(small).save(f"{sys.argv[2]}/gray.png")
forms = [small, Image.fromarray(small), f"{sys.argv[2]}/gray.png"]
results = [numpy.asarray(each) for each in colorizer.colorize(forms, vivid=0.5)]
results.append(colorizer.colorize_photograph(Photograph(small), vivid=0.5))
assert all((each == results[0]).all() for each in results)
loaded = {name.split(".")[0] for name in sys.modules}
sys.exit(str(heavy) if (heavy := loaded & {"keras", "tensorflow", "jax"}) else 0)
"""


def peak_memory(megapixels: float, folder: Path) -> int:
    """MB of a process that colorizes a picture of that size."""
    run = subprocess.run(
        [sys.executable, "-c", COLORIZE, str(megapixels), folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return int(run.stdout) // 1000


def test_photographs_take_neither_tensorflow_nor_much_memory(tmp_path):
    assert peak_memory(10, tmp_path) < 500


@pytest.mark.long
def test_100_megapixels_take_few_gigabytes(tmp_path):
    assert peak_memory(100, tmp_path) < 2500


def test_guided_is_the_default_and_bilinear_another():
    colorizer, photo = polychrome.load(), data.astronaut()
    guided, bilinear = (
        colorizer.colorize(photo, vivid=1, saturation=1.5, upsampling=way)
        for way in ("guided", "bilinear")
    )
    np.testing.assert_array_equal(guided, colorizer.colorize(photo, vivid=1, saturation=1.5))
    lab = [rgb_to_lab(each) for each in (guided, bilinear)]
    assert np.abs(lab[0] - lab[1])[..., 0].max() < 1
    assert 5 < np.linalg.norm(lab[0] - lab[1], axis=-1).max() < 50


# a* and b* of a toned gray, by its L*: most in the midtones, none in black and white.
TONES = {"sepia": (9.0, 22.0), "cyanotype": (-8.0, -32.0), "selenium": (6.0, -3.0)}


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("depth", [8, 16])
def test_a_toned_scan_is_colored_as_the_untoned_one(tone, depth):
    lightness = rgb_to_lab(data.astronaut())[..., :1]
    strength = 4 * lightness / 100 * (1 - lightness / 100)
    untoned = lab_to_rgb(np.concatenate([lightness, 0 * strength, 0 * strength], axis=-1))
    toned = fit_gamut(np.concatenate([lightness, strength * TONES[tone]], axis=-1))
    white = 2**depth - 1
    scans = [np.round(scan * white).astype(f"uint{depth}") for scan in (untoned, lab_to_rgb(toned))]
    plain, other = (
        rgb_to_lab((colored / white).astype("float32"))[..., 1:]
        for colored in polychrome.load().colorize(scans, vivid=0.5)
    )
    away = np.linalg.norm(plain - other, axis=-1)
    # Rounding scans and results to 8 bits moves the darkest colors by more than that alone.
    assert np.quantile(away, 0.99 if depth == 8 else 1.0) < 1.0 and away.mean() < 0.4
