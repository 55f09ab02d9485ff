"""Robustness of made-up predictors, against gradings by other ways."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage.color import lab2rgb, rgb2lab
from skimage.metrics import peak_signal_noise_ratio
from tiny_colorizers import preset_of, violet

from experiments.grading.baselines import measure_baselines
from experiments.grading.protocol import grade_colorizers
from experiments.robustness import main
from experiments.studies.robustness import SYSTEM, TRUTH, measure_robustness, set_names, summarize
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from tf_data.degradations.aging import degrade
from tf_data.degradations.strengths import DEGRADATIONS
from tf_data.sources.collection import COLUMNS
from tf_data.store import Store

NAMES = tuple(f"held_out/{'ab'[i % 2]}/{i}.jpg" for i in range(8))


@pytest.fixture(scope="module")
def store(tiles_of) -> Store:
    """Seven tiles of photographs and a gray one, in two sets."""
    return tiles_of(8, 48, gray=3, names=NAMES)


@pytest.fixture(scope="module")
def baselines(store):
    return measure_baselines(store)


def by_lightness(lightness):
    """Brown where it is dark, blue where it is light."""
    return (50.0 - lightness) * np.array([0.2, 0.5], "float32")


@pytest.fixture(scope="module")
def measured(store, baselines):
    return measure_robustness(by_lightness, store, baselines)


def test_clean_figures_are_those_of_a_grading(store, baselines, measured):
    systems = {SYSTEM: by_lightness, **baselines.systems()}
    for name, values in grade_colorizers(systems, store).per_image.items():
        np.testing.assert_allclose(measured.psnr[name], values["psnr_colored"], rtol=1e-5)
        np.testing.assert_allclose(measured.ciede2000[name], values["ciede2000"], rtol=1e-4)
    assert measured.colored.tolist() == [i != 3 for i in range(8)]
    graded = grade_colorizers({SYSTEM: by_lightness}, store).per_image[SYSTEM]
    np.testing.assert_allclose(measured.colorfulness[SYSTEM], graded["colorfulness"], rtol=1e-4)
    found = summarize(measured)
    nearest = found["ciede2000_gain"]["baseline"]
    assert found["ciede2000_gain"]["mean"] == pytest.approx(
        found["ciede2000"][SYSTEM]["mean"] - found["ciede2000"][nearest]["mean"], abs=1e-4
    )
    difference = graded["colorfulness"] - graded["colorfulness_difference"]
    assert found["colorfulness"][TRUTH]["mean"] == pytest.approx(
        difference[measured.colored].mean(), rel=1e-3
    )


@pytest.mark.parametrize("name", ["film", "blur", "fade"])
def test_colors_of_the_degraded_photograph_meet_the_true_lightness(store, measured, name):
    strength = tf.fill([8], float(DEGRADATIONS[name].graded))
    old = degrade(tf.constant(store.images), {name: strength}, tf.constant([0, 0])).numpy()
    lightness = rgb2lab(store.images)[..., :1]
    found = np.clip(lab2rgb(np.concatenate([lightness, by_lightness(old)], axis=-1)), 0, 1)
    expected = [
        peak_signal_noise_ratio(true / 255, image, data_range=1)
        for true, image in zip(store.images, found, strict=True)
    ]
    colored = measured.colored
    np.testing.assert_allclose(measured.psnr[name][colored], np.array(expected)[colored], atol=0.02)
    assert np.abs(measured.psnr[name] - measured.psnr[SYSTEM])[colored].max() > 0.1


def test_a_constant_color_loses_nothing_and_has_no_edges(store, baselines):
    constant = baselines.systems()["best_constant"]
    found = summarize(measure_robustness(constant, store, baselines))
    for each in found["degradations"].values():
        assert [each["drop"][key] for key in ("mean", "low", "high")] == [0, 0, 0]
    assert found["shifts"]["mean"] == 0.0
    assert found["edges"]["prediction"] is None and 0.2 < found["edges"]["truth"] < 1
    assert found["gain"] == {"baseline": "best_constant", "mean": 0, "low": 0, "high": 0}
    assert found["gains"]["best_constant"] == {"mean": 0, "low": 0, "high": 0}
    assert found["images"] == 7


def test_gains_are_over_each_baseline_and_paired(measured):
    found = summarize(measured)
    assert list(found["gains"]) == ["do_nothing", "mean_color", "best_constant"]
    for name, gain in found["gains"].items():
        difference = (measured.psnr[SYSTEM] - measured.psnr[name])[measured.colored]
        assert gain["mean"] == pytest.approx(difference.mean(), abs=1e-5)
        assert difference.min() <= gain["low"] < gain["mean"] < gain["high"] <= difference.max()
    best = found["gain"]["baseline"]
    assert found["gain"] == {"baseline": best} | found["gains"][best]


def test_a_drop_is_the_clean_psnr_less_the_degraded_one(measured):
    found = summarize(measured)
    for name, each in found["degradations"].items():
        clean, degraded = found["psnr"][SYSTEM]["mean"], each["psnr"]["mean"]
        assert each["drop"]["mean"] == pytest.approx(clean - degraded, abs=1e-4)
        assert each["drop"]["low"] <= each["drop"]["mean"] <= each["drop"]["high"]
        assert each["strength"] == DEGRADATIONS[name].graded
    assert found["shifts"] == {key: pytest.approx(0, abs=1e-5) for key in found["shifts"]}


def test_sets_are_summarized_apart(store, measured):
    rows = set_names(store)
    assert list(rows) == ["a", "b"]
    assert [int(each.sum()) for each in rows.values()] == [4, 4]
    a, b, whole = (summarize(measured, each) for each in (rows["a"], rows["b"], None))
    assert (a["images"], b["images"], whole["images"]) == (4, 3, 7)
    mean = (4 * a["psnr"][SYSTEM]["mean"] + 3 * b["psnr"][SYSTEM]["mean"]) / 7
    assert whole["psnr"][SYSTEM]["mean"] == pytest.approx(mean, abs=1e-4)
    assert a["edges"]["number"] + b["edges"]["number"] == whole["edges"]["number"]
    assert summarize(measured, np.arange(8) == 3) is None  # the gray one alone


def test_names_without_several_sets_have_none(store):
    for names in (("1.jpg", "2.jpg"), ("held_out/a/1.jpg", "held_out/a/2.jpg")):
        assert set_names(Store(store.images[:2], names, 0, ())) == {}


def test_nan_is_refused(store, baselines):
    def broken(lightness):
        return np.full((*lightness.shape[:3], 2), np.nan)

    with pytest.raises(InputError, match="NaN or infinity"):
        measure_robustness(broken, store, baselines)


@pytest.fixture(scope="module")
def collection(tmp_path_factory, smooth):
    """Two held-out sets of 48x48, one of which has a photograph of 30x30."""
    root = tmp_path_factory.mktemp("collection")
    (root / "photos.csv").write_text(",".join(COLUMNS) + "\n")
    for index, (place, count) in enumerate(
        {"train/x": 6, "validation/x": 2, "held_out/faces": 3, "held_out/rooms": 4}.items()
    ):
        (root / place).mkdir(parents=True)
        for number, image in enumerate(smooth(count, 48, 48, seed=index)):
            Image.fromarray(image).save(root / place / f"{number}.png")
    Image.fromarray(smooth(1, 30, 30)[0]).save(root / "held_out/rooms/small.png")
    return root


def test_the_command_writes_figures_set_by_set(collection, tmp_path, capsys):
    preset = preset_of(violet(), tmp_path / "preset")
    data = ["--data", "folder", "--data-dir", str(collection), "--image-size", "40"]
    assert main([str(preset), *data, "--out", str(tmp_path / "out")]) == 0
    found = read_json(tmp_path / "out" / "robustness.json")
    assert found["images"] == {"test": 8, "large_enough": 7, "graded": 7}
    assert {name: each["images"] for name, each in found["sets"].items()} == {
        "all": 7,
        "faces": 3,
        "rooms": 4,
    }
    assert found["baselines"]["images"] == 6
    printed = capsys.readouterr().out
    assert f"{found['sets']['rooms']['psnr']['system']['mean']:.2f}" in printed
    assert f"{found['sets']['all']['degradations']['film']['drop']['mean']:.2f}" in printed


def test_baselines_of_an_earlier_record(collection, tmp_path, capsys):
    """For a copy of a collection without its training images."""
    preset = preset_of(violet(), tmp_path / "preset")
    command = [str(preset), "--data", "folder", "--data-dir", str(collection), "--image-size", "40"]
    command += ["--limit", "1", "--out", str(tmp_path / "out"), "--baselines"]
    known = {"mean_ab": [4.0, 9.0], "images": 2000, "factor": 0.5, "factor_images": 1990}
    write_json(tmp_path / "earlier.json", {"baselines": known})
    assert main([*command, str(tmp_path / "earlier.json")]) == 0
    found = read_json(tmp_path / "out" / "robustness.json")
    assert found["baselines"] == known
    gain = found["sets"]["all"]["gain"]
    assert gain["low"] is None and f"{gain['mean']:+.2f}\n" in capsys.readouterr().out
    for wrong in ({}, [], {"baselines": None}, {"baselines": known | {"mean_ab": [4.0]}}):
        write_json(tmp_path / "wrong.json", wrong)
        assert main([*command, str(tmp_path / "wrong.json")]) == 1
        error = capsys.readouterr().err
        assert "wrong.json: has no baselines; " in error and "(see --baselines)" in error
    assert main([*command, str(tmp_path / "gone.json")]) == 1
    assert "gone.json" in capsys.readouterr().err


def test_one_set_alone(collection, tmp_path, capsys):
    preset = preset_of(violet(), tmp_path / "preset")
    data = ["--data", "folder", "--data-dir", str(collection), "--image-size", "40"]
    assert main([str(preset), *data, "--set", "rooms", "--out", str(tmp_path / "out")]) == 0
    found = read_json(tmp_path / "out" / "robustness.json")
    assert found["images"] == {"test": 5, "large_enough": 4, "graded": 4}
    assert {name: each["images"] for name, each in found["sets"].items()} == {"rooms": 4}
    capsys.readouterr()
    assert main([str(preset), *data, "--set", "room", "--out", str(tmp_path / "none")]) == 1
    error = capsys.readouterr().err
    assert "no photograph is of the set 'room'; there are: faces, rooms" in error
    assert "--set" in error and not (tmp_path / "none").exists()


def test_a_size_that_no_photograph_has_is_an_error(collection, tmp_path, capsys):
    preset = preset_of(violet(), tmp_path / "preset")
    data = ["--data", "folder", "--data-dir", str(collection), "--out", str(tmp_path / "out")]
    for size, says in (("64", "no photograph of 64x64"), ("16", "32 is the least")):
        assert main([str(preset), *data, "--image-size", size]) == 1
        error = capsys.readouterr().err
        assert says in error and "--image-size" in error
    assert not (tmp_path / "out").exists()
