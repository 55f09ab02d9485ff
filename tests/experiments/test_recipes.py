"""Every system of the registry: what it promises, and the quick run end to end."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from experiments.command_line.options import Options
from experiments.grading.protocol import metrics_in_order
from experiments.plan import make_plan
from experiments.recipe import AgainstDiscriminator
from experiments.recipes import RECIPES
from experiments.run import main
from polychrome.errors import InputError
from polychrome.losses.adversarial import MINIMAX, NON_SATURATING
from tf_data.sources.source import open_source

# Padova report, Tables 1 and 2.
REPORTED = {
    "cnn": {"psnr": 21.5735, "ssim": 0.9061},
    "polychromify": {"psnr": 21.9590, "ssim": 0.9056},
    "polychromify_ab": {"psnr": 22.4440, "ssim": 0.9231},
    "polychromify_v1": {"psnr_chroma_report": 20.56},
    "polychromify_v2": {"psnr_chroma_report": 20.18},
    "polychromify_v3": {"psnr_chroma_report": 20.55},
    "polychromify_v4": {"psnr_chroma_report": 20.62},
    "polychromify_v5": {"psnr_chroma_report": 19.54},
    "polychromify_v6": {"psnr_chroma_report": 20.66},
    "siggraph17": {"psnr": 23.9000, "ssim": 0.9334},
}
# DTU report, Table 1: PSNR, SSIM, MSE; the first row of a recipe.
DTU_REPORTED = {
    "dtu_mse": (18.71, 0.8235, 1024.60),
    "dtu_mse_93": (9.25, 0.1267, 8720.09),
    "dtu_mse_101": (18.39, 0.8244, 1076.04),
    "dtu_mse_lr1e-3": (17.79, 0.8197, 1214.07),
    "dtu_l1": (18.30, 0.8148, 1137.31),
    "dtu_smooth_l1": (18.80, 0.8220, 1027.55),
    "dtu_smooth_l1_lr1e-3": (18.33, 0.8185, 1092.50),
    "dtu_color_weighted": (18.90, 0.8188, 978.10),
    "dtu_color_weighted_lr1e-3": (18.77, 0.8163, 994.90),
}
# One of each kind of network; the others differ in loss and width.
KINDS = (
    "cnn",
    "polychromify_ab",
    "dtu_mse",
    "dtu_light",
    "dtu_lite0",
    "vgg16_regression",
    "vgg16_classification",
    "eccv16_narrow",
    "siggraph17_narrow",
    "cgan",
    "uci_gan",
    "uci_vae",
    "unet_patchgan",
    "unet_l1",
    "resnet_unet_patchgan",
    "unet_fusion",
    "tiny",
    "photo",
)
# One of each way of training that no other test takes through the command: test_run.py, test_job.py
# and test_ways.py run cnn, polychromify, polychromify_v4, polychromify_ab, dtu_light,
# dtu_color_weighted, cgan and uci_vae; test_determinism.py takes the first steps of those that
# differ in loss or augmentation alone.
QUICK = (
    "dtu_perceptual",
    "vgg16_classification",
    "eccv16_narrow",
    "siggraph17_narrow",
    "uci_gan",
    "unet_patchgan",
    "unet_l1",
    "resnet_unet_patchgan",
    "unet_fusion",
    "photo",
)


def figures(name: str) -> list[dict]:
    return [dict(published.values) for published in RECIPES[name].published]


def test_every_system_has_its_own_name_and_label():
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    assert len({recipe.label for recipe in RECIPES.values()}) == len(RECIPES)


def test_figures_are_the_reports():
    for name, values in REPORTED.items():
        assert figures(name) == [values], name
    for name, values in DTU_REPORTED.items():
        found = figures(name)[0]
        assert found == dict(zip(("psnr", "ssim", "mse"), values, strict=True)), name
    # DTU's other failed run with MSE; what it made of Zhang et al.'s network; UCI's rose.
    assert figures("dtu_mse")[1] == {"psnr": 9.22, "ssim": 0.1264, "mse": 8799.35}
    assert figures("eccv16") == [
        {"psnr": 22.1403, "ssim": 0.9230},
        {"psnr": 6.79, "ssim": 0.0241, "mse": 15296.60},
        {"max_channel_superpixels": 0.91, "gray_luma_superpixels": 0.89},
    ]
    assert "broken" in RECIPES["eccv16"].published[1].note
    assert figures("uci_gan") == [{"gray_luma_superpixels": 0.91}]
    of_the_vae = ("uci_vae", "uci_vae_kl1")
    assert all(figures(name) == [{"gray_luma_superpixels": 0.71}] for name in of_the_vae)
    compared = {*REPORTED, *DTU_REPORTED, "eccv16", "uci_gan", *of_the_vae}
    assert compared == {name for name, recipe in RECIPES.items() if recipe.published}
    known = {metric.key for metric in metrics_in_order()}
    for recipe in RECIPES.values():
        for published in recipe.published:
            assert published.source
            assert {key.removesuffix("_superpixels") for key in published.values} <= known


def test_only_a_known_set_of_images_is_the_same():
    """DTU never says which 10,000 images of Places it graded."""
    table_2, places = RECIPES["cnn"].published[0], RECIPES["dtu_mse"].published[0]
    assert table_2.same_images("tiny_imagenet", "test", 10_000)
    assert not table_2.same_images("tiny_imagenet", "validation", 10_000)
    assert not table_2.same_images("tiny_imagenet", "test", 2_000)
    assert not places.same_images("places365_small", "test", 10_000)


def test_the_report_plays_the_minimax_game():
    """Linköping report, equations 1 to 4, with Y in -1...1."""
    games = {n: RECIPES[n].networks[0].build(16).game for n in ("cgan", "cgan_non_saturating")}
    assert games == {"cgan": MINIMAX, "cgan_non_saturating": NON_SATURATING}
    black, white = (
        RECIPES["cgan"].scaling.split(np.full((1, 1, 1, 3), level, np.uint8))[0].item()
        for level in (0, 255)
    )
    assert (black, white) == pytest.approx((-1.0, 1.0), abs=1e-5)


def plan_for(name: str, **options):
    return make_plan(RECIPES[name], Options(**options), open_source("sample"))


def test_a_record_describes_optimizer_and_loss_in_words():
    for recipe in RECIPES.values():
        for network in recipe.networks:
            objective = network.objective
            # Only a game's description is read off the network; the others take long to build.
            game = isinstance(objective, AgainstDiscriminator)
            described = objective.describe(network.build(32) if game else None)
            for words in (described["optimizer"], described["loss"]):
                assert "_" not in words.replace("beta_", "").replace("weight_decay", "").replace(
                    "global_clipnorm", ""
                )
                assert "partial" not in words and "<" not in words
            assert "learning rate" in described["optimizer"]
    described = plan_for("unet_patchgan", image_size=32).dump()["networks"][0]
    assert described["optimizer"] == "Adam, learning rate 0.0002, beta_1 0.5, for both networks"
    assert described["loss"] == "1 x non-saturating loss, 100 x mean absolute error"
    (rebalanced,) = plan_for("eccv16_narrow").dump()["networks"]
    assert rebalanced["loss"] == "cross-entropy of 313 color bins, rare ones weighted up"


@pytest.mark.parametrize(
    ("name", "options", "patch", "exceeds"),
    [
        (
            "unet_patchgan",
            {"image_size": 64},
            70,
            "70x70 pixels, which exceeds the images of 64",
        ),
        ("unet_patchgan", {"image_size": 70}, 70, None),
        ("unet_patchgan", {"image_size": 256, "patch": 286}, 286, "286x286 pixels, which exceeds"),
        ("unet_patchgan", {"image_size": 64, "patch": 34}, 34, None),
        ("unet_patchgan_34", {"image_size": 32}, 34, "34x34 pixels, which exceeds"),
        ("resnet_unet_patchgan", {"image_size": 64}, 70, "70x70 pixels, which exceeds"),
        ("unet_fusion", {"image_size": 64}, 70, "70x70 pixels, which exceeds"),
        ("cgan", {"image_size": 64}, None, None),
    ],
)
def test_a_record_says_where_a_patch_exceeds_the_image(name, options, patch, exceeds):
    record = plan_for(name, **options).dump()
    assert record["networks"][-1].get("patch") == patch
    assert len(record["notes"]) == (exceeds is not None)
    assert all("Discriminator of gan" in note and exceeds in note for note in record["notes"])


def test_options_that_a_system_has_no_use_for_are_refused():
    for name, options, says in (
        ("cnn", {"patch": 16}, "a patch of 16 pixels: cnn has no PatchGAN"),
        ("cnn", {"superpixels": 9}, "cnn does not train on superpixels"),
        ("eccv16", {"superpixels": 9}, "the systems named uci_ do, and published weights are"),
        ("cnn", {"weights": __file__}, "nobody published weights of cnn"),
        ("cnn", {"epochs": 0}, "0 epochs: an untrained network"),
        ("tiny", {"train_only": "head"}, "named 'head'; there are: colorizer, heads"),
        ("tiny", {"train_only": "heads"}, "heads: the other networks would be untrained"),
        ("eccv16", {"weights": "gone.pth", "epochs": 0}, "gone.pth: no such file"),
        ("eccv16", {"weights": __file__}, "are graded, not trained; ask for 0 epochs"),
    ):
        with pytest.raises(InputError, match=says):
            plan_for(name, **options)


def test_the_fused_unet_has_the_classes_of_the_data():
    networks = RECIPES["unet_fusion"].with_classes(7)
    assert networks[0].build(32).generator.output["classes"].shape == (None, 7)
    without = RECIPES["unet_fusion"].networks[0].build(32)
    assert not isinstance(without.generator.output, dict)


@pytest.mark.parametrize("name", KINDS)
def test_the_networks_make_one_colorizer_of_any_size(name):
    plan = plan_for(name, image_size=32)
    networks = [network.build(32) for network in plan.networks]
    colorizer = plan.assembled(networks)
    grays = np.linspace(0, 255, 19 * 26).astype("uint8").reshape(1, 19, 26, 1).repeat(3, axis=-1)
    lightness = np.asarray(plan.recipe.scaling.split(grays)[0])
    answer = colorizer(lightness)
    if isinstance(answer, dict):  # one with a dial
        shapes = {key: value.shape for key, value in answer.items()}
        assert shapes == {
            "ab": (1, 19, 26, 2),
            "vivid_ab": (1, 19, 26, 2),
            "spread": (1, 19, 26, 1),
        }
        assert np.isfinite(answer["vivid_ab"]).all() and (np.asarray(answer["spread"]) > 0).all()
        answer = answer["ab"]
    chroma = np.asarray(answer)
    assert chroma.shape == (1, 19, 26, 2)
    assert np.isfinite(chroma).all()
    for heading, make in plan.recipe.variants.items():
        if "256" not in heading:  # takes seconds, and is tested with resizing
            assert make(*networks)(lightness).shape == (1, 19, 26, 2)


@pytest.mark.parametrize("module", ["cnn", "polychromify", "polychromify_ab"])
def test_a_recipe_file_says_how_to_run_it_and_what_to_expect(module):
    described = importlib.import_module(f"experiments.recipes.{module}").__doc__
    assert f"python -m experiments.run {module} {RECIPES[module].report_data}" in described
    assert f"PSNR {REPORTED[module]['psnr']:.4f} dB" in described


@pytest.mark.usefixtures("own_folder", "same_precision")
@pytest.mark.long
@pytest.mark.parametrize("name", QUICK)
def test_the_quick_run(name):
    size = "96" if name == "unet_patchgan" else "32"  # 96: no power of 2
    small = ["--limit", "6", "--epochs", "1", "--image-size", size, "--batch-size", "3"]
    assert main([name, *small, "--out", "run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    ours = metrics["rows"][0]
    assert ours["label"].startswith(RECIPES[name].label)
    assert all(np.isfinite(ours["values"][key]["mean"]) for key in ("psnr", "ssim", "ciede2000"))
    reported = any(row["kind"] == "reported" for row in metrics["rows"])
    assert reported == bool(RECIPES[name].published)
    noted = json.loads(Path("run/recipe.json").read_text())["notes"]
    small_for_patch = name in ("resnet_unet_patchgan", "unet_fusion")
    assert any("which exceeds the images of 32x32" in note for note in noted) == small_for_patch
    assert (Path("saved_models") / name / "1" / "saved_model.pb").exists()
    assert (Path("run") / "preset" / "preset.json").exists()
