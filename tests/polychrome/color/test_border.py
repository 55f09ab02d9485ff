"""What color functions refuse, where they can see it, and what passes."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.color import bins, difference, spaces
from polychrome.color.scaling import LINKOPING_YUV, UNIT
from polychrome.errors import InputError

OF_RGB = [spaces.rgb_to_lab, spaces.rgb_to_yuv, spaces.gray_mean, spaces.gray_luma, UNIT.split]
OF_LAB = [spaces.lab_to_rgb, spaces.fit_gamut, spaces.yuv_to_rgb]
OF_LAB += [lambda lab: difference.delta_e_2000(lab, lab)]
GIVEN = {"numpy": np.asarray, "eager": tf.constant}


@pytest.fixture(params=GIVEN)
def give(request):
    return GIVEN[request.param]


@pytest.mark.parametrize("function", OF_RGB)
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_rgb_of_other_channels_is_refused(function, channels, give):
    message = rf"RGB: shape \[2, 5, {channels}\] should end in 3 channels; leave out alpha"
    for dtype in ("uint8", "float32"):
        with pytest.raises(InputError, match=message):
            function(give(np.zeros((2, 5, channels), dtype)))
    with pytest.raises(InputError, match=message):
        tf.function(function, autograph=False)(np.zeros((2, 5, channels), np.float32))


@pytest.mark.parametrize("function", OF_RGB)
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint16", "bool"])
def test_rgb_of_other_integers_is_refused(function, dtype, give):
    with pytest.raises(InputError, match=f"RGB: {dtype} should be uint8 0...255, or float"):
        function(give(np.ones((2, 3), dtype)))


def test_lists_of_levels_are_refused_as_what_numpy_makes_of_them():
    with pytest.raises(InputError, match="RGB: int64 should be uint8"):
        spaces.rgb_to_lab([[255, 0, 0]])
    np.testing.assert_allclose(spaces.rgb_to_lab([[1.0, 1.0, 1.0]]), [[100, 0, 0]], atol=0.01)


@pytest.mark.parametrize("function", OF_RGB)
def test_floats_of_another_range_are_refused_where_they_can_be_seen(function, give):
    levels = np.float32([[0, 128, 255]])
    with pytest.raises(InputError, match=r"floats from 0 to 255 should lie in \[0, 1\]"):
        function(give(levels))
    with pytest.raises(InputError, match=r"floats from -1 to 1 should lie in \[0, 1\]"):
        function(give(np.float32([[-1, 0, 1]])))
    # Not in graphs, which have no values yet.
    tf.function(function, autograph=False)(levels)
    tf.function(lambda: function(tf.constant(levels / 255)), autograph=False)()
    if function is not UNIT.split:
        function(keras.Input((None, None, 3)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
@pytest.mark.parametrize("function", OF_RGB)
def test_rounding_is_no_other_range(function, dtype):
    edges = tf.cast([[-4e-4, 0.5, 1.0], [0.0, 1.0, 1 + 9e-4]], dtype)
    function(edges)
    function(np.zeros((0, 4, 3), np.float32))
    assert np.isnan(np.asarray(spaces.rgb_to_lab(np.float32([[np.nan, 0, 0]])))).any()


@pytest.mark.parametrize("function", OF_LAB)
def test_lab_and_yuv_that_are_none_are_refused(function, give):
    with pytest.raises(InputError, match=r"shape \[4, 2\] should end in 3 channels"):
        function(give(np.zeros((4, 2), np.float32)))
    with pytest.raises(InputError, match="uint8 should be float, in the units of"):
        function(give(np.zeros((4, 3), np.uint8)))


@pytest.mark.parametrize("scaling", [UNIT, LINKOPING_YUV], ids=["lab", "yuv"])
def test_scalings_refuse_parts_of_other_channels(scaling, give):
    one, two = (give(np.zeros((4, channels), np.float32)) for channels in (1, 2))
    for call in (scaling.join, scaling.to_ab):
        with pytest.raises(InputError, match=r"chroma: shape \[4, 1\] should end in 2 channels"):
            call(one, one)
    with pytest.raises(InputError, match=r"lightness: shape \[4, 2\] should end in 1 channels"):
        scaling.join(two, two)
    with pytest.raises(InputError, match=r"lightness: shape \[4, 2\] should end in 1 channels"):
        scaling.lab_to_lightness(two)


def test_bins_refuse_other_channels(give):
    for function in (bins.nearest_bin, bins.encode_soft):
        with pytest.raises(InputError, match=r"a\* and b\*: shape \[4, 3\] should end in 2"):
            function(give(np.zeros((4, 3), np.float32)))
    with pytest.raises(InputError, match=r"logits of the bins: shape \[4, 312\] should end in 313"):
        bins.decode(give(np.zeros((4, 312), np.float32)))


def test_levels_are_not_rounded_to_levels_again(give):
    with pytest.raises(InputError, match=r"RGB: uint8 should be float in \[0, 1\]"):
        spaces.to_uint8(give(np.uint8([7])))
    with pytest.raises(InputError, match="RGB: int32 should be uint8"):
        spaces.to_float(give(np.int32([7])))


def test_a_constant_captured_by_a_graph_is_seen():
    levels = tf.constant([[0.0, 128.0, 255.0]])
    with pytest.raises(InputError, match="floats from 0 to 255"):
        tf.function(functools.partial(spaces.rgb_to_lab, levels), autograph=False)()
