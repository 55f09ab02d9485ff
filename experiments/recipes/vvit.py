"""The VVIT report: U-Nets against a PatchGAN, and a fusion layer.

    python -m experiments.run unet_patchgan --data coco/2017 --data-dir PATH
    python -m experiments.run resnet_unet_patchgan --data coco/2017 --data-dir PATH
    python -m experiments.run unet_fusion --data tiny_imagenet --data-dir PATH

The report trains on 8,000 images of COCO, 256x256, batches of 16, and gives pictures, no figures
that can be compared. The ResNet-18 U-Net is trained with L1 alone for 20 epochs first. The fusion
layer is trained with class labels where the source has them (Tiny ImageNet has 200 classes): what
it changes is seen beside `unet_patchgan` on the same data.
"""

import functools

import keras
from keras import ops

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import VVIT
from polychrome.layers.noise import sample, with_noise
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.models.fusion import build_fusion, chroma_of
from polychrome.models.patchgan import build_patchgan
from polychrome.models.resnet_unet import build_resnet_unet
from polychrome.models.unet import build_unet
from polychrome.training.adversarial import Adversarial
from polychrome.weights.imagenet import load_resnet18
from tf_data.augment import flip_horizontally

# Of L1 beside the adversarial term (pix2pix and the report).
L1_WEIGHT = 100.0
# Of the class head's cross-entropy beside the error of chroma (Iizuka et al. 2016, section 4.2).
CLASS_WEIGHT = L1_WEIGHT / 300
TINY_IMAGENET_CLASSES = 200


def _against_patchgan(generator: keras.Model, **options) -> Adversarial:
    return Adversarial(
        generator, build_patchgan(), reconstruction_weight=L1_WEIGHT, name="gan", **options
    )


def build_unet_gan(image_size: int) -> Adversarial:
    """U-Net of as many levels as the image size allows, against the PatchGAN."""
    return _against_patchgan(build_unet(image_size))


def build_resnet_gan() -> Adversarial:
    """ResNet-18 U-Net against the PatchGAN."""
    return _against_patchgan(build_resnet_unet())


def build_fusion_gan(image_size: int, classes: int = TINY_IMAGENET_CLASSES) -> Adversarial:
    """U-Net with a fusion layer and a class head, against the PatchGAN."""
    generator = build_fusion(image_size, classes=classes)
    return _against_patchgan(generator, class_weight=CLASS_WEIGHT, colorizer=chroma_of(generator))


def compile_gan(model: Adversarial) -> None:
    """Adam, learning rate 0.0002, beta 0.5, for both networks."""
    model.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.5),
        keras.optimizers.Adam(2e-4, beta_1=0.5),
        metrics=[ChromaPSNR(), ReportChromaPSNR()],
    )


def colorizer(model: Adversarial) -> keras.Model:
    """The generator as a network to chroma, without dropout."""
    return model.colorizer


def sampler(model: Adversarial):
    """Colorizations of one picture by different dropout."""
    noisy = with_noise(model.colorizer)
    return lambda lightness, count, seed: sample(noisy, lightness, count, seed)[:, 0]


def _load_encoder(network, file, download):
    return load_resnet18(network.get_layer("encoder"), file, download)


def _go_on(model: Adversarial, pretrained: keras.Model) -> None:
    model.generator.set_weights(pretrained.get_weights())


def _with_labels(batch):
    lightness, chroma = VVIT.split(batch.rgb)
    return lightness, (chroma, ops.cast(batch.label, "int32"))


def _gan(name: str, build, **options) -> Network:
    settings = {"epochs": 20, "compile": compile_gan, "to_chroma": colorizer}
    settings |= {"log_steps": True, "patience": 5}
    return Network(name, build, augment=flip_horizontally, **settings, **options)


_recipe = functools.partial(
    Recipe,
    published=Published({}, ""),
    scaling=VVIT,
    image_size=256,
    batch_size=16,
    report_data="--data coco/2017 --data-dir PATH",
    sample_epochs=1,
)

UNET = _recipe(
    name="unet_patchgan",
    label="U-Net + PatchGAN",
    summary="VVIT's U-Net of eight levels, dropout as noise, against a 70x70 PatchGAN",
    networks=(_gan("gan", build_unet_gan, sized=True),),
    sampler=sampler,
)

RESNET = _recipe(
    name="resnet_unet_patchgan",
    label="ResNet-18 U-Net + PatchGAN",
    summary="VVIT's ResNet-18 U-Net, trained with L1, then against the PatchGAN",
    networks=(
        Network(
            "l1",
            build_resnet_unet,
            epochs=20,
            learning_rate=1e-4,
            loss="mae",
            augment=flip_horizontally,
            pretrained=_load_encoder,
        ),
        _gan("gan", build_resnet_gan, start=_go_on),
    ),
    # What the adversarial stage changes.
    variants={"after L1 alone": lambda pretrained, model: pretrained},
)

FUSION = _recipe(
    name="unet_fusion",
    label="U-Net with fusion + PatchGAN",
    summary="VVIT's U-Net with a global branch trained on class labels, fused into the local one",
    networks=(_gan("gan", build_fusion_gan, sized=True, example=_with_labels),),
    sampler=sampler,
    report_data="--data tiny_imagenet --data-dir PATH",
)
