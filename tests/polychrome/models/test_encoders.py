"""Encoders and the networks on them: parameters, what is frozen, strides, gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from polychrome.color.bins import BINS
from polychrome.color.scaling import LINKOPING_YUV, PADOVA, UNIT, VVIT, ZHANG
from polychrome.errors import InputError
from polychrome.layers.torch_layers import convolve, double
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.resnet import RESNET9_BLOCKS, build_resnet18, imagenet_input
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from polychrome.models.vgg16 import build_vgg16


def small_resnet_decoder(**options):
    return build_resnet_decoder(decoder_filters=(6, 5, 4, 3), width=2, **options)


def lightness(height=32, width=32, batch=2, seed=0):
    """Float32 [batch, height, width, 1] in [0, 1]."""
    random = np.random.default_rng(seed)
    return random.uniform(size=(batch, height, width, 1)).astype("float32")


def with_hints(gray):
    """Gray, and a hint for every other pixel, as `build_siggraph17` takes them."""
    mask = np.zeros_like(gray)
    mask[:, ::2, 1::2] = 1.0
    return {"lightness": gray, "hints": np.repeat(mask * 0.5, 2, axis=-1), "mask": mask}


@pytest.fixture(autouse=True)
def _seed():
    keras.utils.set_random_seed(3)


def trainable_parameters(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


@pytest.mark.parametrize(
    "build, published, rounding",
    [
        # Padova report, Table 2, in millions; its 35 for SIGGRAPH17 is rounded up.
        (build_eccv16, 32e6, 0.5e6),
        (build_siggraph17, 34.5e6, 0.5e6),
        # 11,689,512 in torchvision's documentation, less the classifier's 512 * 1000 + 1000.
        (build_resnet18, 11_176_512, 0),
    ],
)
def test_published_numbers_of_parameters(build, published, rounding):
    assert abs(trainable_parameters(build()) - published) <= rounding


def test_vgg16_has_keras_vgg16_up_to_conv4():
    # keras.applications.VGG16: block1_conv1 to block4_conv3.
    expected = sum(
        9 * inputs * filters + filters
        for inputs, filters in zip(
            (3, 64, 64, 128, 128, 256, 256, 256, 512, 512),
            (64, 64, 128, 128, 256, 256, 256, 512, 512, 512),
            strict=True,
        )
    )
    network = build_vgg16()
    frozen = [layer for layer in network.layers if layer.weights and not layer.trainable]
    assert sum(layer.count_params() for layer in frozen) == expected
    assert trainable_parameters(build_vgg16(train_encoder=True)) - expected == trainable_parameters(
        network
    )


@pytest.mark.parametrize("height, width", [(64, 96), (33, 40), (1, 1)])
def test_resnet_features_halve_the_size(height, width):
    images = np.zeros((1, height, width, 3), "float32")
    for blocks in ((2, 2, 2, 2), RESNET9_BLOCKS):
        features = build_resnet18(blocks, width=2)(images)
        for feature, stride, channels in zip(
            features, (2, 4, 8, 16, 32), (2, 2, 4, 8, 16), strict=True
        ):
            assert feature.shape == (1, -(-height // stride), -(-width // stride), channels)


def test_gray_is_normalized_as_imagenets_weights_want():
    gray = np.array([0.0, 0.5, 1.0], "float32").reshape(1, 1, 3, 1)
    # torchvision: transforms.Normalize([.485, .456, .406], [.229, .224, .225]).
    expected = (gray - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(imagenet_input(gray), expected, rtol=0, atol=1e-6)


def test_vgg16_sees_three_channels_in_the_units_of_its_weights():
    network = build_vgg16(width=2)
    seen = keras.Model(network.input, network.get_layer("imagenet").output)
    gray = lightness(8, 8)
    expected = keras.applications.vgg16.preprocess_input(np.repeat(gray * 255.0, 3, axis=-1))
    np.testing.assert_allclose(seen(gray), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("build", [build_eccv16, lambda **o: build_vgg16("classification", **o)])
@pytest.mark.parametrize("height, width", [(56, 56), (12, 21), (3, 1)])
def test_logits_are_at_stride_4(build, height, width):
    logits = build(width=2, bins=7)(lightness(height, width))
    assert logits.shape == (2, -(-height // 4), -(-width // 4), 7)
    assert logits.dtype == "float32"


@pytest.mark.parametrize("height, width", [(8, 6), (7, 5)])
def test_strided_convolutions_are_padded_on_both_sides(height, width):
    image = keras.Input((None, None, 1))
    network = keras.Model(image, convolve(image, 1, strides=2, name="convolution"))
    kernel, bias = network.get_weights()
    gray = lightness(height, width)
    padded = np.pad(gray, [(0, 0), (1, 1), (1, 1), (0, 0)])
    expected = sum(
        kernel[row, column, 0, 0] * padded[:, row : row + height : 2, column : column + width : 2]
        for row in range(3)
        for column in range(3)
    )
    np.testing.assert_allclose(network(gray), expected + bias, rtol=0, atol=1e-6)


def test_transposed_convolutions_lose_a_border_of_one():
    image = keras.Input((None, None, 1))
    network = keras.Model(image, double(image, 1, name="transposed"))
    kernel, bias = network.get_weights()
    gray = lightness(3, 5)
    expected = np.zeros((2, 8, 12, 1), "float32")
    for row in range(4):
        for column in range(4):
            painted = gray * kernel[row, column, 0, 0]
            expected[:, row : row + 6 : 2, column : column + 10 : 2] += painted
    expected = expected[:, 1:-1, 1:-1] + bias
    np.testing.assert_allclose(network(gray), expected, rtol=0, atol=1e-6)


WITH_UNITS = {
    "resnet_decoder": (lambda scaling: small_resnet_decoder(scaling=scaling), UNIT),
    "resnet_unet": (lambda scaling: build_resnet_unet(width=2, scaling=scaling), VVIT),
    "vgg16": (lambda scaling: build_vgg16(width=2, scaling=scaling), UNIT),
    "vgg16_logits": (lambda scaling: build_vgg16("classification", 2, scaling=scaling), UNIT),
    "eccv16": (lambda scaling: as_released(build_eccv16(2, scaling=scaling), scaling), ZHANG),
    "siggraph17": (lambda scaling: build_siggraph17(2, bins=5, scaling=scaling), ZHANG),
}


@pytest.mark.parametrize("scaling", [PADOVA, UNIT, ZHANG, VVIT], ids=lambda scaling: scaling.name)
@pytest.mark.parametrize("name", WITH_UNITS)
def test_every_scaling_of_a_picture_gives_the_same_colors(name, scaling):
    build, own = WITH_UNITS[name]
    network, other = build(own), build(scaling)
    if name.startswith(("vgg16", "eccv16")):
        # Without batch statistics, a picture would fade on its way through so many layers.
        network.set_weights([w * 2.0 if w.ndim == 4 else w for w in network.get_weights()])
    if name == "siggraph17":
        # By name: the layers' order depends on what stands between them.
        for layer in filter(lambda layer: layer.weights, network.layers):
            other.get_layer(layer.name).set_weights(layer.get_weights())
    else:
        other.set_weights(network.get_weights())
    lab = 100 * lightness(40, 33), 60 * (np.repeat(lightness(40, 33, seed=1), 2, axis=-1) - 0.5)

    def answers(network, scaling):
        inputs = (lab[0] - scaling.lightness_offset) / scaling.lightness_scale
        if name == "siggraph17":
            chroma = lab[1] / scaling.chroma_scale
            inputs = {"lightness": inputs, "hints": chroma, "mask": np.ones_like(inputs)}
        made = network(inputs, training=False)
        if name == "vgg16_logits":
            return ops.convert_to_numpy(made)
        made = made["chroma"] if isinstance(made, dict) else made
        return ops.convert_to_numpy(made) * scaling.chroma_scale

    expected = answers(network, own)
    rounding = 1e-5 * np.abs(expected).max()
    np.testing.assert_allclose(answers(other, scaling), expected, rtol=0, atol=rounding)
    if scaling != own:
        assert np.abs(answers(network, scaling) - expected).max() > 20 * rounding


@pytest.mark.parametrize("name", WITH_UNITS)
def test_in_its_own_units_a_network_is_as_it_was(name):
    build, own = WITH_UNITS[name]
    added = {"units", "zhang", "zhang_lightness", "zhang_hints"}
    assert not added & {layer.name for layer in build(own).layers}
    with pytest.raises(InputError, match="'Linköping YUV' is of the space yuv"):
        build(LINKOPING_YUV)


def values(network):
    return {weight.path: keras.ops.convert_to_numpy(weight).copy() for weight in network.weights}


def learn(network, inputs, targets, **compiling):
    """Paths of the weights that a training step changes."""
    before = values(network)
    network.compile(optimizer=keras.optimizers.Adam(1e-2), run_eagerly=True, **compiling)
    network.train_on_batch(inputs, targets)
    after = values(network)
    return {path for path in before if np.any(before[path] != after[path])}


def test_a_frozen_encoder_stays_as_it_is():
    network = small_resnet_decoder()
    moved = learn(network, lightness(), np.full((2, 32, 32, 2), 0.3, "float32"), loss="mse")
    encoder = {weight.path for weight in network.get_layer("encoder").weights}
    assert any("moving_mean" in path for path in encoder)
    assert moved == {weight.path for weight in network.weights} - encoder


def test_an_encoder_learns_if_it_may():
    network = small_resnet_decoder(train_encoder=True)
    moved = learn(network, lightness(64, 64), np.full((2, 64, 64, 2), 0.3, "float32"), loss="mse")
    assert moved == {weight.path for weight in network.weights}


@pytest.mark.parametrize("head", ["regression", "classification"])
def test_frozen_convolutions_of_vgg16(head):
    network = build_vgg16(head, width=2, bins=5)
    if head == "regression":
        targets, loss = np.full((2, 32, 32, 2), 0.3, "float32"), "mse"
    else:
        targets = np.zeros((2, 8, 8), "int32")
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    moved = learn(network, lightness(), targets, loss=loss)
    frozen = {
        weight.path
        for layer in network.layers
        if layer.name.startswith(("block1_conv", "block2_conv", "block3_conv", "block4_conv"))
        for weight in layer.weights
    }
    assert len(frozen) == 20 and not moved & frozen
    # Their batch norm is none of ImageNet's.
    assert {
        f"block{block}_norm/{part}" for block in (1, 4) for part in ("gamma", "moving_mean")
    } <= (moved)


@pytest.mark.parametrize("name", ["block2_conv1", "block3_norm", "block8.2"])
def test_with_all_but_one_layer_frozen_only_that_one_moves(name):
    network = build_vgg16(width=2)
    for layer in network.layers:
        layer.trainable = layer.name == name
    moved = learn(network, lightness(), np.full((2, 32, 32, 2), 0.3, "float32"), loss="mse")
    assert moved == {weight.path for weight in network.get_layer(name).weights}


def test_with_all_but_one_layer_of_the_encoder_frozen_only_that_one_moves():
    network = small_resnet_decoder(train_encoder=True)
    encoder = network.get_layer("encoder")
    for layer in (*network.layers, *encoder.layers):
        layer.trainable = layer is encoder or layer.name == "layer3.0.bn2"
    moved = learn(network, lightness(), np.full((2, 32, 32, 2), 0.3, "float32"), loss="mse")
    norm = encoder.get_layer("layer3.0.bn2")
    assert moved == {weight.path for weight in norm.weights} and len(moved) == 4


def test_vgg16_regression_is_enlarged_by_whole_cells():
    network = build_vgg16(width=2)
    inner = keras.Model(network.input, network.get_layer("tanh").output)
    gray = lightness(16, 24)
    coarse = inner(gray).numpy()
    assert coarse.shape == (2, 4, 6, 2)
    chroma = network(gray).numpy()
    # Half-pixel centers: a pixel 3/8 of a cell from one center, 5/8 from the next.
    between = 0.625 * coarse[:, 1] + 0.375 * coarse[:, 2]
    expected = 0.625 * between[:, 3] + 0.375 * between[:, 4]
    np.testing.assert_allclose(chroma[:, 7, 15], expected, rtol=0, atol=1e-6)


def test_eccv16_as_released_paints_the_mean_of_the_bins():
    network = build_eccv16(width=2)
    head = network.get_layer("model8.6")
    head.kernel.assign(ops.zeros_like(head.kernel))
    logits = np.full(313, -30.0, "float32")
    logits[[10, 200]] = 5.0, 5.0 + np.log(3.0)
    head.bias.assign(logits)
    chroma = as_released(network)(lightness(9, 14)).numpy()
    assert chroma.shape == (2, 9, 14, 2)
    expected = (BINS[10] + 3.0 * BINS[200]) / 4.0 / 110.0
    np.testing.assert_allclose(chroma, np.broadcast_to(expected, chroma.shape), rtol=0, atol=1e-5)


def siggraph17_moved(trained_by, watched):
    """Which weights the loss of one head moves."""
    network = build_siggraph17(width=2, bins=5, trained_by=trained_by)
    targets = {
        "chroma": np.full((2, 16, 16, 2), 0.3, "float32"),
        "bins": np.zeros((2, 4, 4), "int32"),
    }
    losses = {
        "chroma": "mae",
        "bins": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    }
    weights = {name: float(name == watched) for name in losses}
    moved = learn(
        network, with_hints(lightness(16, 16)), targets, loss=losses, loss_weights=weights
    )
    return {path.split("/")[0] for path in moved if "moving" not in path}


def test_which_head_of_siggraph17_trains_what():
    every = {layer.name for layer in build_siggraph17(width=2, bins=5).layers if layer.weights}
    top = {"model9up.0", "model2short9.0", "model9.1", "model9.3", "model10up.0", "model1short10.0"}
    top |= {"model10.1", "model_out.0"}
    trunk = every - top - {"model_class.0"}
    assert siggraph17_moved("chroma", watched="chroma") == trunk | top
    assert siggraph17_moved("chroma", watched="bins") == {"model_class.0"}
    assert siggraph17_moved("bins", watched="chroma") == top
    assert siggraph17_moved("bins", watched="bins") == trunk | {"model_class.0"}


def test_siggraph17_hears_hints():
    network = build_siggraph17(width=4, bins=5)
    inputs = with_hints(lightness(13, 21))
    hinted = network(inputs)
    assert hinted["chroma"].shape == (2, 13, 21, 2) and hinted["bins"].shape == (2, 4, 6, 5)
    silent = inputs | {"hints": inputs["hints"] * 0, "mask": inputs["mask"] * 0}
    plain = network(silent)["chroma"].numpy()
    assert np.any(plain != hinted["chroma"])
    only_mask = inputs | {"hints": inputs["hints"] * 0}
    assert np.any(network(only_mask)["chroma"] != plain)
    np.testing.assert_array_equal(without_hints(network)(inputs["lightness"]), plain)
