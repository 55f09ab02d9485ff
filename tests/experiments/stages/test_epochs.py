"""Which epochs a resumed run may ask for."""

import dataclasses
from pathlib import Path

import pytest

from experiments.command_line.options import Options
from experiments.plan import Plan, make_plan
from experiments.recipes import RECIPES
from experiments.stages.job import check_epochs
from polychrome.errors import InputError
from polychrome.files import read_json, write_json
from polychrome.training.callbacks import TrainingState
from tf_data.sources.source import open_source

# Their later networks begin with the weights of the earlier ones, or hold these as they are.
IN_STAGES = ("resnet_unet_patchgan", "siggraph17_narrow", "tiny", "photo")


def planned(name: str, epochs: int) -> Plan:
    return make_plan(RECIPES[name], Options(image_size=32, epochs=epochs), open_source("sample"))


def finish(folder: Path, plan: Plan, *epochs: int) -> Path:
    """A run's folder after so many epochs of each network."""
    for network, done in zip(plan.networks, epochs, strict=False):
        state = TrainingState(epoch=done, weights=f"epoch-{done:04d}.weights.h5")
        place = folder / "networks" / network.name
        write_json(place / "state.json", dataclasses.asdict(state))
    return folder


@pytest.mark.parametrize("name", IN_STAGES)
def test_a_network_that_another_one_began_with_is_not_trained_further(name, tmp_path):
    plan = planned(name, 2)
    first, *later = (network.name for network in plan.networks)
    folder = finish(tmp_path, plan, *(1 for _ in plan.networks))
    with pytest.raises(
        InputError, match=f"2 epochs of {first}, after 1: {later[0]} has begun"
    ) as e:
        check_epochs(plan, folder)
    assert e.value.settings == ("epochs", "init_from")


@pytest.mark.parametrize("done", [(), (1,), (2,), (2, 1), (2, 2)])
def test_a_run_that_was_stopped_goes_on(done, tmp_path):
    plan = planned("tiny", 2)
    check_epochs(plan, finish(tmp_path, plan, *done))


def test_networks_on_their_own_are_all_trained_further(tmp_path):
    plan = planned("polychromify_ab", 2)
    check_epochs(plan, finish(tmp_path, plan, 1, 1))


def test_fewer_epochs_than_are_done_are_refused_and_the_record_stays(
    tmp_path, own_folder, error_of
):
    run = finish(tmp_path / "run", planned("cnn", 3), 3)
    write_json(run / "recipe.json", {"name": "cnn", "options": {"epochs": 3, "limit": 6}})
    before = (run / "recipe.json").read_bytes()
    message = error_of("cnn", "--resume", "--out", run, "--epochs", "1")
    assert f"{run / 'networks/cnn'}: 3 epochs are done" in message and "--epochs" in message
    assert (run / "recipe.json").read_bytes() == before
    assert read_json(run / "recipe.json")["options"]["epochs"] == 3
