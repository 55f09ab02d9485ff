"""The VVIT report: U-Nets against a PatchGAN, and a fusion layer.

    python -m experiments.run unet_patchgan --data coco/2017 --data-dir PATH
    python -m experiments.run resnet_unet_patchgan --data coco/2017 --data-dir PATH
    python -m experiments.run unet_fusion --data tiny_imagenet --data-dir PATH

The report trains on 8,000 COCO images of 256x256 and shows colorized images, but no figures. It
gives no batch size, number of epochs, backbone, or L1 weight, nor how images become square; all of
these are from the public tutorial that it follows (batches of 16; stretched images; the ResNet-18
U-Net is first trained with L1 alone for 20 epochs). The fusion layer is trained with class labels
if the data set has them, such as Tiny ImageNet's 200 classes; compare it with `unet_patchgan` on
the same data. A 70x70 patch is larger than a 64x64 image, as the run's record says; `--patch` and
the recipes named after patches use smaller ones.
"""

import dataclasses
import functools

import keras
from keras import ops

from experiments.recipe import Adam, AgainstDiscriminator, Network, Recipe, Supervised, any_size
from experiments.recipes.dtu import RESNET18
from polychrome.color.scaling import VVIT
from polychrome.layers.noise import draw_samples, with_noise
from polychrome.models.fusion import build_fusion, chroma_of
from polychrome.models.patchgan import build_patchgan
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.unet import build_unet
from polychrome.training.adversarial import Adversarial
from tf_data.augment import flip_horizontally

# Of L1 beside the adversarial term (pix2pix and the report).
L1_WEIGHT = 100.0
# Of the class head's cross-entropy beside the error of chroma (Iizuka et al. 2016, section 4.2).
CLASS_WEIGHT = L1_WEIGHT / 300
PATCH = 70


def _against_patchgan(
    generator: keras.Model, image_size: int, patch: int = PATCH, **options
) -> Adversarial:
    discriminator = build_patchgan(patch=patch, image_size=image_size)
    options = {"reconstruction_weight": L1_WEIGHT, "name": "gan"} | options
    return Adversarial(generator, discriminator, **options)


def build_unet_gan(image_size: int, patch: int = PATCH) -> Adversarial:
    """U-Net of as many levels as the image size allows, against the PatchGAN."""
    return _against_patchgan(build_unet(image_size), image_size, patch)


def build_resnet_gan(image_size: int, patch: int = PATCH) -> Adversarial:
    """ResNet-18 U-Net against the PatchGAN."""
    return _against_patchgan(build_resnet_unet(scaling=VVIT), image_size, patch)


def build_fusion_gan(image_size: int, classes: int | None = None) -> Adversarial:
    """U-Net with a fusion layer and a class head, against the PatchGAN."""
    generator = build_fusion(image_size, classes=classes)
    return _against_patchgan(
        generator,
        image_size,
        class_weight=CLASS_WEIGHT if classes else 0.0,
        colorizer=chroma_of(generator) if classes else None,
    )


def colorizer(model: Adversarial) -> keras.Model:
    """The generator as a network from lightness to chroma, without dropout."""
    return model.colorizer


def sampler(model: Adversarial):
    """Colorizations of one image with different dropout."""
    noisy = with_noise(model.colorizer)
    return lambda lightness, count, seed: draw_samples(noisy, lightness, count, seed)[:, 0]


def _go_on(model: Adversarial, pretrained: keras.Model) -> None:
    model.generator.set_weights(pretrained.get_weights())


def _with_labels(batch):
    lightness, chroma = VVIT.split(batch.rgb)
    return lightness, (chroma, ops.cast(batch.label, "int32"))


def _gan(build, **options) -> Network:
    return Network(
        "gan",
        build,
        epochs=20,
        objective=AgainstDiscriminator(Adam(2e-4, beta_1=0.5)),
        augment=(flip_horizontally,),
        to_chroma=colorizer,
        log_steps=True,
        **options,
    )


_recipe = functools.partial(
    Recipe,
    scaling=VVIT,
    image_size=256,
    batch_size=16,
    resize="stretch",
    report_data="--data coco/2017 --data-dir PATH",
    sample_epochs=1,
)


def _unet(patch: int) -> tuple[Network, ...]:
    return (_gan(lambda image_size: build_unet_gan(image_size, patch)),)


UNET = _recipe(
    name="unet_patchgan",
    label="U-Net + PatchGAN",
    summary="VVIT's U-Net of eight levels, dropout as noise, against a 70x70 PatchGAN",
    networks=_unet(PATCH),
    with_patch=_unet,
    sampler=sampler,
)
# "Look at the impact of adjusting the patch size", says the report, and shows none.
PATCHES = tuple(
    dataclasses.replace(
        UNET,
        name=f"unet_patchgan_{patch}",
        label=f"U-Net + PatchGAN of {patch}x{patch}",
        summary=f"unet_patchgan whose discriminator judges {patch}x{patch} pixels",
        networks=_unet(patch),
        with_patch=None,
    )
    for patch in (1, 16, 34)
)


def _alone(loss: str, label: str) -> Recipe:
    return _recipe(
        name=f"unet_{label.lower()}",
        label=f"U-Net, {label} alone",
        summary=f"VVIT's U-Net with {label} and no discriminator",
        networks=(
            Network(
                "unet",
                build_unet,
                epochs=20,
                objective=Supervised(loss, optimizer=Adam(2e-4, beta_1=0.5)),
                augment=(flip_horizontally,),
            ),
        ),
    )


ALONE = (_alone("mae", "L1"), _alone("mse", "L2"))


def _resnet(patch: int) -> tuple[Network, ...]:
    return (
        Network(
            "l1",
            any_size(build_resnet_unet, scaling=VVIT),
            epochs=20,
            objective=Supervised("mae", optimizer=Adam(1e-4)),
            augment=(flip_horizontally,),
            encoder=RESNET18,
        ),
        _gan(lambda image_size: build_resnet_gan(image_size, patch), start=_go_on),
    )


RESNET = _recipe(
    name="resnet_unet_patchgan",
    label="ResNet-18 U-Net + PatchGAN",
    summary="VVIT's ResNet-18 U-Net, trained with L1, then against the PatchGAN",
    networks=_resnet(PATCH),
    with_patch=_resnet,
    # What the adversarial stage changes.
    variants={"after L1 alone": lambda pretrained, model: pretrained},
)


def _fusion(classes: int | None = None) -> tuple[Network, ...]:
    return (
        _gan(
            lambda image_size: build_fusion_gan(image_size, classes),
            example=_with_labels if classes else None,
        ),
    )


FUSION = _recipe(
    name="unet_fusion",
    label="U-Net with fusion + PatchGAN",
    summary="VVIT's U-Net with a global branch trained on class labels, fused into the local one",
    networks=_fusion(),
    with_classes=_fusion,
    sampler=sampler,
    report_data="--data tiny_imagenet --data-dir PATH",
)
