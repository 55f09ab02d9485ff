"""ECCV16: Zhang, Isola and Efros, "Colorful Image Colorization", 2016, and without rebalancing.

    python -m experiments.run eccv16 --data imagenet_folder --data-dir PATH
    python -m experiments.run eccv16_narrow --data tiny_imagenet --data-dir PATH

The paper trains on 1.3 million images of ImageNet, crops of 176 pixels, batches of 40, for 450,000
steps; PSNR on 1,000 images of 256x256: 22.04 dB, 24.51 without rebalancing, gray 22.82. In the
Padova report's comparison, on Tiny ImageNet fed at 64x64: PSNR 22.1403 dB, SSIM 0.9230. The
authors' release feeds 256x256 and resizes a*, b* back: both are graded. The DTU report's PSNR of
6.79 dB is of a broken run. `eccv16_narrow` has a quarter of the filters, for machines without an
accelerator.
"""

import dataclasses
import functools

import keras

from experiments.recipe import Network, Published, Recipe
from polychrome.color.bins import class_weights
from polychrome.color.scaling import ZHANG
from polychrome.layers.bin_decoder import decode_bins
from polychrome.layers.resizing import fed_at
from polychrome.losses.bins import BinCrossEntropy
from polychrome.models.eccv16 import build_eccv16
from tf_data.augment import flip_horizontally

_decode = functools.partial(decode_bins, scaling=ZHANG)


def _rebalanced(histogram):
    return BinCrossEntropy(
        ZHANG, weights=class_weights(histogram.prior_on_bins()), ignore_gray=True
    )


def _plain():
    return BinCrossEntropy(ZHANG, ignore_gray=True)


def _adam(learning_rate: float) -> keras.optimizers.Optimizer:
    # Betas and weight decay of the authors' solver; there it is L2, here decoupled.
    return keras.optimizers.AdamW(learning_rate, beta_1=0.9, beta_2=0.99, weight_decay=1e-3)


def _at_authors_size(network: keras.Model) -> keras.Model:
    return fed_at(_decode(network), 256)


_PADOVA = Published(
    {"psnr": 22.1403, "ssim": 0.9230},
    "Padova report, Table 2",
    note="the authors' weights fed with 64x64 images",
)
_DTU = Published(
    {"psnr": 6.79, "ssim": 0.0241, "mse": 15296.60},
    "DTU report, Table 1",
    note="a broken run of a model that works: 22.04 dB in its authors' paper",
    data="places365_small",
)

RECIPE = Recipe(
    name="eccv16",
    label="ECCV16",
    summary="Zhang et al. 2016: 313 color bins, rare ones weighted up",
    networks=(
        Network(
            "eccv16",
            build_eccv16,
            epochs=14,  # 450,000 steps of 40 images are about 14 passes over ImageNet
            learning_rate=3e-5,
            optimizer=_adam,
            loss=_rebalanced,
            histogram=True,
            augment=flip_horizontally,
            to_chroma=_decode,
        ),
    ),
    variants={"fed at 256x256": _at_authors_size},
    published=_PADOVA,
    more_published=(_DTU,),
    scaling=ZHANG,
    image_size=176,
    batch_size=40,
    report_data="--data imagenet_folder --data-dir PATH",
    sample_epochs=1,
)

NARROW = dataclasses.replace(
    RECIPE,
    name="eccv16_narrow",
    label="ECCV16, quarter width",
    summary="ECCV16 with a quarter of its filters, quick enough for two cores",
    networks=(
        dataclasses.replace(
            RECIPE.networks[0],
            build=functools.partial(build_eccv16, width=16),
            learning_rate=1e-3,  # fewer steps than the paper's: 3e-5 would get nowhere
        ),
    ),
    published=Published({}, ""),
    more_published=(),
    report_data="--data tiny_imagenet --data-dir PATH",
    batch_size=64,
    sample_epochs=8,
)

NARROW_PLAIN = dataclasses.replace(
    NARROW,
    name="eccv16_narrow_plain",
    label="ECCV16, quarter width, without rebalancing",
    summary="eccv16_narrow with all colors weighted alike",
    networks=(dataclasses.replace(NARROW.networks[0], loss=_plain, histogram=False),),
)
