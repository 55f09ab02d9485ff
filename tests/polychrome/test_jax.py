"""The same results under JAX as under TensorFlow, and training runs resumed under the other.

This file is also the program that runs under JAX: `KERAS_BACKEND=jax python test_jax.py FOLDER`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tiny_training import train_tiny

from polychrome.color import scaling as scalings
from polychrome.color import spaces as color
from polychrome.compiling import compiled
from polychrome.losses.dial import VividAndSpread
from polychrome.losses.log_error import LogError
from polychrome.models.cnn import build_cnn
from polychrome.models.efficientnet_lite import PREFIX
from polychrome.models.lite_unet import build_heads, build_lite_unet
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab
from polychrome.training.callbacks import TrainingState
from polychrome.training.optimizers import PartlySlowAdamW

pytestmark = pytest.mark.long  # a process that compiles everything
ROOT = Path(__file__).resolve().parents[2]
STEPS = 3
SCALINGS = (scalings.PADOVA, scalings.UNIT, scalings.ZHANG, scalings.VVIT)


def _joined() -> keras.Model:
    switches = {"filters": (6, 8), "dense": (8, 6, 8), "outputs": 1}
    pair = [build_polychromify(**switches, name=f"polychromify_{part}") for part in "ab"]
    return join_polychromify_ab(*pair)


NETWORKS = {
    "cnn": lambda: build_cnn((6, 8)),
    "polychromify": lambda: build_polychromify((6, 8), (8, 6, 8)),
    "polychromify_ab": _joined,
}
# The two networks of `tiny`, narrow, with their losses; the colorizer's encoder learns in part.
OURS = {
    "colorizer": (
        lambda: build_lite_unet(
            2, width=0.1, train_encoder=True, frozen_blocks=5, encoder_norm=False
        ),
        LogError(scalings.POLYCHROME),
    ),
    "heads": (
        lambda: build_heads(2, width=0.1),
        VividAndSpread(scalings.POLYCHROME, target=1.35),
    ),
}


def colors():
    """Name to array, of every color function on the same colors."""
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 256, (500, 3)).astype(np.uint8)
    levels[:8] = [[(i >> c & 1) * 255 for c in range(3)] for i in range(8)]
    levels[8:40] = np.arange(32)[:, None]
    rgb = (levels / 255).astype(np.float32)
    wild = rng.uniform([0, -128, -128], [100, 128, 128], (500, 3)).astype(np.float32)
    # Tensors: NumPy arrays would be converted by NumPy.
    levels, rgb, wild = map(keras.ops.convert_to_tensor, (levels, rgb, wild))
    results = {
        "lab of uint8": color.rgb_to_lab(levels),
        "lab of floats": color.rgb_to_lab(rgb),
        "lab, compiled": compiled(color.rgb_to_lab)(levels),
        "rgb of lab": color.lab_to_rgb(wild),
        "fit_gamut": color.fit_gamut(wild),
        "yuv": color.rgb_to_yuv(levels),
        "rgb of yuv": color.yuv_to_rgb(wild / 128),
        "gray_mean": color.gray_mean(levels),
        "gray_luma": color.gray_luma(levels),
        "to_float": color.to_float(levels),
        "to_uint8": color.to_uint8(rgb),
    }
    for scaling in SCALINGS:
        lightness, chroma = scaling.split(levels)
        results[f"{scaling.name} lightness"], results[f"{scaling.name} chroma"] = lightness, chroma
        results[f"{scaling.name} joined"] = scaling.join(lightness, chroma)
    return {name: keras.ops.convert_to_numpy(value) for name, value in results.items()}


def answers(folder):
    """Name to chroma, of every network with the weights in `folder` on the lightness in it."""
    inputs = np.load(folder / "lightness.npy")
    results = {}
    for name, build in NETWORKS.items():
        network = build()
        network.load_weights(folder / f"{name}.weights.h5")
        results[name] = keras.ops.convert_to_numpy(network(inputs, training=False))
        whole = keras.models.load_model(folder / f"{name}.keras")
        results[f"{name}.keras"] = keras.ops.convert_to_numpy(whole(inputs, training=False))
    return results


def gradients():
    """Name to gradient, by JAX, of functions at colors where roots and powers have no slope."""
    import jax

    edges = np.float32(
        [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1], [0.04045] * 3, [-0.1, 0.5, 1.2]]
    )
    lab = np.float32(
        [[0, 0, 0], [100, 0, 0], [50, 128, -128], [0, 128, 128], [8, 0, 0], [100, -90, 9]]
    )
    at = {"rgb_to_lab": edges, "lab_to_rgb": lab, "fit_gamut": lab, "rgb_to_yuv": edges}
    return {
        name: np.asarray(jax.vjp(getattr(color, name), points)[1](np.ones_like(points))[0])
        for name, points in at.items()
    }


def steps_of_ours(folder):
    """Name to losses of steps, from the weights in `folder`, and how far each weight has moved."""
    images = np.load(folder / "images.npy")
    lightness, _ = scalings.POLYCHROME.split(images)
    target = keras.ops.concatenate([lightness, color.to_float(images)], axis=-1)
    lightness, target = map(keras.ops.convert_to_numpy, (lightness, target))
    results = {}
    for name, (build, loss) in OURS.items():
        network = build()
        network.load_weights(folder / f"{name}.weights.h5")
        before = network.get_weights()
        slow = PartlySlowAdamW(1e-3, slow=PREFIX, factor=0.2, weight_decay=1e-2)
        network.compile(slow, loss, jit_compile=keras.backend.backend() == "jax")
        losses = [float(network.train_on_batch(lightness, target)) for _ in range(STEPS)]
        moves = [
            np.abs(after - each).max()
            for after, each in zip(network.get_weights(), before, strict=True)
        ]
        results |= {f"{name} losses": np.array(losses), f"{name} moves": np.array(moves)}
    return results


def main(folder: Path) -> None:
    """Under JAX: all of the above, and two epochs of training with a copy made after the first."""
    assert keras.backend.backend() == "jax"
    np.savez(folder / "colors.npz", **colors())
    np.savez(folder / "answers.npz", **answers(folder))
    np.savez(folder / "gradients.npz", **gradients())
    np.savez(folder / "steps.npz", **steps_of_ours(folder))
    images = np.load(folder / "images.npy")
    lightness = np.load(folder / "lightness.npy")

    # Callbacks are called before an epoch is saved, so the first is copied as the second begins.
    def copy(epoch, logs):
        if epoch == 1:
            shutil.copytree(folder / "both", folder / "first")
            np.save(folder / "first.npy", network.model.predict_on_batch(lightness))

    network = keras.callbacks.LambdaCallback(on_epoch_begin=copy)
    _, _, losses = train_tiny(
        images, folder / "both", network="batch_norm", epochs=2, extra_callbacks=(network,)
    )
    (folder / "steps.json").write_text(json.dumps(losses))


@pytest.fixture(scope="module")
def under_jax(smooth, tmp_path_factory):
    """The folder in which `main` has run."""
    folder = tmp_path_factory.mktemp("jax")
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    lightness = rng.uniform(-1, 1, (2, 13, 21, 1)).astype(np.float32)
    np.save(folder / "lightness.npy", lightness)
    np.save(folder / "images.npy", smooth(20 + 12, 12, 16))
    for name, build in NETWORKS.items():
        network = build()
        # Biases and statistics as after training, not the initial zeros and ones.
        for variable in (v for v in network.variables if v.dtype == "float32"):
            variable.assign(variable + rng.uniform(0, 0.1, variable.shape))
        network.save_weights(folder / f"{name}.weights.h5")
        network.save(folder / f"{name}.keras")
    for name, (build, _) in OURS.items():
        network = build()
        # Also where it begins with zeros, such as the layers that give the colors.
        for variable in network.variables:
            variable.assign(variable + rng.normal(0, 0.02, variable.shape))
        network.save_weights(folder / f"{name}.weights.h5")
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        env=os.environ
        | {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_colors_are_the_same(under_jax):
    expected = colors()
    with np.load(under_jax / "colors.npz") as found:
        assert set(found) == set(expected)
        for name, value in expected.items():
            # L*, a* and b* go to 100, where float32 has four decimals.
            tolerance = (
                1e-3 if "lab" in name or "lightness" in name or name == "fit_gamut" else 1e-5
            )
            np.testing.assert_allclose(found[name], value, rtol=0, atol=tolerance, err_msg=name)


def test_gradients_are_finite(under_jax):
    with np.load(under_jax / "gradients.npz") as found:
        assert len(found) == 4
        for name, gradient in found.items():
            assert np.isfinite(gradient).all() and np.any(gradient != 0), name


def test_networks_give_the_same_answer(under_jax):
    expected = answers(under_jax)
    with np.load(under_jax / "answers.npz") as found:
        assert set(found) == set(expected) and len(expected) == 2 * len(NETWORKS)
        for name, value in expected.items():
            assert value.std() > 1e-3 and np.abs(value).max() < 0.999
            np.testing.assert_allclose(found[name], value, rtol=0, atol=1e-5, err_msg=name)


def test_the_networks_of_tiny_learn_alike(under_jax):
    expected = steps_of_ours(under_jax)
    with np.load(under_jax / "steps.npz") as found:
        assert set(found) == set(expected)
        for name in OURS:
            losses, moves = expected[f"{name} losses"], expected[f"{name} moves"]
            np.testing.assert_allclose(found[f"{name} losses"], losses, rtol=1e-3)
            assert len(set(losses)) == STEPS
            # The same weights stay as they were, and the others go as far; but Adam's first steps
            # are of one size, so that a gradient of nearly zero may take one either way.
            others = found[f"{name} moves"]
            np.testing.assert_array_equal(others > 0, moves > 0)
            assert np.quantile(np.abs(others - moves), 0.95) < 0.05 * np.median(moves[moves > 0])
            assert 0 < (moves > 0).mean() < 1


def test_a_training_goes_on_under_tensorflow_as_under_jax(under_jax, tmp_path):
    folder = shutil.copytree(under_jax / "first", tmp_path / "run")
    images = np.load(under_jax / "images.npy")
    lightness = np.load(under_jax / "lightness.npy")
    first, state, _ = train_tiny(images, folder, network="batch_norm", epochs=1)
    assert state.epoch == 1
    answer = keras.ops.convert_to_numpy(first(lightness, training=False))
    np.testing.assert_allclose(answer, np.load(under_jax / "first.npy"), rtol=0, atol=1e-5)

    on, state, losses = train_tiny(images, folder, network="batch_norm", epochs=2)
    assert state.epoch == 2 and on.optimizer.iterations.numpy() == 2 * STEPS
    # Adam's moments came along, or the second step would already differ.
    expected = json.loads((under_jax / "steps.json").read_text())
    np.testing.assert_allclose(losses, expected[STEPS:], rtol=0, atol=1e-5)
    history = TrainingState.load(under_jax / "both").history
    assert state.history[0] == history[0]
    assert abs(state.history[1]["val_loss"] - history[1]["val_loss"]) < 1e-5


if __name__ == "__main__":
    main(Path(sys.argv[1]))
