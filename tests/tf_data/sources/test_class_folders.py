"""Trees with a folder for each class."""

import zipfile

import pytest

from polychrome.errors import InputError
from tf_data.sources.source import SPLITS, open_source
from tf_data.sources.split import position

LINNAEUS5 = ("berry", "bird", "dog", "flower", "other")
WNIDS = ("n01440764", "n02119789")


def fill(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def linnaeus5(train, test):
    """The official names, for so many photographs of each class."""
    return [
        f"{split}/{category}/{index}_256.jpg"
        for split, count in (("train", train), ("test", test))
        for category in LINNAEUS5
        for index in range(1, count + 1)
    ]


SMALL = linnaeus5(60, 4)
TRAIN = [f"train/{wnid}/{wnid}_{index}.JPEG" for wnid in WNIDS for index in range(10, 70)]
VALIDATION = [f"val/{wnid}/ILSVRC2012_val_{index:08d}.JPEG" for wnid in WNIDS for index in range(3)]
TEST = [f"test/ILSVRC2012_test_{index:08d}.JPEG" for index in range(4)]


@pytest.fixture
def tree(tmp_path):
    return fill(tmp_path / "Linnaeus 5 256X256", SMALL)


def names_of(source):
    return {split: list(items.names) for split, items in source.splits.items()}


def check_labels(source, split):
    items = source.splits[split]
    assert [source.classes[label] for label in items.labels] == [
        name.split("/")[1] for name in items.names
    ]


def test_own_trees_are_turned_upright_and_the_reports_data_sets_are_not(tree, tmp_path):
    own = open_source("imagenet_folder", fill(tmp_path / "own", TRAIN + VALIDATION))
    assert all(split.upright for split in own.splits.values())
    assert not any(s.upright for s in open_source("linnaeus5/all", tree).splits.values())


def test_linnaeus5_holds_out_a_tenth_of_train(tree):
    source = open_source("linnaeus5/all", tree)
    assert source.classes == LINNAEUS5
    assert tuple(source.splits) == SPLITS
    names = names_of(source)
    assert names["test"] == sorted(name for name in SMALL if name.startswith("test"))
    assert sorted(names["train"] + names["validation"]) == sorted(
        name for name in SMALL if name.startswith("train")
    )
    assert all(position(name) >= 0.9 for name in names["validation"])
    assert all(position(name) < 0.9 for name in names["train"])
    assert 10 <= len(names["validation"]) <= 51  # of 300: four standard deviations around 30
    for split, items in source.splits.items():
        check_labels(source, split)
        assert [items.read(i) for i in range(len(items))] == [n.encode() for n in names[split]]


def test_linnaeus5_berries_are_the_same_photographs_in_the_same_splits(tree):
    berries, whole = open_source("linnaeus5/berry", tree), open_source("linnaeus5/all", tree)
    assert berries.name == "linnaeus5/berry"
    assert berries.classes == ("berry",)
    for split, items in berries.splits.items():
        assert list(items.names) == [n for n in whole.splits[split].names if "/berry/" in n]
        assert set(items.labels) == {0}


def test_another_number_than_the_official_one_is_noticed(tree, tmp_path):
    assert (
        "320 photographs of linnaeus5/all, not the 8,000"
        in open_source("linnaeus5/all", tree).notice
    )
    assert (
        "64 photographs of linnaeus5/berry, not the 1,600"
        in open_source("linnaeus5/berry", tree).notice
    )
    berries = [name for name in linnaeus5(1200, 400) if "berry" in name]
    assert open_source("linnaeus5/berry", fill(tmp_path / "x", berries)).notice == ""


def test_the_folder_around_and_a_zip_give_the_same(tree, tmp_path):
    expected = names_of(open_source("linnaeus5/all", tree))
    assert names_of(open_source("linnaeus5/all", tree.parent)) == expected
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in SMALL:
            archive.writestr(f"Linnaeus 5 256X256/{name}", name)
    zipped = open_source("linnaeus5/all", tmp_path / "x.zip")
    assert names_of(zipped) == expected
    assert zipped.splits["test"].read(0) == expected["test"][0].encode()


def test_two_sizes_side_by_side_are_not_chosen_among(tree):
    fill(tree.parent / "Linnaeus 5 32X32", SMALL)
    with pytest.raises(InputError, match="holds 2 data sets .'Linnaeus 5 256X256', 'Linnaeus 5 32"):
        open_source("linnaeus5/all", tree.parent)


def test_berries_that_are_missing_are_named(tmp_path):
    fill(tmp_path, [name for name in SMALL if "berry" not in name])
    with pytest.raises(InputError, match="no photographs of class 'berry'.*chaladze.com"):
        open_source("linnaeus5/berry", tmp_path)


def test_all_three_folders_as_imagenet_has_them(tmp_path):
    root = tmp_path / "ILSVRC" / "Data" / "CLS-LOC"
    fill(root, TRAIN + VALIDATION + TEST)
    fill(tmp_path / "ILSVRC" / "Annotations", ["CLS-LOC/val/ILSVRC2012_val_00000001.xml"])
    source = open_source("imagenet_folder", tmp_path)
    assert names_of(source) == {"train": TRAIN, "validation": VALIDATION, "test": TEST}
    assert source.classes == WNIDS
    for split in ("train", "validation"):
        check_labels(source, split)
    assert source.splits["test"].labels is None
    assert source.notice == ""


@pytest.mark.parametrize("folder", ["val", "valid", "validation", "Val"])
def test_without_test_the_validation_photographs_are_the_test_split(tmp_path, folder):
    held_back = [name.replace("val/", folder + "/") for name in VALIDATION]
    source = open_source("imagenet_folder", fill(tmp_path, TRAIN + held_back))
    names = names_of(source)
    assert names["test"] == held_back
    assert names["validation"] == [name for name in TRAIN if position(name) >= 0.9] != []
    assert names["train"] == [name for name in TRAIN if position(name) < 0.9]
    for split in SPLITS:
        check_labels(source, split)


def test_folders_inside_of_classes_count_as_the_class(tmp_path):
    names = [
        name.replace("/n0", "/n0", 1).replace("/ILSVRC", "/images/ILSVRC") for name in VALIDATION
    ]
    source = open_source("imagenet_folder", fill(tmp_path, TRAIN + names + TEST))
    assert source.splits["validation"].labels == (0, 0, 0, 1, 1, 1)


def test_a_class_named_as_a_split_is_a_class(tmp_path):
    names = [
        f"{split}/{name}/{i}.jpg" for split in SPLITS for name in ("car", "train") for i in "ab"
    ]
    source = open_source("imagenet_folder", fill(tmp_path, names))
    assert source.classes == ("car", "train")
    assert source.splits["test"].labels == (0, 0, 1, 1)


def test_without_classes_there_are_no_labels(tmp_path):
    names = [f"{split}/{i}.png" for split in SPLITS for i in range(3)]
    source = open_source("imagenet_folder", fill(tmp_path, names))
    assert source.classes == ()
    assert all(items.labels is None for items in source.splits.values())


def test_other_files_are_passed_over(tmp_path):
    litter = ["train/n01440764/.x.JPEG", "train/labels.txt", "val/Thumbs.db", "poster.jpg"]
    source = open_source("imagenet_folder", fill(tmp_path, TRAIN + VALIDATION + TEST + litter))
    assert names_of(source) == {"train": TRAIN, "validation": VALIDATION, "test": TEST}


def test_the_fingerprint_follows_the_files(tmp_path):
    fill(tmp_path, TRAIN + VALIDATION + TEST)
    before = open_source("imagenet_folder", tmp_path).splits
    (tmp_path / TEST[0]).write_bytes(b"another one")
    after = open_source("imagenet_folder", tmp_path).splits
    assert [before[s].fingerprint == after[s].fingerprint for s in SPLITS] == [True, True, False]


@pytest.mark.parametrize(
    "names, message",
    [
        (TRAIN, "no photographs under train/ and under val/ or test/.*source 'folder'"),
        (VALIDATION + TEST, "no photographs under train/ and"),
        ([], "no photographs under train/ and"),
        (TRAIN + VALIDATION + ["val/n99/x.JPEG", *TEST], "'n99', a class of the validation split"),
        (TRAIN[:1] + TEST, "1 photographs in train/ are too few to hold out a tenth"),
    ],
)
def test_another_layout_is_refused(tmp_path, names, message):
    with pytest.raises(InputError, match=message) as caught:
        open_source("imagenet_folder", fill(tmp_path, names))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["linnaeus5/berry", "linnaeus5/all", "imagenet_folder"])
def test_missing_data_say_where_to_get_them(tmp_path, name):
    place = "chaladze.com/l5" if "linnaeus" in name else "image-net.org"
    with pytest.raises(InputError, match=f"^{name}: where is it.*{place}") as error:
        open_source(name)
    assert error.value.settings == ("data_dir",)
    with pytest.raises(InputError, match=f"{tmp_path}/x: no such file or folder; .*{place}"):
        open_source(name, tmp_path / "x")
    with pytest.raises(InputError, match=f"^{name} can't be downloaded.*{place}") as error:
        open_source(name, tmp_path, download=True)
    assert error.value.settings == ("download", "data_dir")
