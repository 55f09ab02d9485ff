"""ECCV16: Zhang, Isola and Efros, "Colorful Image Colorization", 2016, and without rebalancing.

    python -m experiments.run eccv16 --data imagenet_folder --data-dir PATH
    python -m experiments.run eccv16_narrow --data tiny_imagenet --data-dir PATH

The paper trains on 1.3 million ImageNet images, 176-pixel crops, batches of 40, for 450,000 steps.
Its PSNR on 1,000 images of 256x256 is 22.04 dB, 24.51 without rebalancing, and 22.82 for gray. In
the Padova report's comparison, on Tiny ImageNet fed at 64x64: PSNR 22.1403 dB, SSIM 0.9230. The
authors' release feeds 256x256 and resizes a*, b* back: both are graded. The DTU report's PSNR of
6.79 dB is from a broken run. `eccv16_narrow` has a quarter of the filters, for machines without an
accelerator.
"""

import dataclasses
import functools

import keras

from experiments.recipe import Adam, Network, Recipe, Released, Supervised, any_size, itself
from experiments.reported.published import DTU_TABLE_1, PADOVA_TABLE_2, UCI_ROSE
from polychrome.color.scaling import ZHANG
from polychrome.layers.bin_decoder import decode_bins
from polychrome.layers.resizing import fed_at
from polychrome.losses.bins import BinCrossEntropy
from polychrome.models.eccv16 import build_eccv16
from polychrome.weights.published import ECCV16
from tf_data.augment import flip_horizontally

_decode = functools.partial(decode_bins, scaling=ZHANG)


def _rebalanced(materials):
    return BinCrossEntropy(ZHANG, weights=materials.histogram.weights_for(), ignore_gray=True)


def _plain(materials):
    return BinCrossEntropy(ZHANG, ignore_gray=True)


def _at_authors_size(network: keras.Model) -> keras.Model:
    return fed_at(_decode(network), 256)


def _released_at_authors_size(network: keras.Model) -> keras.Model:
    return fed_at(network, 256)


# Betas, weight decay and steps of the authors' solver; there the decay is L2, here decoupled.
_SOLVER = Adam(3e-5, beta_2=0.99, weight_decay=1e-3, drop_every=225_000)
_REBALANCED = Supervised(
    _rebalanced,
    "cross-entropy of 313 color bins, rare ones weighted up",
    _SOLVER,
    frozenset({"histogram"}),
)
_PLAIN = Supervised(_plain, "cross-entropy of 313 color bins")

RECIPE = Recipe(
    name="eccv16",
    label="ECCV16",
    summary="Zhang et al. 2016: 313 color bins, rare ones weighted up",
    networks=(
        Network(
            "eccv16",
            any_size(build_eccv16),
            epochs=14,  # 450,000 steps of 40 images are about 14 passes over ImageNet
            objective=_REBALANCED,
            augment=(flip_horizontally,),
            to_chroma=_decode,
        ),
    ),
    variants={"fed at 256x256": _at_authors_size},
    published=(PADOVA_TABLE_2["eccv16"], DTU_TABLE_1["eccv16"], UCI_ROSE["eccv16"]),
    scaling=ZHANG,
    image_size=176,
    stored_size=256,
    batch_size=40,
    released=Released(ECCV16, itself, {"fed at 256x256": _released_at_authors_size}),
    report_data="--data imagenet_folder --data-dir PATH",
    sample_epochs=1,
)

_NARROW_SOLVER = dataclasses.replace(_SOLVER, learning_rate=1e-3, drop_every=None)

NARROW = dataclasses.replace(
    RECIPE,
    name="eccv16_narrow",
    label="ECCV16, quarter width",
    summary="ECCV16 with a quarter of its filters, quick enough for two cores",
    networks=(
        dataclasses.replace(
            RECIPE.networks[0],
            build=any_size(build_eccv16, width=16),
            # There are far fewer steps than in the paper, whose rate of 3e-5 would get nowhere.
            objective=dataclasses.replace(_REBALANCED, optimizer=_NARROW_SOLVER),
            augment=(flip_horizontally,),
        ),
    ),
    published=(),
    released=None,
    stored_size=None,
    report_data="--data tiny_imagenet --data-dir PATH",
    batch_size=64,
    sample_epochs=8,
)

NARROW_PLAIN = dataclasses.replace(
    NARROW,
    name="eccv16_narrow_plain",
    label="ECCV16, quarter width, without rebalancing",
    summary="eccv16_narrow with all colors weighted alike",
    networks=(
        dataclasses.replace(
            NARROW.networks[0], objective=dataclasses.replace(_PLAIN, optimizer=_NARROW_SOLVER)
        ),
    ),
)
