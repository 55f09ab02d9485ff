"""The embedded sample, against the photographs themselves."""

import socket

import cv2
import numpy as np
import pytest
from skimage import data

from tf_data.sources import embedded
from tf_data.sources.embedded import PHOTOGRAPHS, open_embedded


def decode(encoded):
    """uint8 RGB [H, W, 3]."""
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def tile(split, name):
    split = open_embedded().splits[split]
    return decode(split.read(split.names.index(name)))


def test_counts_are_the_documented_ones():
    counts = {name: len(split.names) for name, split in open_embedded().splits.items()}
    assert counts == {"train": 324, "validation": 54, "test": 105}


def test_every_tile_is_read_without_network(monkeypatch):
    def refuse(*args):
        raise AssertionError("the sample asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    embedded._tiles.cache_clear()
    for split in open_embedded().splits.values():
        for index in range(len(split.names)):
            assert decode(split.read(index)).shape == (64, 64, 3)


@pytest.mark.parametrize(
    "photograph, grid", [item for grids in PHOTOGRAPHS.values() for item in grids.items()]
)
def test_grids_are_those_of_the_photographs(photograph, grid):
    assert list(embedded._tiles(photograph)) == list(np.ndindex(*grid))


def test_tiles_hold_the_pixels_of_the_photograph():
    np.testing.assert_array_equal(
        tile("train", "astronaut/r2c5"), data.astronaut()[128:192, 320:384]
    )
    # 300 x 451: 44 rows and 3 columns are left over, 22 and 1 of them before the grid
    np.testing.assert_array_equal(
        tile("test", "chelsea/r1c0"), data.chelsea()[22 + 64 : 22 + 128, 1:65]
    )
    left = data.stereo_motorcycle()[0]  # 500 x 741: 26 and 18 before the grid
    np.testing.assert_array_equal(
        tile("test", "stereo_motorcycle/r0c0"), left[26 : 26 + 64, 18 : 18 + 64]
    )


def test_large_photographs_are_shrunk():
    retina = data.retina()
    assert retina.shape == (1411, 1411, 3)
    small = cv2.resize(retina, (512, 512), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(tile("train", "retina/r4c4"), small[256:320, 256:320])
    hubble = data.hubble_deep_field()
    assert embedded._shrink(hubble).shape == (512, round(1000 * 512 / 872), 3)


def test_no_photograph_is_in_two_splits():
    photographs = [
        {name.split("/")[0] for name in split.names} for split in open_embedded().splits.values()
    ]
    assert sum(map(len, photographs)) == len(set.union(*photographs)) == 8


def test_a_split_loads_its_own_photographs_only():
    embedded._tiles.cache_clear()
    source = open_embedded()
    assert embedded._tiles.cache_info().currsize == 0
    source.splits["validation"].read(0)
    assert embedded._tiles.cache_info().currsize == 1


def test_the_notice_names_the_flag_that_reproduces_the_report():
    assert "source tiny_imagenet" in open_embedded().notice
