"""The DTU report: a ResNet-18 encoder, a four-block decoder, and one loss after another (Table 1).

    python -m experiments.run dtu_mse --data places365_small --data-dir PATH --limit 30000

100 epochs of 30,000 images of 256x256 on 12 V100 GPUs took the authors about 3 hours a system. The
report's figures are of 10,000 test images of Places; SSIM 0.8235 and PSNR 18.71 dB for MSE, the
best for the color-weighted loss (PSNR 18.90). The report does not say which batch size goes with
which row, except that one of the two runs that failed (PSNR 9.22, 9.25) had batches of 64.

Transfer learning, which the report wishes for (section 8.2): `--init-from RUN --data folder ...`.
"""

import dataclasses
import functools

import keras

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import UNIT
from polychrome.losses.perceptual import Perceptual, vgg16_features
from polychrome.losses.pixel import ColorWeighted, WithTotalVariation
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.weights.imagenet import load_resnet18, load_vgg16

_TABLE = "DTU report, Table 1"
_NO_FIGURE = Published({}, "")


def _published(psnr: float, ssim: float, mse: float, note: str = "") -> Published:
    return Published(
        {"psnr": psnr, "ssim": ssim, "mse": mse}, _TABLE, note=note, data="places365_small"
    )


def _load_encoder(network, file, download):
    return load_resnet18(network.get_layer("encoder"), file, download)


def _weighted(histogram):
    return ColorWeighted(histogram, UNIT)


def _with_lightness(batch):
    """Targets that hold the lightness too: a picture is compared, not its chroma."""
    lightness, chroma = UNIT.split(batch.rgb)
    return lightness, keras.ops.concatenate([lightness, chroma], axis=-1)


def _perceptual(file, download):
    features = vgg16_features()
    loaded = load_vgg16(features, file, download)
    return Perceptual(features, UNIT), loaded


def _smooth_l1():
    return keras.losses.Huber(delta=1.0)


def _mse_and_total_variation():
    return WithTotalVariation(keras.losses.MeanSquaredError())


def _recipe(name: str, label: str, published: Published, batch_size: int = 128, **network):
    described = Network(
        "resnet18",
        build_resnet_decoder,
        epochs=100,
        learning_rate=network.pop("learning_rate", 1e-4),
        pretrained=_load_encoder,
    )
    return Recipe(
        name=name,
        label=f"ResNet-18, {label}",
        summary=f"DTU's frozen ResNet-18 encoder with a decoder, {label}",
        networks=(dataclasses.replace(described, **network),),
        published=published,
        scaling=UNIT,
        image_size=256,
        batch_size=batch_size,
        report_data="--data places365_small --data-dir PATH",
        sample_epochs=8,
    )


_BROKEN = "a run that failed: the report has it beside others of the same loss that work"

RECIPES = (
    _recipe(
        "dtu_mse",
        "MSE",
        _published(18.71, 0.8235, 1024.60, "the best of five runs with MSE"),
    ),
    _recipe(
        "dtu_mse_batch64",
        "MSE, batches of 64",
        _published(9.25, 0.1267, 8720.09, _BROKEN),
        batch_size=64,
    ),
    _recipe(
        "dtu_mse_lr1e-3",
        "MSE, learning rate 1e-3",
        _published(17.79, 0.8197, 1214.07),
        learning_rate=1e-3,
    ),
    _recipe("dtu_l1", "L1", _published(18.30, 0.8148, 1137.31), loss="mae", learning_rate=1e-3),
    _recipe("dtu_smooth_l1", "smooth L1", _published(18.80, 0.8220, 1027.55), loss=_smooth_l1),
    _recipe(
        "dtu_smooth_l1_lr1e-3",
        "smooth L1, learning rate 1e-3",
        _published(18.33, 0.8185, 1092.50),
        loss=_smooth_l1,
        learning_rate=1e-3,
    ),
    _recipe(
        "dtu_color_weighted",
        "color-weighted",
        _published(18.90, 0.8188, 978.10),
        loss=_weighted,
        histogram=True,
    ),
    _recipe(
        "dtu_color_weighted_lr1e-3",
        "color-weighted, learning rate 1e-3",
        _published(18.77, 0.8163, 994.90),
        loss=_weighted,
        histogram=True,
        learning_rate=1e-3,
    ),
    _recipe(
        "dtu_total_variation", "MSE and total variation", _NO_FIGURE, loss=_mse_and_total_variation
    ),
    _recipe(
        "dtu_perceptual",
        "perceptual loss",
        _NO_FIGURE,
        loss=_perceptual,
        loss_weights=True,
        example=_with_lightness,
    ),
)

# The lighter encoder, for live video, that the report wishes for (section 8.4).
LIGHT = dataclasses.replace(
    RECIPES[0],
    name="dtu_light",
    label="ResNet-9, MSE",
    summary="DTU's decoder behind the lighter encoder that the report wishes for",
    networks=(
        Network(
            "resnet9",
            functools.partial(build_resnet_decoder, encoder="resnet9", train_encoder=True),
            epochs=100,
            learning_rate=1e-4,
        ),
    ),
    published=_NO_FIGURE,
)
