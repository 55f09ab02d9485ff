import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab
from skimage.metrics import structural_similarity as skimage_ssim

from polychrome.color.scaling import PADOVA
from polychrome.errors import InputError
from polychrome.metrics.channels import BacktrackedGrayAccuracy, MaxChannelAccuracy
from polychrome.metrics.perceptual import (
    CIEDE2000,
    SSIM,
    Colorfulness,
    ColorfulnessDifference,
)
from polychrome.metrics.pixel import (
    MSE255,
    PSNR,
    ChromaPSNR,
    ColoredPSNR,
    ReportChromaPSNR,
    is_gray,
)
from polychrome.metrics.table import grading_metrics

ROOT = Path(__file__).parents[3]
ALL = [*grading_metrics(), ChromaPSNR(), ReportChromaPSNR()]
SIZES = [(11, 11), (11, 29), (40, 24)]


def _images(count=9, height=14, width=17, seed=0):
    """Truth and prediction, uint8; the third truth is gray and the last pair equal."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 256, (count, height, width, 3))
    if count > 3:
        truth[2] = truth[2, :, :, :1]
    noise = rng.normal(0, 30, truth.shape)
    prediction = np.clip(truth + noise, 0, 255)
    prediction[-1] = truth[-1] if count > 1 else prediction[-1]
    return truth.astype("uint8"), prediction.astype("uint8")


def _float(image):
    return (image / 255.0).astype("float32")


def _values(metric, truth, prediction):
    return np.asarray(metric.per_image(truth, prediction))


def test_table_order_and_descriptions():
    metrics = grading_metrics()
    assert [metric.key for metric in metrics] == [
        "psnr", "psnr_colored", "ssim", "mse", "ciede2000", "colorfulness",
        "colorfulness_difference", "max_channel", "max_channel_red", "max_channel_green",
        "max_channel_blue", "gray_mean", "gray_luma",
    ]  # fmt: skip
    assert len({metric.label for metric in ALL}) == len(ALL)
    for metric in ALL:
        assert metric.better in ("higher", "lower", None)
        assert metric.meaning.endswith(".") and metric.name == metric.key


@pytest.mark.parametrize("size", SIZES)
def test_psnr_and_ssim_agree_with_tensorflow(size):
    truth, prediction = map(_float, _images(8, *size))
    expected = np.minimum(tf.image.psnr(truth, prediction, max_val=1.0), 60.0)
    np.testing.assert_allclose(_values(PSNR(), truth, prediction), expected, atol=1e-4)
    expected = tf.image.ssim(truth, prediction, 1.0, filter_size=11, filter_sigma=1.5)
    np.testing.assert_allclose(_values(SSIM(), truth, prediction), expected, atol=1e-5)


def test_psnr_is_capped():
    truth = np.full((3, 4, 5, 3), 0.5, "float32")
    prediction = truth + np.array([0.0, 1e-4, 1e-2], "float32").reshape(3, 1, 1, 1)
    np.testing.assert_allclose(_values(PSNR(), truth, prediction), [60, 60, 40], atol=1e-3)


def _window(size):
    weights = np.exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / 1.5) ** 2)
    return weights / weights.sum()


@pytest.mark.parametrize("size", [(1, 1), (3, 20), (13, 5), (10, 10)])
def test_ssim_window_shrinks_to_small_images(size):
    truth, prediction = (_float(image).astype(float) for image in _images(4, *size))
    rows, columns = (min(11, length) for length in size)
    weights = np.outer(_window(rows), _window(columns))[..., None]
    expected = []
    for x_image, y_image in zip(truth, prediction, strict=True):
        local = []
        for i in range(size[0] - rows + 1):
            for j in range(size[1] - columns + 1):
                x, y = (im[i : i + rows, j : j + columns] for im in (x_image, y_image))
                mean_x, mean_y = (np.sum(weights * z, axis=(0, 1)) for z in (x, y))
                var_x = np.sum(weights * (x - mean_x) ** 2, axis=(0, 1))
                var_y = np.sum(weights * (y - mean_y) ** 2, axis=(0, 1))
                cov = np.sum(weights * (x - mean_x) * (y - mean_y), axis=(0, 1))
                light = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
                local.append(light * (2 * cov + 9e-4) / (var_x + var_y + 9e-4))
        expected.append(np.mean(local))
    np.testing.assert_allclose(_values(SSIM(), truth, prediction), expected, atol=1e-5)


def test_the_padova_grading_image_by_image():
    photo = _float(skimage.data.astronaut())
    truth = np.stack([photo[r : r + 96 : 2, r : r + 80 : 2] for r in (0, 100, 200, 300)])
    lab = np.stack([rgb2lab(image) for image in truth])
    noise = np.random.default_rng(0).normal(0, 8, lab[..., 1:].shape)
    chroma = ((lab[..., 1:] * 0.5 + noise) / 128).astype("float32")

    psnr, ssim = [], []
    for image, image_lab, image_chroma in zip(truth, lab, chroma, strict=True):
        joined = np.dstack([image_lab[..., 0], image_chroma * 128.0])
        predicted = np.clip(lab2rgb(joined), 0, 1)
        psnr.append(10 * np.log10(1.0 / np.mean((image - predicted) ** 2)))
        ssim.append(
            skimage_ssim(
                image.astype(float), predicted, channel_axis=-1, data_range=1.0,
                gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            )
        )  # fmt: skip

    joined = PADOVA.join(lab[..., :1].astype("float32"), chroma)
    assert float(PSNR()(truth, joined)) == pytest.approx(np.mean(psnr), abs=2e-3)
    assert float(SSIM()(truth, joined)) == pytest.approx(np.mean(ssim), abs=1e-4)


def _largest(pixel):
    red, green, blue = (int(value) for value in pixel)
    if red > green and red > blue:
        return 0
    if green > red and green > blue:
        return 1
    return 2


def test_the_uci_gradings_pixel_by_pixel():
    # Few levels, 20 apart: many ties, and many gray values exactly at the threshold of 20.
    rng = np.random.default_rng(3)
    truth = (rng.integers(2, 6, (6, 9, 8, 3)) * 20).astype("uint8")
    prediction = (truth + rng.choice([-20, 0, 20], truth.shape)).astype("uint8")
    prediction[:, 0] = truth[:, 0] + np.uint8(20)  # all channels off by exactly 20
    truth[5, ..., 0] = 0  # no red pixel
    weights = {"mean": (1, 1, 1, 3), "luma": (30, 59, 11, 100)}  # integers: no rounding at bounds

    count, height, width, _ = truth.shape
    expected = {key: np.zeros(count) for key in ("all", "red", "green", "blue")}
    gray = {(formula, bound): np.zeros(count) for formula in weights for bound in (True, False)}
    totals = np.zeros((3, count))
    at_bound = 0
    for n in range(count):
        for i in range(height):
            for j in range(width):
                true_pixel, pixel = truth[n, i, j], prediction[n, i, j]
                channel = _largest(true_pixel)
                totals[channel, n] += 1
                if _largest(pixel) == channel:
                    expected["all"][n] += 1
                    expected[("red", "green", "blue")[channel]][n] += 1
                for formula, (*channels, divisor) in weights.items():
                    off = abs(
                        sum(
                            weight * (int(a) - int(b))
                            for weight, a, b in zip(channels, pixel, true_pixel, strict=True)
                        )
                    )
                    at_bound += off == 20 * divisor
                    gray[formula, True][n] += off <= 20 * divisor
                    gray[formula, False][n] += off < 20 * divisor
    assert at_bound > 50 and totals[0, 5] == 0
    pixels = height * width
    total = MaxChannelAccuracy()
    np.testing.assert_allclose(_values(total, truth, prediction), expected["all"] / pixels, 1e-6)
    for channel, hits in zip(("red", "green", "blue"), totals, strict=True):
        with np.errstate(invalid="ignore"):
            share = expected[channel] / hits
        values = _values(MaxChannelAccuracy(channel), truth, prediction)
        np.testing.assert_allclose(values, share, rtol=1e-6)
    assert np.isnan(_values(MaxChannelAccuracy("red"), truth, prediction)[5])
    for (formula, inclusive), hits in gray.items():
        metric = BacktrackedGrayAccuracy(formula, 20, inclusive)
        for convert in (np.asarray, _float):
            values = _values(metric, convert(truth), convert(prediction))
            np.testing.assert_allclose(values, hits / pixels, rtol=1e-6)


def test_a_gray_prediction_has_no_largest_channel_by_rounding_noise():
    truth, _ = _images()
    lightness, chroma = PADOVA.split(truth)
    nothing = np.asarray(PADOVA.join(lightness, 0.0 * chroma))
    blue = np.array([[_largest(pixel) == 2 for pixel in image.reshape(-1, 3)] for image in truth])
    values = _values(MaxChannelAccuracy(), truth, nothing)
    np.testing.assert_allclose(values, blue.mean(axis=1), rtol=1e-6)


def test_images_that_are_already_gray():
    levels = np.random.default_rng(1).integers(3, 250, (3, 6, 7, 1))
    truth = np.repeat(levels, 3, axis=-1)
    truth[1, 2, 3] += [0, 1, 2]  # spread 2: still gray
    truth[2, 2, 3] += [0, 1, 3]
    truth = truth.astype("uint8")
    prediction = truth.copy()
    prediction[..., 0] += 5
    for convert in (np.asarray, _float):
        assert np.asarray(is_gray(convert(truth))).tolist() == [True, True, False]
        values = _values(ColoredPSNR(), convert(truth), convert(prediction))
        assert np.isnan(values).tolist() == [True, True, False]
    expected = 10 * np.log10(255**2 * 3 / 25)
    assert float(ColoredPSNR()(truth, prediction)) == pytest.approx(expected, abs=1e-4)
    assert np.isnan(float(ColoredPSNR()(truth[:2], prediction[:2])))
    assert np.isnan(float(PSNR().result()))


def test_mse_is_in_levels_of_255():
    truth = np.full((2, 3, 4, 3), 100, "uint8")
    prediction = truth + np.array([10, 20], "uint8").reshape(2, 1, 1, 1)
    np.testing.assert_allclose(_values(MSE255(), truth, prediction), [100, 400], rtol=1e-5)


def test_ciede2000_agrees_with_skimage():
    truth, prediction = _images()
    expected = deltaE_ciede2000(rgb2lab(truth), rgb2lab(prediction)).mean(axis=(1, 2))
    np.testing.assert_allclose(_values(CIEDE2000(), truth, prediction), expected, atol=2e-3)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.key)
def test_bytes_are_measured_as_their_floats_are(metric):
    images = _images()
    found, expected = _values(metric, *images), _values(metric, *map(_float, images))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_colorfulness_is_signed():
    # Pure red beside pure green. R-G: 255, -255 (mean 0, deviation 255); (R+G)/2-B: 127.5 twice.
    # Signed: 255 + .3 * 127.5. With absolute values it would be .3 * |(255, 127.5)| = 85.53.
    image = np.array([[[[255, 0, 0], [0, 255, 0]]]], "uint8")
    gray = np.full_like(image, 90)
    assert float(Colorfulness()(gray, image)) == pytest.approx(293.25, abs=1e-3)
    assert float(Colorfulness()(image, gray)) == pytest.approx(0.0, abs=1e-3)
    assert float(ColorfulnessDifference()(gray, image)) == pytest.approx(293.25, abs=1e-3)
    assert float(ColorfulnessDifference()(image, gray)) == pytest.approx(-293.25, abs=1e-3)


def test_the_reports_chroma_psnr_reads_low():
    rng = np.random.default_rng(5)
    truth = rng.uniform(-1, 1, (4, 6, 7, 2)).astype("float32")
    prediction = (truth * 0.5).astype("float32")
    as_reported = _values(ReportChromaPSNR(), truth, prediction)
    correct = _values(ChromaPSNR(), truth, prediction)
    np.testing.assert_allclose(as_reported, tf.image.psnr(truth, prediction, 1.0), atol=1e-4)
    np.testing.assert_allclose(correct, tf.image.psnr(truth, prediction, 2.0), atol=1e-4)
    np.testing.assert_allclose(correct - as_reported, 20 * np.log10(2), atol=1e-4)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.key)
def test_batches_input_types_weights_and_config(metric):
    truth, prediction = _images()
    as_float = _float(truth), _float(prediction)
    values = _values(metric, *as_float)
    assert values.shape == (len(truth),) and values.dtype == np.float32
    if metric.channels == 3:
        for convert in (np.asarray, keras.ops.convert_to_tensor):
            found = _values(metric, convert(truth), convert(prediction))
            np.testing.assert_allclose(found, values, rtol=1e-6)
    else:
        truth, prediction = as_float

    metric.reset_state()
    for batch in (slice(0, 4), slice(4, 5), slice(5, 9)):
        metric.update_state(truth[batch], prediction[batch])
    result = float(metric.result())
    assert result == pytest.approx(np.nanmean(values), rel=1e-5)

    # Weights of 0 leave images out; others weigh.
    weights = np.array([0, 2, 1, 0, 0, 0, 1, 0, 0], "float32")
    metric.reset_state()
    metric.update_state(truth, prediction, sample_weight=weights[:, None])
    counted = np.isfinite(values)
    expected = np.average(values[counted], weights=weights[counted])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)

    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert (type(again), again.key, again.label) == (type(metric), metric.key, metric.label)
    assert float(again(truth, prediction)) == pytest.approx(result, rel=1e-5)


def test_settings_survive_the_config():
    metric = BacktrackedGrayAccuracy("luma", threshold=5, inclusive=False, name="strict")
    again = BacktrackedGrayAccuracy.from_config(metric.get_config())
    assert (again.formula, again.threshold, again.inclusive) == ("luma", 5, False)
    assert (again.name, again.key) == ("strict", "gray_luma_exclusive")


def test_errors_are_one_clear_line():
    truth, prediction = _images()
    with pytest.raises(InputError, match=r"psnr: truth \(9, 14, 17, 3\).*\(8, 14, 17, 3\).*one sh"):
        PSNR()(truth, prediction[:8])
    with pytest.raises(InputError, match="height, width, 3"):
        PSNR()(truth[..., :2], prediction[..., :2])
    with pytest.raises(InputError, match="should be two batches"):
        SSIM()(truth[0], prediction[0])
    with pytest.raises(InputError, match="'cyan'.*red"):
        MaxChannelAccuracy("cyan")
    with pytest.raises(InputError, match="'sum'.*luma"):
        BacktrackedGrayAccuracy("sum")


# Runs in a process of its own, for another backend or more than one device. Learning rate 0: the
# epoch's value has to equal a grading of the finished model's predictions.
SCRIPT = """
import contextlib, sys
import keras, numpy as np
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.metrics.table import grading_metrics

data = np.load(sys.argv[1])
scope = contextlib.nullcontext()
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    assert strategy.num_replicas_in_sync == 2
    scope = strategy.scope()
with scope:
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(2, 3, padding="same", kernel_initializer="ones",
                                                    activation="tanh")(inputs))
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[ChromaPSNR(), ReportChromaPSNR()])
history = model.fit(data["lightness"], data["chroma"], batch_size=6, verbose=0).history
results = {key: np.asarray(metric.per_image(data["truth"], data["prediction"]))
           for metric in grading_metrics() for key in [metric.key]}
np.savez(sys.argv[2], predicted=model.predict(data["lightness"], verbose=0),
         **{key: values[0] for key, values in history.items()}, **results)
"""


@pytest.mark.long
@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_fit_on_jax_and_on_two_devices(backend, tmp_path):
    truth, prediction = _images()
    rng = np.random.default_rng(2)
    lightness = rng.uniform(-0.2, 0.2, (8, 6, 5, 1)).astype("float32")
    # Unlike scale from image to image, so that a mean over batches or pixels would differ.
    chroma = rng.uniform(-1, 1, (8, 6, 5, 2)) * 2.0 ** -np.arange(8).reshape(8, 1, 1, 1)
    arrays = {"truth": truth, "prediction": prediction, "lightness": lightness}
    np.savez(tmp_path / "in.npz", chroma=chroma.astype("float32"), **arrays)
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    environment |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "in.npz"), str(tmp_path / "out.npz")]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]

    found = np.load(tmp_path / "out.npz")
    for metric in (ChromaPSNR(), ReportChromaPSNR()):
        expected = float(metric(chroma, found["predicted"]))
        assert float(found[metric.key]) == pytest.approx(expected, abs=1e-4)
    for metric in grading_metrics():
        expected = _values(metric, truth, prediction)
        # A difference of two numbers near 150: float32 itself is no finer than 1.5e-5 there.
        atol = 1e-4 if metric.key == "colorfulness_difference" else 1e-5
        np.testing.assert_allclose(found[metric.key], expected, rtol=1e-5, atol=atol)
