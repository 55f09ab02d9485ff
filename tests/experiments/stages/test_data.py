"""Which images a run trains on and grades: as photographed, or painted with superpixels."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from experiments.command_line.options import Options
from experiments.plan import make_plan
from experiments.recipes import RECIPES
from experiments.stages.data import COUNTS, count_images, load_data
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


@pytest.fixture
def half_gray(half_gray_folder):
    """A source of photographs, of which every other one is gray."""
    return open_source("folder", half_gray_folder)


@pytest.mark.parametrize("name", ["cnn", "polychromify_v1"])
def test_gray_photographs_are_graded_but_not_learned_from(name, half_gray, tmp_path, capsys):
    """`polychromify_v1` is graded on validation images, as its report's table."""
    options = Options(data="folder", image_size=16)
    plan = make_plan(RECIPES[name], options, half_gray)
    found = load_data(plan, tmp_path)
    printed = capsys.readouterr().out
    for split, store in found.stores.items():
        files = half_gray.splits[split].names
        gray = {file for file in files if int(file[:2]) % 2}
        kept = split == plan.recipe.graded_split or split == "test"
        assert gray and set(store.left_out) == (set() if kept else gray)
        assert set(store.names) == set(files) - set(store.left_out)
        said = f"{len(gray)} already gray" if kept else f"{len(gray)} gray left out"
        assert f"{split:10} {len(store):7} images ({said})" in printed
    assert found.baselines.images == found.counts["train"] == len(found.stores["train"])


def test_images_are_counted_as_a_run_will_count_them_and_decoded_for_it_once(
    half_gray_folder, tmp_path, capsys
):
    Path(half_gray_folder, "broken.png").write_bytes(b"not an image")
    plan = make_plan(
        RECIPES["cnn"],
        Options(data="folder", image_size=16),
        open_source("folder", half_gray_folder),
    )
    expected = load_data(plan, tmp_path).counts
    assert expected["train"] < 0.7 * len(plan.source.splits["train"])
    capsys.readouterr()
    for decoded in (True, False):
        for name, count in expected.items():
            assert count_images(plan, name, tmp_path / COUNTS) == count
            assert (f"decode {name}" in capsys.readouterr().err) == decoded
    fewer = dataclasses.replace(plan, limits={**plan.limits, "train": 10})
    assert 0 < count_images(fewer, "train", tmp_path / COUNTS) < 10


@pytest.mark.parametrize(
    ("name", "change"),
    [("unet_l1", "flip horizontally"), ("photo", "random numbers")],
)
def test_images_that_the_host_changes_do_not_stay_on_the_accelerator(name, change):
    with pytest.raises(InputError, match=f"{name} can't stay .* is trained with .*{change}") as e:
        make_plan(RECIPES[name], Options(resident=True), open_source("sample"))
    assert e.value.settings == ("resident",)
