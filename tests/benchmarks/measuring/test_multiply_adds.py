"""Multiply-adds, against those counted by hand."""

import keras
import numpy as np

from benchmarks.measuring.multiply_adds import counted
from polychrome.training.adversarial import Adversarial


def test_each_kind_of_layer_counts_also_in_a_submodel_that_runs_twice():
    layers = keras.layers
    inner = keras.Sequential([layers.Conv2D(4, 3, padding="same"), layers.ReLU()])
    inputs = keras.Input((None, None, 4))
    x = inner(inner(inputs))
    x = layers.Conv2D(6, 3, strides=2, padding="same", groups=2)(x)
    x = layers.DepthwiseConv2D(5, padding="same", depth_multiplier=2)(x)
    x = layers.Conv2DTranspose(2, 4, strides=2, padding="same")(x)
    outputs = layers.Dense(7)(layers.GlobalAveragePooling2D()(x))
    network = keras.Model(inputs, outputs)
    by_hand = [
        2 * 8 * 8 * 9 * 4 * 4,
        4 * 4 * 9 * (4 // 2) * 6,
        4 * 4 * 25 * 6 * 2,
        4 * 4 * 16 * 12 * 2,
        2 * 7,
    ]
    with counted() as count:
        network(np.zeros((3, 8, 8, 4), "float32"))
    assert count.multiply_adds == 3 * sum(by_hand)
    network(np.zeros((1, 8, 8, 4), "float32"))
    assert count.multiply_adds == 3 * sum(by_hand)  # nothing is counted after the block


def test_a_step_of_two_networks_counts_each_as_often_as_it_runs():
    lightness, chroma = keras.Input((8, 8, 1)), keras.Input((8, 8, 2))
    generator = keras.Model(lightness, keras.layers.Conv2D(2, 3, padding="same")(lightness))
    both = keras.layers.Concatenate()([lightness, chroma])
    discriminator = keras.Model([lightness, chroma], keras.layers.Conv2D(1, 8)(both))
    model = Adversarial(generator, discriminator, reconstruction_weight=1.0)
    model.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    batch = keras.ops.zeros((1, 8, 8, 1)), keras.ops.ones((1, 8, 8, 2))
    with counted() as count:
        model.train_step(batch)
    # The discriminator judges the truth and the fake, and the fake again after its own step.
    assert count.multiply_adds == 64 * 9 * 2 + 3 * 64 * 3
