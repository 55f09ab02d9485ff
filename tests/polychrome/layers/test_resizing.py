"""Resizing to the size of another input, against OpenCV and in graphs that know no size."""

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from polychrome.layers.resizing import Resize, ResizeLike, UpsampleLike

SIZES = [
    ((3, 5), (13, 21)),
    ((4, 4), (16, 16)),
    ((1, 1), (7, 2)),
    ((9, 8), (9, 8)),
    ((6, 8), (3, 5)),
]


def maps(size, channels=2, batch=2):
    return np.random.default_rng(0).normal(0, 1, (batch, *size, channels)).astype(np.float32)


def network():
    inputs = keras.Input((None, None, 2)), keras.Input((None, None, 1))
    return keras.Model(inputs, ResizeLike()(*inputs))


@pytest.mark.parametrize("size, like", SIZES)
def test_it_resizes_as_opencv_does(size, like):
    images = maps(size)
    resized = keras.ops.convert_to_numpy(ResizeLike()(images, maps(like, 1)))
    expected = [cv2.resize(image, like[::-1], interpolation=cv2.INTER_LINEAR) for image in images]
    np.testing.assert_allclose(resized, expected, rtol=0, atol=1e-5)


def test_sizes_unknown_to_the_graph_and_declared_shapes():
    model = network()
    assert model.output_shape == (None, None, None, 2)
    signature = [tf.TensorSpec([None, None, None, c]) for c in (2, 1)]
    graph = tf.function(lambda *inputs: model(list(inputs)), input_signature=signature)
    for size, like in SIZES:
        inputs = maps(size), maps(like, 1)
        np.testing.assert_allclose(graph(*inputs), ResizeLike()(*inputs), rtol=0, atol=1e-6)


def test_it_is_saved_and_differentiable(tmp_path):
    model, inputs = network(), [maps((3, 5)), maps((13, 21), 1)]
    model.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(reloaded(inputs), model(inputs))
    images = tf.constant(inputs[0])
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(model([images, tf.constant(inputs[1])]))
    # Every resized pixel is a mean of pixels, whose weights sum to one.
    gradient = tf.reduce_sum(tape.gradient(total, images))
    np.testing.assert_allclose(gradient, 2 * 13 * 21 * 2, rtol=1e-5)


def test_half_precision_policies_are_followed():
    layer = ResizeLike(dtype="mixed_bfloat16")
    assert layer(maps((3, 5)), maps((6, 7), 1)).dtype == "bfloat16"
    assert ResizeLike(dtype="float32")(maps((3, 5)), maps((6, 7), 1)).dtype == "float32"


@pytest.mark.parametrize("factor, sides", [(2, (6, 10)), (0.5, (2, 2)), (1.5, (4, 8))])
def test_a_factor_gives_rounded_sides(factor, sides):
    images = maps((3, 5))
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, Resize(factor)(inputs))
    graph = tf.function(model, input_signature=[tf.TensorSpec([None, None, None, 2])])
    expected = [cv2.resize(image, sides[::-1], interpolation=cv2.INTER_LINEAR) for image in images]
    for resized in (Resize(factor)(images), graph(images)):
        np.testing.assert_allclose(resized, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(5, 8), (1, 2), (7, 7)])
def test_upsampling_undoes_a_stride_of_two(size):
    detail = maps(size)
    coarse = np.asarray(keras.layers.Conv2D(3, 1, strides=2, padding="same")(detail))
    inputs = keras.Input((None, None, 3)), keras.Input((None, None, 2))
    model = keras.Model(inputs, UpsampleLike()(*inputs))
    fine = keras.ops.convert_to_numpy(model([coarse, detail]))
    assert fine.shape == (2, *size, 3)
    rows, columns = (np.arange(side) // 2 for side in size)
    np.testing.assert_array_equal(fine, coarse[:, rows][:, :, columns])
