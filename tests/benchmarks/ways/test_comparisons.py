"""The benchmark runs, computes the same both ways, judges by its own figures; nothing is timed."""

import dataclasses
import json
import math

import numpy as np
import pytest

from benchmarks import pipeline
from benchmarks.measuring.photographs import sample_files
from benchmarks.measuring.timing import Comparison, Target, Times, aligned
from benchmarks.ways import comparisons
from benchmarks.ways.report_loop import DECODERS, report_way
from tf_data.store import load_store


@pytest.mark.long
def test_it_prints_finite_ratios_and_writes_them(tmp_path, capsys):
    path = tmp_path / "ratios.json"
    assert pipeline.main(["--images", "64", "--repeats", "1", "--json", str(path)]) == 0
    results = json.loads(path.read_text())
    output = capsys.readouterr().out
    assert len(results["comparisons"]) == 6
    for item in results["comparisons"]:
        assert item["name"] in output
        assert math.isfinite(item["ratio"]) and item["ratio"] > 0
        assert f"{item['ratio']:.2f}" in output
    assert all(speed > 0 for speed in results["images_per_second"].values())
    missed = [item["name"] for item in results["comparisons"] if item["met"] is False]
    assert ("all targets met" in output) == (not missed)


def test_every_decoder_of_the_rival_gives_our_numbers(tmp_path):
    split = sample_files(tmp_path, 70)  # a whole batch and a rest
    store = load_store(split, comparisons.SIZE)
    for name in DECODERS:
        differences = comparisons.check_same_numbers(split, store, name)
        assert differences["lab"] < 1e-3
        assert differences["decoder"] < 0.01
    lightness, chroma = next(report_way(split, 64, DECODERS["OpenCV"]))
    assert lightness.dtype == chroma.dtype == np.float64
    assert (lightness.shape, chroma.shape) == ((64, 64, 1), (64, 64, 2))


def test_other_numbers_are_noticed(tmp_path):
    split = sample_files(tmp_path, 64)
    store = load_store(split, comparisons.SIZE)
    brighter = dataclasses.replace(store, images=np.minimum(store.images, 254) + np.uint8(1))
    with pytest.raises(ArithmeticError, match="away from the report's numbers"):
        comparisons.check_same_numbers(split, brighter, "tf.io")


def test_the_verdict_follows_from_the_medians():
    ours, rival = Times([1.0, 2.0, 9.0], [1.0, 1.0, 1.0]), Times([8.0, 8.0, 9.0], [3.0, 3.0, 3.0])
    gain = Comparison("gain", ours, rival, 1, Target(">=", 4))
    assert (gain.ratio, gain.ratio_range, gain.processor_ratio) == (4.0, (1.0, 8.0), 3.0)
    assert gain.met is True
    assert dataclasses.replace(gain, target=Target(">=", 4.1)).met is False
    assert dataclasses.replace(gain, target=None).met is None
    overhead = dataclasses.replace(gain, inverted=True, target=Target("<=", 0.25))
    assert (overhead.ratio, overhead.met) == (0.25, True)
    assert dataclasses.replace(overhead, target=Target("<=", 0.2)).met is False


def test_columns_are_aligned():
    assert aligned([["a", "1"], ["bcd", "234"]]) == "a      1\nbcd  234"


@pytest.mark.parametrize(
    "arguments, right", [(["--images", "63"], "at least 64"), (["--repeats", "0"], "from 1 on")]
)
def test_too_few_are_refused(arguments, right, capsys):
    with pytest.raises(SystemExit):
        pipeline.main(arguments)
    assert right in capsys.readouterr().err


def test_a_missing_data_set_is_one_line(tmp_path, capsys):
    assert pipeline.main(["--data-dir", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("error: no Tiny ImageNet in ")
