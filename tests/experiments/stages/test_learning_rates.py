"""The warm-up of a run that is begun, gone on with, made longer, and of an earlier version's."""

import dataclasses
from pathlib import Path

import pytest

from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.recipe import Adam, Supervised, any_size
from experiments.recipes import RECIPES
from experiments.stages.initial_weights import InitialWeights
from experiments.stages.job import train_run
from experiments.stages.learning_rates import warmup_of, with_rates
from polychrome.files import read_json, write_json
from polychrome.models.cnn import build_cnn
from polychrome.training.callbacks import TrainingState
from tf_data.sources.source import open_source

SMALL = any_size(build_cnn, filters=(2, 3))
NOT_KNOWN = "learning rate 0.002 after a warm-up of at most 200 steps"


def planned(epochs: int) -> Plan:
    """`photo` with a small colorizer and without heads, in batches of 64."""
    plan = make_plan(RECIPES["photo"], Options(image_size=32), open_source("sample"))
    colorizer = dataclasses.replace(plan.networks[0], build=SMALL, encoder=None, epochs=epochs)
    recipe = dataclasses.replace(plan.recipe, networks=(colorizer,))
    return dataclasses.replace(plan, recipe=recipe)


def begin(plan: Plan, run: Path, images: int):
    """The warm-up of the colorizer's optimizer, and the record's words, as a run makes them."""
    (network,) = plan.networks
    place = run / "networks" / network.name
    place.mkdir(parents=True, exist_ok=True)
    described = [{"name": "colorizer", "optimizer": NOT_KNOWN}]
    (said,) = with_rates(described, plan, images, run)
    built = InitialWeights(plan, network, place, steps=plan.steps(network, images)).build()
    settings = built.optimizer.get_config()["learning_rate"]["config"]
    assert settings["steps"] == plan.steps(network, images)
    return settings["warmup"], said["optimizer"]


def finish(run: Path, epochs: int) -> None:
    state = TrainingState(epoch=epochs, weights=f"epoch-{epochs:04d}.weights.h5")
    write_json(run / "networks/colorizer/state.json", dataclasses.asdict(state))


def test_a_run_of_few_steps_warms_up_in_some_of_them_and_its_record_says_so(tmp_path):
    warmup, said = begin(planned(12), tmp_path, images=100)
    assert warmup == 4
    assert said.startswith("AdamW, learning rate 0.002 after a warm-up of 4 steps, falling")
    record = read_json(tmp_path / "networks/colorizer/initial_weights.json")
    assert record["warmup_steps"] == 4


@pytest.mark.parametrize("epochs", [12, 3000])
def test_a_run_that_goes_on_keeps_its_warm_up_also_if_it_is_longer_now(epochs, tmp_path):
    begin(planned(12), tmp_path, images=100)
    finish(tmp_path, 2)
    warmup, said = begin(planned(epochs), tmp_path, images=100)
    assert warmup == 4 and "after a warm-up of 4 steps" in said
    record = read_json(tmp_path / "networks/colorizer/initial_weights.json")
    assert record["warmup_steps"] == 4


@pytest.mark.parametrize("saved", [False, True])
def test_a_run_without_a_finished_epoch_has_not_begun(saved, tmp_path):
    """Saved untrained, as with `--epochs 0`, or killed."""
    begin(planned(12), tmp_path, images=100)
    if saved:
        finish(tmp_path, 0)
    warmup, _ = begin(planned(30), tmp_path, images=100)
    assert warmup == 10
    record = read_json(tmp_path / "networks/colorizer/initial_weights.json")
    assert record["warmup_steps"] == 10


def test_a_run_of_an_earlier_version_goes_on_as_it_began_and_says_what_it_reached(tmp_path):
    finish(tmp_path, 2)
    warmup, said = begin(planned(12), tmp_path, images=100)
    assert warmup == 200
    assert "learning rate up to 0.00012, of 0.002, in a warm-up of 200 steps" in said


def test_a_network_without_a_warm_up_has_no_record_of_one(tmp_path):
    plan = make_plan(RECIPES["cnn"], Options(image_size=32), open_source("sample"))
    (network,) = plan.networks
    network = dataclasses.replace(network, build=SMALL)
    InitialWeights(plan, network, tmp_path, steps=12).build()
    assert warmup_of(network, tmp_path, 12) == 0
    assert "warmup_steps" not in read_json(tmp_path / "initial_weights.json")


def test_the_record_of_a_network_that_is_not_trained_says_no_rate_that_it_had(tmp_path):
    _, said = begin(planned(0), tmp_path, images=100)
    assert NOT_KNOWN in said


@pytest.mark.long
@pytest.mark.usefixtures("same_precision")
def test_the_record_of_a_run_says_its_rates_and_stays_when_it_is_resumed(tmp_path):
    rising = Supervised(optimizer=Adam(1e-2, warmup=200, decay=0.5))
    network = dataclasses.replace(RECIPES["cnn"].networks[0], build=SMALL, objective=rising)
    recipe = dataclasses.replace(RECIPES["cnn"], networks=(network,))
    options = Options(image_size=16, limit=6, batch_size=1, epochs=2)
    for epochs in (2, 5):
        train_run(recipe, dataclasses.replace(options, epochs=epochs), tmp_path / "run").close()
        (described,) = read_json(tmp_path / "run/recipe.json")["networks"]
        assert described["epochs"] == epochs
        assert described["optimizer"] == (
            "Adam, learning rate 0.01 after a warm-up of 4 steps, falling to 0 over the last 50% "
            "of the run"
        )
