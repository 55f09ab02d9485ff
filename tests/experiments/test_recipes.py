"""Every system of the registry: what it promises, and the quick run end to end."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from experiments.grade import metrics_in_order
from experiments.recipes import RECIPES
from experiments.run import main
from polychrome.color import PADOVA

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
EPOCHS = {"polychromify_ab": 30, "polychromify_overfit": 50, "polychromify_v5": 50}
every_recipe = pytest.mark.parametrize("name", RECIPES)


def test_every_system_of_the_report_is_there():
    assert set(RECIPES) == set(REPORTED)
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    assert len({recipe.label for recipe in RECIPES.values()}) == len(RECIPES)


@every_recipe
def test_figures_and_budget_are_the_reports(name):
    recipe = RECIPES[name]
    assert recipe.published.values == REPORTED[name]
    assert set(recipe.published.values) <= {metric.key for metric in metrics_in_order()}
    assert bool(recipe.published.values) == recipe.published.source.startswith("Padova report")
    assert {network.epochs for network in recipe.networks} == {EPOCHS.get(name, 25)}
    assert (recipe.batch_size, recipe.image_size, recipe.scaling) == (64, 64, PADOVA)
    assert {network.learning_rate for network in recipe.networks} == {1e-3}


@every_recipe
def test_the_networks_make_one_colorizer_of_any_size(name):
    recipe = RECIPES[name]
    assert [c for network in recipe.networks for c in network.channels] == [0, 1]
    networks = [network.build() for network in recipe.networks]
    lightness = np.random.default_rng(0).uniform(0, 100, (2, 19, 26, 1)).astype("float32")
    for network, built in zip(recipe.networks, networks, strict=True):
        assert built(lightness).shape == (2, 19, 26, len(network.channels))
    chroma = np.asarray(recipe.assemble(*networks)(lightness))
    assert chroma.shape == (2, 19, 26, 2)
    assert np.abs(chroma).max() <= 1


@pytest.mark.parametrize("module", ["cnn", "polychromify", "polychromify_ab"])
def test_a_recipe_file_says_how_to_run_it_and_what_to_expect(module):
    described = importlib.import_module(f"experiments.recipes.{module}").__doc__
    assert f"python -m experiments.run {module} {RECIPES[module].report_data}" in described
    assert f"PSNR {REPORTED[module]['psnr']:.4f} dB" in described


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize(
    "name",
    # Trained in test_run.py and test_stages.py: polychromify_ab, polychromify, polychromify_v4.
    ["cnn", "polychromify_overfit", "polychromify_v2"],
)
def test_the_quick_run(name):
    assert main([name, "--limit", "12", "--epochs", "1", "--out", "run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    ours = metrics["rows"][0]
    assert ours["label"] == RECIPES[name].label
    assert all(np.isfinite(ours["values"][key]["mean"]) for key in ("psnr", "ssim", "ciede2000"))
    assert any(row["kind"] == "reported" for row in metrics["rows"]) == bool(REPORTED[name])
    assert (Path("saved_models") / name / "1" / "saved_model.pb").exists()
