"""The Linköping report's conditional GAN: noise gives one image many colorizations.

    python -m experiments.run cgan --data lsun/dining_room --data-dir PATH

The report trains on 5 % of LSUN's 657,571 dining rooms, 64x64, batches of 64, for 1,000 iterations
(two epochs), where the generator's loss began to rise. Its game is the minimax one (equations 1 to
4), with Y and noise in -1...1. It shows colorized images and curves of losses and of accuracy, but
grades nothing: the survey that it plans was not held (section 3.1.3). Grading uses one noise sample
for all images; the report page shows several.
"""

import dataclasses

from experiments.recipe import Adam, AgainstDiscriminator, Network, Recipe
from polychrome.color.scaling import LINKOPING_YUV
from polychrome.layers.noise import draw_samples, with_fixed_noise
from polychrome.losses.adversarial import MINIMAX, NON_SATURATING, Game
from polychrome.models.cgan import build_cgan_discriminator, build_cgan_generator
from polychrome.training.adversarial import Adversarial


def build(image_size: int, noise_layers: int = 3, game: Game = MINIMAX) -> Adversarial:
    """Generator and discriminator; the report's game has no other term."""
    generator = build_cgan_generator(noise_layers=noise_layers, image_size=image_size)
    discriminator = build_cgan_discriminator(image_size=image_size)
    return Adversarial(generator, discriminator, game, name="cgan")


def colorizer(model: Adversarial):
    """The generator with one noise sample for all images."""
    return with_fixed_noise(model.generator, seed=0)


def sampler(model: Adversarial):
    """Colorizations of one image with different noise samples."""
    return lambda lightness, count, seed: draw_samples(model.generator, lightness, count, seed)[
        :, 0
    ]


def _network(**settings) -> Network:
    return Network(
        "cgan",
        lambda image_size: build(image_size, **settings),
        epochs=2,
        objective=AgainstDiscriminator(Adam(5e-5)),
        to_chroma=colorizer,
        log_steps=True,
    )


RECIPE = Recipe(
    name="cgan",
    label="cGAN",
    summary="Linköping's conditional GAN with noise, in YUV",
    networks=(_network(),),
    sampler=sampler,
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
    networks=(_network(noise_layers=1),),
)
# What public GAN code uses instead: its gradient is large where the discriminator is confident.
NON_SATURATING_GAME = dataclasses.replace(
    RECIPE,
    name="cgan_non_saturating",
    label="cGAN, non-saturating",
    summary="cgan with the non-saturating game instead of the report's minimax one",
    networks=(_network(game=NON_SATURATING),),
)
