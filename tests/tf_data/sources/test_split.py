"""Training and validation images divided anew."""

import numpy as np
import pytest

from tf_data.sources.source import open_source
from tf_data.sources.split import (
    SPLITS,
    Source,
    Split,
    joined,
    position,
    with_validation_share,
)
from tf_data.store import load_store


def written(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


@pytest.fixture
def folder(tmp_path):
    return open_source("folder", written(tmp_path, [f"{i % 3}/{i}.jpg" for i in range(400)]))


@pytest.fixture
def npy(tmp_path):
    lightness = np.arange(100, dtype=np.uint8)[:, None, None] + np.zeros([1, 8, 8], np.uint8)
    np.save(tmp_path / "l.npy", lightness)
    np.save(tmp_path / "ab.npy", np.full([100, 8, 8, 2], 128, np.uint8))
    return open_source("npy", tmp_path)


def names_of(source, *splits):
    return [name for split in splits for name in source.splits[split].names]


@pytest.mark.parametrize("kind", ["folder", "npy"])
@pytest.mark.parametrize("share", [0.5, 0.1, 0.9])
def test_the_share_validates_and_no_image_is_lost_or_doubled(request, kind, share):
    source = request.getfixturevalue(kind)
    divided = with_validation_share(source, share)
    before = names_of(source, "train", "validation")
    assert sorted(names_of(divided, "train", "validation")) == sorted(before)
    assert len(divided.splits["validation"]) == round(share * len(before))
    assert divided.splits["test"] is source.splits["test"]
    assert tuple(divided.splits) == SPLITS
    for name in ("train", "validation"):
        items = divided.splits[name]
        # In the order on disk.
        assert list(items.names) == [n for n in before if n in set(items.names)]


def test_every_name_reads_its_own_file(folder):
    divided = with_validation_share(folder, 0.5)
    for items in divided.splits.values():
        assert [items.read(i) for i in range(len(items))] == [n.encode() for n in items.names]


def test_decoded_images_are_those_of_the_names(npy):
    divided = with_validation_share(npy, 0.5)
    before, after = (load_store(s.splits["validation"], 8) for s in (npy, divided))
    whole = load_store(npy.splits["train"], 8)
    pixels = dict(zip(whole.names + before.names, [*whole.images, *before.images], strict=True))
    assert len(after) == 45
    for name, image in zip(after.names, after.images, strict=True):
        np.testing.assert_array_equal(image, pixels[name])


def test_divided_anew_a_folder_still_trains_on_color_alone(folder):
    divided = with_validation_share(folder, 0.5).splits
    assert divided["train"].color_only and divided["validation"].color_only
    assert not folder.splits["train"].with_gray().color_only


def test_among_photographs_to_grade_gray_ones_stay(folder):
    assert not joined(folder.splits.values()).color_only
    assert joined(folder.splits[name] for name in ("train", "validation")).color_only


def test_names_alone_decide(folder, tmp_path):
    again = open_source("folder", written(tmp_path / "moved", names_of(folder, *SPLITS)))
    first, second = (with_validation_share(source, 0.5) for source in (folder, again))
    assert names_of(first, "validation") == names_of(second, "validation")
    # The heads of the names' hashes: train images have the lower ones.
    lower, upper = (
        [position(name) for name in names_of(first, split)] for split in ("train", "validation")
    )
    assert max(lower) < min(upper)


def test_the_fingerprint_follows_files_and_share(folder, tmp_path):
    halves = with_validation_share(folder, 0.5)
    third = with_validation_share(folder, 1 / 3)
    (tmp_path / names_of(folder, "train")[0]).write_bytes(b"other")
    (tmp_path / names_of(folder, "validation")[0]).write_bytes(b"other")
    changed = with_validation_share(open_source("folder", tmp_path), 0.5)
    marks = [
        source.splits[split].fingerprint
        for source in (folder, halves, third, changed)
        for split in ("train", "validation")
    ]
    assert len(set(marks)) == len(marks)
    again = with_validation_share(folder, 0.5)
    assert again.splits["train"].fingerprint == halves.splits["train"].fingerprint


def test_labels_go_with_their_images(tmp_path):
    names = [f"train/{c}/{i}.jpg" for c in ("cat", "dog") for i in range(30)]
    names += [f"val/{c}/{i}.jpg" for c in ("cat", "dog") for i in range(10)]
    names += [f"test/{c}/{i}.jpg" for c in ("cat", "dog") for i in range(10)]
    source = open_source("imagenet_folder", written(tmp_path, names))
    divided = with_validation_share(source, 0.5)
    for items in divided.splits.values():
        assert [source.classes[label] for label in items.labels] == [
            name.split("/")[1] for name in items.names
        ]
    assert len(divided.splits["validation"]) == 40


def test_parts_of_photographs_to_be_turned_upright_are_turned_too(folder, npy):
    for source, upright in ((folder, True), (npy, False)):
        divided = with_validation_share(source, 0.5)
        assert [divided.splits[split].upright for split in SPLITS] == [upright] * 3


def test_without_labels_for_some_there_are_none():
    def split(names, labels):
        return Split(names, lambda index: b"", "0", labels)

    source = Source(
        "x",
        {
            "train": split(("a", "b", "c"), (0, 0, 0)),
            "validation": split(("d",), None),
            "test": split(("e",), (0,)),
        },
        classes=("all",),
    )
    divided = with_validation_share(source, 0.5)
    holds = next(s for s in ("train", "validation") if "d" in divided.splits[s].names)
    other = {"train": "validation", "validation": "train"}[holds]
    assert divided.splits[holds].labels is None
    assert divided.splits[other].labels == (0, 0)


@pytest.mark.parametrize("share, validation", [(0.01, 1), (0.99, 2)])
def test_each_keeps_an_image(tmp_path, share, validation):
    source = open_source("folder", written(tmp_path, [f"{i}.jpg" for i in range(4)]))
    divided = with_validation_share(source, share)
    assert len(divided.splits["validation"]) == validation
    assert len(divided.splits["train"]) == 3 - validation


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5])
def test_a_share_that_leaves_a_split_empty_is_refused(folder, share):
    with pytest.raises(ValueError, match="above 0 and below 1"):
        with_validation_share(folder, share)
