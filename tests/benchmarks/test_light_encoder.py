"""The lighter encoder's benchmark, on frames of 32 pixels."""

import json

import pytest

from benchmarks.light_encoder import main


def test_both_networks_are_timed_on_every_size(tmp_path, capsys):
    out = tmp_path / "times.json"
    assert main(["--heights", "32,64", "--repeats", "2", "--json", str(out)]) == 0
    comparisons = json.loads(out.read_text())["comparisons"]
    assert [item["name"] for item in comparisons] == ["57x32", "114x64"]
    printed = capsys.readouterr().out
    assert "ResNet-9, frames/s" in printed and "114x64" in printed


@pytest.mark.parametrize(
    "arguments", [["--repeats", "0"], ["--heights", "32,0"], ["--heights", "32,"]]
)
def test_nothing_to_time_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "should be a whole number from 1 on" in capsys.readouterr().err
