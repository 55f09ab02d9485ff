"""Tiny ImageNet's classes among ImageNet's, and hits among all and among these."""

import numpy as np

from experiments.grading.lite0 import among_imagenet, hits, imagenet_classes


def test_classes_are_imagenets_in_the_order_of_the_logits():
    classes = imagenet_classes()
    assert len(set(classes)) == 1000 and list(classes) == sorted(classes)
    # As in torchvision's and Keras's lists: tench, goldfish, tabby, toilet tissue.
    for index, name in ((0, "n01440764"), (1, "n01443537"), (281, "n02123045"), (999, "n15075141")):
        assert classes[index] == name


def test_classes_that_are_not_imagenets_have_no_places():
    np.testing.assert_array_equal(among_imagenet(("n02123045", "n01443537")), [281, 1])
    assert among_imagenet(("n02123045", "n0144")) is None
    assert among_imagenet(()) is None


def test_a_hit_among_few_classes_need_not_be_one_among_all():
    logits = np.zeros([3, 1000])
    logits[0, 281] = 5  # right
    logits[1, [7, 1]] = 9, 3  # right among the two
    logits[2, 281] = 5  # wrong
    found = hits(logits, np.array([0, 1, 1]), np.array([281, 1]))
    np.testing.assert_array_equal(found["top1"], [1, 0, 0])
    np.testing.assert_array_equal(found["top1_among"], [1, 1, 0])
