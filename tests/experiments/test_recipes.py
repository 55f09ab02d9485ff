"""Every system of the registry: what it promises, and the quick run end to end."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from experiments.grading.protocol import metrics_in_order
from experiments.job import assembled
from experiments.recipes import RECIPES
from experiments.run import main
from polychrome.color.scaling import PADOVA

# Padova report, Tables 1 and 2.
REPORTED = {
    "cnn": {"psnr": 21.5735, "ssim": 0.9061},
    "polychromify": {"psnr": 21.9590, "ssim": 0.9056},
    "polychromify_ab": {"psnr": 22.4440, "ssim": 0.9231},
    "polychromify_overfit": {},
    "polychromify_v1": {"psnr_chroma_report": 20.56},
    "polychromify_v2": {"psnr_chroma_report": 20.18},
    "polychromify_v3": {"psnr_chroma_report": 20.55},
    "polychromify_v4": {"psnr_chroma_report": 20.62},
    "polychromify_v5": {"psnr_chroma_report": 19.54},
    "polychromify_v6": {"psnr_chroma_report": 20.66},
}
# DTU report, Table 1: PSNR, SSIM, MSE.
DTU_REPORTED = {
    "dtu_mse": (18.71, 0.8235, 1024.60),
    "dtu_mse_batch64": (9.25, 0.1267, 8720.09),
    "dtu_mse_lr1e-3": (17.79, 0.8197, 1214.07),
    "dtu_l1": (18.30, 0.8148, 1137.31),
    "dtu_smooth_l1": (18.80, 0.8220, 1027.55),
    "dtu_smooth_l1_lr1e-3": (18.33, 0.8185, 1092.50),
    "dtu_color_weighted": (18.90, 0.8188, 978.10),
    "dtu_color_weighted_lr1e-3": (18.77, 0.8163, 994.90),
}
# Padova report, Table 2; UCI report, section 4.
OTHER_REPORTED = {
    "eccv16": {"psnr": 22.1403, "ssim": 0.9230},
    "siggraph17": {"psnr": 23.9000, "ssim": 0.9334},
    "uci_gan": {"gray_luma_superpixels": 0.91},
    "uci_vae": {"gray_luma_superpixels": 0.71},
}
WITHOUT_FIGURES = {
    "dtu_total_variation",
    "dtu_perceptual",
    "dtu_light",
    "vgg16_regression",
    "vgg16_classification",
    "eccv16_narrow",
    "eccv16_narrow_plain",
    "siggraph17_narrow",
    "cgan",
    "cgan_noise1",
    "uci_gan_adversarial",
    "unet_patchgan",
    "resnet_unet_patchgan",
    "unet_fusion",
}
EPOCHS = {"polychromify_ab": 30, "polychromify_overfit": 50, "polychromify_v5": 50}
# One of each kind of network; the others differ in loss and width.
KINDS = (
    "cnn",
    "polychromify_ab",
    "dtu_mse",
    "dtu_light",
    "vgg16_regression",
    "vgg16_classification",
    "eccv16_narrow",
    "siggraph17_narrow",
    "cgan",
    "uci_gan",
    "uci_vae",
    "unet_patchgan",
    "resnet_unet_patchgan",
    "unet_fusion",
)


def test_every_system_of_the_reports_is_there():
    assert set(RECIPES) == {*REPORTED, *DTU_REPORTED, *OTHER_REPORTED, *WITHOUT_FIGURES}
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    assert len({recipe.label for recipe in RECIPES.values()}) == len(RECIPES)


def test_figures_are_the_reports():
    expected = {name: dict.fromkeys([]) for name in WITHOUT_FIGURES} | REPORTED | OTHER_REPORTED
    for name, figures in DTU_REPORTED.items():
        expected[name] = dict(zip(("psnr", "ssim", "mse"), figures, strict=True))
    assert {name: recipe.published.values for name, recipe in RECIPES.items()} == expected
    for recipe in RECIPES.values():
        assert bool(recipe.published.values) == bool(recipe.published.source), recipe.name
    # DTU report, Table 1: what it made of Zhang et al.'s network.
    (broken,) = RECIPES["eccv16"].more_published
    assert broken.values == {"psnr": 6.79, "ssim": 0.0241, "mse": 15296.60}
    assert "broken" in broken.note


@pytest.mark.parametrize("name", REPORTED)
def test_budget_and_setting_are_padovas(name):
    recipe = RECIPES[name]
    assert set(recipe.published.values) <= {metric.key for metric in metrics_in_order()}
    assert {network.epochs for network in recipe.networks} == {EPOCHS.get(name, 25)}
    assert (recipe.batch_size, recipe.image_size, recipe.scaling) == (64, 64, PADOVA)
    assert {network.learning_rate for network in recipe.networks} == {1e-3}


@pytest.mark.parametrize("name", KINDS)
def test_the_networks_make_one_colorizer_of_any_size(name):
    recipe = RECIPES[name]
    networks = [network.make(image_size=32) for network in recipe.networks]
    colorizer = assembled(recipe, networks)
    grays = np.linspace(0, 255, 19 * 26).astype("uint8").reshape(1, 19, 26, 1).repeat(3, axis=-1)
    lightness = np.asarray(recipe.scaling.split(grays)[0])
    chroma = np.asarray(colorizer(lightness))
    assert chroma.shape == (1, 19, 26, 2)
    assert np.isfinite(chroma).all()
    for heading, make in recipe.variants.items():
        if "256" not in heading:  # takes seconds, and is tested with resizing
            assert make(*networks)(lightness).shape == (1, 19, 26, 2)


@pytest.mark.parametrize("module", ["cnn", "polychromify", "polychromify_ab"])
def test_a_recipe_file_says_how_to_run_it_and_what_to_expect(module):
    described = importlib.import_module(f"experiments.recipes.{module}").__doc__
    assert f"python -m experiments.run {module} {RECIPES[module].report_data}" in described
    assert f"PSNR {REPORTED[module]['psnr']:.4f} dB" in described


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize(
    "name",
    # Trained in test_run.py, test_stages.py and test_ways.py: polychromify_ab, polychromify,
    # polychromify_v4, dtu_light, dtu_color_weighted, uci_vae, cgan.
    # One of each way of training; the others take the same ways.
    [
        "eccv16_narrow",
        "siggraph17_narrow",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in RECIPES
            if name not in ("eccv16", "siggraph17")  # far too wide for a test
        ),
    ],
)
def test_the_quick_run(name):
    assert main([name, "--limit", "12", "--epochs", "1", "--image-size", "32", "--out", "run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    ours = metrics["rows"][0]
    assert ours["label"].startswith(RECIPES[name].label)
    assert all(np.isfinite(ours["values"][key]["mean"]) for key in ("psnr", "ssim", "ciede2000"))
    reported = any(row["kind"] == "reported" for row in metrics["rows"])
    assert reported == bool(RECIPES[name].published.values)
    assert (Path("saved_models") / name / "1" / "saved_model.pb").exists()
