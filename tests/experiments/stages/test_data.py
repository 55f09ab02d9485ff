"""Which images a run trains on and grades: as photographed, or painted with superpixels."""

import numpy as np
import pytest

from experiments.command_line.options import Options
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from experiments.stages.data import load_data
from polychrome.errors import InputError
from tf_data.sources.source import open_source
from tf_data.store import load_store
from tf_data.superpixels.segmentation import Superpixels, painted


def planned(name, folder, **options):
    """The plan of a recipe at 16 pixels: of published weights, but for UCI's own systems."""
    weights = folder / "released.pth"
    weights.touch()
    released = {} if name == "uci_vae" else {"weights": str(weights), "epochs": 0}
    return make_plan(
        RECIPES[name],
        Options(image_size=16, limit=4, resize="crop", **released, **options),
        open_source("sample"),
    )


@pytest.mark.parametrize("name", ["eccv16", "siggraph17", "uci_vae"])
def test_published_weights_are_graded_on_superpixels_where_asked(name, tmp_path):
    """UCI's report grades Zhang et al.'s network, which was not trained on superpixels."""
    plan, unasked = planned(name, tmp_path, superpixels=9), planned(name, tmp_path)
    assert plan.superpixels == Superpixels(9)
    assert plan.sees_superpixels == (name == "uci_vae")
    assert unasked.superpixels == (Superpixels.uci(16) if name == "uci_vae" else None)


@pytest.mark.long
@pytest.mark.parametrize("name", ["eccv16", "uci_vae"])
def test_images_are_painted_only_for_systems_that_train_on_superpixels(name, tmp_path):
    plan = planned(name, tmp_path, superpixels=9)
    for split, store in load_data(plan, tmp_path).stores.items():
        photographs = load_store(plan.source.splits[split], 16, label=split, limit=4).images
        if name == "uci_vae" and split != "test":
            assert not np.array_equal(store.images, photographs)
            photographs = painted(photographs, Superpixels(9))
        np.testing.assert_array_equal(store.images, photographs)


@pytest.mark.parametrize(
    ("name", "change"),
    [("unet_l1", "flip horizontally"), ("photo", "random numbers")],
)
def test_images_that_the_host_changes_do_not_stay_on_the_accelerator(name, change):
    with pytest.raises(InputError, match=f"{name} can't stay .* is trained with .*{change}") as e:
        make_plan(RECIPES[name], Options(resident=True), open_source("sample"))
    assert e.value.settings == ("resident",)
