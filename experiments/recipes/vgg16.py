"""The Linköping report's modified VGG16: regression, and classification of 313 bins.

    python -m experiments.run vgg16_regression --data linnaeus5/berry --data-dir PATH
    python -m experiments.run vgg16_classification --data linnaeus5/berry --data-dir PATH

The report trains on the berries of Linnaeus 5 (1,200 images, 224x224): about 35 and 250 epochs. It
gives pictures and an online survey, no figures.
"""

import functools

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import UNIT
from polychrome.layers.bin_decoder import decode_bins
from polychrome.losses.bins import BinCrossEntropy
from polychrome.models.vgg16 import build_vgg16
from polychrome.weights.imagenet import load_vgg16

_DATA = "--data linnaeus5/berry --data-dir PATH"


def _cross_entropy():
    return BinCrossEntropy(UNIT)


def _decode(how: str):
    return functools.partial(decode_bins, scaling=UNIT, how=how)


REGRESSION = Recipe(
    name="vgg16_regression",
    label="VGG16, regression",
    summary="Linköping's VGG16 without pooling, to chroma by least squares",
    networks=(
        Network(
            "vgg16",
            build_vgg16,
            epochs=35,
            learning_rate=1e-4,
            pretrained=load_vgg16,
        ),
    ),
    published=Published({}, ""),
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
            functools.partial(build_vgg16, head="classification"),
            epochs=250,
            learning_rate=3e-5,
            loss=_cross_entropy,
            pretrained=load_vgg16,
            to_chroma=_decode("arg_max"),
        ),
    ),
    # The report takes the likeliest bin; the annealed mean is Zhang et al.'s.
    heading="arg-max",
    variants={"annealed mean": _decode("annealed_mean")},
    published=Published({}, ""),
    scaling=UNIT,
    image_size=224,
    report_data=_DATA,
    sample_epochs=2,
)
