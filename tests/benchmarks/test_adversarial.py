"""The adversarial benchmark runs, and both of its ways train both networks; nothing is timed."""

import json
import math

import numpy as np
import pytest

from benchmarks import adversarial


@pytest.mark.long
def test_both_ways_train_both_networks_and_the_ratio_is_written(tmp_path, capsys, monkeypatch):
    build, begun = adversarial._networks, []

    def remembered(width):
        networks = build(width)
        begun.extend(
            (weight, weight.numpy()) for network in networks for weight in network.trainable_weights
        )
        return networks

    monkeypatch.setattr(adversarial, "_networks", remembered)
    monkeypatch.setattr(adversarial, "STEPS", 1)
    path = tmp_path / "ratio.json"
    arguments = ["--batch-size", "2", "--width", "2", "--repeats", "1", "--json", str(path)]
    assert adversarial.main(arguments) == 0

    for weight, before in begun:
        moved = np.abs(weight.numpy() - before).max()
        # A step of Adam is about its rate: one untimed and one timed, each network once in each.
        assert 0 < moved < 2.1 * adversarial.LEARNING_RATE, weight.path
    (item,) = json.loads(path.read_text())["comparisons"]
    assert math.isfinite(item["ratio"]) and item["ratio"] > 0
    assert f"{item['ratio']:.2f}" in capsys.readouterr().out
