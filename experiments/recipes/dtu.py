"""The DTU report: a ResNet-18 encoder, a four-block decoder, and one loss after another (Table 1).

    python -m experiments.run dtu_mse --data places365_small --data-dir PATH

100 epochs of 30,000 images of 256x256 on 12 V100 GPUs took the authors about 3 hours per system.
The report's figures are for 10,000 test images of Places: SSIM 0.8235 and PSNR 18.71 dB with MSE;
the best PSNR, 18.90, is the color-weighted loss's. The report does not say which batch size belongs
to which row, except that the worst of rows 4 and 5 had batches of 64: the failed run of 93 epochs
(PSNR 9.25), be Zhang et al.'s row counted or not. It does not explain the other one (PSNR 9.22).

The abstract names data augmentation first, as a cure for skies ("the top part of the images blue"),
but the text describes none: the recipes named flips use it, the others do not. Class balancing with
MSE and L1 (section 8.1) is `dtu_mse_balanced`, `dtu_l1_balanced`. Transfer learning (section 8.2):
`--init-from RUN --data folder ...`. `dtu_lite0` is ours: torchvision's ResNet-18 is not always
within reach, ImageNet weights of EfficientNet-Lite0 are, in a package.
"""

import dataclasses

import keras

from experiments.recipe import Adam, Encoder, Network, Recipe, Supervised, any_size
from experiments.recipes.tiny import LITE0
from experiments.reported.published import DTU_TABLE_1, Published
from polychrome.color.scaling import UNIT as SCALING
from polychrome.losses.balanced import ImageBalanced
from polychrome.losses.perceptual import Perceptual
from polychrome.losses.pixel import ColorWeighted, WithTotalVariation
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.weights.imagenet import load_resnet18
from tf_data.augment import flip_horizontally, flip_vertically


def load_encoder(network, file, download):
    """`load_resnet18` for a network with a layer "encoder"."""
    return load_resnet18(network.get_layer("encoder"), file, download)


RESNET18 = Encoder(load_encoder, lambda network: network.get_layer("encoder").layers)


def _with_lightness(batch):
    """Targets with lightness and chroma, because the loss compares whole images."""
    lightness, chroma = SCALING.split(batch.rgb)
    return lightness, keras.ops.concatenate([lightness, chroma], axis=-1)


_HISTOGRAM = frozenset({"histogram"})
MSE = Supervised("mse", optimizer=Adam(1e-4))
L1 = Supervised("mae", optimizer=Adam(1e-3))
SMOOTH_L1 = Supervised(
    lambda materials: keras.losses.Huber(delta=1.0), "smooth L1, delta 1", Adam(1e-4)
)
COLOR_WEIGHTED = Supervised(
    lambda materials: ColorWeighted(materials.histogram, SCALING),
    "squared error times the rarity of the true color",
    Adam(1e-4),
    _HISTOGRAM,
)
TOTAL_VARIATION = Supervised(
    lambda materials: WithTotalVariation(keras.losses.MeanSquaredError()),
    "mean squared error, 0.1 x total variation",
    Adam(1e-4),
)
PERCEPTUAL = Supervised(
    lambda materials: Perceptual(materials.features, SCALING),
    "distance of VGG16 features",
    Adam(1e-4),
    frozenset({"features"}),
)


def _balanced(error: str) -> Supervised:
    return Supervised(
        lambda materials: ImageBalanced(materials.histogram, SCALING, error),
        f"{error} error, images weighed by the rarity of their colors",
        Adam(1e-4),
        _HISTOGRAM,
    )


def _recipe(
    name: str,
    label: str,
    objective: Supervised,
    published: tuple[Published, ...] = (),
    batch_size: int = 128,
    epochs: int = 100,
    **network,
) -> Recipe:
    return Recipe(
        name=name,
        label=f"ResNet-18, {label}",
        summary=f"DTU's ResNet-18 encoder with a decoder, {label}",
        networks=(
            Network(
                "resnet18",
                any_size(build_resnet_decoder, scaling=SCALING),
                epochs=epochs,
                objective=objective,
                encoder=RESNET18,
                **network,
            ),
        ),
        published=published,
        scaling=SCALING,
        image_size=256,
        batch_size=batch_size,
        report_data="--data places365_small --data-dir PATH",
        sample_epochs=8,
    )


def _rows(*keys: str) -> tuple[Published, ...]:
    return tuple(DTU_TABLE_1[key] for key in keys)


RECIPES = (
    _recipe("dtu_mse", "MSE", MSE, _rows("mse_100_1e-4", "mse_100_1e-4_failed")),
    _recipe("dtu_mse_batch64", "MSE, batches of 64", MSE, batch_size=64),
    _recipe(
        "dtu_mse_93",
        "MSE, 93 epochs, batches of 64",
        MSE,
        _rows("mse_93_1e-4_failed"),
        batch_size=64,
        epochs=93,
    ),
    _recipe("dtu_mse_101", "MSE, 101 epochs", MSE, _rows("mse_101_1e-4"), epochs=101),
    _recipe(
        "dtu_mse_lr1e-3",
        "MSE, learning rate 1e-3",
        MSE.at_rate(1e-3),
        _rows("mse_98_1e-3"),
        epochs=98,
    ),
    _recipe("dtu_l1", "L1", L1, _rows("l1_100_1e-3")),
    _recipe("dtu_smooth_l1", "smooth L1", SMOOTH_L1, _rows("smooth_l1_100_1e-4")),
    _recipe(
        "dtu_smooth_l1_lr1e-3",
        "smooth L1, learning rate 1e-3",
        SMOOTH_L1.at_rate(1e-3),
        _rows("smooth_l1_100_1e-3"),
    ),
    _recipe(
        "dtu_color_weighted", "color-weighted", COLOR_WEIGHTED, _rows("color_weighted_100_1e-4")
    ),
    _recipe(
        "dtu_color_weighted_lr1e-3",
        "color-weighted, learning rate 1e-3",
        COLOR_WEIGHTED.at_rate(1e-3),
        _rows("color_weighted_100_1e-3"),
    ),
    _recipe("dtu_mse_balanced", "MSE, images balanced", _balanced("squared")),
    _recipe("dtu_l1_balanced", "L1, images balanced", _balanced("absolute")),
    _recipe(
        "dtu_mse_flips",
        "MSE, flipped both ways",
        MSE,
        augment=(flip_horizontally, flip_vertically),
    ),
    _recipe("dtu_mse_flips_vertical", "MSE, flipped upside down", MSE, augment=(flip_vertically,)),
    _recipe("dtu_total_variation", "MSE and total variation", TOTAL_VARIATION),
    _recipe("dtu_perceptual", "perceptual loss", PERCEPTUAL, example=_with_lightness),
)

# The lighter encoder that the report suggests for live video (section 8.4).
LIGHT = dataclasses.replace(
    RECIPES[0],
    name="dtu_light",
    label="ResNet-9, MSE",
    summary="DTU's decoder on the lighter encoder that the report suggests",
    networks=(
        Network(
            "resnet9",
            any_size(build_resnet_decoder, encoder="resnet9", train_encoder=True, scaling=SCALING),
            epochs=100,
            objective=MSE,
        ),
    ),
    published=(),
)

# The same decoder on a frozen encoder with ImageNet weights that a package brings along.
ON_LITE0 = dataclasses.replace(
    RECIPES[0],
    name="dtu_lite0",
    label="EfficientNet-Lite0 with DTU's decoder, MSE",
    summary="DTU's decoder on EfficientNet-Lite0 with ImageNet weights",
    networks=(
        Network(
            "lite0",
            any_size(build_resnet_decoder, encoder="lite0", scaling=SCALING),
            epochs=100,
            objective=MSE,
            encoder=LITE0,
        ),
    ),
    published=(),
)
