"""Bins, their loss and their decoder under JAX as under TensorFlow.

This file is also the program that runs under JAX: `KERAS_BACKEND=jax python test_bins_jax.py
FOLDER`.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from polychrome.color import bins as color_bins
from polychrome.color.histogram import ChromaHistogram
from polychrome.color.scaling import ZHANG
from polychrome.compiling import compiled
from polychrome.layers.bin_decoder import decode_bins
from polychrome.losses.bins import BinCrossEntropy

pytestmark = pytest.mark.long  # a process that compiles everything
ROOT = Path(__file__).resolve().parents[3]


def inputs():
    """a* and b* [2, 13, 22, 2] and logits of them at stride 4, float32."""
    rng = np.random.default_rng(0)
    ab = rng.normal(0, 40, (2, 13, 22, 2)).astype(np.float32)
    return ab, rng.normal(0, 4, (2, 4, 6, 313)).astype(np.float32)


def loss():
    weights = np.random.default_rng(1).uniform(0.1, 10, 313)
    return BinCrossEntropy(ZHANG, weights=weights, ignore_gray=True)


def answers(folder):
    """Name to array, of everything that runs on either backend."""
    ab, logits = map(keras.ops.convert_to_tensor, inputs())
    histogram = ChromaHistogram()
    histogram.update(ab)
    colorizer = keras.models.load_model(folder / "colorizer.keras")
    # Compiled as a whole: one by one JAX compiles the operations, too.
    decode = compiled(
        lambda values: [color_bins.decode(values, how) for how in color_bins.DECODINGS]
    )
    results = {
        "nearest bin": color_bins.nearest_bin(ab),
        "prior": histogram.prior_on_bins(),
        "losses": compiled(loss().call)(ab / 110, logits),
        "colorized": colorizer(np.load(folder / "lightness.npy"), training=False),
    }
    results["bins"], results["shares"] = compiled(color_bins.encode_soft)(ab)
    results |= dict(zip(color_bins.DECODINGS, decode(logits), strict=True))
    return {name: keras.ops.convert_to_numpy(value) for name, value in results.items()}


def main(folder: Path) -> None:
    import jax

    assert keras.backend.backend() == "jax"
    ab, logits = inputs()
    gradient = jax.jit(jax.grad(lambda values: loss()(ab / 110, values)))(logits)
    np.savez(folder / "answers.npz", gradient=gradient, **answers(folder))


@pytest.fixture(scope="module")
def under_jax(tmp_path_factory):
    """The folder in which `main` has run."""
    folder = tmp_path_factory.mktemp("jax")
    keras.utils.set_random_seed(1)
    lightness = keras.Input((None, None, 1))
    logits = keras.layers.Conv2D(313, 3, strides=4, padding="same", kernel_initializer="normal")
    network = keras.Model(lightness, logits(lightness))
    decode_bins(network, ZHANG).save(folder / "colorizer.keras")
    shape = (2, 13, 22, 1)
    np.save(folder / "lightness.npy", np.random.default_rng(2).normal(0, 9, shape))
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_everything_is_the_same(under_jax):
    import tensorflow as tf  # not in the program above, which starts without it in half the time

    ab, logits = inputs()
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss()(ab / 110, logits)
    expected = answers(under_jax) | {"gradient": tape.gradient(value, logits).numpy()}
    with np.load(under_jax / "answers.npz") as found:
        assert set(found) == set(expected) and len(found) == 10
        for name, value in expected.items():
            assert value.std() > 0, name
            tolerance = 1e-3 if name in color_bins.DECODINGS or name == "losses" else 1e-5
            np.testing.assert_allclose(found[name], value, rtol=0, atol=tolerance, err_msg=name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
