"""The Linköping report's conditional GAN: many colorizations of one picture, by noise.

    python -m experiments.run cgan --data lsun/dining_room --data-dir PATH

The report trains on 5 % of LSUN's 657,571 dining rooms, 64x64, batches of 64, for 1,000 iterations
(two epochs), where the generator's loss began to rise. It gives pictures, figures of the losses and
an online survey, no measures. Graded with one noise for all images; the report page shows several.
"""

import dataclasses
import functools

import keras

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import LINKOPING_YUV
from polychrome.layers.noise import sample, with_fixed_noise
from polychrome.metrics.pixel import ChromaPSNR, ReportChromaPSNR
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.training.adversarial import Adversarial


def build(image_size: int, noise_layers: int = 3) -> Adversarial:
    """Generator and discriminator; the report's minimax game has no other term."""
    generator = build_cgan_generator(noise_layers=noise_layers, image_size=image_size)
    return Adversarial(generator, build_cgan_discriminator(image_size=image_size), name="cgan")


def compile_cgan(model: Adversarial) -> None:
    """Adam, learning rate 0.00005, for both networks."""
    model.compile(
        keras.optimizers.Adam(5e-5),
        keras.optimizers.Adam(5e-5),
        metrics=[ChromaPSNR(), ReportChromaPSNR()],
    )


def colorizer(model: Adversarial) -> keras.Model:
    """The generator with one noise for all images."""
    return with_fixed_noise(model.generator, seed=0)


def sampler(model: Adversarial):
    """Colorizations of one picture by different noises."""
    return lambda lightness, count, seed: sample(model.generator, lightness, count, seed)[:, 0]


RECIPE = Recipe(
    name="cgan",
    label="cGAN",
    summary="Linköping's conditional GAN with noise, in YUV",
    networks=(
        Network(
            "cgan",
            build,
            epochs=2,
            sized=True,
            compile=compile_cgan,
            to_chroma=colorizer,
            log_steps=True,
            patience=5,
        ),
    ),
    sampler=sampler,
    published=Published({}, ""),
    scaling=LINKOPING_YUV,
    image_size=64,
    report_data="--data lsun/dining_room --data-dir PATH",
    sample_epochs=1,
)

ONE_LAYER = dataclasses.replace(
    RECIPE,
    name="cgan_noise1",
    label="cGAN, noise at one layer",
    summary="cgan with noise at the first layer only, as in the code of the paper it follows",
    networks=(
        dataclasses.replace(RECIPE.networks[0], build=functools.partial(build, noise_layers=1)),
    ),
)
