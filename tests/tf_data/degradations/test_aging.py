"""Aging: shares, seeds, clean images, and the same in a pipeline and on JAX."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

from tf_data.degradations.aging import aging, degrade, draw_strengths
from tf_data.degradations.strengths import DEGRADATIONS

ROOT = Path(__file__).resolve().parents[3]


def test_a_clean_image_has_the_truths_lightness(photographs):
    found = aging(0.0)(tf.constant(photographs), tf.constant([1, 2]))
    np.testing.assert_allclose(found[..., 0], rgb2lab(photographs)[..., 0], atol=1e-3)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_each_degradation_changes_images_by_its_seed_alone(photographs, degraded, name):
    graded = DEGRADATIONS[name].graded
    found = degraded(photographs, name, graded)
    assert found.shape == photographs.shape[:3]
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() <= 100.01
    change = np.abs(found - rgb2lab(photographs)[..., 0]).mean(axis=(1, 2))
    # Toning is of colors: at its strongest it makes middle grays 2 lighter.
    least = {"scratches": 0.1, "dust": 0.1, "tone": 0.3}.get(name, 0.4)
    assert (change > least).all(), change
    np.testing.assert_array_equal(found, degraded(photographs, name, graded))
    other = degraded(photographs, name, graded, seed=7)
    assert np.any(found != other) == (name not in ("film", "blur", "jpeg"))


def test_only_the_images_with_a_strength_change(photographs):
    strengths = {"grain": tf.constant([0.0, 0.1, 0.0, 0.1]), "blur": tf.constant([0, 0, 2.0, 0])}
    found = degrade(tf.constant(photographs), strengths, tf.constant([1, 2])).numpy()[..., 0]
    change = np.abs(found - rgb2lab(photographs)[..., 0])
    assert change[0].max() < 1e-3
    assert change[1].mean() > 2 and change[3].mean() > 2
    alone = degrade(tf.constant(photographs[2:3]), {"blur": tf.constant([2.0])}, [1, 2])
    np.testing.assert_allclose(found[2], alone[0, ..., 0], atol=1e-3)


def test_degradations_come_in_their_shares_and_strengths():
    count = 20_000
    drawn = draw_strengths(count, 0.5, tf.constant([3, 4]))
    assert list(drawn) == list(DEGRADATIONS)
    for name, each in DEGRADATIONS.items():
        strengths = drawn[name].numpy()
        present = strengths[strengths != 0]
        assert len(present) / count == pytest.approx(each.chance / 2, abs=0.015)
        assert each.low <= present.min() and present.max() <= each.high
        assert present.mean() == pytest.approx((each.low + each.high) / 2, rel=0.05, abs=0.02)
        assert each.low <= each.graded <= each.high
    film, jpeg = (drawn[name].numpy() != 0 for name in ("film", "jpeg"))
    # Of the old half, apart from each other.
    both = DEGRADATIONS["film"].chance * DEGRADATIONS["jpeg"].chance / 2
    assert np.mean(film & jpeg) == pytest.approx(both, abs=0.015)


def test_in_a_pipeline_as_eagerly(photographs):
    step = aging(0.8)
    dataset = tf.data.Dataset.from_tensors((photographs, tf.constant([1, 2]))).map(step)
    assert dataset.element_spec == tf.TensorSpec([4, 61, 83, 1], tf.float32)
    expected = step(tf.constant(photographs), tf.constant([1, 2])).numpy()
    assert np.abs(expected[..., 0] - rgb2lab(photographs)[..., 0]).max() > 5
    # Where rounding to 8 bits decides otherwise, a level is 0.3 to 0.9 of lightness.
    difference = np.abs(next(iter(dataset)).numpy() - expected)
    assert difference.mean() < 1e-2


def test_no_python_call():
    specs = [tf.TensorSpec([None, None, None, 3], tf.uint8), tf.TensorSpec([2], tf.int32)]
    graph = tf.function(aging(0.5)).get_concrete_function(*specs).graph
    assert {"PyFunc", "EagerPyFunc"}.isdisjoint(node.op for node in graph.as_graph_def().node)


@pytest.mark.long
def test_on_jax_as_on_tensorflow(tmp_path, photographs):
    program = (
        "import sys, keras, numpy as np, tensorflow as tf\n"
        "from tf_data.degradations.aging import aging\n"
        "assert keras.backend.backend() == 'jax'\n"
        "data = tf.data.Dataset.from_tensors((np.load(sys.argv[1]), tf.constant([1, 2])))\n"
        "np.save(sys.argv[2], next(iter(data.map(aging(0.8)))).numpy())\n"
    )
    np.save(tmp_path / "images.npy", photographs)
    subprocess.run(
        [sys.executable, "-c", program, tmp_path / "images.npy", tmp_path / "found.npy"],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        cwd=ROOT,
        check=True,
    )
    expected = aging(0.8)(tf.constant(photographs), tf.constant([1, 2]))
    assert np.abs(np.load(tmp_path / "found.npy") - expected).mean() < 1e-2
