"""The benchmark of soft encoding runs, compares equals and keeps its promise about memory."""

import json
import math

import pytest

from benchmarks import soft_encoding
from benchmarks.soft_encoding import Memory, Target


def test_all_forms_give_the_same_codes_and_others_are_noticed():
    ab, forms = soft_encoding.colors(2, 16), list(soft_encoding.FORMS.values())
    soft_encoding.check_same_codes(forms, ab)
    with pytest.raises(ArithmeticError, match="differ"):
        soft_encoding.check_same_codes([*forms, lambda ab: soft_encoding.naive(ab + 1)], ab)


def test_a_batch_at_stride_4_takes_less_than_150_megabytes():
    grown = soft_encoding.peak_memory("ours", images=64, size=16)
    # Its results alone are 64 * 256 colors of 5 bins and weights of 4 bytes.
    assert 64 * 256 * 5 * 8 < grown < 150e6


def test_the_verdict_follows_from_both_targets():
    memory = Memory("row", 10**6, 8 * 10**6, Target("<=", 150), Target(">=", 10))
    assert memory.ratio == 8 and not memory.met
    assert Memory("row", 10**6, 10**7, Target("<=", 150), Target(">=", 10)).met
    assert Memory("row", 10**6, 0, Target("<=", 150), None).met
    assert not Memory("row", 10**9, 10**10, Target("<=", 150), None).met


@pytest.mark.long
def test_it_prints_finite_ratios_and_writes_them(tmp_path, capsys):
    path = tmp_path / "ratios.json"
    assert soft_encoding.main(["--images", "2", "--repeats", "1", "--json", str(path)]) == 0
    results, output = json.loads(path.read_text()), capsys.readouterr().out
    assert len(results["times"]) == 6 and len(results["memory"]) == 2
    for item in results["times"] + results["memory"]:
        assert item["name"] in output
        assert math.isfinite(item["ratio"]) and item["ratio"] > 0
    missed = [i for i in results["times"] + results["memory"] if i["met"] is False]
    assert ("all targets met" in output) == (not missed)


@pytest.mark.parametrize("arguments", [["--images", "0"], ["--repeats", "0"]])
def test_too_few_are_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        soft_encoding.main(arguments)
    assert "should be a whole number from 1 on" in capsys.readouterr().err
