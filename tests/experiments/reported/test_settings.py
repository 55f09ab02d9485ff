"""The table of settings: a row for each recipe, equal to it, and as the data sets come."""

import collections
import re

import pytest

from experiments.recipes import RECIPES
from experiments.reported.settings import ROWS, Images
from tf_data.sources import tiny_imagenet
from tf_data.sources.class_folders import open_imagenet_folder, open_linnaeus5
from tf_data.sources.folder import open_folder
from tf_data.sources.split import SPLITS, with_validation_share
from tf_data.sources.tfds_source import COCO_2017, LSUN_DINING_ROOM, PLACES365_SMALL

OWNERS = ("report", "code", "paper", "tutorial", "ours")
OWNED = ("learning_rate", "batch_size", "epochs", "image_size", "augmentation", "resize")
ROW_OF = {name: row for row in ROWS for name in row.systems}
# Of tensorflow-datasets' catalog, where a share of a split is taken or all of it.
LSUN_TOTALS = {"train": 657_571, "validation": 300}


def parts(images: Images):
    return (images.train, images.validation, images.test)


def counts(images: Images) -> list[int]:
    return [number for number, _ in parts(images)]


def images_of(data: str) -> list[Images]:
    found = [row.images for row in ROWS if row.images.data == data]
    assert found
    return found


def test_every_recipe_has_exactly_one_row():
    rows = collections.Counter(name for row in ROWS for name in row.systems)
    assert rows == dict.fromkeys(RECIPES, 1)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_the_numbers_of_its_row(name):
    recipe, row = RECIPES[name], ROW_OF[name]
    optimizers = [network.objective.optimizer for network in recipe.networks]
    assert tuple(optimizer.learning_rate for optimizer in optimizers) == row.learning_rate[0]
    drops = {optimizer.drop_every for optimizer in optimizers}
    assert drops == {row.drop_every and row.drop_every[0]}
    assert tuple(network.epochs for network in recipe.networks) == row.epochs[0]
    assert (recipe.batch_size, recipe.image_size) == (row.batch_size[0], row.image_size[0])
    assert recipe.resize == row.resize[0]
    # Larger images are cropped at random, to the size of the run.
    cropped = ("random_crop",) if recipe.stored_size else ()
    for network in recipe.networks:
        steps = tuple(step.__name__ for step in network.augment)
        assert cropped + steps == row.augmentation[0]
    assert f"--data {row.images.data} " in recipe.report_data


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row.systems))
def test_every_number_has_an_owner_who_may_have_it(row):
    owners = {getattr(row, field)[1] for field in OWNED} | {owner for _, owner in parts(row.images)}
    owners |= {row.drop_every[1]} if row.drop_every else set()
    assert owners <= set(OWNERS)
    assert "report" not in owners or row.report != "Zhang et al."
    assert "paper" not in owners or row.report == "Zhang et al."
    assert "tutorial" not in owners or row.report == "VVIT"


def test_what_dtus_table_1_gives_is_the_reports():
    """Rows of the table that a recipe carries have their epochs and rate from it."""
    pattern = re.compile(r"DTU report, Table 1 \((\d+) epochs, learning rate (\S+)\)")
    checked = 0
    for name, recipe in RECIPES.items():
        for published in recipe.published:
            if found := pattern.fullmatch(published.source):
                row = ROW_OF[name]
                assert row.epochs == ((int(found[1]),), "report")
                assert row.learning_rate == ((float(found[2]),), "report")
                checked += 1
    assert checked >= 10


def test_counts_of_the_data_sets_of_fixed_size():
    limited = {ROW_OF[r.name].images: r.validation_images for r in RECIPES.values()}
    for images in images_of("tiny_imagenet"):
        train, validation, test = tiny_imagenet._OFFICIAL
        assert counts(images) == [train, min(validation, limited[images] or validation), test]
    for data in (PLACES365_SMALL, COCO_2017, LSUN_DINING_ROOM):
        expected = []
        for split in SPLITS:
            official, *ends = data.as_reported[split]
            # Fractions are shares of the official split.
            start, stop = (
                round(end * LSUN_TOTALS[official]) if isinstance(end, float) else end
                for end in ends
            )
            expected.append(stop - start)
        for images in images_of(data.name):
            assert counts(images) == expected
            assert not images.about


def photographs(root, counts: dict[str, int]):
    for folder, count in counts.items():
        (root / folder).mkdir(parents=True)
        for index in range(count):
            (root / folder / f"{index:05d}.jpg").write_bytes(b"not decoded here")
    return root


def lengths(source) -> list[int]:
    return [len(source.splits[split]) for split in SPLITS]


def test_counts_of_a_tree_of_classes(tmp_path):
    # As Linnaeus 5 comes; ImageNet a hundred times smaller, without its test images.
    berries = photographs(tmp_path / "l5", {"train/berry": 1_200, "test/berry": 400})
    imagenet = photographs(tmp_path / "imagenet", {"train/tench": 12_812, "val": 500})
    for data, found, scale in (
        ("linnaeus5/berry", open_linnaeus5(berries, only="berry"), 1),
        ("imagenet_folder", open_imagenet_folder(imagenet), 100),
    ):
        for images in images_of(data):
            expected = [count / scale for count in counts(images)]
            # Each has its place by a hash: three standard deviations of a tenth of them.
            spread = 3 * (0.09 * sum(expected)) ** 0.5
            assert lengths(found) == pytest.approx(expected, abs=spread)
            assert lengths(found)[2] == expected[2]
            assert images.about


@pytest.mark.parametrize("name", ["uci_gan", "uci_vae"])
def test_counts_of_ucis_folders(tmp_path, name):
    images = ROW_OF[name].images
    folder = photographs(tmp_path, {"album": sum(counts(images))})
    found = with_validation_share(open_folder(folder), RECIPES[name].validation_share)
    spread = 3 * (0.09 * sum(counts(images))) ** 0.5
    assert lengths(found) == pytest.approx(counts(images), abs=spread)
    assert images.about
    # The report's halves.
    assert abs(lengths(found)[0] - lengths(found)[1]) <= 1
