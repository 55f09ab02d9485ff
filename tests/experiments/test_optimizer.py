"""Learning rates by the length of a run, and what records say of them."""

import re
from pathlib import Path

import numpy as np
import pytest

from experiments.optimizer import Adam
from experiments.recipes import RECIPES
from experiments.training import parts_of
from experiments.variants.of_tiny import COLORIZER
from polychrome.files import read_json
from polychrome.training.schedules import WarmupStableDecay

RESULTS = Path(__file__).resolve().parents[2] / "experiments/results"
WARMED = {
    f"{name} {network.name}": network.objective.optimizer
    for name, recipe in RECIPES.items()
    for network in recipe.networks
    if network.objective.optimizer.warmup
} | {"ablation": COLORIZER.objective.optimizer}


def schedule(optimizer: Adam, steps: int, warmup: int | None = None) -> WarmupStableDecay:
    return WarmupStableDecay(
        **optimizer.make(steps, warmup).get_config()["learning_rate"]["config"]
    )


@pytest.mark.parametrize("steps", [1, 3, 12, 135, 624])
@pytest.mark.parametrize("name", WARMED)
def test_runs_of_any_length_reach_their_learning_rate_and_say_so(name, steps):
    optimizer = WARMED[name]
    made = schedule(optimizer, steps)
    assert made.peak() == pytest.approx(optimizer.learning_rate)
    assert f"learning rate {optimizer.learning_rate:g} after a warm-up of {made.warmup} step" in (
        optimizer.describe(steps)
    )


def test_a_short_run_warms_up_in_a_third_of_it():
    optimizer = Adam(1e-2, warmup=200, decay=0.2)
    made = schedule(optimizer, 12)
    rates = [float(made(step)) for step in range(12)]
    rise, fall = [0.0025, 0.005, 0.0075, 0.01], [1e-2 * 2 / 2.4, 1e-2 * 1 / 2.4]
    np.testing.assert_allclose(rates, [*rise, *[0.01] * 6, *fall], rtol=1e-5)
    # Before the rate falls, where that leaves less than a third.
    assert Adam(warmup=200, decay=0.9).warmup_in(600) == 60
    assert Adam(warmup=200).warmup_in(10) == 3


def test_kept_runs_have_the_warm_ups_that_their_records_say():
    """The same commands train as they did."""
    found = {}
    for path in sorted(RESULTS.rglob("recipe.json")):
        record = read_json(path)
        metrics = path.parent / "metrics.json"
        images = read_json(metrics)["images"]["train"] if metrics.exists() else 0
        parts = parts_of(images, record["batch_size"], record.get("epoch_images"))
        for network in record["networks"]:
            said = re.search(
                r"rate (\S+) after a warm-up of (\d+) steps, falling to 0 over the last (\d+)%",
                network.get("optimizer", ""),
            )
            steps = network["epochs"] * (images // parts // record["batch_size"])
            if said is None or not steps:
                continue
            rate, warmup, decay = float(said[1]), int(said[2]), int(said[3]) / 100
            optimizer = Adam(rate, warmup=warmup, decay=decay)
            assert optimizer.warmup_in(steps) == warmup, (path, network["name"], steps)
            assert schedule(optimizer, steps).peak() == pytest.approx(rate)
            found[path.parent.name, network["name"]] = steps
    assert found["photo", "heads"] == 600 and found["tiny", "heads"] == 624 and len(found) > 8
    # Eight epochs of 5,000 images in batches of 64 (`experiments/results/ablation`).
    assert COLORIZER.objective.optimizer.warmup_in(8 * 78) == 200


def test_a_rate_that_was_not_reached_is_not_said_to_be_the_run_s():
    optimizer = Adam(2e-3, warmup=200, decay=0.2)
    assert optimizer.describe(12, warmup=200) == (
        "Adam, learning rate up to 0.00012, of 0.002, in a warm-up of 200 steps, "
        "falling to 0 over the last 20% of the run"
    )
    said = "Adam, learning rate 0.002 after a warm-up of"
    assert optimizer.describe(3).startswith(f"{said} 1 step, ")
    assert optimizer.describe(1000, warmup=4).startswith(f"{said} 4 steps, ")
    # Not trained, or of a length that is not known yet.
    assert optimizer.describe().startswith(f"{said} at most 200 steps, ")
