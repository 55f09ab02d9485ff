"""What the card of a run's preset says of its data: this run's, not the shipped preset's."""

import dataclasses

import pytest

from experiments.command_line.options import Options
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from experiments.stages.data_section import HEADING, data_section
from experiments.stages.train import Trained
from polychrome.files import write_json
from polychrome.training.callbacks import TrainingState
from tf_data.sources.source import open_source

ENCODER = {"origin": "ImageNet weights from a file", "sha256": "0", "pretrained": True}


@pytest.fixture
def said(tmp_path, monkeypatch):
    """The section of a run of `photo`, for the epochs and the record of each of its networks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    plan = make_plan(RECIPES["photo"], Options(image_size=32), open_source("sample"))
    plan = dataclasses.replace(plan, options=Options(data="folder"))

    def section(*networks, left_out=0) -> str:
        trained = []
        for described, (epochs, record) in zip(plan.networks, networks, strict=True):
            folder = tmp_path / described.name
            folder.mkdir()
            write_json(folder / "initial_weights.json", record)
            state = dataclasses.replace(TrainingState(), epoch=epochs)
            trained.append(Trained(described, None, state, folder))
        (text,) = (found := data_section(plan, trained, 2925, left_out)).values()
        assert list(found) == [HEADING]
        return text

    return section


HERE = "trained on 2,925 images of `folder`. The run does not know what license they have."
PHOTO = "the weights of the preset `photo`; see its card for their data and license."


def test_trained_on_from_a_preset(said):
    begun = {"init_from": "photo", "encoder": ENCODER}
    assert said((3, begun), (3, begun)) == f"It was {HERE} It began with {PHOTO}"


def test_gray_photographs_that_were_left_out(said):
    begun = {"init_from": "photo"}
    text = said((3, begun), (3, begun), left_out=1038)
    assert "images of `folder`; 1,038 gray ones left out. The run does not know" in text


def test_a_preset_that_was_only_graded(said):
    begun = {"init_from": "photo"}
    assert said((0, begun), (0, begun)) == f"Not trained further: {PHOTO}"


def test_one_network_of_two(said):
    begun = {"init_from": "photo"}
    text = said((0, begun), (4, begun))
    assert text == (
        f"Its network heads was {HERE} Its network colorizer was not trained further. "
        f"It began with {PHOTO}"
    )


def test_trained_on_from_a_run_that_had_one_of_the_networks(said):
    text = said((2, {"init_from": "runs/mine"}), (2, {}))
    assert text == (
        f"It was {HERE} Its network colorizer began with the weights of the run `runs/mine`; "
        "see its card for their data and license."
    )


def test_from_the_beginning(said):
    text = said((2, {"encoder": ENCODER}), (2, {}))
    assert text == f"It was {HERE} The encoder of colorizer began with {ENCODER['origin']}."
