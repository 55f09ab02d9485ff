"""Learning rates over a training run."""

import keras
import numpy as np
import pytest

from polychrome.training.schedules import WarmupStableDecay


def test_it_rises_stays_and_falls_to_zero():
    schedule = WarmupStableDecay(0.01, warmup=10, decay=0.25, steps=200)
    rates = np.array([float(schedule(step)) for step in range(201)])
    np.testing.assert_allclose(rates[:10], 0.001 * np.arange(1, 11), rtol=1e-5)
    np.testing.assert_allclose(rates[10:150], 0.01, rtol=1e-6)
    np.testing.assert_allclose(rates[150:], 0.01 * np.arange(50, -1, -1) / 50, atol=1e-8)


def test_a_longer_run_has_the_same_rates_until_the_shorter_one_decays():
    short, long = (WarmupStableDecay(0.01, 10, 0.2, steps) for steps in (100, 300))
    for step in range(80):
        assert float(short(step)) == pytest.approx(float(long(step)))
    assert float(short(90)) < float(long(90))


def test_its_peak_is_what_the_steps_reach():
    assert WarmupStableDecay(0.01, warmup=10, decay=0.25, steps=200).peak() == pytest.approx(0.01)
    # Six of ten steps of the rise: then it has to fall.
    schedule = WarmupStableDecay(0.01, warmup=10, decay=0.5, steps=8)
    assert schedule.peak() == pytest.approx(0.006)
    assert schedule.peak() == pytest.approx(max(float(schedule(step)) for step in range(8)))


def test_an_optimizer_with_it_is_saved_and_steps_by_it():
    optimizer = keras.optimizers.SGD(WarmupStableDecay(1.0, 2, 0.5, 8))
    again = keras.optimizers.SGD.from_config(optimizer.get_config())
    moves = []
    variable = keras.Variable(0.0)
    again.build([variable])
    for _ in range(9):
        before = float(variable)
        again.apply([keras.ops.ones(())])
        moves.append(before - float(variable))
    np.testing.assert_allclose(moves, [0.5, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0], atol=1e-6)
