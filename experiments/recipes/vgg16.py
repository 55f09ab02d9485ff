"""The Linköping report's modified VGG16: regression, and classification of 313 bins.

    python -m experiments.run vgg16_regression --data linnaeus5/berry --data-dir PATH
    python -m experiments.run vgg16_classification --data linnaeus5/berry --data-dir PATH

The report trains on the berries of Linnaeus 5 (1,600 images with those of the test, 224x224): about
35 and 250 epochs. It shows colorized images and curves of losses, but no grades: the survey that it
plans was not held (sections 3.2.1 and 3.2.3).
"""

import functools

from experiments.recipe import Adam, Encoder, Network, Recipe, Supervised, any_size
from polychrome.color.scaling import UNIT
from polychrome.layers.bin_decoder import decode_bins
from polychrome.losses.bins import BinCrossEntropy
from polychrome.models.vgg16 import PRETRAINED_BLOCKS, build_vgg16
from polychrome.weights.imagenet import load_vgg16

_DATA = "--data linnaeus5/berry --data-dir PATH"


def _cross_entropy(materials):
    return BinCrossEntropy(UNIT)


def _pretrained_layers(network):
    """The convolutions of conv1 to conv4, which the report takes from ImageNet and freezes."""
    blocks = tuple(f"block{index}_conv" for index in range(1, PRETRAINED_BLOCKS + 1))
    return [layer for layer in network.layers if layer.name.startswith(blocks)]


_ENCODER = Encoder(load_vgg16, _pretrained_layers)


def _decode(how: str):
    return functools.partial(decode_bins, scaling=UNIT, how=how)


REGRESSION = Recipe(
    name="vgg16_regression",
    label="VGG16, regression",
    summary="Linköping's VGG16 without pooling, to chroma by least squares",
    networks=(
        Network(
            "vgg16",
            any_size(build_vgg16, scaling=UNIT),
            epochs=35,
            objective=Supervised("mse", optimizer=Adam(1e-4)),
            encoder=_ENCODER,
        ),
    ),
    scaling=UNIT,
    image_size=224,
    report_data=_DATA,
    sample_epochs=2,
)

CLASSIFICATION = Recipe(
    name="vgg16_classification",
    label="VGG16, classification",
    summary="Linköping's VGG16 without pooling, to 313 color bins",
    networks=(
        Network(
            "vgg16",
            any_size(build_vgg16, head="classification", scaling=UNIT),
            epochs=250,
            objective=Supervised(
                _cross_entropy, "cross-entropy of 313 color bins", optimizer=Adam(3e-5)
            ),
            encoder=_ENCODER,
            to_chroma=_decode("arg_max"),
        ),
    ),
    # The report takes the likeliest bin; the annealed mean is Zhang et al.'s.
    heading="arg-max",
    variants={"annealed mean": _decode("annealed_mean")},
    scaling=UNIT,
    image_size=224,
    report_data=_DATA,
    sample_epochs=2,
)
