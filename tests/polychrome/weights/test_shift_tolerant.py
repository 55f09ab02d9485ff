"""ST-LPIPS's VGG16 against the authors' package, and what it is."""

import keras
import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.losses.perceptual import shift_tolerant_features
from polychrome.weights.pytorch_files import read_pytorch
from polychrome.weights.shift_tolerant import load_shift_tolerant, weights_file

# By stlpips-pytorch 0.0.2 on PyTorch: `LPIPS(net="vgg", variant="shift_tolerant")`, its scaling
# layer and network on 2 x - 1. Of each map of two images: shape, means, largest values.
GOLDEN = (
    ((2, 37, 48, 64), (0.06829572, 0.06228405), (2.7881477, 2.5998423)),
    ((2, 19, 25, 128), (0.01549323, 0.01392766), (1.3895884, 1.5013837)),
    ((2, 10, 13, 256), (0.01615807, 0.00987798), (3.2930124, 1.8050369)),
    ((2, 6, 7, 512), (0.04675236, 0.02898738), (11.149187, 9.0624447)),
)


def test_features_are_those_of_the_authors_package(smooth):
    features = shift_tolerant_features()
    loaded = load_shift_tolerant(features)
    assert loaded.origin == "the VGG16 of ST-LPIPS (stlpips-pytorch==0.0.2)"
    assert loaded.sha256 is not None and not loaded.random
    assert not features.trainable_variables
    rgb = smooth(2, 37, 48, seed=3).astype("float32")
    found = features(rgb[..., ::-1] - np.float32([103.939, 116.779, 123.68]))
    for maps, (shape, means, largest) in zip(found, GOLDEN, strict=True):
        maps = np.asarray(maps)
        assert maps.shape == shape
        np.testing.assert_allclose(maps.mean(axis=(1, 2, 3)), means, rtol=2e-4)
        np.testing.assert_allclose(maps.max(axis=(1, 2, 3)), largest, rtol=2e-4)


def test_its_filters_are_as_large_as_random_ones():
    """Kaiming's for maps of 3x3, as the package initializes, by 0 to 18 %: no ImageNet's are."""
    weights = read_pytorch(weights_file("vgg"))
    kernels = [
        each
        for name, each in weights.items()
        if name.startswith("net.") and name.endswith(".weight") and each.ndim == 4
    ]
    # Of PyTorch's layout, whose first axis is that of the maps that a layer gives.
    larger = [kernel.std() / np.sqrt(2 / (9 * len(kernel))) - 1 for kernel in kernels]
    assert len(larger) == 13 and 0 < min(larger) < 0.005 and 0.17 < max(larger) < 0.18
    kernel = kernels[0]
    beside = np.corrcoef(kernel[..., :-1].ravel(), kernel[..., 1:].ravel())[0, 1]
    assert abs(beside) < 0.1  # neighbors in edge and color filters are alike


def test_without_the_package_nothing_is_loaded(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert weights_file("vgg") is None
    with pytest.raises(InputError, match="pip install stlpips-pytorch==0.0.2"):
        load_shift_tolerant(keras.Sequential())
