"""Two networks that train each other: losses, steps, devices, precision, resumption, backends."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_adversarial import (
    BATCH,
    SIZE,
    STEPS,
    FixedDraws,
    examples,
    plain_discriminator,
    plain_generator,
    train_tiny_gan,
)

from polychrome.color.scaling import UNIT
from polychrome.losses import adversarial as losses
from polychrome.metrics.pixel import ChromaPSNR
from polychrome.models.uci_gan import build_uci_generator, to_chroma, to_rgb
from polychrome.training.adversarial import Adversarial
from polychrome.training.callbacks import TrainingState

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)


def start(jobs, *options, backend="tensorflow"):
    """Do jobs of `tiny_adversarial` in a process of their own."""
    jobs = [json.dumps({**job, "folder": str(job["folder"])}) for job in jobs]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tiny_adversarial.py"), *options, *jobs],
        env=os.environ | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def stored(path):
    """Every array of a weights file by its path in the file."""
    arrays = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: arrays.update({name: item[()]}) if hasattr(item, "dtype") else None
        )
    return arrays


def rows_of(folder):
    with (folder / "steps.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def value(tensor):
    return float(keras.ops.convert_to_numpy(tensor))


def arrays(variables):
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def compiled(model, rate=1e-2, **options):
    optimizers = [keras.optimizers.Adam(rate, beta_1=0.5) for _ in range(2)]
    model.compile(*optimizers, run_eagerly=True, **options)
    return model


def tensors(count):
    """`examples` as `fit` hands them to a step."""
    return tuple(map(tf.constant, examples(count)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folders of a "plain" training: of its first epoch, and resumed to the second.

    It was resumed with rows of an epoch that did not end, as a kill may leave them.
    """
    first, both = (tmp_path_factory.mktemp(name) for name in ("first", "both"))
    train_tiny_gan(both, epochs=1)
    shutil.copytree(both, first, dirs_exist_ok=True)
    path = both / "steps.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *rows, *(f"2{row[1:]}" for row in rows)]) + "\n")
    train_tiny_gan(both, epochs=2)
    return first, both


def test_losses_by_hand():
    real, fake = np.float32([[0.5], [-1.0]]), np.float32([[2.0], [-3.0]])
    d_real, d_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))

    def mean(x):
        return pytest.approx(float(np.mean(x)), abs=1e-6)

    # Goodfellow et al. 2014, as the Linköping report's equations 3 and 4 quote it.
    assert value(losses.MINIMAX.discriminator(real, fake)) == mean(
        -np.log(d_real) - np.log(1 - d_fake)
    )
    assert value(losses.MINIMAX.generator(fake)) == mean(np.log(1 - d_fake))
    assert value(losses.NON_SATURATING.generator(fake)) == mean(-np.log(d_fake))
    soft = value(losses.NON_SATURATING.discriminator(real, fake, 0.9, 0.2))
    expected = -0.9 * np.log(d_real) - 0.1 * np.log(1 - d_real)
    expected = expected - 0.2 * np.log(d_fake) - 0.8 * np.log(1 - d_fake)
    assert soft == mean(expected)
    # Where a sigmoid in float32 would be 1 and its logarithm infinite.
    assert value(losses.NON_SATURATING.generator(np.float32([-200.0]))) == pytest.approx(200)


def test_a_generator_over_rgb_may_exceed_it():
    """As UCI's, whose ReLU sets no upper bound: its chroma is that of the clipped picture."""
    gray = keras.Input((None, None, 1))
    bright = keras.Model(gray, keras.layers.Concatenate()([4.0 * gray, gray, gray]))
    rgb = keras.Input((SIZE, SIZE, 3))
    judge = keras.Model(rgb, layers.Dense(1, dtype="float32")(layers.Flatten()(rgb)))
    model = Adversarial(
        to_rgb(bright, UNIT), judge, rgb_scaling=UNIT, colorizer=to_chroma(bright, UNIT)
    )
    metric = compiled(model, metrics=[ChromaPSNR()]).chroma_metrics[0]
    lightness = tf.fill([2, SIZE, SIZE, 1], 0.9)
    chroma = model(lightness)
    logs = model.test_step((lightness, chroma))
    assert value(logs[metric.name]) > 59


def test_each_network_learns_from_its_own_loss_alone():
    model = compiled(Adversarial(plain_generator(), plain_discriminator(), reconstruction_weight=2))
    data = tensors(BATCH)
    networks = model.generator, model.discriminator
    before = [arrays(network.trainable_variables) for network in networks]
    lightness, chroma = data
    fake = model.generator(lightness)
    logits = [
        value(tf.reduce_mean(tf.nn.softplus(sign * model.discriminator([lightness, p]))))
        for sign, p in ((-1, chroma), (1, fake))
    ]
    logs = {name: value(part) for name, part in model.train_step(data).items()}
    assert logs["discriminator_loss"] == pytest.approx(sum(logits), rel=1e-5)
    assert logs["loss"] == pytest.approx(np.abs(chroma - fake).mean(), rel=1e-5)
    assert logs["generator_loss"] == pytest.approx(logs["adversarial_loss"] + 2 * logs["loss"])
    # The generator is judged by the discriminator that has just learned.
    judged = value(tf.reduce_mean(tf.nn.softplus(-model.discriminator([lightness, fake]))))
    assert logs["adversarial_loss"] == pytest.approx(judged, rel=1e-5)
    for network, old in zip(networks, before, strict=True):
        for variable, array in zip(network.trainable_variables, old, strict=True):
            assert np.any(variable.numpy() != array), variable.path


def test_without_weight_the_game_does_not_reach_the_generator():
    data, learned = tensors(BATCH), []
    for seed in (0, 1):
        keras.utils.set_random_seed(5)
        generator = plain_generator()
        keras.utils.set_random_seed(seed)
        model = Adversarial(
            generator, plain_discriminator(), adversarial_weight=0.0, reconstruction_weight=1.0
        )
        compiled(model).train_step(data)
        learned.append(arrays(generator.trainable_variables))
    for one, other in zip(*learned, strict=True):
        np.testing.assert_array_equal(one, other)


def test_validation_reports_the_reconstruction_and_chroma_metrics():
    model = compiled(
        Adversarial(plain_generator(), plain_discriminator(), reconstruction=losses.l2),
        metrics=[ChromaPSNR()],
    )
    lightness, chroma = examples(7)
    answer = model.predict(lightness, verbose=0)
    logs = model.evaluate(lightness, chroma, batch_size=3, return_dict=True, verbose=0)
    assert set(logs) == {"loss", "psnr_chroma"}
    # Older Keras gives tensors.
    assert float(logs["loss"]) == pytest.approx(np.mean((chroma - answer) ** 2), rel=1e-4)
    np.testing.assert_array_equal(answer, model.generator(lightness))


def test_pictures_may_be_rgb():
    network = build_uci_generator((2, 3), bottleneck=4)
    rgb = keras.Input((8, 8, 3))
    judge = keras.Model(rgb, layers.Dense(1, dtype="float32")(layers.Flatten()(rgb)))
    model = Adversarial(
        to_rgb(network, UNIT),
        judge,
        reconstruction=losses.l2,
        reconstruction_weight=1.0,
        label_noise=0.1,
        rgb_scaling=UNIT,
        colorizer=to_chroma(network, UNIT),
    )
    compiled(model, metrics=[ChromaPSNR()])
    pictures = np.random.default_rng(0).uniform(size=(BATCH, 8, 8, 3)).astype(np.float32)
    data = [np.asarray(part) for part in UNIT.split(pictures)]
    made = model.generator(data[0])
    assert made.shape == (BATCH, 8, 8, 3)
    logs = {name: value(part) for name, part in model.train_step(data).items()}
    assert logs["loss"] == pytest.approx(np.mean((made - pictures) ** 2), abs=1e-5)
    assert model.predict(data[0], verbose=0).shape == (BATCH, 8, 8, 2)


def test_a_class_head_learns_from_labels():
    plain = plain_generator()
    lightness = keras.Input((None, None, 1))
    logits = layers.Dense(3, dtype="float32")(layers.GlobalAveragePooling2D()(lightness))
    generator = keras.Model(lightness, {"chroma": plain(lightness), "classes": logits})
    model = compiled(
        Adversarial(generator, plain_discriminator(), reconstruction_weight=1.0, class_weight=0.5)
    )
    inputs, chroma = tensors(BATCH)
    labels = np.int32([0, 1, 2, 0, -1, -1])  # -1: not known
    answer = generator(inputs)["classes"].numpy()
    scores = np.exp(answer) / np.exp(answer).sum(axis=-1, keepdims=True)
    logs = {k: value(v) for k, v in model.train_step((inputs, (chroma, labels))).items()}
    expected = -np.log(scores[np.arange(4), labels[:4]]).sum() / BATCH
    assert logs["class_loss"] == pytest.approx(expected, rel=1e-4)
    total = logs["adversarial_loss"] + logs["loss"] + 0.5 * logs["class_loss"]
    assert logs["generator_loss"] == pytest.approx(total, rel=1e-5)
    assert model(inputs).shape == (BATCH, 8, 8, 2)


def test_a_compiled_step_equals_an_eager_one():
    data, results = tensors(BATCH), []
    for options in ({"run_eagerly": True}, {"jit_compile": True}):
        keras.utils.set_random_seed(4)
        model = FixedDraws(
            plain_generator(), plain_discriminator(), losses.MINIMAX, label_noise=0.1
        )
        model.compile(keras.optimizers.Adam(), keras.optimizers.Adam(), **options)
        results.append(model.fit(*data, batch_size=BATCH, epochs=2, verbose=0).history)
    assert results[0].keys() == results[1].keys()
    for name, expected in results[0].items():
        np.testing.assert_allclose(results[1][name], expected, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = compiled(
            Adversarial(plain_generator(), plain_discriminator(), reconstruction_weight=10.0)
        )
    finally:
        keras.config.set_dtype_policy(before)
    weights = arrays(model.trainable_variables)
    logs = model.train_step(tensors(BATCH))
    assert all(part.dtype == "float32" and np.isfinite(part) for part in logs.values())
    assert all(
        np.any(new != old) for new, old in zip(model.trainable_variables, weights, strict=True)
    )
    for optimizer in (model.optimizer, model.discriminator_optimizer):
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        assert scaled == (policy == "mixed_float16")


def test_eight_images_are_learned_and_the_discriminator_loses_its_grip():
    """At first fakes are told from real pictures; once they are the same, only guessing is left."""
    lightness, chroma = examples(8)
    model = Adversarial(plain_generator(), plain_discriminator(), reconstruction_weight=20.0)
    model.compile(
        keras.optimizers.Adam(1e-2),
        keras.optimizers.Adam(3e-3),
        metrics=[ChromaPSNR()],
        jit_compile=False,
    )
    data = tf.data.Dataset.from_tensors((lightness, chroma)).repeat()
    history = model.fit(data, steps_per_epoch=40, epochs=12, shuffle=False, verbose=0).history
    accuracy = (np.array(history["accuracy_real"]) + history["accuracy_fake"]) / 2
    assert max(accuracy[:3]) > 0.9
    assert history["psnr_chroma"][-1] > history["psnr_chroma"][0] + 10
    assert accuracy[-1] < 0.75
    # Goodfellow et al. 2014: at the end D says one half everywhere, and its loss is 2 log 2.
    early, late = min(history["discriminator_loss"][:3]), history["discriminator_loss"][-1]
    assert early < 2 * np.log(2) - 0.2 and late == pytest.approx(2 * np.log(2), abs=0.15)


@pytest.mark.long
def test_two_devices_learn_what_one_learns(trained, tmp_path):
    start([{"folder": tmp_path}], "--devices", "2")
    compare(trained[1], tmp_path)


@pytest.mark.long
def test_jax_learns_what_tensorflow_learns(trained, tmp_path):
    # The backends draw other weights from one seed: both go on from the same first epoch.
    folder = shutil.copytree(trained[0], tmp_path / "jax")
    start([{"folder": folder}], backend="jax")
    compare(trained[1], folder)


@pytest.mark.long
def test_images_in_the_accelerators_memory_teach_the_same(tmp_path):
    """With all that has a state: noise, label noise, batch norm and both optimizers."""
    folders = [tmp_path / name for name in ("batches", "resident")]
    jobs = [{"folder": folder, "kind": "cgan"} for folder in folders]
    start([jobs[0], jobs[1] | {"resident": True}], backend="jax")
    compare(*folders, tolerance=1e-4)


def compare(folder, other, tolerance=1e-5):
    """The same history, steps and weights in two folders."""
    one, two = TrainingState.load(folder), TrainingState.load(other)
    assert one.epoch == two.epoch == 2
    for row, twin in zip(one.history, two.history, strict=True):
        assert row.keys() == twin.keys()
        for name in row:
            if name.endswith(("seconds", "_second")):  # which no two runs share
                continue
            assert row[name] == pytest.approx(twin[name], rel=tolerance, abs=tolerance), name
    steps = [rows_of(place) for place in (folder, other)]
    assert len(steps[0]) == 2 * 2
    for row, twin in zip(*steps, strict=True):
        for name in row:
            assert float(row[name]) == pytest.approx(float(twin[name]), abs=4 * tolerance), name
    first, second = (stored(place / one.weights) for place in (folder, other))
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_allclose(second[name], array, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.long
def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path):
    """With all that has a state: noise, batch norm and both optimizers.

    Not to the last bit: batch norm's gradient is a sum of three, whose order TensorFlow's tape
    takes from tensors' numbers. Other noise, or moments that began anew, would be far more.
    """
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    for folder, epochs in ((whole, 2), (stopped, 1), (stopped, 2)):
        train_tiny_gan(folder, "cgan", epochs)
    compare(whole, stopped, tolerance=1e-6)
    last = stored(whole / "epoch-0002.weights.h5")
    for part in ("optimizer/", "discriminator_optimizer/", "discriminator/"):
        assert any(name.startswith(part) and np.any(last[name]) for name in last), part


def test_rows_are_means_of_their_own_steps(trained):
    rows, state = rows_of(trained[1]), TrainingState.load(trained[1])
    for epoch, logged in enumerate(state.history):
        two, one = (float(row["loss"]) for row in rows if int(row["epoch"]) == epoch + 1)
        assert (2 * two + one) / STEPS == pytest.approx(logged["loss"], rel=1e-5)
        assert two != one


def test_rows_of_an_unfinished_epoch_are_dropped(trained):
    places = [(int(row["epoch"]), int(row["step"])) for row in rows_of(trained[1])]
    assert places == [(1, 2), (1, 3), (2, 5), (2, 6)]
    assert set(rows_of(trained[1])[0]) > {"discriminator_loss", "accuracy_real", "accuracy_fake"}
