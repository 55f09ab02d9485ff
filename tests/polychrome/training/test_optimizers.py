"""A slower part of a network, step by step."""

import keras
import numpy as np
import pytest

from polychrome.training.optimizers import PartlySlowAdamW


def network():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,))
    x = keras.layers.Dense(4, name="trained_before")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="new")(x))


def moves(optimizer, steps=1):
    """How far each kernel went, by its layer."""
    model = network()
    model.compile(optimizer, "mse", run_eagerly=True)  # tracing takes longer
    before = [layer.kernel.numpy() for layer in model.layers[1:]]
    inputs = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    for _ in range(steps):
        model.train_on_batch(inputs, inputs[:, :2] + 5)
    return {
        layer.name: layer.kernel.numpy() - start
        for layer, start in zip(model.layers[1:], before, strict=True)
    }


def test_the_part_moves_by_the_factor_and_does_not_decay():
    plain = moves(keras.optimizers.AdamW(1e-2, weight_decay=0.0))
    decayed = moves(keras.optimizers.AdamW(1e-2, weight_decay=0.5))
    slow = moves(PartlySlowAdamW(1e-2, weight_decay=0.5, slow="trained_before", factor=0.1))
    np.testing.assert_allclose(
        slow["trained_before"], 0.1 * plain["trained_before"], rtol=1e-3, atol=1e-7
    )
    np.testing.assert_allclose(slow["new"], decayed["new"], rtol=1e-5)
    assert np.all(np.abs(decayed["new"] - plain["new"]) > 1e-5)


@pytest.mark.parametrize("options", [{}, {"slow": "not_there", "factor": 0.1}])
def test_without_such_a_part_it_is_adamw(options):
    plain = moves(keras.optimizers.AdamW(1e-2, weight_decay=0.1), steps=3)
    for name, moved in moves(PartlySlowAdamW(1e-2, weight_decay=0.1, **options), steps=3).items():
        np.testing.assert_array_equal(moved, plain[name])


def test_it_is_saved_with_its_part():
    optimizer = PartlySlowAdamW(1e-2, slow="lite0", factor=0.25)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, PartlySlowAdamW) and (again.slow, again.factor) == ("lite0", 0.25)
