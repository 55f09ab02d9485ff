"""Networks with noise, a sampled code, patches or a global branch: what is theirs alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import norm

from polychrome.color.scaling import LINKOPING_YUV, UNIT
from polychrome.color.spaces import lab_to_rgb
from polychrome.errors import InputError
from polychrome.layers.noise import draw_samples, kl_divergence, with_fixed_noise, with_noise
from polychrome.metrics.diversity import diversity
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.models.fusion import build_fusion, chroma_of
from polychrome.models.patchgan import build_patchgan
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.uci_gan import (
    build_uci_discriminator,
    build_uci_generator,
    to_chroma,
    to_rgb,
)
from polychrome.models.uci_vae import build_uci_vae
from polychrome.models.unet import build_unet


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(1)


def lightness(batch=2, height=13, width=21):
    """Scaled lightness, float32 `[batch, height, width, 1]`."""
    shape = (batch, height, width, 1)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def answer(network, inputs, **options):
    return keras.ops.convert_to_numpy(network(inputs, **options))


def awake(network):
    """Weights as large as training makes them: fresh ones of N(0, .02) say nothing yet."""
    for variable in network.trainable_variables:
        if len(variable.shape) == 4:
            variable.assign(variable * 10)
    return network


def learned(network):
    return sum(np.prod(variable.shape) for variable in network.trainable_variables)


TINY = {
    "cgan": lambda: build_cgan_generator((3, 4), image_size=8),
    "unet": lambda: with_noise(awake(build_unet(16, width=2))),
    "uci_vae": lambda: with_noise(build_uci_vae((3, 4), 4, (4,), kl_weight=1e-3)),
}


@pytest.mark.parametrize("name", TINY)
def test_noise_changes_the_answer_and_a_seed_brings_it_back(name):
    network, inputs = TINY[name](), lightness()
    assert np.abs(answer(network, inputs) - answer(network, inputs)).max() > 1e-3
    drawn = draw_samples(network, inputs, 3, seed=5)
    assert drawn.shape == (3, 2, 13, 21, 2)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(drawn[first] - drawn[second]).max() > 1e-3
    np.testing.assert_array_equal(draw_samples(network, inputs, 3, seed=5), drawn)
    assert np.abs(draw_samples(network, inputs, 3, seed=6) - drawn).max() > 1e-3
    assert np.all(keras.ops.convert_to_numpy(diversity(drawn)) > 0)


def test_fixed_noise_is_the_same_for_every_image_and_batch(tmp_path):
    network, inputs = TINY["cgan"](), lightness()
    fixed = with_fixed_noise(network, seed=3)
    expected = answer(fixed, inputs)
    np.testing.assert_array_equal(answer(fixed, inputs), expected)
    np.testing.assert_allclose(answer(fixed, inputs[1:]), expected[1:], atol=1e-6)
    assert np.abs(answer(with_fixed_noise(network, seed=4), inputs) - expected).max() > 1e-3
    np.testing.assert_array_equal(*draw_samples(fixed, inputs, 2, seed=0))
    fixed.save(tmp_path / "fixed.keras")
    reloaded = keras.models.load_model(tmp_path / "fixed.keras")
    np.testing.assert_array_equal(answer(reloaded, inputs), expected)
    # Shared, not copied: what one network learns the other knows.
    network.get_layer("chroma").bias.assign([0.5, 0.5])
    assert np.all(answer(fixed, inputs) > expected)


@pytest.mark.parametrize("name", ["unet", "uci_vae"])
def test_networks_are_without_noise_unless_asked(name):
    build = {
        "unet": lambda: awake(build_unet(16, width=2)),
        "uci_vae": lambda: build_uci_vae((3,), 2, ()),
    }
    network, inputs = build[name](), lightness()
    np.testing.assert_array_equal(answer(network, inputs), answer(network, inputs))
    trained = [answer(network, inputs, training=True) for _ in range(2)]
    assert np.abs(trained[0] - trained[1]).max() > 1e-3


def test_diversity_by_hand():
    ab = np.zeros((3, 2, 4, 5, 2), np.float32)
    ab[1, 0], ab[2, 0, :2] = (3, 4), (6, 8)
    # Pairs of the first image: 5 everywhere; 10 in half; 5 and 5 from the second to the third.
    expected = [(5 + 5 + 5) / 3, 0]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(diversity(ab)), expected, rtol=1e-6)


def test_noise_layers_is_how_many_convolutions_see_the_plane():
    filters = (8, 6, 5, 4)

    def inputs_of_convolutions(noise_layers):
        network = build_cgan_generator(filters, noise_layers, image_size=8)
        return [w.shape[2] for w in network.trainable_variables if len(w.shape) == 4]

    # Linköping report, section 2.1.2: y and Z are added to the filters of a block, 128 + 2 = 130.
    assert inputs_of_convolutions(3) == [2, 10, 8, 6, 5]
    assert inputs_of_convolutions(1) == [2, 9, 7, 6, 5]
    y, uv = lightness(2, 64, 64), np.zeros((2, 64, 64, 2), np.float32)
    judge = build_cgan_discriminator((2, 3, 4, 5))
    assert answer(judge, [y, uv]).shape == (2, 1)
    # The last block is 4x4 (section 2.1.2): what the dense layer sees.
    assert judge.get_layer("logits").kernel.shape == (4 * 4 * 5, 1)


def test_the_divergence_is_the_closed_form():
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    log_variance = rng.normal(size=(2, 3, 4, 5)).astype(np.float32)
    found = keras.ops.convert_to_numpy(kl_divergence(mean, log_variance))
    # By quadrature of q log(q / p), from scipy's normal densities.
    z = np.linspace(-25, 25, 20001)
    q = norm(mean[..., None], np.exp(log_variance / 2)[..., None])
    integral = np.trapezoid(q.pdf(z) * (q.logpdf(z) - norm.logpdf(z)), z, axis=-1)
    np.testing.assert_allclose(found, integral.sum(axis=(1, 2, 3)), rtol=1e-4)
    np.testing.assert_array_equal(kl_divergence(mean * 0, mean * 0), [0, 0])


def test_the_divergence_is_added_to_the_loss_by_its_weight():
    network, inputs = build_uci_vae((3, 4), 4, (4,), kl_weight=0.25), lightness()
    parts = [network.get_layer(name).output for name in ("mean", "log_variance")]
    code = keras.Model(network.input, parts)
    network(inputs, training=True)
    (added,) = network.losses
    divergence = keras.ops.convert_to_numpy(kl_divergence(*code(inputs, training=True))).mean()
    assert float(added) == pytest.approx(0.25 * divergence / (13 * 21), rel=1e-4)
    network(inputs, training=False)
    assert not network.losses


def test_without_the_divergence_it_is_an_autoencoder():
    network, inputs = build_uci_vae((3, 4), 4, (4,), kl_weight=0.0), lightness()
    np.testing.assert_array_equal(
        answer(network, inputs, training=True), answer(network, inputs, training=True)
    )
    assert not network.losses
    assert not any("log_variance" in variable.path for variable in network.variables)
    other = build_uci_vae((3, 4), 4, (4,), kl_weight=1e-3)
    assert learned(other) - learned(network) == 4 * 4 + 4


def test_the_code_of_the_divergence_is_sampled_as_it_says():
    network, inputs = build_uci_vae((3,), 2, (), kl_weight=1e-3), lightness(1, 64, 64)
    for name, bias in (("mean", 1.0), ("log_variance", 2 * np.log(0.5))):
        layer = network.get_layer(name)
        layer.kernel.assign(keras.ops.zeros_like(layer.kernel))
        layer.bias.assign(keras.ops.full_like(layer.bias, bias))
    code = keras.Model(network.input, network.get_layer("code").output)
    drawn = answer(code, inputs, training=True)
    assert drawn.mean() == pytest.approx(1.0, abs=0.05)
    assert drawn.std() == pytest.approx(0.5, abs=0.05)
    np.testing.assert_array_equal(answer(code, inputs), np.ones_like(drawn))


def influence(judge, size):
    """Height and width of the pixels of lightness and of chroma that move the middle logit."""
    rng = np.random.default_rng(0)
    inputs = [tf.constant(rng.normal(size=(1, size, size, c)), tf.float32) for c in (1, 2)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        logits = judge(inputs, training=False)
        middle = logits[0, logits.shape[1] // 2, logits.shape[2] // 2, 0]
    extents = []
    for gradient in tape.gradient(middle, inputs):
        touched = np.abs(gradient.numpy()[0]).sum(axis=-1) > 0
        for axis in (0, 1):
            seen = np.flatnonzero(touched.any(axis=axis))
            extents.append(int(seen[-1] - seen[0] + 1))
    return logits.shape[1:], extents


@pytest.mark.parametrize(
    "patch, size, logits",
    [(1, 12, 12), (16, 64, 30), (34, 96, 22), (70, 256, 30), (286, 704, 20)],
)
def test_a_logit_of_the_patchgan_sees_its_patch(patch, size, logits):
    shape, extents = influence(awake(build_patchgan(patch, width=2)), size)
    assert shape == (logits, logits, 1)
    assert extents == [patch] * 4


def test_patches_are_70_pixels_unless_said_otherwise():
    kernels = [w.shape for w in build_patchgan().trainable_variables if len(w.shape) == 4]
    assert kernels == [(4, 4, 3, 64), (4, 4, 64, 128), (4, 4, 128, 256), (4, 4, 256, 512)] + [
        (4, 4, 512, 1)
    ]
    single = [w.shape for w in build_patchgan(1).trainable_variables if len(w.shape) == 4]
    assert single == [(1, 1, 3, 64), (1, 1, 64, 128), (1, 1, 128, 1)]


@pytest.mark.parametrize("patch, smallest", [(1, 1), (16, 6), (34, 12), (70, 24), (286, 96)])
def test_images_that_leave_no_logit_are_refused(patch, smallest):
    judge = build_patchgan(patch, width=2, image_size=smallest)
    pair = [np.zeros((1, smallest, smallest, c), np.float32) for c in (1, 2)]
    logits = answer(judge, pair)
    assert logits.shape == ((1, 1, 1, 1) if patch > 1 else (1, smallest, smallest, 1))
    with pytest.raises(InputError, match=f"at least {smallest} pixels"):
        build_patchgan(patch, image_size=smallest - 1)
    narrow = [np.zeros((1, smallest, smallest - 1, c), np.float32) for c in (1, 2)]
    with pytest.raises(InputError, match=f"at least {smallest} pixels"):
        judge(narrow)


def test_patches_of_other_sizes_are_refused():
    with pytest.raises(InputError, match="patch of 71 pixels: should be one of 1, 16, 34, 70, 286"):
        build_patchgan(71)


@pytest.mark.parametrize("image_size", [8, 9, 24, 96])
@pytest.mark.parametrize("build", [build_unet, build_fusion])
def test_unets_of_any_image_size(build, image_size):
    network = build(image_size, width=1)
    size = 2 ** int(np.ceil(np.log2(image_size)))
    smallest = min(layer.output.shape[1] or size for layer in sized(network, size).layers)
    assert smallest == 1
    for side in (image_size, size, 7):
        assert answer(network, lightness(1, side, side)).shape == (1, side, side, 2)


def sized(network, size):
    """A network again, with its inputs of one known size."""
    return keras.models.clone_model(network, keras.Input((size, size, 1)))


def test_sizes_below_those_that_networks_are_made_for():
    with pytest.raises(InputError, match="image_size=3: should be at least 4"):
        build_unet(3)
    with pytest.raises(InputError, match="image_size=7: should be at least 8"):
        build_fusion(7)
    with pytest.raises(InputError, match="classes=0: should be at least 1"):
        build_fusion(8, classes=0)


def test_any_number_of_classes():
    for classes in (1, 3, 365):
        network = build_fusion(8, width=1, classes=classes)
        assert network(lightness(2, 8, 8))["classes"].shape == (2, classes)


def test_sizes_are_those_of_pix2pix():
    # Isola et al.'s code prints 54.414 M for its `unet_256` and 2.769 M for its discriminator, both
    # with three channels in and out, the discriminator's picture beside them.
    generator = build_unet()
    more = 2 * 16 * 64 + 16 * 128 + 1  # two more channels in, one more out
    assert round((learned(generator) + more) / 1e6, 3) == 54.414
    assert round((learned(build_patchgan()) + 3 * 16 * 64) / 1e6, 3) == 2.769
    strides = [layer for layer in generator.layers if isinstance(layer, keras.layers.Conv2D)]
    assert sum(type(layer) is keras.layers.Conv2D for layer in strides) == 8
    assert len([layer for layer in generator.layers if type(layer) is keras.layers.Dropout]) == 3
    small = build_unet(64, width=2)
    assert sum(type(layer) is keras.layers.Conv2D for layer in small.layers) == 6


def test_weights_begin_with_a_deviation_of_a_fiftieth():
    for network in (build_unet(16, width=16), build_patchgan(width=16)):
        kernels = [w.numpy() for w in network.trainable_variables if len(w.shape) == 4]
        together = np.concatenate([kernel.ravel() for kernel in kernels])
        assert together.std() == pytest.approx(0.02, rel=0.02)
        # Not one draw for all layers of one shape.
        assert len({float(kernel.ravel()[0]) for kernel in kernels}) == len(kernels)


def test_resnet_unet_starts_from_gray_in_0_to_1():
    network = build_resnet_unet(width=2)
    ends = np.float32([-1, 1]).reshape(2, 1, 1, 1)
    gray = keras.Model(network.input, network.get_layer("gray").output)
    np.testing.assert_allclose(answer(gray, ends)[:, 0, 0, 0], [0, 1])
    encoder = network.get_layer("encoder")
    assert [feature.shape[-1] for feature in encoder.outputs] == [2, 2, 4, 8, 16]


def test_the_global_vector_reaches_every_pixel():
    network, inputs = awake(build_fusion(32, width=2, classes=5)), lightness(1, 32, 32)
    made = network(inputs)
    assert made["chroma"].shape == (1, 32, 32, 2) and made["classes"].shape == (1, 5)
    chroma = answer(chroma_of(network), inputs)
    np.testing.assert_array_equal(chroma, made["chroma"])
    without = build_fusion(32, width=2)
    assert chroma_of(without) is without and without.output_shape == (None, None, None, 2)
    layer = network.get_layer("global")
    layer.bias.assign(layer.bias + 5.0)
    changed = np.any(answer(chroma_of(network), inputs) != chroma, axis=-1)
    assert changed.mean() > 0.98  # some pixels were at the end of tanh before


def test_uci_generator_at_published_and_smaller_sizes():
    network = build_uci_generator()
    kernels = [w.shape for w in network.trainable_variables if len(w.shape) == 4]
    # The authors' code, src/gan.py: filters and kernels from gray to the bottleneck.
    assert [(k[0], k[-1]) for k in kernels[:10]] == [
        (5, 16),
        (3, 32),
        (3, 32),
        (5, 32),
        (3, 64),
        (3, 64),
        (5, 64),
        (3, 128),
        (3, 128),
        (3, 128),
    ]
    assert kernels[-1] == (5, 5, 3, 32)
    tiny = build_uci_generator((2, 3, 4), bottleneck=5)
    for side in (120, 64, 25, 7):
        rgb = answer(tiny, np.abs(lightness(1, side, side)))
        assert rgb.shape == (1, side, side, 3) and rgb.min() >= 0
    for side in (120, 64, 8):
        judge = build_uci_discriminator((2, 3, 4, 5), (4, 3, 2), image_size=side)
        assert answer(judge, np.zeros((2, side, side, 3), np.float32)).shape == (2, 1)
    # The sizes that its valid convolutions leave at 120x120, down to 2x2.
    judge = build_uci_discriminator((2, 3, 4, 5), (4, 3, 2))
    pools = [layer for layer in judge.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    assert [pool.output.shape[1] for pool in pools] == [54, 23, 9, 2]


@pytest.mark.parametrize("scaling", [UNIT, LINKOPING_YUV])
def test_networks_over_rgb_are_colorizers(scaling, tmp_path):
    """By a network that paints all gray pictures in a shade of red."""
    gray = keras.Input((None, None, 1))
    red = keras.layers.Concatenate()([gray, 0.5 * gray, 0.5 * gray])
    network = keras.Model(gray, red)
    lab = np.float32([[20, 0, 0], [50, 0, 0], [90, 0, 0]])
    level = keras.ops.convert_to_numpy(lab_to_rgb(lab))[:, :1]
    expected = np.concatenate([level, level / 2, level / 2], axis=-1)[None, None]
    inputs, _ = scaling.split(np.repeat(level, 3, axis=-1)[None, None])
    found = answer(to_rgb(network, scaling), inputs)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    colorizer = to_chroma(network, scaling)
    chroma = answer(colorizer, inputs)
    np.testing.assert_allclose(chroma, scaling.split(expected)[1], atol=1e-4)
    colorizer.save(tmp_path / "network.keras")
    reloaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(answer(reloaded, inputs), chroma)
