"""The presets in the package: whole, small, and with the colors that they had."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data

import polychrome
from experiments.grading.feeding import fed_at
from experiments.studies.shifts import SHIFTS, changes_under_shifts
from polychrome.color.spaces import rgb_to_lab
from polychrome.errors import InputError
from polychrome.export import onnx
from polychrome.inference.runtimes import OnnxRuntime
from polychrome.presets import read_preset, shipped
from polychrome.presets.model_card import model_card

GOLDEN = Path(__file__).parent / "golden"
PRESETS = Path(polychrome.__file__).parent / "presets"
RESULTS = Path(__file__).parents[3] / "experiments" / "results"
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea")
# Of a faithful reading of weights, in ab units, and of a crop's mean change by shifts of 1 to 8.
SAME, STEADY = 1e-3 * 110, 1.5


def lightness_of(name: str, size: int) -> np.ndarray:
    """L* of a photograph's middle, by steps of whole pixels, `[1, size, size, 1]`."""
    rgb = getattr(data, name)()
    step = min(rgb.shape[:2]) // size
    top, left = ((side - step * size) // 2 for side in rgb.shape[:2])
    rgb = rgb[top : top + step * size : step, left : left + step * size : step]
    return np.asarray(rgb_to_lab(rgb[None]))[..., :1]


def pixels(name: str) -> dict[str, list]:
    """Predictions of a preset for every eighth of each photograph, in steps of 0.01."""
    colorizer = polychrome.load(name)
    size = colorizer.card["image_size"]
    found = {}
    for photograph in PHOTOGRAPHS:
        prediction = colorizer.predict(lightness_of(photograph, size))
        for key, part in prediction._asdict().items():
            if part is not None:
                places = part[0, size // 16 :: size // 8, size // 16 :: size // 8]
                found[f"{photograph} {key}"] = np.round(places.astype(float), 2).tolist()
    return found


def test_presets_take_little_space():
    assert sum(path.stat().st_size for path in PRESETS.rglob("*") if path.is_file()) < 40e6


@pytest.mark.parametrize("name", shipped())
def test_a_preset_has_the_colors_that_it_had_when_it_was_shipped(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    found = pixels(name)
    assert found.keys() == golden.keys()
    for key, expected in golden.items():
        assert np.ptp(expected) > 0.5
        np.testing.assert_allclose(found[key], expected, rtol=0, atol=0.1, err_msg=key)


def assert_alike(one, other, sizes):
    """Both colorizers give photographs, cropped to heights and widths, the same outputs."""
    for photograph, (height, width) in sizes.items():
        lightness = lightness_of(photograph, 128)[:, :height, :width]
        expected, found = (each.predict(lightness)._asdict() for each in (one, other))
        for key, ab in expected.items():
            assert ab.shape[1:3] == (height, width) and np.ptp(ab) > 2.0
            np.testing.assert_allclose(found[key], ab, rtol=0, atol=SAME, err_msg=key)


@pytest.mark.long
def test_photo_has_the_same_colors_in_keras_and_in_onnx_runtime():
    """Its golden pixels are of ONNX Runtime, in which it is loaded by name."""
    onnx, in_keras = (polychrome.load("photo", runtime=name) for name in ("onnx", "keras"))
    assert_alike(onnx, in_keras, {"astronaut": (128, 128), "coffee": (101, 67)})


def test_tiny_says_how_to_get_its_onnx_file_without_writing_into_the_package():
    with pytest.raises(InputError, match="no model.onnx here; ") as error:
        polychrome.load("tiny", runtime="onnx")
    assert "`python -m polychrome.export.onnx tiny tiny_onnx`" in str(error.value)


@pytest.mark.long
def test_tiny_as_onnx_has_its_colors_and_the_package_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def package():
        return {path.name: path.stat().st_mtime_ns for path in shipped()["tiny"].iterdir()}

    before = package()
    assert onnx.main(["tiny", "tiny_onnx"]) == 0
    assert package() == before
    in_onnx, in_keras = polychrome.load("tiny_onnx"), polychrome.load("tiny", runtime="keras")
    assert isinstance(in_onnx._runtime, OnnxRuntime)
    assert_alike(in_keras, in_onnx, {"astronaut": (61, 47), "coffee": (33, 101)})


@pytest.mark.long
@pytest.mark.parametrize("photograph", PHOTOGRAPHS)
def test_colors_of_photo_stay_when_a_photograph_is_cropped_elsewhere(photograph):
    """As people get them, and as its card has it: seen small, and brought up along the edges."""
    rgb, side = getattr(data, photograph)(), 256 + max(SHIFTS)
    top, left = ((size - side) // 2 for size in rgb.shape[:2])
    lab = np.asarray(rgb_to_lab(rgb[None, top : top + side, left : left + side]))
    colorizer = polychrome.load("photo")
    seen = colorizer.card["image_size"]
    assert seen < 256
    colorize = fed_at(colorizer.predict, seen, "guided")
    changes = changes_under_shifts(colorize, lab[..., :1])
    assert changes.shape == (1, 8) and changes.min() > 0.01
    assert changes.mean() <= STEADY
    # Not for being gray.
    assert np.linalg.norm(colorize(lab[..., :1]), axis=-1).mean() > 2 * STEADY


@pytest.mark.parametrize("name", shipped())
def test_a_card_says_first_what_the_photographs_license_is(name):
    card = read_preset(shipped()[name]).card
    assert next(iter(card["about"])) == "Data and license"
    assert card["name"] == name and card["grades"]["psnr_colored"]["low"] > 20
    assert card["source"]["command"].startswith(f"python -m experiments.run {name} ")


@pytest.mark.parametrize("name, size", [("photo", 128), ("tiny", 64)])
def test_a_card_says_of_which_images_its_grades_are(name, size):
    """Tables of studies beside them are of 256 pixels."""
    readme = (shipped()[name] / "README.md").read_text()
    counted = read_preset(shipped()[name]).card["source"]["graded_images"]
    said = f"Of {counted:,} images of {size}x{size} pixels."
    assert f"\n## Grades\n\n{said}\n\n| metric | mean |" in readme
    assert "graded size" not in readme


@pytest.mark.parametrize("name, place", [("photo", "photo"), ("tiny", "tiny_imagenet/tiny")])
def test_a_card_has_the_gain_of_the_run_that_is_kept(name, place):
    metrics = json.loads((RESULTS / place / "metrics.json").read_text())
    row = next(row for row in metrics["rows"] if row["system"] == name)
    folder = shipped()[name]
    card = json.loads((folder / "preset.json").read_text())
    assert card["over_baseline"] == row["against_best_baseline"]
    assert card["grades"]["psnr"] == row["values"]["psnr"]
    assert (folder / "README.md").read_text() == model_card(card)


if __name__ == "__main__":  # python tests/polychrome/presets/test_shipped.py NAME
    (GOLDEN / f"{sys.argv[1]}.json").write_text(json.dumps(pixels(sys.argv[1])) + "\n")
