"""The table of parameters: every network of the suite, at full size."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial

import keras
from tqdm import tqdm

from experiments.report.markdown import table
from experiments.reported.published import PADOVA_PARAMETERS
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.models.cnn import build_cnn
from polychrome.models.eccv16 import build_eccv16
from polychrome.models.efficientnet_lite import build_efficientnet_lite0
from polychrome.models.fusion import build_fusion
from polychrome.models.lite_unet import (
    build_heads,
    build_lite_unet,
    build_lite_unet_bins,
    build_lite_unet_labels,
)
from polychrome.models.patchgan import build_patchgan
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab
from polychrome.models.resnet import build_resnet18
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.siggraph17 import build_siggraph17
from polychrome.models.uci_gan import build_uci_discriminator, build_uci_generator
from polychrome.models.uci_vae import build_uci_vae
from polychrome.models.unet import build_unet
from polychrome.models.vgg16 import build_vgg16


@dataclasses.dataclass(frozen=True)
class Row:
    """A network as in its report or paper.

    Attributes:
        label: in the table.
        build: makes it.
        published: its published number of parameters, and where.
    """

    label: str
    build: Callable[[], keras.Model]
    published: str = "–"


def _build_polychromify_ab() -> keras.Model:
    pair = [build_polychromify(outputs=1, name=f"polychromify_{part}") for part in "ab"]
    return join_polychromify_ab(*pair)


def _padova(system: str) -> str:
    return f"{PADOVA_PARAMETERS[system]} (Padova report)"


ROWS = (
    Row("CNN baseline", build_cnn, _padova("cnn")),
    Row("Polychromify", build_polychromify, _padova("polychromify")),
    Row("PolychromifyAB", _build_polychromify_ab, _padova("polychromify_ab")),
    Row("ResNet-18, encoder", build_resnet18, "11.2 M (torchvision, less its classifier)"),
    Row(
        "EfficientNet-Lite0, with its classifier",
        build_efficientnet_lite0,
        "4.7 M (Google's TPU repository)",
    ),
    Row("DTU, on ResNet-18", build_resnet_decoder),
    Row("DTU, on ResNet-9", partial(build_resnet_decoder, encoder="resnet9")),
    Row("DTU, on EfficientNet-Lite0", partial(build_resnet_decoder, encoder="lite0")),
    Row("VGG16, regression", build_vgg16),
    Row("VGG16, classification", partial(build_vgg16, head="classification")),
    Row("ECCV16", build_eccv16, _padova("eccv16")),
    Row("SIGGRAPH17", build_siggraph17, _padova("siggraph17")),
    Row("cGAN, generator", build_cgan_generator),
    Row("cGAN, discriminator", build_cgan_discriminator),
    Row("UCI GAN, generator", build_uci_generator),
    Row("UCI GAN, discriminator", build_uci_discriminator),
    Row("UCI VAE", build_uci_vae),
    Row("U-Net", build_unet),
    Row("U-Net on ResNet-18", build_resnet_unet),
    Row("U-Net with fusion layer", build_fusion),
    Row("PatchGAN, discriminator", build_patchgan),
    Row("U-Net on EfficientNet-Lite0", build_lite_unet),
    Row("U-Net on EfficientNet-Lite0, with a dial and spread", build_heads),
    Row("U-Net on EfficientNet-Lite0, 313 color bins", build_lite_unet_bins),
    Row(
        "U-Net on EfficientNet-Lite0, with 200 labels", partial(build_lite_unet_labels, classes=200)
    ),
)


def markdown(rows: Sequence[Row]) -> str:
    """The table; batch-norm statistics are counted, as Keras's summary does."""
    lines = []
    for row in tqdm(rows, desc="networks", unit="network"):
        keras.utils.clear_session()  # otherwise earlier networks stay in memory
        lines.append([row.label, f"{row.build().count_params():,}", row.published])
    return table(["Network", "Parameters", "Published"], lines, right=[1, 2])
