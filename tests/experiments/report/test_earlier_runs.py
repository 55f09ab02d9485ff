"""What a table says of the training of networks, in a run and in the runs before it."""

import dataclasses
import json
from pathlib import Path

import pytest

from experiments.report.earlier_runs import AS_THEY_ARE, budget_of, in_words, trained_networks
from experiments.report.tables import read_metrics
from experiments.training import Training
from polychrome.presets import shipped

RESULTS = Path(__file__).resolve().parents[3] / "experiments" / "results"
LARGE = Training(25, 100_000, image_size=64, precision="float32")
SMALL = Training(3, 1_200, image_size=224, precision="mixed_bfloat16")
ONE = dataclasses.replace(LARGE, epochs=1)


@pytest.mark.parametrize(
    ("networks", "says"),
    [
        ({"net": [LARGE]}, "25 epochs of 100,000 images of 64x64, float32"),
        (
            {"net": [LARGE, SMALL]},
            "25 epochs of 100,000 images of 64x64, float32, "
            "then 3 epochs of 1,200 images of 224x224, mixed_bfloat16",
        ),
        (
            {"a": [LARGE], "b": [LARGE]},
            "2 networks, each 25 epochs of 100,000 images of 64x64, float32",
        ),
        (
            {"colorizer": [LARGE, SMALL], "heads": [ONE]},
            "colorizer: 2,503,600 images in 2 runs (25 epochs of 100,000 images of 64x64, float32, "
            "then 3 epochs of 1,200 images of 224x224, mixed_bfloat16); "
            "heads: 1 epoch of 100,000 images of 64x64, float32",
        ),
        (
            {"net": [dataclasses.replace(ONE, parts=3)]},
            "1 epoch of 33,333 of 100,000 images of 64x64, float32",
        ),
        ({"net": [Training(2)]}, "2 epochs"),
        (
            {"a": [Training(2), ONE], "b": []},
            "a: 2 runs (2 epochs, then 1 epoch of 100,000 images of 64x64, float32); b: untrained",
        ),
    ],
)
def test_in_words(networks, says):
    assert in_words(networks) == says


def test_a_recorded_budget_is_put_anew_only_where_networks_differ():
    alike, other = {"a": [ONE], "b": [ONE]}, {"a": [ONE], "b": [SMALL]}
    recorded = "2 networks, each 1 epoch of 100,000 images (best: 1, 1)"
    assert budget_of(alike, recorded) == recorded and budget_of({}, recorded) == recorded
    assert budget_of(other, recorded) == in_words(other)
    assert budget_of(other, recorded + AS_THEY_ARE) == in_words(other) + AS_THEY_ARE


@pytest.mark.parametrize(
    "run, in_epochs",
    [
        ("photo", {"colorizer": 784_400, "heads": 38_440}),
        ("tiny_imagenet/tiny", {"colorizer": 840_000, "heads": 120_000}),
    ],
)
def test_the_kept_runs_of_the_presets_name_each_network_with_its_own_training(run, in_epochs):
    networks = trained_networks(RESULTS / run)
    found = {name: sum(each.in_epochs for each in trained) for name, trained in networks.items()}
    assert found == in_epochs
    rows = read_metrics(RESULTS / run)["rows"]
    assert {row["budget"] for row in rows if row["kind"] == "ours"} == {in_words(networks)}
    card = json.loads((shipped()[Path(run).name] / "preset.json").read_text())
    described = card["source"]["networks"]
    for name, trained in networks.items():
        assert [Training(**each) for each in described[name]["trainings"]] == trained
