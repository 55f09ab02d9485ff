"""The published results: all of them, once each, as printed, with the budgets of the settings."""

from pathlib import Path

import pytest

from experiments.reported.figure import OF_PHOTOGRAPH, PARAMETERS, SECONDS, Budget
from experiments.reported.figures import PLACES, REPORTS
from experiments.reported.published import (
    DTU_TABLE_1,
    PADOVA_TABLE_1,
    PADOVA_TABLE_2,
    UCI_ROSE,
)
from experiments.reported.settings import ROWS
from experiments.training import read_history
from polychrome.files import read_json

FIGURES = [(place, figure) for place in PLACES for figure in place.figures]
SETTINGS = {name: row for row in ROWS for name in row.systems}
# Typed off the reports a second time. DTU's table: `test_published.py`, in its own order.
PRINTED = {
    ("Padova", "Table 1"): """
        v1 20.56 5h_50min v2 20.18 6h_15min v3 20.55 45min v4 20.62 42min v5 19.54 85min
        v6 20.66 42min""",
    ("Padova", "Section 5"): "v5 30/35",
    ("Padova", "Table 2"): """
        CNN 21.5735 0.9061 10^5 Polychromify 21.9590 0.9056 10^6 PolychromifyAB 22.4440 0.9231 10^6
        ECCV16 22.1403 0.9230 32×10^6 SIGGRAPH17 23.9000 0.9334 35×10^6""",
    ("DTU", "Table 1"): """
        Zhang,_et_al. 6.79 0.0241 15296.60 MSE,_100_epochs,_1e-4 9.22 0.1264 8799.35
        MSE,_98_epochs,_1e-3 17.79 0.8197 1214.07 MSE,_101_epochs,_1e-4 18.39 0.8244 1076.04
        MSE,_93_epochs,_1e-4 9.25 0.1267 8720.09 MSE,_100_epochs,_1e-4 18.71 0.8235 1024.60
        L1,_100_epochs,_1e-3 18.30 0.8148 1137.31 L1Smooth,_100_epochs,_1e-3 18.33 0.8185 1092.50
        L1Smooth,_100_epochs,_1e-4 18.80 0.8220 1027.55
        WeightedColorLoss,_100_epochs,_1e-3 18.77 0.8163 994.90
        WeightedColorLoss,_100_epochs,_1e-4 18.90 0.8188 978.10""",
    ("DTU", "Section 6.4"): "each_model,_100_epochs approximately_3_hours",
    ("UCI", "Section 3.5"): "Richard_Zhang_model 91% 89% GAN 91% VAE 71%",
    ("Linköping", "Sections 3.1.1 and 3.1.2"): "cGAN 60_to_70% 60_to_70% 1000",
    ("Linköping", "Sections 3.2.2 and 3.2.4"): """
        VGG16,_regression approximately_35 VGG16,_classification 3-7""",
}


def test_every_printed_figure_is_there_in_its_place():
    assert [(place.report, place.name) for place in PLACES] == list(PRINTED)
    for place in PLACES:
        words: list[str] = []
        for figure in place.figures:
            name = figure.system.replace(" ", "_")
            # A second row of the same name begins anew with its PSNR.
            if name not in words or figure.key == "psnr":
                words.append(name)
            words.append(figure.printed.replace(" ", "_"))
        assert words == PRINTED[place.report, place.name].split()


def test_every_grade_of_the_published_tables_is_a_figure_once():
    tables = (PADOVA_TABLE_1, PADOVA_TABLE_2, DTU_TABLE_1, UCI_ROSE)
    grades = [
        (id(row), key, value)
        for rows in tables
        for row in rows.values()
        for key, value in row.values.items()
    ]
    found = [
        (id(figure.graded), figure.key.removesuffix(OF_PHOTOGRAPH), figure.value)
        for _, figure in FIGURES
        if figure.graded
    ]
    assert sorted(found) == sorted(grades) and len(set(found)) == len(found)


@pytest.mark.parametrize(
    "figure", [f for _, f in FIGURES if f.graded], ids=lambda f: f"{f.system} {f.key}"
)
def test_what_is_printed_is_the_value(figure):
    printed = figure.printed
    value = float(printed.rstrip("%")) / (100 if "%" in printed else 1)
    assert value == pytest.approx(figure.value, abs=1e-9)


def test_budgets_are_those_of_the_settings():
    checked = 0
    for place, figure in FIGURES:
        row, budget = SETTINGS[figure.recipe], figure.budget
        assert row.report == place.report or figure.recipe in ("eccv16", "siggraph17")
        assert not figure.instead or figure.instead in SETTINGS
        assert bool(figure.instead) == bool(figure.instead_is)
        if budget is None or budget.unit != "epochs":
            continue
        assert {budget.epochs} == set(row.epochs[0])
        if row.images.train[1] == "report" and budget.images:
            assert budget.images == row.images.train[0]
            checked += 1
    assert checked > 40
    steps = {f.budget.seen for _, f in FIGURES if f.recipe == "cgan"}
    assert steps == {64_000}  # Linköping report, section 3.1.1
    assert Budget(25).seen is None


def test_sizes_are_those_of_the_reports():
    sizes = {place.report: {figure.size for figure in place.figures} for place in PLACES}
    assert sizes["DTU"] == {256} and sizes["UCI"] == {224}
    assert {f.size for p, f in FIGURES if p.report == "Padova"} == {64}
    assert {f.size for _, f in FIGURES if f.recipe.startswith("vgg16")} == {224}


def test_data_that_is_public_lacks_nothing():
    assert {place.report for place in PLACES} <= set(REPORTS)
    for place, figure in FIGURES:
        own_data = place.report != "Padova"
        assert bool(place.lacks) == own_data
        assert bool(figure.lacks) == (
            figure.recipe in ("eccv16", "siggraph17") and figure.key != PARAMETERS
        )
        assert bool(figure.machine) == (figure.key == SECONDS)
        no_grade = figure.graded is None and figure.key not in (SECONDS, PARAMETERS)
        assert bool(figure.data) == no_grade
        assert not figure.data or figure.data == SETTINGS[figure.recipe].images.data


def test_what_is_said_of_the_cgans_loss_is_in_its_history():
    (said,) = (each.remark for _, each in FIGURES if "generator's loss" in each.quantity)
    run = Path(__file__).parents[3] / "experiments/results/tiny_imagenet/cgan_3000_steps"
    recipe = read_json(run / "recipe.json")
    assert recipe["limits"]["train"] == 1_000 * recipe["batch_size"]
    assert recipe["networks"][0]["loss"] == "1 x minimax loss"
    history = read_history(run / "networks/cgan/history.csv")
    assert f"a run of {len(history)},000 iterations" in said
    first, *later = (row["generator_loss"] for row in history)
    rounded = [f"{each:.1e}".replace("e-0", "×10^-") for each in later]
    assert f"{first:.4f}, then {' and '.join(rounded)}, and as a chart" in said
    assert all(row["accuracy_fake"] == 1 for row in history[1:]) and history[0]["accuracy_fake"] < 1
    assert (run / "networks/cgan/steps.png").exists()
