"""Does color help a classifier: whose classes are known, and who is right how often."""

import csv

import numpy as np
import pytest
from skimage import data as pictures
from skimage.color import rgb2lab

from experiments.grading.lite0 import Lite0, imagenet_classes
from experiments.studies.top1 import measure_top1, of_imagenet
from polychrome.errors import InputError
from tf_data.sources.collection import COLUMNS, PHOTOS
from tf_data.sources.split import Split
from tf_data.store import Store

NAMES = (
    ("held_out/imagen/a.jpg", "imagen/n02123045_3_tabby.jpg"),
    ("held_out/flickr/b.jpg", "flickr8k/1000268201_693b08cb0e.jpg"),
    ("held_out/imagen/c.jpg", "imagen/n00000000_1_nothing.jpg"),
    ("held_out/imagen/d.jpg", "imagen/n01440764_9_tench.jpg"),
)


def collection(root, names=NAMES) -> Split:
    with (root / PHOTOS).open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({"file": ours, "path": theirs} for ours, theirs in names)
    ours = tuple(name for name, _ in names)
    return Split(ours, lambda number: ours[number].encode(), "of these")


def test_photographs_named_after_a_class_have_its_place_as_label(tmp_path):
    found = of_imagenet(collection(tmp_path), tmp_path)
    assert found.names == ("held_out/imagen/a.jpg", "held_out/imagen/d.jpg")
    assert [imagenet_classes()[place] for place in found.labels] == ["n02123045", "n01440764"]
    assert found.read(1) == b"held_out/imagen/d.jpg"


def test_a_folder_without_such_photographs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"photos\.csv: no test image was named after"):
        of_imagenet(collection(tmp_path, NAMES[1:3]), tmp_path)
    with pytest.raises(InputError, match=r"photos\.csv: should be that of a collection"):
        of_imagenet(collection(tmp_path), tmp_path / "elsewhere")


@pytest.mark.long
def test_shares_are_those_of_the_classifier_on_each_kind_of_image():
    images = np.stack([pictures.chelsea()[30:254, 120:344], pictures.coffee()[:224, :224]])
    judge = Lite0()
    named = judge(images / np.float32(255))["logits"].argmax(axis=1)
    # The second is said to be of a class that is not what the classifier sees.
    classes = np.array([named[0], (named[1] + 1) % 1000])
    store = Store(images, ("cat", "coffee"), 0, (), classes)

    figures = measure_top1(lambda lightness: np.zeros((*lightness.shape[:3], 2)), store)
    assert figures["images"] == 2
    assert figures["top1"]["true"]["mean"] == 0.5
    assert figures["top1"]["colorized"] == figures["top1"]["gray"]
    assert figures["over_gray"]["colorized"] == {"mean": 0.0, "low": 0.0, "high": 0.0}

    truth = rgb2lab(images)[..., 1:]
    perfect = measure_top1(lambda lightness: truth[: len(lightness)], store)
    assert perfect["top1"]["colorized"] == perfect["top1"]["true"]
