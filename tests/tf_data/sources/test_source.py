"""The registry, and what every source owes."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from polychrome.errors import InputError
from tf_data.sources.source import SOURCES, SPLITS, open_source

# Those of tensorflow-datasets have files that only it can write: test_tfds_source.py.
FOLDERS = ["tiny_imagenet", "folder", "imagenet_folder", "linnaeus5/berry", "linnaeus5/all"]
PREPARED = ["places365_small", "coco/2017", "lsun/dining_room", "lsun/classroom"]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="'cifar'.*sample, tiny_imagenet, folder, .*, coco/2017"):
        open_source("cifar")


@pytest.fixture(params=["sample", "npy", *FOLDERS])
def arguments(request, tmp_path):
    """What opens each source, with some files where it needs files."""
    if request.param == "sample":
        return ("sample",)
    if request.param == "npy":
        np.save(tmp_path / "l.npy", np.zeros([20, 8, 8], np.uint8))
        np.save(tmp_path / "ab.npy", np.full([20, 8, 8, 2], 128, np.uint8))
        return "npy", tmp_path
    parts = {
        "tiny_imagenet": ("train/n01443537/images", "val/images", "test/images"),
        "folder": ("album", "album/2024"),
        "imagenet_folder": ("train/n01443537", "val/n01443537", "test"),
    }.get(request.param, ("train/berry", "test/berry"))
    for index in range(96):
        path = tmp_path / parts[index % len(parts)] / f"{index}.JPEG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([index]))
    return request.param, tmp_path


def test_what_every_source_owes(arguments):
    source, again = open_source(*arguments), open_source(*arguments)
    assert source.name == arguments[0]
    assert tuple(source.splits) == SPLITS
    names = [name for split in source.splits.values() for name in split.names]
    assert len(set(names)) == len(names)
    for key, split in source.splits.items():
        assert len(split) == len(split.names) > 0
        assert split.names == again.splits[key].names
        assert split.fingerprint == again.splits[key].fingerprint
        assert int(split.fingerprint, 16) > 0
        indices = range(len(split.names))
        with ThreadPoolExecutor(4) as pool:
            contents = list(pool.map(split.read, indices))
        assert all(isinstance(content, bytes) and content for content in contents)
        assert contents == [again.splits[key].read(index) for index in indices]
        if split.labels is not None:
            assert len(split.labels) == len(split)
            assert set(split.labels) <= set(range(len(source.classes)))
    assert len({split.fingerprint for split in source.splits.values()}) == 3
    assert source.classes == again.classes == tuple(sorted(set(source.classes)))


# Classes of the fixture's files; the folder's albums are no classes.
CLASSES = {
    "tiny_imagenet": ("n01443537",),
    "imagenet_folder": ("n01443537",),
    "linnaeus5/berry": ("berry",),
    "linnaeus5/all": ("berry",),
}


def test_sources_with_classes_label_their_training_images(arguments):
    source = open_source(*arguments)
    assert source.classes == CLASSES.get(source.name, ())
    assert (source.splits["train"].labels is not None) == bool(source.classes)


def test_the_registry_is_covered_above():
    names = ["sample", "npy", *FOLDERS, *PREPARED, *(f"{name}/all" for name in PREPARED)]
    assert sorted(SOURCES) == sorted(names)


@pytest.mark.parametrize(
    "name, given, message, settings",
    [
        ("sample", {"data_dir": "x"}, "tiny_imagenet and folder do", ("data_dir", "source")),
        ("sample", {"download": True}, "tiny_imagenet does", ("download", "source")),
        ("folder", {}, "a folder of photographs", ("data_dir",)),
        ("folder", {"data_dir": "x", "download": True}, "leave it out", ("download",)),
    ],
)
def test_a_setting_that_a_source_has_no_use_for_is_refused(name, given, message, settings):
    with pytest.raises(InputError, match=message) as error:
        open_source(name, **given)
    assert error.value.settings == settings
