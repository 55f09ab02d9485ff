"""The variants: each is the recipe `tiny` with a change of its colorizer.

A variant is trained on few images, in epochs of 5,000, so that it is a matter of minutes. Gains at
such a budget need not be gains at a hundred times as many images.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from experiments.recipe import Network, Recipe, Supervised, any_size
from experiments.recipes.tiny import LOG_ERROR, RECIPE, with_rgb
from polychrome.color.scaling import POLYCHROME
from polychrome.layers.bin_decoder import decode_bins
from polychrome.losses.bins import BinCrossEntropy
from polychrome.losses.log_error import LogError, RGBError
from polychrome.models.efficientnet_lite import PREFIX
from polychrome.models.lite_unet import (
    build_lite_unet,
    build_lite_unet_bins,
    build_lite_unet_labels,
    without_labels,
)
from tf_data.augment import flip_horizontally, zoom_in
from tf_data.pipeline import chroma_example

BASE = "base"
EPOCH_IMAGES = 5_000
# To the encoder's 128 pixels, in two thirds of the time of `tiny`'s 192.
ENLARGE = 2
# The network of `tiny` without its heads, which do not change its colors; with a frozen encoder,
# flips, and a schedule that suit a short run from the encoder's weights alone.
COLORIZER = dataclasses.replace(
    RECIPE.networks[0],
    build=any_size(build_lite_unet, enlarge=ENLARGE),
    augment=(flip_horizontally,),
    objective=dataclasses.replace(
        LOG_ERROR,
        optimizer=dataclasses.replace(
            LOG_ERROR.optimizer,
            learning_rate=2e-3,
            warmup=200,
            decay=0.2,
            slow="",
            slow_factor=1.0,
        ),
    ),
)
# Pixels of the image that a logit of the bins covers, along each axis.
STRIDE = 8 // ENLARGE


@dataclasses.dataclass(frozen=True)
class Decoding:
    """A way to read colors off a trained network.

    Attributes:
        says: in tables.
        to_chroma: as `Network.to_chroma`; None: that of the variant.
        mirrored: whether the answer is averaged with that to the mirror image.
        scaled: whether it is multiplied by the factor that is best on training images.
    """

    says: str
    to_chroma: Callable[[keras.Model], keras.Model] | None = None
    mirrored: bool = False
    scaled: bool = False


def _decode(how: str) -> Callable[[keras.Model], keras.Model]:
    return functools.partial(decode_bins, scaling=POLYCHROME, how=how, stride=STRIDE)


PLAIN = "as trained"
DECODINGS = {
    PLAIN: Decoding("as trained"),
    "scaled": Decoding("times its best factor", scaled=True),
    "mirrored": Decoding("mean with the mirror image", mirrored=True),
    "annealed": Decoding("annealed mean", _decode("annealed_mean")),
}


@dataclasses.dataclass(frozen=True)
class Variant:
    """One change.

    Attributes:
        group: what is changed: heading of its part of the table.
        says: the change in words.
        changes: fields of `COLORIZER` to new values.
        decodings: keys of `DECODINGS` that are graded, besides `PLAIN`.
        with_classes: number of classes to more changes, for data with labels.
    """

    group: str
    says: str
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    decodings: tuple[str, ...] = ()
    with_classes: Callable[[int], Mapping[str, Any]] | None = None


def _objective(loss: Any, says: str) -> Supervised:
    """Another loss with the optimizer of `COLORIZER`."""
    return dataclasses.replace(COLORIZER.objective, loss=loss, says=says)


def _optimizer(**changes: Any) -> Supervised:
    """The loss of `tiny` with another optimizer."""
    plain = COLORIZER.objective
    return dataclasses.replace(plain, optimizer=dataclasses.replace(plain.optimizer, **changes))


def _network(enlarge: float = ENLARGE, **options: Any) -> Callable[[int], keras.Model]:
    return any_size(build_lite_unet, enlarge=enlarge, **options)


def _with_label(batch):
    lightness, target = with_rgb(batch)
    return lightness, {"chroma": target, "label": ops.cast(batch.label, "int32")}


def _label_losses(materials):
    right = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return {"chroma": LogError(POLYCHROME), "label": right}


_WITH_LABELS = dataclasses.replace(
    _objective(_label_losses, "log of each image's RGB error, 0.1 x cross-entropy of the class"),
    loss_weights={"chroma": 1.0, "label": 0.1},
)
# A tenth of the rate for the encoder.
_SLOW_ENCODER = _optimizer(slow=PREFIX, slow_factor=0.1)

VARIANTS: dict[str, Variant] = {
    BASE: Variant(
        "objective",
        "log of the RGB error; the frozen encoder sees 128 pixels, flips",
        decodings=("scaled", "mirrored"),
    ),
    "squared_ab": Variant(
        "objective",
        "squared error of ab",
        {
            "objective": _objective("mse", "squared error of ab"),
            "example": chroma_example(POLYCHROME),
        },
        ("scaled",),
    ),
    "squared_rgb": Variant(
        "objective",
        "squared error of RGB",
        {"objective": _objective(lambda materials: RGBError(POLYCHROME), "squared error of RGB")},
        ("scaled",),
    ),
    "log_and_squared": Variant(
        "objective",
        "log of the RGB error, plus 200 x the error",
        {
            "objective": _objective(
                # 1 / 200 is 23 dB, the error of gray: there both have the same gradient.
                lambda materials: LogError(POLYCHROME, squared=200.0),
                "log of each image's RGB error, plus 200 x the error",
            )
        },
        ("scaled",),
    ),
    "bins": Variant(
        "objective",
        "cross-entropy of 313 bins, read off by their mean",
        {
            "build": any_size(build_lite_unet_bins, enlarge=ENLARGE),
            "objective": _objective(
                lambda materials: BinCrossEntropy(POLYCHROME, stride=STRIDE),
                "cross-entropy of 313 color bins",
            ),
            "example": chroma_example(POLYCHROME),
            "to_chroma": _decode("mean"),
        },
        ("scaled", "annealed"),
    ),
    "labels": Variant(
        "objective",
        "log of the RGB error, plus 0.1 x cross-entropy of the class",
        with_classes=lambda classes: {
            "build": any_size(build_lite_unet_labels, enlarge=ENLARGE, classes=classes),
            "objective": _WITH_LABELS,
            "example": _with_label,
            "to_chroma": without_labels,
        },
    ),
    "encoder_64": Variant("encoder", "sees 64 pixels", {"build": _network(1)}),
    "encoder_96": Variant("encoder", "sees 96 pixels", {"build": _network(1.5)}),
    "encoder_192": Variant("encoder", "sees 192 pixels", {"build": _network(3)}),
    "fine_tuned": Variant(
        "encoder",
        "fine-tuned at a tenth of the rate, batch norm worked into its convolutions",
        {
            "build": _network(train_encoder=True, encoder_norm=False),
            "objective": _SLOW_ENCODER,
        },
    ),
    "fine_tuned_norm": Variant(
        "encoder",
        "fine-tuned at a tenth of the rate, with batch norm",
        {"build": _network(train_encoder=True), "objective": _SLOW_ENCODER},
    ),
    "random_encoder": Variant(
        "encoder",
        "no ImageNet weights, trained; sees 128 pixels",
        {"build": _network(train_encoder=True), "encoder": None},
    ),
    "wide": Variant(
        "decoder",
        "more filters and blocks at fine maps, dropout of 0.1",
        {"build": _network(filters=(192, 144, 96, 48), blocks=(1, 1, 1), dropout=0.1)},
    ),
    "as_shipped": Variant(
        "encoder",
        "as in the recipe `tiny`: sees 192 pixels, its later blocks fine-tuned at a fifth of the "
        "rate, which is the base's",
        {
            "build": RECIPE.networks[0].build,
            "objective": _optimizer(slow=PREFIX, slow_factor=LOG_ERROR.optimizer.slow_factor),
        },
    ),
    "no_flips": Variant("training", "no flips", {"augment": ()}),
    "zoom": Variant("training", "flips and random zoom", {"augment": (flip_horizontally, zoom_in)}),
    "average": Variant(
        "training", "weights averaged, momentum 0.99", {"objective": _optimizer(average=0.99)}
    ),
}


def recipe_of(name: str, variants: Mapping[str, Variant] = VARIANTS) -> Recipe:
    """The recipe of a variant: the colorizer alone, in epochs of 5,000 images."""
    variant = variants[name]

    def networks(changes: Mapping[str, Any]) -> tuple[Network, ...]:
        return (dataclasses.replace(COLORIZER, **variant.changes, **changes),)

    with_classes = variant.with_classes
    return dataclasses.replace(
        RECIPE,
        name=name,
        label=f"tiny, {name}",
        summary=variant.says,
        networks=networks({}),
        with_classes=(
            None if with_classes is None else lambda classes: networks(with_classes(classes))
        ),
        epoch_images=EPOCH_IMAGES,
        validation_images=1_000,
        report_data="--out DIR -- --data tiny_imagenet --data-dir PATH",
        about={},
        module="experiments.ablation",
    )
