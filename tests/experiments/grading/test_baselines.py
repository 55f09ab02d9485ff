"""The trivial baselines: the factor against brute force, and verdicts against the best of three."""

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from experiments.grading import baselines
from experiments.grading.baseline_names import IN_WORDS
from experiments.grading.baselines import (
    Baselines,
    best_factor,
    compare_with_best,
    measure_baselines,
    verdict,
)
from experiments.grading.protocol import mean_ab
from experiments.grading.scores import Scores, grade_systems
from tf_data.sources.source import open_source
from tf_data.store import Store, load_store


@pytest.fixture(scope="module")
def store() -> Store:
    """Eleven tiles of photographs in warm light, and a gray one."""
    tiles = load_store(open_source("sample").splits["train"], 32, limit=12)
    lab = rgb2lab(tiles.images)
    lab[..., 1:] += 2.0, 10.0
    images = np.round(lab2rgb(lab) * 255).astype("uint8")
    images[3] = images[3].mean(axis=-1, keepdims=True)
    return Store(images, tiles.names, 1, ())


@pytest.fixture(scope="module")
def measured(store) -> Baselines:
    return measure_baselines(store)


def mean_psnr(images: np.ndarray, ab: np.ndarray) -> float:
    """By scikit-image: mean PSNR of images painted in one color."""
    values = []
    for image in images:
        lab = rgb2lab(image)
        lab[..., 1:] = ab
        values.append(-10 * np.log10(np.square(lab2rgb(lab) - image / 255).mean()))
    return float(np.mean(values))


def test_the_factor_is_that_of_a_search_by_brute_force(store, measured):
    colored = np.delete(store.images, 3, axis=0)
    by_factor = {n / 100: mean_psnr(colored, measured.mean_ab * n / 100) for n in range(151)}
    best = max(by_factor, key=by_factor.__getitem__)
    assert 0 < best < 1
    assert measured.factor == pytest.approx(best, abs=0.011)  # its neighbors are as good
    assert by_factor[measured.factor] == pytest.approx(by_factor[best], abs=1e-4)
    assert measured.factor_images == 11 and measured.images == 12
    np.testing.assert_array_equal(measured.mean_ab, mean_ab(store))


def painting(ab):
    """The colorizer that paints everything in a color."""
    return lambda lightness: ab.reshape(1, 1, 1, 2)


def test_the_factor_undoes_the_dullness_of_a_colorizer(store):
    """Of one that knows the colors of each image, but answers with less of them."""
    truth = rgb2lab(store.images)[..., 1:]  # one batch, in order
    factor, used = best_factor(store, lambda lightness: 0.64 * truth)
    assert factor == pytest.approx(1 / 0.64, abs=0.006) and used == 11


def test_the_factor_grows_with_the_color_of_the_images():
    """Images painted at twice the color themselves: a known optimum."""
    lab = np.full((3, 16, 16, 3), 50.0)
    lab[..., 1:] = 8.0, 20.0
    images = np.round(lab2rgb(lab) * 255).astype("uint8")
    factor, used = best_factor(
        Store(images, tuple("abc"), 0, ()), painting(np.float32([8.0, 20.0]) / 2)
    )
    assert factor == pytest.approx(2.0, abs=0.03) and used == 3


def test_gray_training_images_have_no_best_factor():
    images = np.repeat(np.arange(0, 250, 25, dtype="uint8"), 300).reshape(10, 10, 10, 3)
    measured = measure_baselines(Store(images, tuple("abcdefghij"), 10, ()))
    assert (measured.factor, measured.factor_images) == (1.0, 0)


def test_a_large_set_is_searched_on_a_fixed_part_of_it(store, monkeypatch):
    monkeypatch.setattr(baselines, "_PIXELS", 6 * 32 * 32)
    monkeypatch.setattr(baselines, "_LEAST_IMAGES", 2)
    paint = painting(mean_ab(store))
    part = Store(store.examples(6), store.names[:6], 0, ())
    assert best_factor(store, paint) == best_factor(store, paint) == best_factor(part, paint)
    assert best_factor(store, paint)[1] <= 6


def test_it_is_ahead_of_its_rivals_where_it_was_fitted(store, measured):
    table = grade_systems(measured.systems(), store).table()
    rows = {row["kind"]: row for row in measured.rows(table)}
    assert list(rows) == ["do_nothing", "mean_color", "best_constant"]
    psnr = {kind: row["values"]["psnr_colored"]["mean"] for kind, row in rows.items()}
    assert psnr["best_constant"] > max(psnr["do_nothing"], psnr["mean_color"])
    colored = np.delete(store.images, 3, axis=0)
    painted = measured.mean_ab * measured.factor
    assert psnr["best_constant"] == pytest.approx(mean_psnr(colored, painted), abs=1e-3)
    budget = rows["best_constant"]["budget"]
    assert budget == f"mean color times {measured.factor:.2f}, best on 11 training images"
    record = measured.record()
    assert record["factor"] == measured.factor and record["factor_images"] == 11
    np.testing.assert_allclose(record["mean_ab"], measured.mean_ab)


def scores(seed: int, **means: float) -> dict[str, dict[str, np.ndarray]]:
    """200 images, 20 of them gray; the systems differ by noise from their means on the others."""
    generator = np.random.default_rng(seed)
    pictures, gray = generator.normal(0, 3, 200), np.arange(200) < 20
    systems = {}
    for system, mean in means.items():
        values = mean + pictures - pictures[~gray].mean() + generator.normal(0, 0.2, 200)
        of_gray = 60.0 if system == "do_nothing" else 30.0
        systems[system] = {
            "psnr": np.where(gray, of_gray, values).astype("float32"),
            "psnr_colored": np.where(gray, np.nan, values).astype("float32"),
        }
    return systems


def judged(**means: float) -> tuple[dict, str]:
    measured = Scores(scores(1, **means))
    table = measured.table()
    compared = compare_with_best(measured, "net", 0)
    return compared, verdict("Net", table["net"], compared, table)


@pytest.mark.parametrize(
    ("constant", "rival", "verb"),
    [
        (22.0, "mean_color", "beats"),
        (24.0, "best_constant", "does not beat"),
        (23.5, "best_constant", "can't be told from"),
    ],
)
def test_the_verdict_is_against_the_best_of_the_three(constant, rival, verb):
    compared, said = judged(net=23.5, do_nothing=22.5, mean_color=23.0, best_constant=constant)
    colored = compared["psnr_colored"]
    assert colored["baseline"] == rival
    assert colored["low"] <= colored["mean"] <= colored["high"]
    assert colored["high"] - colored["low"] < 0.15  # paired: pictures differ by 3 dB
    assert said.startswith(f"Net {verb} the best trivial baseline on colored images: PSNR 23.")
    assert f" dB of {IN_WORDS[rival]}, a difference of {colored['mean']:+.2f} [" in said
    # Nobody else has 60 dB on the tenth of images that are gray.
    assert compared["psnr"]["baseline"] == "do_nothing"
    assert "It does not beat the best trivial baseline on all images" in said
    assert "dB of doing nothing, a difference of -2." in said


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (20, "Net beats the best"),
        (19, "19 images are too few to say whether Net beats the best"),
        (1, "1 image is too few to say whether Net beats the best"),
    ],
)
def test_few_images_are_too_few_for_a_verdict(images, said):
    grades = scores(1, net=25.0, do_nothing=22.5, mean_color=23.0, best_constant=23.1)
    measured = Scores(
        {
            name: {key: values[20 : 20 + images] for key, values in each.items()}
            for name, each in grades.items()
        }
    )
    table, compared = measured.table(), compare_with_best(measured, "net", 0)
    assert compared["psnr"]["images"] == compared["psnr_colored"]["images"] == images
    sentences = verdict("Net", table["net"], compared, table)
    assert sentences.startswith(f"{said} trivial baseline on colored images: PSNR ")
    if images < 20:
        assert "too few to say whether it beats the best trivial baseline on all" in sentences
    assert sentences.count("[") == (0 if images == 1 else 2)


def test_without_colored_images_the_verdict_is_on_all():
    grades = scores(1, net=23.5, do_nothing=22.5, mean_color=23.0, best_constant=23.1)
    for values in grades.values():
        values["psnr_colored"] = np.full(200, np.nan, np.float32)
    measured = Scores(grades)
    table, compared = measured.table(), compare_with_best(measured, "net", 0)
    assert list(compared) == ["psnr"]
    said = verdict("Net", table["net"], compared, table)
    assert said.startswith("Net does not beat the best trivial baseline on all images")
